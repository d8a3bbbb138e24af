import logging

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from core.assets import AssetError, build
from core.card import draw_site_card


class Command(BaseCommand):
    help = "Make the fonts, the stylesheet and the picture for links; run it before collectstatic."
    requires_system_checks = ()

    def handle(self, **options) -> None:
        logging.getLogger("fontTools").setLevel(logging.WARNING)  # it tells every table it cuts
        try:
            build(
                settings.ASSETS_DIR,
                settings.BASE_DIR / "static" / "css",
                settings.STYLESHEETS,
                self.stdout.write,
            )
        except AssetError as error:
            raise CommandError(str(error)) from error
        rose = settings.BASE_DIR / "templates" / "parts" / "rose.html"
        card = settings.ASSETS_DIR / "img" / "card.png"
        if not card.exists() or card.stat().st_mtime < rose.stat().st_mtime:
            draw_site_card(rose, card)

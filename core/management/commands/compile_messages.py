from pathlib import Path

import polib
from django.conf import settings
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Compile the catalogues in pure Python, as msgfmt would. Only what has changed."

    def handle(self, **options) -> None:
        for catalogue in sorted(Path(settings.LOCALE_PATHS[0]).glob("*/LC_MESSAGES/*.po")):
            compiled = catalogue.with_suffix(".mo")
            if compiled.exists() and compiled.stat().st_mtime >= catalogue.stat().st_mtime:
                continue
            messages = polib.pofile(str(catalogue), check_for_duplicates=True)
            messages.save_as_mofile(str(compiled))
            share = f"{messages.percent_translated()} % translated"
            self.stdout.write(f"{catalogue.parent.parent.name}: {len(messages)} messages, {share}")

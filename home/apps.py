from django.apps import AppConfig
from django.db.models.signals import post_delete, post_save
from wagtail.signals import page_published, page_unpublished, post_page_move


class HomeConfig(AppConfig):
    name = "home"
    label = "home"
    verbose_name = "The front door"

    def ready(self) -> None:
        from wagtail.models import Page, PageViewRestriction

        from home import contact, permissions, personal_data, search  # noqa: F401
        from home.models.front import Link, Navigation
        from home.navigation import forget_menus

        for signal in (page_published, page_unpublished, post_page_move):
            signal.connect(forget_menus)
        post_delete.connect(forget_menus, sender=Page)
        for model in (Navigation, *Link.__subclasses__(), PageViewRestriction):
            post_save.connect(forget_menus, sender=model)
            post_delete.connect(forget_menus, sender=model)

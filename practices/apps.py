from django.apps import AppConfig


class PracticesConfig(AppConfig):
    name = "practices"
    label = "practices"
    verbose_name = "Practices"

    def ready(self) -> None:
        from practices import cards, evidence, permissions, profile, search  # noqa: F401

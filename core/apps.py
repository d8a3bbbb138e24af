from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "core"
    label = "core"
    verbose_name = "Shared ground"

    def ready(self) -> None:
        from core import checks, jobs  # noqa: F401
        from core.uploads import services  # noqa: F401

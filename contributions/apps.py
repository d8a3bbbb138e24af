from django.apps import AppConfig


class ContributionsConfig(AppConfig):
    name = "contributions"
    label = "contributions"
    verbose_name = "Contributions"

    def ready(self) -> None:
        from contributions import panels, permissions, personal_data  # noqa: F401

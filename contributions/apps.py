from django.apps import AppConfig


class ContributionsConfig(AppConfig):
    name = "contributions"
    label = "contributions"
    verbose_name = "Contributions"

    def ready(self) -> None:
        from contributions import (  # noqa: F401
            audit_kinds,
            notifications,
            panels,
            permissions,
            personal_data,
            signals,
            workflow_notices,
        )

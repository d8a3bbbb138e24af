from django.apps import AppConfig


class PracticesConfig(AppConfig):
    name = "practices"
    label = "practices"
    verbose_name = "Practices"

    def ready(self) -> None:
        from practices import (  # noqa: F401
            audit_kinds,
            cards,
            evidence,
            notices_recognition,
            permissions,
            personal_data,
            profile,
            search,
        )
        from practices.drafting import kind  # noqa: F401

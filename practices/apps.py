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
            exchanges,
            network,
            notices_adoption,
            notices_freshness,
            notices_import,
            notices_partners,
            notices_recognition,
            partner_words,
            permissions,
            personal_data,
            profile,
            search,
            signals,
        )
        from practices.drafting import kind  # noqa: F401

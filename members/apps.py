from django.apps import AppConfig


class MembersConfig(AppConfig):
    name = "members"
    label = "members"
    verbose_name = "People and collectivities"

    def ready(self) -> None:
        from members import (  # noqa: F401
            about,
            adapters,
            association_profile,
            audiences,
            audit_kinds,
            doors_of_others,
            ledger,
            notices_charter,
            notices_joining,
            notices_people,
            notices_privacy,
            notices_staff,
            panels,
            personal_data,
            search,
        )
        from members.services import joining, privacy  # noqa: F401

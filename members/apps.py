from django.apps import AppConfig


class MembersConfig(AppConfig):
    name = "members"
    label = "members"
    verbose_name = "People and collectivities"

    def ready(self) -> None:
        from members import search  # noqa: F401

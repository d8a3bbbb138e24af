from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "notifications"
    label = "notifications"
    verbose_name = "Notices"

    def ready(self) -> None:
        from notifications import mail, services  # noqa: F401

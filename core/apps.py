from django.apps import AppConfig
from django.http import multipartparser


class CoreConfig(AppConfig):
    name = "core"
    label = "core"
    verbose_name = "Shared ground"

    def ready(self) -> None:
        from core import checks, jobs, pictures  # noqa: F401
        from core.uploads import services  # noqa: F401

        # Of one field of a form, its name and that of its file: 250 emoji are 1,000 bytes of them.
        multipartparser.MAX_TOTAL_HEADER_SIZE = 4096

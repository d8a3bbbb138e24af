from django.apps import AppConfig


class SearchConfig(AppConfig):
    name = "search"
    label = "search"
    verbose_name = "Search"

    def ready(self) -> None:
        from search import copies, documents, missed, watch  # noqa: F401

        watch.connect()

import sys

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from search.copies import let_go, rebuild_index
from search.documents import BATCH, index_groups, recount_words, remove_others
from search.engines.elasticsearch import FAILURES
from search.models import SearchDocument
from search.registry import kinds
from search.status import kinds_in_table


class Command(BaseCommand):
    help = (
        "Index everything anew while the site goes on: the table of documents, the vocabulary, "
        "and Elasticsearch's copy beside the live one, where the site has one."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("--kind", choices=sorted(kinds), help="only this kind")
        parser.add_argument(
            "--copy-only", action="store_true", help="only Elasticsearch's copy of the documents"
        )

    def handle(self, *, kind: str | None, copy_only: bool, **options) -> None:
        if not copy_only:
            for name in [kind] if kind else sorted({*kinds, *kinds_in_table()}):
                self.rebuild(name)
            if not kind:
                self.stdout.write(f"vocabulary: {recount_words()} words")
                let_go()
        if settings.ELASTICSEARCH_URL:
            total = SearchDocument.objects.found().count()
            try:
                count = rebuild_index(lambda number: self.progress("Elasticsearch", number, total))
            except FAILURES as error:
                raise CommandError(
                    f"Elasticsearch does not answer; the database searches on. {error}"
                ) from error
            self.stdout.write(f"Elasticsearch: {count} documents")

    def rebuild(self, kind: str) -> None:
        groups = list(kinds[kind].groups()) if kind in kinds else []
        for start in range(0, len(groups), BATCH):
            index_groups(kind, groups[start : start + BATCH])
            self.progress(kind, min(start + BATCH, len(groups)), len(groups))
        gone = remove_others(kind, groups)
        documents = SearchDocument.objects.found().filter(kind=kind).count()
        self.stdout.write(f"{kind}: {len(groups)} things, {documents} documents, {gone} taken off")

    def progress(self, what: str, done: int, total: int) -> None:
        """Draw a bar on a terminal; elsewhere say nothing."""
        if sys.stderr.isatty():
            filled = 30 * done // max(total, 1)
            bar = "#" * filled + "." * (30 - filled)
            end = "\n" if done >= total else ""
            self.stderr.write(f"\r{what} [{bar}] {done}/{total}{end}", ending="")
            self.stderr.flush()

from django.core.management.base import BaseCommand, CommandError

from search.status import compare


class Command(BaseCommand):
    help = (
        "Compare what can be found with what is there: lag, missing, stale, and what must not be "
        "found (forbidden, which must be 0). Ends with an error where something is forbidden."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument(
            "--repair", action="store_true", help="have what differs indexed anew by the worker"
        )

    def handle(self, *, repair: bool, **options) -> None:
        status = compare(repair=repair)
        self.stdout.write(
            f"waiting: {status.waiting} jobs, the oldest for {status.lag:.0f} s; "
            f"{status.uncopied} documents not yet in Elasticsearch"
        )
        row = "{:<16}{:>8}{:>10}{:>9}{:>7}{:>11}"
        self.stdout.write(row.format("", "things", "documents", "missing", "stale", "forbidden"))
        for one in status.kinds:
            self.stdout.write(
                row.format(
                    one.name, one.things, one.documents, one.missing, one.stale, one.forbidden
                )
            )
        if status.remote:
            self.stdout.write(
                row.format("elasticsearch", "", status.remote.documents, status.remote.missing)
                .rstrip()
                .ljust(43)
                + f"{status.remote.stale:>7}{status.remote.forbidden:>11}"
            )
        elif status.remote_error:
            self.stdout.write(f"elasticsearch: does not answer ({status.remote_error})")
        if repair:
            self.stdout.write("What differs will be indexed anew.")
        if status.forbidden:
            raise CommandError(f"{status.forbidden} documents must not be found.")

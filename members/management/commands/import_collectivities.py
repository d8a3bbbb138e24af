from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from members.collectivity_file import read_collectivities
from members.services.collectivities import ImportRefused, ImportReport, import_collectivities

DEFAULT = Path(__file__).resolve().parents[2] / "data" / "collectivities.csv"


class Command(BaseCommand):
    help = (
        "Bring in regions, prefectures, provinces and communes from a CSV file. A file with a "
        "fault is refused whole. Nothing is deleted; it can be run again without harm."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, default=DEFAULT, metavar="FILE")

    def handle(self, *, file: Path, verbosity: int, **options: Any) -> None:
        try:
            data = file.read_bytes()
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}") from error
        content = read_collectivities(data)
        try:
            report = import_collectivities(rows=content.rows, problems=content.problems)
        except ImportRefused as refusal:
            raise CommandError(
                f"{file} was refused, nothing was changed. What is wrong with it:\n{refusal}"
            ) from refusal
        self.tell(report, verbosity)

    def tell(self, report: ImportReport, verbosity: int) -> None:
        """
        Say what was done.

        :param verbosity: 0 totals only, 1 what was created or changed or is not in the file, 2 each
            row
        """
        if verbosity:
            for one in report.created:
                self.stdout.write(f"created    {one.code}  {one.full_name_in('fr')}")
            for change in report.changed:
                fields = "; ".join(
                    f"{name} “{_told(old)}” → “{_told(new)}”"
                    for name, (old, new) in change.fields.items()
                )
                one = change.collectivity
                self.stdout.write(f"changed    {one.code}  {one.full_name_in('fr')}: {fields}")
            for one in report.absent:
                self.stdout.write(f"not in it  {one.code}  {one.full_name_in('fr')}: left as it is")
        if verbosity > 1:
            for one in report.same:
                self.stdout.write(f"same       {one.code}  {one.full_name_in('fr')}")
        self.stdout.write(
            f"{len(report.created)} created, {len(report.changed)} changed, "
            f"{len(report.same)} the same, {len(report.absent)} not in the file"
        )


def _told(value: Any) -> str:
    return "" if value is None else str(value)

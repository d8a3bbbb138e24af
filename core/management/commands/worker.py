from django.core.management.base import BaseCommand

from core.outbox.worker import Worker


class Command(BaseCommand):
    help = "Do the background work: jobs of the outbox, and what is done at set times."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--until-empty", action="store_true", help="end when nothing is due")
        parser.add_argument("--poll", type=float, default=0.5, help="seconds between two looks")

    def handle(self, *, until_empty: bool, poll: float, **options) -> None:
        worker = Worker(poll=poll)
        worker.stop_on_signals()
        done = worker.run(until_empty=until_empty)
        self.stdout.write(f"{done} jobs done")

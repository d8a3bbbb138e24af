from django.core.management.base import BaseCommand
from django.db.models import Count, Min
from django.utils import timezone

from core.outbox.models import JobState, OutboxJob, PeriodicRun
from core.outbox.registry import handlers, periodic_tasks
from core.outbox.services import retry_set_aside


class Command(BaseCommand):
    help = "List the background work: what waits, what was set aside and why, what runs when."

    def add_arguments(self, parser) -> None:
        parser.add_argument(
            "--retry", action="store_true", help="let the jobs that were set aside be tried anew"
        )
        parser.add_argument("--kind", default="", help="with --retry: only this kind")

    def handle(self, *, retry: bool, kind: str, **options) -> None:
        if retry:
            self.stdout.write(f"{retry_set_aside(kind)} jobs will be tried anew")
            return
        waiting = OutboxJob.objects.filter(state=JobState.WAITING)
        for row in (
            waiting.values("kind")
            .annotate(n=Count("pk"), oldest=Min("created_at"))
            .order_by("kind")
        ):
            orphan = "" if row["kind"] in handlers else ", nobody does this kind any more"
            self.stdout.write(
                f"waiting    {row['kind']}: {row['n']}, since {told(row['oldest'])}{orphan}"
            )
        for job in waiting.exclude(lease_until=None):
            self.stdout.write(
                f"held       {job.pk} {job}: by {job.leased_by} until {told(job.lease_until)}"
            )
        for job in OutboxJob.objects.filter(state=JobState.SET_ASIDE):
            reason = job.last_error.strip().splitlines()[-1:] or ["?"]
            self.stdout.write(f"set aside  {job.pk} {job}: {reason[0]}")
        for task in PeriodicRun.objects.all():
            if task.name not in periodic_tasks:
                state = "no longer in the code"
            else:
                state = f"{'failed' if task.last_error else 'fine'}, next {told(task.next_at)}"
            self.stdout.write(f"periodic   {task.name}: {state}")


def told(moment) -> str:
    return f"{timezone.localtime(moment):%F %T}"

from django.core.management.base import BaseCommand

from search.concepts import load_seed


class Command(BaseCommand):
    help = "Add the concepts that come with the site to the termbase; what is there stays."

    def handle(self, **options) -> None:
        self.stdout.write(f"{load_seed()} new concepts")

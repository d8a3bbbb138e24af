from collections import Counter

from django.core.management.base import BaseCommand, CommandError

from home.demo.loader import load_practices, load_themes
from members.models import Collectivity


class Command(BaseCommand):
    help = "Load the demo content. Can be run again: what a person has edited is left alone."

    def handle(self, **options) -> None:
        if not Collectivity.objects.exists():
            raise CommandError("There are no collectivities: run import_collectivities first.")
        themes = load_themes()
        outcomes: Counter[str] = Counter()
        for key, outcome in load_practices():
            outcomes[outcome] += 1
            if outcome != "same":
                self.stdout.write(f"  {key} {outcome}")
        told = ", ".join(f"{count} {outcome}" for outcome, count in sorted(outcomes.items()))
        self.stdout.write(f"Demo content: {themes} new themes; practices: {told}")

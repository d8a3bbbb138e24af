from collections import Counter

from django.core.management.base import BaseCommand, CommandError

from home.demo.loader import load_choices, load_pages, load_practices, load_themes
from members.models import Collectivity


class Command(BaseCommand):
    help = "Load the demo content. Can be run again: what a person has edited is left alone."

    def handle(self, **options) -> None:
        if not Collectivity.objects.exists():
            raise CommandError("There are no collectivities: run import_collectivities first.")
        themes = load_themes()
        told = {"practices": self.told(load_practices()), "pages": self.told(load_pages())}
        choices = load_choices()
        parts = "; ".join(f"{what}: {outcome}" for what, outcome in told.items())
        self.stdout.write(f"Demo content: {themes} new themes; {parts}; {choices} new choices")

    def told(self, loaded) -> str:
        """Load, and return how many files had which outcome."""
        outcomes: Counter[str] = Counter()
        for key, outcome in loaded:
            outcomes[outcome] += 1
            if outcome != "same":
                self.stdout.write(f"  {key} {outcome}")
        return ", ".join(f"{count} {outcome}" for outcome, count in sorted(outcomes.items()))

import re
import shutil
import tempfile
from pathlib import Path

import polib
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

COMPLETE = ("ar", "fr")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")


class Command(BaseCommand):
    help = "Fail where a string of ours has no Arabic or French, or a translation broke it."

    def handle(self, **options) -> None:
        problems = [
            problem for language in ("ar", "fr", "zgh") for problem in self.problems_of(language)
        ]
        if shutil.which("xgettext"):
            problems += self.uncollected()
        if problems:
            raise CommandError("\n".join(problems))

    def catalogue(self, language: str) -> polib.POFile:
        folder = Path(settings.LOCALE_PATHS[0]) / language / "LC_MESSAGES"
        return polib.pofile(str(folder / "django.po"))

    def problems_of(self, language: str):
        for entry in self.catalogue(language):
            if entry.obsolete:
                continue
            texts = list(entry.msgstr_plural.values()) or [entry.msgstr]
            if language in COMPLETE and (entry.fuzzy or not all(texts)):
                yield f"{language}: not translated: {entry.msgid!r}"
            wanted = set(PLACEHOLDER.findall(entry.msgid + entry.msgid_plural))
            for text in filter(None, texts):
                if extra := set(PLACEHOLDER.findall(text)) - wanted:
                    yield f"{language}: unknown placeholder {extra} in {text!r}"
                if not entry.msgid_plural and (lost := wanted - set(PLACEHOLDER.findall(text))):
                    yield f"{language}: lost placeholder {lost} in {text!r}"

    def uncollected(self):
        """Say which strings in the code are in no catalogue."""
        known = {(entry.msgctxt, entry.msgid) for entry in self.catalogue("ar")}
        kept = Path(settings.LOCALE_PATHS[0])
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / "locale"
            shutil.copytree(kept, copy)
            try:
                call_command("make_messages", verbosity=0)
                found = {(e.msgctxt, e.msgid) for e in self.catalogue("ar") if not e.obsolete}
            finally:
                shutil.rmtree(kept)
                shutil.copytree(copy, kept)
        return [f"not collected (make messages): {msgid!r}" for _ctx, msgid in found - known]

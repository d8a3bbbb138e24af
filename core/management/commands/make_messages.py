from pathlib import Path

import polib
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

IGNORED = (".venv*", "var", "tests", "node_modules")
PLURALS = {
    "ar": "nplurals=6; plural=n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 "
    ": n%100>=11 && n%100<=99 ? 4 : 5;",
    "fr": "nplurals=2; plural=(n > 1);",
    "zgh": "nplurals=2; plural=(n > 1);",
}


class Command(BaseCommand):
    help = "Collect the interface strings into locale/ (needs gettext)."

    def handle(self, *, verbosity: int = 1, **options) -> None:
        call_command(
            "makemessages",
            locale=list(PLURALS),
            ignore_patterns=list(IGNORED),
            add_location="file",
            no_obsolete=True,
            no_wrap=True,
            verbosity=verbosity,
        )
        for language, plurals in PLURALS.items():
            self.tidy(language, plurals)

    def tidy(self, language: str, plurals: str) -> None:
        """Give the catalogue a head that does not change from one run to the next."""
        path = Path(settings.LOCALE_PATHS[0]) / language / "LC_MESSAGES" / "django.po"
        catalogue = polib.pofile(str(path), wrapwidth=0)
        catalogue.header = f"The interface in {language}. Collected by `make messages`."
        catalogue.metadata_is_fuzzy = False
        catalogue.metadata = {
            "Language": language,
            "MIME-Version": "1.0",
            "Content-Type": "text/plain; charset=UTF-8",
            "Content-Transfer-Encoding": "8bit",
            "Plural-Forms": plurals,
        }
        forms = int(plurals.split(";")[0].partition("=")[2])
        for entry in catalogue:
            if entry.fuzzy:  # a guess from a string that looks alike: worse than none
                entry.flags.remove("fuzzy")
                entry.msgstr, entry.msgstr_plural = "", {}
                entry.previous_msgid = entry.previous_msgctxt = entry.previous_msgid_plural = None
            if entry.msgid_plural:
                entry.msgstr_plural = {n: entry.msgstr_plural.get(n, "") for n in range(forms)}
        catalogue.save()

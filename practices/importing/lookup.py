"""Finding collectivities, principles and themes by what stands in a cell."""

import re
from collections.abc import Iterable, Mapping

from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from rapidfuzz import fuzz, process

from contributions.fields import DIGITS
from core.vocabularies import Principle, Theme
from members.models import Collectivity
from notifications.registry import isolated
from practices.drafting.fields import written
from search.analysis import fold

NEAR = 3  # that are told
MOST_TOLD = 5  # where all are told
LEAST_LIKE = 70  # of 100
CODE = re.compile(r"\d{1,2}(?:\.\d{1,3}){0,3}", re.ASCII)
CODE_BEHIND = re.compile(r"^(.*\S)\s*\(([\w.]+)\)$", re.DOTALL)
PARTS = re.compile(r"\s*[,،/(–—]\s*")


class NotFound(Exception):
    """Nothing, or not one thing, has this name; the text says what is near."""


class Names:
    """Things by their names in all languages, whatever the accents, case and hamzas."""

    def __init__(self, named: Iterable[tuple[object, Iterable[str]]]) -> None:
        self.by_name: dict[str, list] = {}
        for thing, names in named:
            for name in {fold(one) for one in names if one}:
                self.by_name.setdefault(name, []).append(thing)

    def named(self, typed: str) -> list:
        return self.by_name.get(fold(typed), [])

    def near(self, typed: str) -> list:
        """Return the things whose names are like what was typed, the nearest first."""
        found = process.extract(
            fold(typed), self.by_name.keys(), scorer=fuzz.ratio, limit=9, score_cutoff=LEAST_LIKE
        )
        things = [thing for name, _score, _place in found for thing in self.by_name[name]]
        return list(dict.fromkeys(things))[:NEAR]


def listed(words: Iterable[str]) -> str:
    return pgettext("list", ", ").join(isolated(one) for one in words)


class Places:
    """The collectivities by code and by name."""

    def __init__(self, collectivities: Iterable[Collectivity]) -> None:
        everything = list(collectivities)
        self.by_code = {one.code: one for one in everything}
        self.names = Names(
            (
                one,
                (
                    one.name_ar,
                    one.name_fr,
                    one.name_en,
                    one.name_zgh,
                    *(one.full_name_in(language) for language in ("ar", "fr", "en")),
                ),
            )
            for one in everything
        )
        self.known: dict[tuple[str, bool], Collectivity | NotFound] = {}

    def find(self, typed: str, *, is_number: bool = False) -> Collectivity:
        """
        Return the collectivity that a cell names: by its code, by its name, or by both.

        :param is_number: whether the file holds a number: a spreadsheet makes 1.05 of "01.050"
        :raises NotFound: where there is none, or more than one
        """
        asked = (typed, is_number)
        if asked not in self.known:
            try:
                self.known[asked] = self._find(typed, is_number)
            except NotFound as error:
                self.known[asked] = error
        found = self.known[asked]
        if isinstance(found, NotFound):
            raise NotFound(*found.args)
        return found

    def _find(self, typed: str, is_number: bool) -> Collectivity:
        code = typed.translate(DIGITS)
        if found := self.by_code.get(code) or self.by_code.get(_code(code, is_number)):
            return found
        if (behind := CODE_BEHIND.match(code)) and (found := self.by_code.get(behind[2])):
            return found
        candidates = self.names.named(typed) or self._within(typed)
        if len(candidates) == 1:
            return candidates[0]
        if candidates:
            raise NotFound(
                _("Several have this name. Write one of them: %(names)s.")
                % {"names": listed(written(one) for one in candidates[:MOST_TOLD])}
            )
        raise NotFound(_none(_("No collectivity has this name or code."), self.names.near(typed)))

    def _within(self, typed: str) -> list[Collectivity]:
        """Return those of a name in a province or region: "Tétouan, Province de Tétouan"."""
        name, *around = [part.strip(" )") for part in PARTS.split(typed)]
        if not around:
            return []
        lies_in = {one.pk for one in self.names.named(around[-1])}
        return [
            one
            for one in self.names.named(name)
            if one.parent_id in lies_in or one.region_id in lies_in - {one.pk}
        ]


def _code(typed: str, is_number: bool) -> str:
    """Return a code as the High Commission writes it, whose zeros a spreadsheet may have eaten."""
    if not CODE.fullmatch(typed):
        return ""
    first, *rest = typed.split(".")
    if is_number and rest:
        rest[0] = rest[0].ljust(3, "0")
    return ".".join([first.zfill(2), *rest])


def _none(words: str, near: list[Collectivity]) -> str:
    if not near:
        return f"{words} {_('Write it as the directory does.')}"
    return f"{words} " + _("Near to it: %(names)s.") % {
        "names": listed(written(one) for one in near)
    }


class Tags:
    """The tags of a vocabulary by slug and label."""

    def __init__(
        self,
        tags: Iterable[Principle | Theme],
        destinations: Mapping[int, int | None] | None = None,
    ) -> None:
        """:param destinations: for each key the one that stands for it today, None for nothing"""
        everything = list(tags)
        by_key = {one.pk: one for one in everything}
        lead = {one.pk: one.pk for one in everything} if destinations is None else destinations
        current = [one for one in everything if lead.get(one.pk)]
        self.offered = [one for one in everything if lead.get(one.pk) == one.pk]
        # Under the name of a retired one stands its successor.
        self.names = Names(
            (
                by_key[lead[one.pk]],
                (one.slug, one.name, one.label_ar, one.label_fr, one.label_en, one.label_zgh),
            )
            for one in sorted(current, key=lambda one: lead[one.pk] != one.pk)
        )

    def find(self, typed: str) -> str:
        """
        Return the slug of a tag.

        :raises NotFound: where there is none
        """
        found = self.names.named(typed)
        if found:
            return found[0].slug
        near = self.names.near(typed)
        if near:
            words = _("There is none of this name: “%(typed)s”. Near to it: %(names)s.")
        elif len(self.offered) <= MOST_TOLD:
            words = _("There is none of this name: “%(typed)s”. Write one of them: %(names)s.")
            near = self.offered
        else:
            words = _("There is none of this name: “%(typed)s”. Take one of the list of the site.")
        raise NotFound(words % {"typed": quoted(typed), "names": listed(one.label for one in near)})


def quoted(text: str) -> str:
    """Return what a person typed for the middle of a sentence."""
    return isolated(short(text))


def short(text: str, most: int = 60) -> str:
    """Return the beginning of a text, in one line."""
    text = " ".join(text.split())
    return text if len(text) <= most else f"{text[: most - 1]}…"

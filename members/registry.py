"""
What other apps show of a collectivity. They enter their sections from `AppConfig.ready()`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from members.models import Collectivity


@dataclass(frozen=True)
class CollectivitySection:
    """
    A part of a collectivity's public page.

    :param name: its anchor on the page
    :param content: gives, for a collectivity and the reader's language, the template that draws
        it and what that finds under `content`; None where there is nothing to say
    :param counts: gives, for the keys of some collectivities and the reader's language, a short
        text for those that have something ("3 practices"), in a fixed number of queries
    """

    name: str
    content: Callable[[Collectivity, str], tuple[str, dict[str, Any]] | None]
    counts: Callable[[Sequence[int], str], Mapping[int, str]]


collectivity_sections: dict[str, CollectivitySection] = {}


def register_collectivity_section(section: CollectivitySection) -> None:
    """Enter a section. Each name stands once; they are shown in the order of the apps."""
    if section.name in collectivity_sections:
        raise ValueError(f"two sections of collectivities named {section.name}")
    collectivity_sections[section.name] = section


def sections_of(collectivity: Collectivity, language: str) -> list[dict[str, Any]]:
    """Return the sections that have something to say of a collectivity, for its page."""
    sections = []
    for section in collectivity_sections.values():
        content = section.content(collectivity, language)
        if content:
            template, context = content
            sections.append({"name": section.name, "template": template, "content": context})
    return sections


def counts_of(collectivities: Iterable[Collectivity], language: str) -> dict[int, list[str]]:
    """Return what the sections hold of each collectivity, as short texts by its key."""
    pks = [one.pk for one in collectivities]
    texts: dict[int, list[str]] = {pk: [] for pk in pks}
    for section in collectivity_sections.values():
        for pk, text in section.counts(pks, language).items():
            texts[pk].append(text)
    return texts

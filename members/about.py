"""What a collectivity tells of itself: its section of its public page."""

from collections.abc import Mapping, Sequence
from typing import Any

from members.models import Collectivity
from members.registry import ProfileSection, register_collectivity_section

LISTS = ("services", "challenges", "skills")
SHOWN = ("about", "website", "email", "phone", *LISTS)


def content(collectivity: Collectivity, language: str) -> tuple[str, dict[str, Any]] | None:
    """Return the words, contacts and lists that the people of a collectivity wrote."""
    profile = getattr(collectivity, "profile", None)
    if profile is None or not any(getattr(profile, name) for name in SHOWN):
        return None
    lists = {name: [line for line in getattr(profile, name).split("\n") if line] for name in LISTS}
    return "members/profile.html", {"profile": profile, **lists}


def counts(pks: Sequence[int], language: str) -> Mapping[int, str]:
    """Return nothing: words are not counted."""
    return {}


register_collectivity_section(ProfileSection("profile", content, counts, leads=True))

"""
What kinds of things people are told of. Apps enter theirs from `AppConfig.ready()`, each in its own
`notifications.py`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise

from core.text import without_controls

Data = dict[str, Any]


@dataclass(frozen=True)
class NoticeKind:
    """
    A kind of notice. Its functions are called with the data of a notice whenever it is read or
    mailed, with the reader's language active. What the data name by number may be gone by then, so
    they hold the names to be shown as well.

    :param name: at most 60 characters
    :param label: what it is about, in a few words
    :param subject: gives one line, as of a mail
    :param text: gives plain text, its paragraphs parted by an empty line; names that people typed
        stand in `isolated`
    :param address: gives the path of what it is about, as `reverse` does, or ""
    :param mail: whether it is mailed as well as shown on the site
    """

    name: str
    label: str | Promise
    subject: Callable[[Data], str]
    text: Callable[[Data], str]
    address: Callable[[Data], str]
    mail: bool = True


kinds: dict[str, NoticeKind] = {}


def register_notice_kind(kind: NoticeKind) -> None:
    """Enter a kind. Each name stands once."""
    if kind.name in kinds:
        raise ValueError(f"two kinds of notices named {kind.name}")
    kinds[kind.name] = kind


def isolated(typed: str) -> str:
    """
    Return what a person typed for the middle of a sentence in any language: plain text has no
    `<bdi>`, so Unicode's marks keep its direction to itself.
    """
    return f"\u2068{without_controls(typed)}\u2069"

"""All addresses of the site, each with the right that it asks for."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.urls import URLResolver, get_resolver

from members.access import addresses


@dataclass(frozen=True)
class Door:
    """
    One address.

    :ivar name: with its namespace; empty where it has none
    :ivar route: as it is written in the URL modules, from the root
    :ivar right: the right that stands before it; empty where nobody said
    """

    name: str
    route: str
    view: Callable
    right: str

    @property
    def in_administration(self) -> bool:
        return self.right == "admin.enter"


def doors() -> Iterator[Door]:
    """Give each address once, in the order in which they are tried."""
    yield from _walk(get_resolver(), "", ())


def _walk(resolver: URLResolver, route: str, spaces: tuple[str, ...]) -> Iterator[Door]:
    for pattern in resolver.url_patterns:
        here = route + str(pattern.pattern).removeprefix("^").removesuffix("$")
        if isinstance(pattern, URLResolver):
            inside = (*spaces, pattern.namespace) if pattern.namespace else spaces
            yield from _walk(pattern, here, inside)
            continue
        name = ":".join((*spaces, pattern.name)) if pattern.name else ""
        right = getattr(pattern.callback, "right", "") or addresses.get(name, "")
        if not right and here.startswith("admin/"):
            right = "admin.enter"
        yield Door(name, here, pattern.callback, right)

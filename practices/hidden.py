"""
Practices that hide which collectivity tells them.

Such a page holds no name of a collectivity, no contact and no link to an association: who wrote it,
`contributions.Authorship` alone knows. Where others show a name, it shows `nameless`.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from django.utils import translation
from django.utils.translation import gettext as _

from core import languages
from core.text import plain_text
from members.models import Collectivity
from practices.enums import Audience, PracticeKind
from search.analysis import fold

Problem = tuple[str, str]

# Of so many letters a name is looked for within words too; shorter ones are too often part of one.
LETTERS_OF_A_LONG_NAME = 5
# What Arabic writes in one with the word behind it: "and", "so", "in", "for", "like", the article.
ARABIC_BEFORE = "(?:[وف]?(?:[بلك]?ال|لل|[بلك])?)?"
EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.\w")
TELEPHONE = re.compile(r"(?<!\d)(?:(?:\+|00)212[ .-]?\(?0?\)?|0)[5-8](?:[ .-]?\d){8}(?!\d)")
ADDRESS = re.compile(r"(?:https?://|www\.)\S|\b[\w-]+\.(?:ma|com|org|net|gov)\b")
HREF = re.compile(r'href="([^"]*)"')

LINES = ("title", "summary", "seo_title", "search_description", "source_title", "source_gaps")
# The texts of each sort of rows.
ROW_TEXTS = {
    "challenges": ("text",),
    "steps": ("title", "text"),
    "participants": ("who", "role"),
    "indicators": ("name", "unit", "source"),
    "photos": ("description", "caption"),
}


def nameless(language: str = "") -> str:
    """
    Return what stands where the name of a collectivity would.

    :param language: the reader's by default
    """
    with translation.override(language or languages.current()):
        return _("A collectivity of the network")


def names_of(page, collectivities: Iterable[Collectivity]) -> list[str]:
    """Return who tells a practice, in its own language; without a name where that is hidden."""
    if page.hides_collectivity:
        return [nameless(page.language)]
    return [one.full_name_in(page.language) for one in collectivities]


def hide_authors(page) -> None:
    """
    Take from a page what tells which collectivity it comes from. It is not saved.

    Documents can tell it too: a public page keeps none. (A draft does, so that its authors see what
    stands against submitting it.)
    """
    page.contact_name = page.contact_email = page.contact_phone = ""
    if page.collectivity_links.all():
        page.collectivity_links = []
        page.__dict__.pop("collectivities", None)
    participants = list(page.participants.all())
    if any(row.association_id for row in participants):
        for row in participants:
            row.association = None
        page.participants = participants
    if page.live and page.attachments.all():
        page.attachments = []


def problems_of_hidden(page, collectivities: Sequence[Collectivity]) -> list[Problem]:
    """
    Return what stands against submitting or publishing a page that hides its collectivity, as (name
    of the field, words); nothing for another page, but where only what did not work may be hidden.

    :param page: as it would be submitted
    :param collectivities: those that write it
    """
    if page.kind != PracticeKind.DID_NOT_WORK:
        kept_back = page.hides_collectivity or page.audience == Audience.NETWORK
        return [("kind", only_failures())] if kept_back else []
    if not page.hides_collectivity:
        return []
    telltale = Telltale(collectivities)
    found = [(field, telltale.told_by(text)) for field, text in _texts(page)]
    problems = [(field, words) for field, words in found if words]
    if page.source_url:
        problems.append(("source_url", link_found()))
    problems += [
        (f"attachments-{place}-title", link_found())
        for place, _row in enumerate(page.attachments.all())
    ]
    return problems


class Telltale:
    """What finds, in a text, the names of some collectivities and ways to reach them."""

    def __init__(self, collectivities: Iterable[Collectivity]) -> None:
        self.names = [(name, _pattern(name)) for name in _all_names(collectivities)]

    def told_by(self, value: str) -> str:
        """Return what is wrong with a text, plain or rich; "" for a text that tells nothing."""
        # The address of a link is told too.
        text = " ".join([plain_text(value), *HREF.findall(value)])
        folded = fold(text)
        for name, pattern in self.names:
            if pattern.search(folded):
                return _(
                    "Here stands “%(name)s”. The name of your collectivity is to be hidden: write "
                    "it in another way."
                ) % {"name": name}
        if EMAIL.search(text) or TELEPHONE.search(text) or ADDRESS.search(text):
            return _(
                "Here stands an e-mail address, a telephone number or a web address. It can tell "
                "your name: leave it out."
            )
        return ""


def only_failures() -> str:
    """Return what is told where another kind of practice would be kept back."""
    return _(
        "Only what did not work can stay within the network or hide its name. Choose that kind, or "
        "let everybody read it, with your name."
    )


def link_found() -> str:
    return _("Leave it out: a document or a link can tell your name.")


def _all_names(collectivities: Iterable[Collectivity]) -> Iterator[str]:
    for one in collectivities:
        written = (one.name_ar, one.name_fr, one.name_en, one.name_zgh)
        yield from dict.fromkeys(name for name in written if name)


def _pattern(name: str) -> re.Pattern:
    """
    Return what finds a name in a folded text, however it is accented, hyphened or parted; a short
    name as a word of its own, with what Arabic writes in one with it ("بفاس").
    """
    words = fold(name).split()
    parted = " ?".join(map(re.escape, words))
    if sum(map(len, words)) >= LETTERS_OF_A_LONG_NAME:
        return re.compile(parted)
    return re.compile(rf"(?<!\w){ARABIC_BEFORE}{parted}(?!\w)")


def _texts(page) -> Iterator[Problem]:
    """Give all that a page says, with the name of the field where it is mended."""
    for name in (*LINES, *page.TEXTS):
        yield name, getattr(page, name)
    for rows, fields in ROW_TEXTS.items():
        for place, row in enumerate(getattr(page, rows).all()):
            for field in fields:
                yield f"{rows}-{place}-{field}", getattr(row, field)

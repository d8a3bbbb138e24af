"""
What other apps add to people, collectivities and associations. They enter it from
`AppConfig.ready()`, so that a new part of the site needs no change here:

- sections of public profiles (`register_collectivity_section`, `register_association_section`),
- panels of the space (`register_space_panel`),
- evidence for the charter's ledger (`register_evidence_source`),
- how a person's data are exported and what becomes of them when the person leaves
  (`register_personal_data`).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from functools import reduce
from operator import or_
from typing import Any

from django.apps import apps
from django.db.models import Model, Q, QuerySet
from django.utils.functional import Promise
from django.utils.safestring import SafeString

from members.enums import CharterCommitment
from members.models import Collectivity, Organisation, User

# --- Sections of public profiles ----------------------------------------------------------------


@dataclass(frozen=True)
class ProfileSection:
    """
    A part of the public page of a collectivity or an association.

    :param name: its anchor on the page
    :param content: gives, for an organisation and the reader's language, the template that draws
        it and what that finds under `content`; None where there is nothing to say
    :param counts: gives, for the keys of some organisations and the reader's language, a short
        text for those that have something ("3 practices"), in a fixed number of queries
    :param leads: whether it stands before the sections of all other apps
    """

    name: str
    content: Callable[[Any, str], tuple[str, dict[str, Any]] | None]
    counts: Callable[[Sequence[int], str], Mapping[int, str]]
    leads: bool = False


collectivity_sections: dict[str, ProfileSection] = {}
association_sections: dict[str, ProfileSection] = {}


def _enter(registry: dict, name: str, entry, what: str) -> None:
    if name in registry:
        raise ValueError(f"two {what} named {name}")
    registry[name] = entry


def register_collectivity_section(section: ProfileSection) -> None:
    """Enter a section. Each name stands once; they are shown in the order of the apps."""
    _enter(collectivity_sections, section.name, section, "sections of collectivities")


def register_association_section(section: ProfileSection) -> None:
    """Enter a section. Each name stands once; they are shown in the order of the apps."""
    _enter(association_sections, section.name, section, "sections of associations")


def sections_of(organisation: Organisation, language: str) -> list[dict[str, Any]]:
    """Return the sections that have something to say of an organisation, for its page."""
    sections = []
    for section in sorted(_sections_for(organisation).values(), key=lambda one: not one.leads):
        content = section.content(organisation, language)
        if content:
            template, context = content
            sections.append({"name": section.name, "template": template, "content": context})
    return sections


def counts_of(organisations: Iterable[Organisation], language: str) -> dict[int, list[str]]:
    """Return what the sections hold of each organisation of one kind, as short texts by its key."""
    organisations = list(organisations)
    texts: dict[int, list[str]] = {one.pk: [] for one in organisations}
    if organisations:
        for section in _sections_for(organisations[0]).values():
            for pk, text in section.counts(list(texts), language).items():
                texts[pk].append(text)
    return texts


def _sections_for(organisation: Organisation) -> dict[str, ProfileSection]:
    is_collectivity = isinstance(organisation, Collectivity)
    return collectivity_sections if is_collectivity else association_sections


# --- Panels of the space ------------------------------------------------------------------------


@dataclass(frozen=True)
class Matter:
    """
    One line of a panel: something that the people of a space look after.

    :param text: what it is
    :param address: where it is, if it has a page
    :param note: its state in words, a date
    :param is_open: whether something is left to do: a successor is told of it
    """

    text: str
    address: str = ""
    note: str = ""
    is_open: bool = False


@dataclass(frozen=True)
class SpacePanel:
    """
    A part of the space of collectivities and associations.

    :param matters: gives the lines for an organisation and the person who looks, in a fixed number
        of queries; None where the panel is not for this organisation
    :param empty: what is said where there is no line
    :param more: gives the address where more is found, or ""
    :param begin: gives what one comes for most often, as (words, address); None where there is
        nothing, or not for this person
    :param order: panels stand in the order of this number
    """

    name: str
    label: str | Promise
    matters: Callable[[Organisation, User], Sequence[Matter] | None]
    empty: str | Promise
    more: Callable[[Organisation], str] = lambda organisation: ""
    begin: Callable[[Organisation, User], tuple[str, str] | None] = lambda *_whose: None
    order: int = 100


space_panels: dict[str, SpacePanel] = {}


def register_space_panel(panel: SpacePanel) -> None:
    """Enter a panel. Each name stands once."""
    _enter(space_panels, panel.name, panel, "panels of the space")


def panels_of(organisation: Organisation, person: User) -> list[dict[str, Any]]:
    """Return the panels of an organisation's space, each with its lines."""
    shown = []
    for panel in sorted(space_panels.values(), key=lambda one: one.order):
        matters = panel.matters(organisation, person)
        if matters is not None:
            shown.append(
                {
                    "name": panel.name,
                    "label": panel.label,
                    "matters": matters,
                    "empty": panel.empty,
                    "more": panel.more(organisation),
                    "begin": panel.begin(organisation, person),
                }
            )
    return shown


# --- Evidence for the charter's ledger ----------------------------------------------------------


@dataclass(frozen=True, order=True)
class Evidence:
    """
    Something dated that the site knows a member has done for a commitment of the charter.

    :param on: the day; the ledger is sorted by it
    :param text: HTML in the reader's language (see `core.text.sentence`)
    """

    on: date
    commitment: CharterCommitment
    text: SafeString
    address: str = ""


@dataclass(frozen=True)
class EvidenceSource:
    """
    Where evidence comes from.

    :param collect: gives a collectivity's evidence in the reader's language, in a fixed number of
        queries; only what a visitor may see
    """

    name: str
    collect: Callable[[Collectivity, str], Iterable[Evidence]]


evidence_sources: dict[str, EvidenceSource] = {}


def register_evidence_source(source: EvidenceSource) -> None:
    """Enter a source. Each name stands once."""
    _enter(evidence_sources, source.name, source, "sources of evidence")


def evidence_of(collectivity: Collectivity, language: str) -> list[Evidence]:
    """Return what is known of a member's work for the charter, the newest first."""
    found = [
        one
        for source in evidence_sources.values()
        for one in source.collect(collectivity, language)
    ]
    return sorted(found, key=lambda one: (-one.on.toordinal(), one.commitment, one.text))


# --- A person's data ----------------------------------------------------------------------------


class OnLeaving(Enum):
    """What becomes of rows that name a person, when the person deletes their account."""

    DELETE = "deleted"
    UNLINK = "kept without the person"
    # The person's own row then says "A person who has left" and nothing else.
    KEEP = "kept, naming a person who has left"


@dataclass(frozen=True)
class PersonalData:
    """
    How the rows of one model that name people are treated (law 09-08: access, deletion).

    A row is a person's own by one key or by an e-mail address; only own rows are exported, deleted,
    unlinked or emptied. Those that name the person by another key stay as they are.

    :param model: the model's label, such as "members.Affiliation"
    :param keys: its fields that lead to a person
    :param fields: what is exported of a row: names of fields or properties, "a__b" for what a
        related row is related to; () where a row is of no interest to the person
    :param on_leaving: what becomes of the person's own rows
    :param clears: fields emptied in own rows that are kept
    :param files: gives the stored files of a row with the name that each gets in the export
    :param own_key: the one field by which rows are the person's own: by default the first key,
        where addresses are given none
    :param emails: fields with the e-mail address of the person whose own the row is
    :param exported: which of the own rows are exported
    """

    model: str
    keys: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    on_leaving: OnLeaving = OnLeaving.KEEP
    clears: tuple[str, ...] = ()
    files: Callable[[Model], Iterable[tuple[str, Any]]] | None = None
    own_key: str = ""
    emails: tuple[str, ...] = ()
    exported: Q = field(default_factory=Q)

    @property
    def own(self) -> str:
        return self.own_key or ("" if self.emails else self.keys[0])

    def own_rows(self, person: User, addresses: Iterable[str]) -> QuerySet:
        """
        Return a person's own rows.

        :param addresses: the e-mail addresses that the person has shown to be theirs
        """
        own = [Q(**{self.own: person.pk})] if self.own else []
        own += [Q(**{f"{name}__iexact": one}) for name in self.emails for one in addresses]
        rows = apps.get_model(self.model)._base_manager.all()
        return rows.filter(reduce(or_, own)) if own else rows.none()


personal_data: dict[str, PersonalData] = {}


def register_personal_data(data: PersonalData) -> None:
    """
    Enter how a model's rows are treated. Each model stands once; a test fails for a model with a
    key to a person that stands nowhere.
    """
    _enter(personal_data, data.model, data, "treatments of personal data in")

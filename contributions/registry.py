"""
What other apps enter here from `AppConfig.ready()`: the kinds of pages that members write, and who
else may read a draft.

A kind is told in sections, a page of the form each; a section has fields, or rows of one sort. The
same declaration makes the form, the task list, the check before submitting, the history, the
differences and the editors' import.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.functional import Promise
from wagtail.models import Page

Text = str | Promise


@dataclass(frozen=True)
class Field:
    """
    One thing that is asked.

    :param name: of the page's field, or of a row's
    :param label: the question, in a few words
    :param make: gives the form's field anew; it is called with the contribution
    :param read: gives, of the page or row, what the form's field shows; the attribute by default
    :param write: puts what the form gives into the page or row; it sets the attribute by default
    :param told: gives a value of the form as text in the reader's language, for the check, the
        history and the differences
    :param help: how to answer, in a sentence or two
    :param sample: an answer as somebody might write it
    :param needed: whether it must be there to submit
    :param limit: the longest answer in characters, for the counter; 0 for none
    """

    name: str
    label: Text
    make: Callable[[Any], forms.Field]
    read: Callable[[Any], Any] | None = None
    write: Callable[[Any, Any], None] | None = None
    told: Callable[[Any], str] = str
    help: Text = ""
    sample: Text = ""
    needed: bool = False
    limit: int = 0


@dataclass(frozen=True)
class Rows:
    """
    Rows of one sort: steps, indicators, partners.

    :param name: of the page's child relation
    :param label: what they are called together
    :param one: gives, for a number, what stands over one: "Step 2"
    :param add: the words of the button: "Add a step"
    :param fields: of a row, in order
    :param most: how many there may be
    :param least: how many must be there to submit
    :param model: makes an empty row
    :param help: how to answer, in a sentence or two
    :param file_role: "photo" or "document" where each row may hold a file
    :param file_field: of the row, for the file that publishing makes of what was sent
    :param policy: of the uploads, where rows hold files
    """

    name: str
    label: Text
    one: Callable[[int], str]
    add: Text
    fields: tuple[Field, ...]
    model: Callable[[], Any]
    most: int = 20
    least: int = 0
    help: Text = ""
    file_role: str = ""
    file_field: str = ""
    policy: str = ""


@dataclass(frozen=True)
class Section:
    """
    A task of the task list, and a page of the form.

    :param name: its place in the address
    :param quick: whether it belongs to the quick sheet, which is enough to submit
    :param condition: whether it is asked of a page at all
    """

    name: str
    title: Text
    intro: Text = ""
    fields: tuple[Field, ...] = ()
    rows: tuple[Rows, ...] = ()
    quick: bool = False
    condition: Callable[[Page], bool] = lambda page: True


@dataclass(frozen=True)
class DraftKind:
    """
    A kind of page that members write.

    :param name: at most 30 characters
    :param label: what it is called before one is begun: "Good practice or case study"
    :param label_of: gives what a page is called that was begun: "Case study"
    :param model: gives the page's class
    :param parent: gives, for a language, the page under which it is published; None where there is
        none
    :param sections: all that is asked, in order
    :param needs: what one has at hand to fill in the quick sheet
    :param criteria: what an editor checks, as (code, words); published on the start page
    :param prepare: fills a new page before it is saved first: called with the page, the leading
        collectivity and what the form of the start page gave
    :param check: gives, for a page as it would be submitted and its contribution, further problems
        as (name of the field, words)
    :param similar: gives, for a title, a language, a person and a page to leave out, what stands
        there already, as (title, address, caption)
    :param preview: draws the page as the public will see it; called with the request and the page
    :param address: gives the public address of a published page
    :param owners: gives the keys of the collectivities that may go on writing a published page that
        no member wrote so far
    """

    name: str
    label: Text
    label_of: Callable[[Page], Text]
    model: Callable[[], type[Page]]
    parent: Callable[[str], Page | None]
    sections: tuple[Section, ...]
    needs: tuple[Text, ...]
    criteria: tuple[tuple[str, Text], ...]
    prepare: Callable[[Page, Any, Mapping[str, Any]], None]
    check: Callable[[Page, Any], Sequence[tuple[str, str]]]
    similar: Callable[[str, str, Any, Page | None], Sequence[tuple[str, str, str]]]
    preview: Callable[[Any, Page], Any]
    address: Callable[[Page], str]
    owners: Callable[[Page], Sequence[int]] = lambda page: ()

    def section(self, name: str) -> Section | None:
        return next((one for one in self.sections if one.name == name), None)

    def sections_for(self, page: Page) -> list[Section]:
        return [one for one in self.sections if one.condition(page)]


kinds: dict[str, DraftKind] = {}
readers: dict[str, Callable[[Any], Q]] = {}


def register_draft_kind(kind: DraftKind) -> None:
    """Enter a kind. Each name stands once."""
    if kind.name in kinds:
        raise ValueError(f"two kinds of drafts named {kind.name}")
    kinds[kind.name] = kind


def register_reader(name: str, allowed: Callable[[Any], Q]) -> None:
    """
    Let further people see drafts, their files and their history.

    :param allowed: gives, for a person, a condition on contributions that joins no rows: `Exists`
    """
    if name in readers:
        raise ValueError(f"two readers of drafts named {name}")
    readers[name] = allowed

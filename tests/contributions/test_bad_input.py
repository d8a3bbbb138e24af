"""
Whatever is sent, by people or by machines: it is refused in words or kept, and never an error of
the site.
"""

from collections.abc import Iterator

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from contributions.drafts import kind_of
from contributions.services.opinions import ask_opinion
from practices.models import PartnerWord, PracticePage
from practices.services.adoption import declare_adoption
from tests.contributions.conftest import url
from tests.contributions.factories import make_draft, make_editor, make_published, make_submitted
from tests.members.factories import (
    make_association,
    make_contributor,
    make_member_collectivity,
)

pytestmark = pytest.mark.django_db

# What stands in all fields at once, from request to request: too long a number to be read, one
# beyond what a database counts to, what no parser gets to the end of, and no ASCII.
TEXTS = ("9" * 5_000, "9223372036854775808", "[" * 50_000, "é\u202e٣𝟙")


def part_names(contribution) -> Iterator[tuple[str, list[str]]]:
    """Give each section of a kind with the names of all that its form sends."""
    for section in kind_of(contribution).sections:
        names = [one.name for one in section.fields]
        for rows in section.rows:
            names += [f"{rows.name}-count", f"{rows.name}-0-row"]
            names += [f"{rows.name}-0-{one.name}" for one in rows.fields]
        yield section.name, names


def client_of(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def forms() -> Iterator[tuple[Client, str, list[str]]]:
    """Give the forms of both apps that a person sends: who, where, and the names of the fields."""
    commune = make_member_collectivity()
    author, editor = make_contributor(commune).person, make_editor()
    writer, staff = client_of(author), client_of(editor)
    draft, waiting = make_draft(author=author), make_submitted(author=author)
    published = make_published(author=author, editor=editor)
    page = PracticePage.objects.get(pk=published.page_id)

    own = ["seen", "decided", "theirs", "then", "row_action", "kind"]
    yield (
        writer,
        url("space_contribution_start", commune.slug),
        ["title", "language", "key", "kind"],
    )
    for section, names in part_names(draft):
        yield writer, url("contribution_section", draft.pk, section), own + names
    yield writer, url("contribution_authors", draft.pk), ["collectivity"]
    for rows in ("photos", "attachments"):
        yield writer, url("contribution_send", draft.pk, rows), ["files", "back"]
    yield writer, url("contribution_check", draft.pk), ["key"]
    yield writer, url("contribution_take_back", waiting.pk), ["words"]

    waiting = make_submitted(author=author)
    reviewer = make_contributor(make_member_collectivity()).person
    names = {
        "note": ["words", "field"],
        "changes": ["words"],
        "publish": ["met", "words", "revision_id", "revision_at"],
        "opinion": ["reviewer", "question"],
        "unpublish": ["words"],
        "archive": ["words", "successor"],
        "bringback": ["words"],
    }
    for name, fields in names.items():
        for one in (waiting, published):
            action = f"{reverse('contributions:review', args=[one.pk])}?do={name}"
            yield staff, action, [f"{name}-{field}" for field in fields]
    waiting = make_submitted(author=author)
    ask_opinion(contribution=waiting, editor=editor, reviewer=reviewer, question="")
    yield client_of(reviewer), url("contribution_opinion", waiting.pk), ["verdict", "words"]

    told = ["since", "kept", "changed", "result", "language", "seen", "collectivity", "state"]
    adopter = make_contributor(make_member_collectivity()).person
    place = adopter.affiliations.get().collectivity
    official = client_of(adopter)
    yield official, url("practice_adopt", page.slug), told
    fields = {"since": "2025", "kept": "", "changed": "", "result": "", "language": "fr"}
    adoption, _new = declare_adoption(
        practice=page, collectivity=place, person=adopter, state="intention", fields=fields
    )
    for name in ("space_adoption", "space_adoption_state", "space_adoption_link"):
        yield official, url(name, place.slug, adoption.pk), [*told, "words", "practice"]
    yield official, url("space_adoption_write", place.slug, adoption.pk), ["language"]
    for name in ("hide", "show"):
        yield staff, reverse(f"adoptions:{name}", args=[adoption.pk]), ["reason"]

    association = make_association()
    speaker = make_contributor(association).person
    word = PartnerWord.objects.create(practice=page, association=association)
    address = url("partner_word", association.key, word.pk)
    yield client_of(speaker), address, ["state", "words", "language", "seen"]

    given = ["reviewer", "met", "words", "agreed"]
    label = [f"reviews-{row}-{name}" for row in (0, 1) for name in given]
    management = ["reviews-TOTAL_FORMS", "reviews-INITIAL_FORMS", "another"]
    label += ["key", "reasons", "language", "expires_on", *management]
    yield staff, reverse("awards:give", args=[page.pk]), label
    yield staff, reverse("practice_import:index"), ["file"]
    yield writer, url("practice_still_true", page.slug), ["key"]


def sent(address: str, names: list[str], text: str) -> dict:
    """Return a form with one text in all of its fields, and twice in each."""
    data: dict = {name: [text, text] for name in names}
    if address.startswith("/admin/contributions/"):
        data["do"] = address.partition("?do=")[2].replace("bringback", "bring-back")
    for name in names:
        if name.endswith("-count") and not text.isdecimal():
            data[name] = "1"
        if name == "row_action":
            data[name] = f"steps:up:{text}"
    return data


@pytest.mark.usefixtures("wagtails_own_templates")
def test_no_form_fails_whatever_is_sent():
    for client, address, names in forms():
        for text in TEXTS:
            response = client.post(address, sent(address, names, text))
            assert response.status_code < 500, (address, text[:20])


@pytest.mark.parametrize("name", ["م" * 250 + ".txt", "🇲🇦" * 125 + ".txt", "é:.txt"])
@pytest.mark.parametrize("back", ["", "é", "../x", "nothing-like-it", "documents", "quick"])
def test_file_of_any_name_is_kept_and_leads_back_to_a_form(name, back):
    draft = make_draft()
    file = SimpleUploadedFile(name, b"Le compte rendu")
    client = client_of(draft.started_by)
    response = client.post(
        url("contribution_send", draft.pk, "attachments"), {"files": file, "back": back}
    )
    form = url("contribution_section", draft.pk, "quick" if back == "quick" else "documents")
    assert response["Location"] == f"{form}#id_attachments"
    assert client.get(form).status_code == 200
    kept = draft.files.get().upload
    assert kept.name.startswith(name[:20])
    assert kept.name.endswith(".txt")

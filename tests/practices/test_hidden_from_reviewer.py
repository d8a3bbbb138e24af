"""A thematic reviewer of a page that hides its collectivity learns no name of it, nowhere."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from contributions.drafts import kind_of, newest
from contributions.services import review
from contributions.services.drafts import add_file, start_draft
from contributions.services.opinions import ask_opinion
from core.uploads.services import keep_upload
from practices.enums import PracticeKind
from tests.members.factories import make_contributor, make_member_collectivity, make_staff
from tests.practices.test_hidden_everywhere import PERSON, PLACE, Site, found_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def author():
    person = make_contributor(make_member_collectivity(**PLACE)).person
    for name, value in PERSON.items():
        setattr(person, name, value)
    person.email = "xylandre.quobayr@zquortane.example"
    person.save()
    return person


@pytest.fixture
def told(author):
    """A sheet that named its collectivity in its first version, and hides it in the next."""
    draft = start_draft(
        kind="practice",
        collectivity=author.affiliations.get().collectivity,
        person=author,
        language="fr",
        title="Le marché de Zquortane",
        initial={"kind": PracticeKind.DID_NOT_WORK, "principles": ["transparency"]},
    )
    photos = next(
        rows for one in kind_of(draft).sections for rows in one.rows if rows.name == "photos"
    )
    upload = keep_upload(file=Site.photo(None), owner=author, policy=photos.policy)
    add_file(contribution=draft, upload=upload, rows=photos, person=author)
    page = newest(draft)
    page.title, page.summary = "Un marché vide", "Personne n’est venu au marché couvert."
    page.status, page.start, page.problem = "stopped", "2023", "<p>Trop loin.</p>"
    page.hides_collectivity = True
    page.photos.all()[0].description = "Un étal vide"
    page.save_revision(user=author, clean=False)
    review.submit(contribution=draft, person=author)
    return draft


@pytest.fixture
def reviewer(told):
    person = make_contributor(make_member_collectivity()).person
    ask_opinion(contribution=told, editor=make_staff("Editors"), reviewer=person, question="")
    return person


def answers(person, contribution) -> dict[str, tuple[int, int]]:
    """Return for each address of a contribution its status, and how often it tells who it is."""
    client = Client()
    client.force_login(person)
    pk = contribution.pk
    versions = newest(contribution).revisions.values_list("pk", flat=True)
    with override("fr"):
        addresses = {
            name: reverse(f"contribution_{name}" if name else "contribution", args=[pk])
            for name in ("", "check", "sent", "preview", "history", "authors", "opinion")
        }
        for key in contribution.files.values_list("upload__key", flat=True):
            addresses["file"] = reverse("contribution_file", args=[pk, key])
            addresses["small"] = addresses["file"] + "?small=1"
        for place, version in enumerate(versions.order_by("pk")):
            addresses[f"version {place}"] = reverse("contribution_version", args=[pk, version])
    found = {}
    for name, address in addresses.items():
        response = client.get(address)
        text = response.getvalue().decode("utf-8", "replace")
        heads = " ".join(f"{one}: {value}" for one, value in response.items())
        found[name] = (response.status_code, found_in(text) + found_in(heads))
        for close in response._resource_closers:
            close()
    return found


def test_a_thematic_reviewer_reads_the_sheet_and_no_name(told, reviewer):
    found = answers(reviewer, told)
    assert {name: told for name, (_status, told) in found.items() if told} == {}
    for name in ("", "check", "preview", "opinion", "file", "small"):
        assert found[name][0] == 200, name
    for name in ("history", "version 0", "version 1", "authors"):
        assert found[name][0] == 404, name


def test_its_authors_read_its_history_with_the_names(told, author):
    found = answers(author, told)
    for name in ("history", "version 0", "authors", "file"):
        status, names = found[name]
        assert status == 200, name
        assert names, name

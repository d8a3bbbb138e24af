"""
A collectivity tells what did not work, and hides its name: one test looks for it everywhere.

The collectivity has its own public page, and stands in lists, maps and searches, whatever it hides.
So the site is walked twice, before and after: nowhere may its names stand once more than they did,
and what is new must be without them.
"""

import html
import json
import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from urllib.parse import unquote
from uuid import UUID
from zipfile import ZipFile

import pytest
from django.conf import settings
from django.core import mail
from django.core.files.base import ContentFile
from django.db import transaction
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils.translation import override
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from contributions.drafts import kind_of, newest
from contributions.models import Contribution
from contributions.services import review
from contributions.services.drafts import add_file, start_draft
from core.audit import AuditEntry
from core.outbox.models import OutboxJob
from core.outbox.registry import handlers
from core.uploads.services import keep_upload
from members.doors import Door, doors
from members.permissions import Role
from members.services.exports import collect, packed
from members.services.staff import editors
from notifications.models import Notice
from practices.cards import bring_up_to_date, card_file, card_of, fingerprint, load_card
from practices.enums import PracticeKind
from practices.hidden import nameless
from practices.models import PracticePage
from practices.services.adoption import declare_adoption
from search.models import SearchDocument
from tests.conftest import index_waiting
from tests.factories import make_practice
from tests.members.factories import make_focal_point, make_member_collectivity, make_staff
from tests.members.test_matrix import path_of
from tests.members.world import make_world

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.slow,
    pytest.mark.any_database,
    pytest.mark.usefixtures("wagtails_own_templates"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

PLACE = {
    "name_ar": "زكرطوبة",
    "name_fr": "Zquortane",
    "name_en": "Zquorteen",
    "name_zgh": "ⵣⵇⵓⵔⵟⴰⵏ",
}
PERSON = {"first_name": "Xylandre", "last_name": "Quobayr"}
# Whatever tells who it is: names, in all languages, and what is made of them.
NEEDLES = [*PLACE.values(), *PERSON.values(), "zquort", "xylandre.quobayr"]
OTHERS = (Role.VISITOR, Role.FOCAL_POINT, Role.ASSOCIATION_FOCAL_POINT, Role.MODERATOR)
LANGUAGES = ("ar", "fr", "en", "zgh")
# The pages of a member are made by the same templates in each language.
LANGUAGES_OF = dict.fromkeys(OTHERS, ("ar", "fr")) | {Role.VISITOR: LANGUAGES}


def found_in(text: str) -> int:
    """Return how often something in a text tells who it is, however the text is written."""
    plain = unquote(html.unescape(re.sub(r"\\u([0-9a-f]{4})", _letter, text))).casefold()
    return sum(plain.count(needle.casefold()) for needle in NEEDLES)


def _letter(match: re.Match) -> str:
    return chr(int(match[1], 16))


class Site:
    """A network of several, with a collectivity that hides its name; and all its addresses."""

    def __init__(self) -> None:
        self.world = make_world()
        self.place = make_member_collectivity(**PLACE)
        self.author = make_focal_point(self.place).person
        for name, value in PERSON.items():
            setattr(self.author, name, value)
        self.author.email = "xylandre.quobayr@zquortane.example"
        self.author.save()
        self.editor = make_staff("Editors")
        # What the collectivity tells under its name, of the same principle.
        self.public = make_practice(language="fr", collectivities=(self.place,))
        self.contribution: Contribution | None = None
        self.hidden: PracticePage | None = None
        self.files: list[UUID] = []

    def tell_what_did_not_work(self) -> None:
        """From the first title, which names it, to the page that others have taken over."""
        draft = start_draft(
            kind="practice",
            collectivity=self.place,
            person=self.author,
            language="fr",
            title="Le marché de Zquortane",
            initial={"kind": PracticeKind.DID_NOT_WORK, "principles": ["transparency"]},
        )
        photos = next(
            rows for one in kind_of(draft).sections for rows in one.rows if rows.name == "photos"
        )
        upload = keep_upload(file=self.photo(), owner=self.author, policy=photos.policy)
        add_file(contribution=draft, upload=upload, rows=photos, person=self.author)
        self.files = [upload.key]
        page = newest(draft)
        page.contact_name, page.contact_email = "Xylandre Quobayr", self.author.email
        page.save_revision(user=self.author, clean=False)
        page = newest(draft)
        page.title, page.summary = "Un marché vide", "Personne n’est venu au marché couvert."
        page.status, page.start, page.problem = "stopped", "2023", "<p>Trop loin.</p>"
        page.hides_collectivity = True
        page.photos.all()[0].description = "Un étal vide"
        page.save_revision(user=self.author, clean=False)
        review.submit(contribution=draft, person=self.author)
        review.publish(
            contribution=draft,
            editor=self.editor,
            met=[code for code, _words in kind_of(draft).criteria],
            revision_id=newest(draft).latest_revision_id,
        )
        self.contribution = Contribution.objects.get(pk=draft.pk)
        self.hidden = PracticePage.objects.get(pk=draft.page_id)
        adopter = self.world.people[Role.FOCAL_POINT]
        declare_adoption(
            practice=self.hidden,
            collectivity=self.world.organisations["commune"],
            person=adopter,
            state="intention",
            fields={"since": "2025", "kept": "", "changed": "", "result": "", "language": "fr"},
        )

    def photo(self) -> ContentFile:
        """A picture whose file tells who it is, in its name and beside the picture."""
        told = PngInfo()
        told.add_text("Author", "Xylandre Quobayr, Zquortane")
        content = BytesIO()
        Image.new("RGB", (64, 40), "navy").save(content, "PNG", pnginfo=told)
        return ContentFile(content.getvalue(), name="Zquortane-Xylandre.png")

    def let_the_worker_work(self) -> None:
        """Do all jobs but those that call other servers, until none waits."""
        for _round in range(20):
            jobs = list(OutboxJob.objects.filter(state="waiting"))
            if not jobs:
                return
            for job in jobs:
                OutboxJob.objects.filter(pk=job.pk).delete()
                handler = handlers[job.kind]
                handler.run([job.payload] if handler.batch > 1 else job.payload)
        raise AssertionError("the worker never comes to an end")

    def candidates(self, route: str) -> dict[str, list]:
        """Return what may stand in each place of an address."""
        mark = fingerprint(load_card(self.hidden or self.public))
        contributions = [self.contribution.pk] if self.contribution else [1]
        pages = [one for one in (self.hidden, self.public) if one]
        of_others = self.world.organisations
        organisations = [self.place, of_others["commune"], of_others["association"]]
        places = [one.slug for one in organisations if hasattr(one, "slug")]
        return {
            "slug": places if "collectivities/" in route else [one.slug for one in pages],
            "other": [one.slug for one in pages],
            "key": [*(one.key for one in organisations), *self.files],
            "pk": [*contributions, of_others["association"].pk],
            "principle": ["transparency"],
            "mark": [mark],
            "form": ["ris", "bib", "json"],
            "section": ["quick", "readers", "photos", *LANGUAGES],
            "revision": list(self.revisions()),
            "rows": ["photos"],
            "number": [1],
            "authorship": self.authorships(),
            "note": [1],
        }

    def revisions(self) -> Iterator[int]:
        if self.hidden:
            yield from self.hidden.revisions.values_list("pk", flat=True)

    def authorships(self) -> list[int]:
        if not self.contribution:
            return [1]
        return list(self.contribution.authorships.values_list("pk", flat=True))

    def addresses(self, languages: tuple[str, ...]) -> list[str]:
        """Return all addresses of the site in some languages, but the administration's."""
        found: dict[str, None] = {}
        for language in languages:
            with override(language):
                for door in doors():
                    # What is not public says the same in each language.
                    in_all = door.right == "public.read" or language == "fr"
                    if in_all and door.name and not door.in_administration:
                        found.update(dict.fromkeys(self.paths(door)))
                for query in (*PLACE.values(), "Quobayr", "marché", "vide"):
                    for name in ("search", "practices", "search_suggest", "collectivities"):
                        found[f"{reverse(name)}?q={query}"] = None
                found[f"{reverse('practices')}?kind=did-not-work"] = None
        return list(found)

    def paths(self, door: Door) -> Iterator[str]:
        names = re.findall(r"<(?:\w+:)?(\w+)>", door.route)
        known = self.candidates(door.route)
        if "(" in door.route or not set(names) <= known.keys():
            return
        filled: list[dict] = [{}]
        for name in names:
            filled = [{**one, name: value} for one in filled for value in known[name]]
        for values in filled:
            try:
                yield reverse(door.name, kwargs=values)
            except NoReverseMatch:
                continue

    def walk(self, client: Client, languages: tuple[str, ...]) -> dict[str, int]:
        """Ask every address; return how often each answer, head and body, tells who it is."""
        told = {}
        for address in self.addresses(languages):
            with transaction.atomic():
                response = client.get(address)
                body = response.getvalue()
                transaction.set_rollback(True)
            for close in response._resource_closers:
                close()
            assert response.status_code < 500, address
            heads = " ".join(f"{name}: {value}" for name, value in response.items())
            told[address] = found_in(body.decode("utf-8", "replace")) + found_in(heads)
        return told


@pytest.fixture
def site() -> Site:
    return Site()


def client_of(site: Site, role: Role) -> Client:
    client = Client()
    if role != Role.VISITOR:
        client.force_login(site.world.people[role])
    return client


def test_the_name_is_where_its_authors_and_the_editors_are_and_nowhere_else(
    site, django_capture_on_commit_callbacks
):
    site.let_the_worker_work()
    clients = {role: client_of(site, role) for role in OTHERS}
    before = {role: site.walk(client, LANGUAGES_OF[role]) for role, client in clients.items()}
    files_before = set(Path(settings.MEDIA_ROOT).rglob("*"))
    mails_before = len(mail.outbox)
    with django_capture_on_commit_callbacks(execute=True):
        site.tell_what_did_not_work()
    site.let_the_worker_work()

    # No address, for nobody else: what is new tells nothing, what was there no more than before.
    slug = site.hidden.slug
    assert slug == f"un-marche-vide-{site.hidden.pk}"
    for role, client in clients.items():
        after = site.walk(client, LANGUAGES_OF[role])
        more = {
            address: told
            for address, told in after.items()
            if told > before[role].get(address, 0) and not _is_of_the_place(site, address)
        }
        assert more == {}, role
        assert any(slug in address for address in after)

    # It is there to be read, under words in place of the name.
    visitor = clients[Role.VISITOR]
    page = visitor.get(f"/fr/practices/{slug}/").content.decode()
    assert nameless("fr") in page
    assert "Un étal vide" in page
    # And what the collectivity tells under its name does not lead to it.
    for path in (site.public.slug, f"{site.public.slug}/adoptions"):
        assert slug not in visitor.get(f"/fr/practices/{path}/").content.decode()
    for path in ("", "exchanges/"):
        profile = visitor.get(f"/fr/collectivities/{site.place.slug}/{path}").content.decode()
        assert slug not in profile

    _look_into_what_is_kept(site, files_before)
    _look_into_what_is_sent(site, mails_before)
    _look_into_the_administration(site)

    # Its authors and the editors do find it at theirs.
    for person in (site.author, site.editor):
        client = Client()
        client.force_login(person)
        with override("fr"):
            own = client.get(reverse("contribution_authors", args=[site.contribution.pk]))
            assert own.status_code == 200
            assert PLACE["name_fr"] in own.content.decode()
            history = client.get(reverse("contribution_history", args=[site.contribution.pk]))
            assert history.status_code == 200
            assert PERSON["last_name"] in history.content.decode()


def _is_of_the_place(site: Site, address: str) -> bool:
    """Whether an address itself names the collectivity: its own page is asked for by its name."""
    return site.place.slug in address


def _look_into_what_is_kept(site: Site, files_before: set[Path]) -> None:
    """In the table of the search, in cards, in pictures, in the public rows of the page."""
    for document in SearchDocument.objects.filter(path__contains=site.hidden.slug):
        texts = [str(getattr(document, field.attname)) for field in document._meta.concrete_fields]
        texts += [one.value for one in document.labels.all()]
        assert found_in(" ".join(texts)) == 0
        index_waiting()
    assert SearchDocument.objects.filter(path__contains=site.hidden.slug).exists()
    bring_up_to_date({"page": site.hidden.pk})
    card = load_card(site.hidden)
    assert found_in(str(card)) == 0
    assert card_file(site.hidden.pk, fingerprint(card)).exists()
    assert fingerprint(card) != fingerprint(
        card_of(site.public, collectivities=[site.place], principles=[], proof=None)
    )
    new = {file for file in Path(settings.MEDIA_ROOT).rglob("*") if file.is_file()} - files_before
    assert len(new) >= 2, "the picture, its rendition and the card"
    for file in new:
        assert found_in(str(file.name)) == 0
        assert found_in(file.read_bytes().decode("latin-1")) == 0
        assert found_in(file.read_bytes().decode("utf-8", "replace")) == 0
    page = PracticePage.objects.get(pk=site.hidden.pk)
    assert found_in(page.to_json()) == 0


def _look_into_what_is_sent(site: Site, mails_before: int) -> None:
    """In notices and mails to others, in the archives of their data, in the log that is public."""
    for role in OTHERS:
        if role == Role.VISITOR:
            continue
        person = site.world.people[role]
        for notice in Notice.objects.filter(person=person):
            assert found_in(json.dumps(notice.data, ensure_ascii=False)) == 0, role
        document, files = collect(person, [person.email])
        archive = ZipFile(BytesIO(b"".join(packed(document, files))))
        for name in archive.namelist():
            assert found_in(name) == 0
            assert found_in(archive.read(name).decode("utf-8", "replace")) == 0
    theirs = {site.author.email, *(one.email for one in editors())}
    for message in mail.outbox[mails_before:]:
        if not theirs & set(message.to):
            assert found_in(message.message().as_string()) == 0
            assert found_in(f"{message.subject} {message.body}") == 0
    # Entries name keys of rows; who reads them are administrators alone.
    hidden = AuditEntry.objects.filter(subject_id=str(site.hidden.pk))
    assert [one for one in hidden if found_in(str(one.__dict__))] == []


def _look_into_the_administration(site: Site) -> None:
    """Whatever a moderator comes to in the administration."""
    client = client_of(site, Role.MODERATOR)
    client.raise_request_exception = False  # Wagtail has an address that does nothing but fail
    for door in doors():
        if not door.in_administration:
            continue
        address = path_of(door)
        for number in {1, site.hidden.pk, site.contribution.pk}:
            asked = re.sub(r"(?<=/)1(?=/)", str(number), address)
            with transaction.atomic():
                response = client.get(asked)
                told = found_in(response.getvalue().decode("utf-8", "replace"))
                transaction.set_rollback(True)
            assert told == 0 or site.place.slug in asked, asked

"""What somebody types is never lost and never another's: odd moments and odd forms."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from contributions.drafts import newest
from contributions.models import Contribution
from contributions.services.drafts import add_file, save_draft
from contributions.services.review import ask_for_changes, submit
from core.uploads.models import Upload
from core.uploads.services import keep_upload
from practices.files import settle_files
from practices.models import PracticeCollectivity, PracticeParticipant
from tests.contributions.conftest import begin, colleague_of, url
from tests.contributions.factories import (
    make_draft,
    make_editor,
    make_published,
    publish,
    read_anew,
)
from tests.contributions.test_together import picture
from tests.contributions.test_writing import LESSONS, seen_in, steps, titles, write
from tests.members.factories import make_association, make_member_collectivity

pytestmark = pytest.mark.django_db


def lessons_of(contribution) -> str:
    return newest(contribution).lessons


# --- Signs of a text ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed", ["un  mot", "• un\n• deux", "*  un", "un \n\n\n\ndeux", "1) un\n2) deux", "**"]
)
def test_a_text_that_is_stored_in_another_form_is_not_taken_for_a_colleagues(
    client, draft, official, typed
):
    client.force_login(official)
    first = write(client, draft, "lessons", LESSONS | {"lessons": typed}).json()
    after = LESSONS | {"lessons": f"{typed} encore"}
    second = write(client, draft, "lessons", after, seen=first["seen"]).json()
    assert (first["differing"], second["differing"]) == ([], [])
    assert "encore" in lessons_of(draft)
    # What a colleague changes is still shown, and nothing written over.
    client.force_login(colleague_of(draft.collectivities.get()))
    third = write(client, draft, "lessons", LESSONS | {"lessons": "x"}, seen=first["seen"]).json()
    assert third["differing"] == ["lessons"]


# --- A draft that is not to be written any more ---------------------------------------------------


def test_what_was_typed_when_a_colleague_submitted_stands_on_the_page_that_comes_back(client):
    draft = make_draft()
    client.force_login(draft.started_by)
    address = url("contribution_section", draft.pk, "lessons")
    seen = seen_in(client.get(address))
    submit(contribution=draft, person=draft.started_by)
    answer = client.post(address, LESSONS | {"lessons": "Un mot tardif", "seen": seen})
    assert answer.status_code == 422
    assert "Un mot tardif" in answer.content.decode()
    assert lessons_of(draft) == ""
    assert client.get(address).url == url("contribution", draft.pk)

    ask_for_changes(contribution=read_anew(draft), editor=make_editor(), words="Plus long")
    assert client.post(address, LESSONS | {"lessons": "Un mot tardif", "seen": seen}).url
    assert lessons_of(draft) == "<p>Un mot tardif</p>"


def test_the_script_is_told_where_to_go_and_the_person_where_the_text_is(client):
    draft = make_draft()
    client.force_login(draft.started_by)
    submit(contribution=draft, person=draft.started_by)
    answer = write(client, draft, "lessons", LESSONS | {"lessons": "x"}, seen="{}")
    assert answer.json() == {"moved": url("contribution", draft.pk)}
    shown = client.get(answer.json()["moved"])
    assert len(shown.context["messages"]) == 1


def test_a_draft_that_is_dropped_while_it_is_saved_is_not_found(
    client, draft, official, monkeypatch
):
    from contributions.views import writing

    def save_too_late(**fields):
        newest(draft).delete()
        return save_draft(**fields)

    client.force_login(official)
    monkeypatch.setattr(writing, "save_draft", save_too_late)
    answer = write(client, draft, "lessons", LESSONS | {"lessons": "x"}, seen="{}")
    assert answer.status_code == 404


# --- Rows -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", ["9" * 5000, "-1", "x", "٣"])
def test_a_number_that_is_none_changes_nothing(client, draft, official, number):
    client.force_login(official)
    write(client, draft, "steps", steps("un", "deux"))
    for forged in ({"row_action": f"steps:remove:{number}"}, {"seen": "[" * 50_000}):
        sent = steps("un", "deux", keys=["place-0", "place-1"]) | forged
        answer = write(client, draft, "steps", sent, seen=forged.get("seen"), json_wanted=False)
        assert answer.status_code in (200, 302)
        assert titles(draft) == ["un", "deux"]
    assert write(client, draft, "steps", {"steps-count": number}).status_code == 200


def test_more_rows_than_a_member_may_add_are_kept(client, draft, official):
    from practices.models import PracticeStep

    page = newest(draft)
    page.steps.set(
        [PracticeStep(title=str(n), sort_order=n, locale=page.locale) for n in range(70)]
    )
    page.save_revision(clean=False)
    client.force_login(official)
    names = [str(n) for n in range(69)] + ["changé"]
    write(client, draft, "steps", steps(*names, keys=[f"place-{n}" for n in range(70)]))
    assert titles(draft) == names


def test_a_row_that_is_named_twice_is_one_row_and_a_new_one(client, draft, official):
    client.force_login(official)
    write(client, draft, "steps", steps("un"))
    write(client, draft, "steps", steps("un", "copie", keys=["place-0", "place-0"]))
    rows = list(newest(draft).steps.all())
    assert [row.title for row in rows] == ["un", "copie"]
    assert rows[0] is not rows[1]
    assert rows[0].translation_key != rows[1].translation_key


def photos(*described: str, keys: list[str]) -> dict:
    sent = {"photos-count": str(len(described))}
    for place, text in enumerate(described):
        sent |= {
            f"photos-{place}-row": keys[place],
            f"photos-{place}-description": text,
            f"photos-{place}-caption": "",
        }
    return sent


def send_photo(contribution, person) -> Upload:
    from contributions.drafts import kind_of

    rows = kind_of(contribution).section("photos").rows[0]
    upload = keep_upload(file=picture(), owner=person, policy=rows.policy)
    add_file(contribution=contribution, upload=upload, rows=rows, person=person)
    return upload


def test_a_photo_without_a_file_is_none(client, commune, draft, official):
    client.force_login(official)
    mine = send_photo(draft, official)
    foreign = send_photo(begin(commune, official), official)
    keys = [f"upload-{mine.pk}", "", f"upload-{foreign.pk}", "upload-x", f"upload-{mine.pk}"]
    write(client, draft, "photos", photos(*"abcde", keys=keys))
    kept = [(row.description, row.upload_id) for row in newest(draft).photos.all()]
    assert kept == [("a", mine.pk)]


def test_a_photo_that_a_colleague_took_out_comes_back_where_the_person_chooses_so(
    client, commune, draft, official
):
    upload = send_photo(draft, official)
    client.force_login(official)
    address = url("contribution_section", draft.pk, "photos")
    seen = seen_in(client.get(address))
    client.force_login(colleague_of(commune))
    write(client, draft, "photos", {"photos-count": "0"})
    assert not newest(draft).photos.exists()

    client.force_login(official)
    sent = photos("Un marché", keys=[f"upload-{upload.pk}"]) | {"seen": seen}
    assert client.post(address, sent).context["differing"] == ["photos"]
    assert not newest(draft).photos.exists()
    client.post(address, sent | {"decided": "photos"})
    assert [row.upload for row in newest(draft).photos.all()] == [upload]


def test_a_form_that_was_open_before_publication_loses_no_photo(client):
    draft = make_draft()
    author = draft.started_by
    upload = send_photo(draft, author)
    client.force_login(author)
    write(client, draft, "photos", photos("Un marché", keys=[f"upload-{upload.pk}"]))
    seen = seen_in(client.get(url("contribution_section", draft.pk, "photos")))
    submit(contribution=draft, person=author)
    publish(read_anew(draft), make_editor())
    settle_files({"page": draft.page_id})
    assert not Upload.objects.exists()
    sent = photos("Un grand marché", keys=[f"upload-{upload.pk}"])
    write(client, read_anew(draft), "photos", sent, seen=seen)
    photo = newest(draft).photos.get()
    assert photo.image_id
    assert photo.description == "Un grand marché"


# --- Pages ----------------------------------------------------------------------------------------


@pytest.mark.usefixtures("wagtails_own_templates")
def test_the_pages_of_a_draft_ask_the_same_however_many_rows(client):
    editor = make_editor()

    def queries(number: int) -> list[int]:
        draft = make_draft()
        page = newest(draft)
        page.collectivity_links.set(
            [PracticeCollectivity(collectivity=make_member_collectivity()) for _ in range(number)]
        )
        page.participants.set(
            [
                PracticeParticipant(who="x", association=make_association(), stage="design")
                for _ in range(number)
            ]
        )
        page.save_revision(user=draft.started_by, clean=False)
        version = url("contribution_version", draft.pk, page.latest_revision_id)
        review = reverse("contributions:review", args=[draft.pk])
        own = [url(name, draft.pk) for name in ("contribution", "contribution_check")]
        own += [version, url("contribution_section", draft.pk, "collectivities")]
        asked = []
        for person, addresses in ((draft.started_by, own), (editor, [review])):
            client.force_login(person)
            client.get(addresses[0])
            for address in addresses:
                with CaptureQueriesContext(connection) as captured:
                    assert client.get(address).status_code == 200
                asked.append(len(captured))
        return asked

    assert queries(2) == queries(7)


def test_each_note_on_a_field_stands_beside_it(client):
    from contributions.services.review import add_note

    draft, editor = make_draft(), make_editor()
    submit(contribution=draft, person=draft.started_by)
    for words in ("Trop court", "Donnez la date"):
        add_note(contribution=draft, editor=editor, field="lessons", words=words)
    ask_for_changes(contribution=draft, editor=editor)
    client.force_login(draft.started_by)
    shown = client.get(url("contribution_section", draft.pk, "lessons")).content.decode()
    assert "Trop court" in shown
    assert "Donnez la date" in shown


def test_thanks_are_shown_for_what_is_with_the_editors_only(client):
    draft = make_draft()
    client.force_login(draft.started_by)
    address = url("contribution_sent", draft.pk)
    assert client.get(address).url == url("contribution", draft.pk)
    submit(contribution=draft, person=draft.started_by)
    assert client.get(address).status_code == 200


@pytest.mark.parametrize("back", ["é", "ﬁ", "../x", "quick\n"])
def test_where_a_file_form_goes_back_to_is_a_page_of_the_form(client, draft, official, back):
    client.force_login(official)
    send = url("contribution_send", draft.pk, "photos")
    answer = client.post(send, {"files": [picture()], "back": back})
    assert answer.url == url("contribution_section", draft.pk, "photos") + "#id_photos"


def test_dropping_what_has_nothing_new_or_nothing_public_does_nothing(client):
    published = make_published()
    client.force_login(published.started_by)
    address = url("contribution_drop", published.pk)
    before = published.steps.count()
    assert client.get(address).status_code == 302
    assert client.post(address).status_code == 302
    assert published.steps.count() == before

    published.page.specific.unpublish()
    assert client.get(address).status_code == 302
    shown = client.get(url("contribution", published.pk)).content.decode()
    assert address not in shown
    client.post(address)
    assert Contribution.objects.filter(pk=published.pk).exists()

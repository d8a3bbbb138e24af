"""Several collectivities write one draft; what it was before; dropping it."""

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.translation import override

from contributions.drafts import newest
from contributions.enums import AuthorState
from contributions.models import Contribution
from contributions.services.authors import decide_authorship, end_authorship
from core import languages
from core.uploads.models import Upload
from notifications.models import Notice
from notifications.registry import kinds
from tests.contributions.conftest import begin, colleague_of, url
from tests.factories import make_commune
from tests.members.factories import make_member_collectivity

pytestmark = pytest.mark.django_db
PICTURE = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x02\x00\x00\x00\x90wS"
    b"\xde\x00\x00\x00\x0cIDATx\x9cc\xf8\xcf\xc0\x00\x00\x03\x01\x01\x00\xc9\xfe\x92\xef\x00\x00\x00"
    b"\x00IEND\xaeB`\x82"
)


def picture(name="photo.png"):
    return SimpleUploadedFile(name, PICTURE, content_type="image/png")


# --- Collectivities -----------------------------------------------------------------------------


def test_another_member_is_asked_sees_agrees_and_writes(client, draft, official):
    other = make_member_collectivity(name_fr="Aknoul")
    colleague = colleague_of(other)
    client.force_login(official)
    found = client.get(url("contribution_authors", draft.pk), {"q": "aknoul"})
    assert list(found.context["found"]) == [other]
    client.post(url("contribution_authors", draft.pk), {"collectivity": other.slug})
    assert Notice.objects.filter(person=colleague, kind="contribution-author-asked").count() == 1

    client.force_login(colleague)
    assert client.get(url("contribution", draft.pk)).status_code == 200
    section = url("contribution_section", draft.pk, "lessons")
    assert client.get(section).status_code == 403
    authorship = draft.authorships.get(collectivity=other)
    answer = url("contribution_author_answer", draft.pk, authorship.pk)
    client.post(answer, {"answer": "yes"})
    assert client.get(section).status_code == 200
    told = Notice.objects.filter(person=official, kind="contribution-author-answered")
    assert told.count() == 1


def test_who_declines_sees_the_draft_no_more(client, draft, official):
    other = make_member_collectivity()
    colleague = colleague_of(other)
    client.force_login(official)
    client.post(url("contribution_authors", draft.pk), {"collectivity": other.slug})
    client.force_login(colleague)
    authorship = draft.authorships.get(collectivity=other)
    client.post(url("contribution_author_answer", draft.pk, authorship.pk), {"answer": "no"})
    assert client.get(url("contribution", draft.pk)).status_code == 404
    authorship.refresh_from_db()
    assert authorship.state == AuthorState.ENDED


def test_nobody_answers_for_another_collectivity(client, draft, official):
    other = make_member_collectivity()
    client.force_login(official)
    client.post(url("contribution_authors", draft.pk), {"collectivity": other.slug})
    authorship = draft.authorships.get(collectivity=other)
    answer = url("contribution_author_answer", draft.pk, authorship.pk)
    assert client.post(answer, {"answer": "yes"}).status_code == 403
    leading = draft.authorships.get(leads=True)
    answer = url("contribution_author_answer", draft.pk, leading.pk)
    assert client.post(answer, {"answer": "no"}).status_code == 403


def test_only_the_one_that_leads_asks_and_ends(client, draft, official):
    other, third = make_member_collectivity(), make_member_collectivity()
    client.force_login(official)
    client.post(url("contribution_authors", draft.pk), {"collectivity": other.slug})
    authorship = draft.authorships.get(collectivity=other)
    end = url("contribution_author_end", draft.pk, authorship.pk)
    client.force_login(colleague_of(other))
    asked = client.post(url("contribution_authors", draft.pk), {"collectivity": third.slug})
    assert asked.status_code == 403
    assert client.post(end).status_code == 403
    client.force_login(official)
    assert client.post(end).status_code == 302
    assert draft.authorships.get(collectivity=other).state == AuthorState.ENDED


def test_one_that_is_no_member_cannot_be_asked(client, draft, official):
    client.force_login(official)
    client.post(url("contribution_authors", draft.pk), {"collectivity": make_commune().slug})
    assert draft.authorships.count() == 1


# --- History ------------------------------------------------------------------------------------


def save(client, contribution, **answers):
    address = url("contribution_section", contribution.pk, "lessons")
    seen = client.get(address).context["form"].seen_as_text
    return client.post(address, {"seen": seen, "difficulties": "", "lessons": ""} | answers)


def test_an_earlier_version_is_shown_with_what_changed_and_taken_up_again(
    client, commune, draft, official
):
    client.force_login(official)
    save(client, draft, lessons="La première leçon")
    first = newest(draft).latest_revision
    client.force_login(colleague_of(commune))
    save(client, draft, lessons="La seconde leçon")
    second = newest(draft).latest_revision
    assert first.pk != second.pk
    text = client.get(url("contribution_version", draft.pk, second.pk)).content.decode()
    assert "<del" in text
    assert "<ins" in text
    client.post(url("contribution_version", draft.pk, first.pk))
    assert newest(draft).lessons == "<p>La première leçon</p>"
    assert newest(draft).latest_revision.pk not in (first.pk, second.pk)


def test_the_history_leads_to_the_oldest_version(client, monkeypatch, draft, official):
    monkeypatch.setattr("contributions.views.history.SHOWN", 1)
    client.force_login(official)
    first = newest(draft).latest_revision
    newest(draft).save_revision(user=official, clean=False)
    address = url("contribution_history", draft.pk)
    assert url("contribution_version", draft.pk, first.pk) not in client.get(address).text
    assert "page=2" in client.get(address).text
    for page in ("2", "9", "x" * 30, "-1"):
        answer = client.get(address, {"page": page})
        assert answer.status_code == 200
        assert (url("contribution_version", draft.pk, first.pk) in answer.text) == (
            page in ("2", "9")
        )


def test_a_version_of_another_draft_is_not_found(client, commune, draft, official):
    other = begin(commune, official)
    client.force_login(official)
    foreign = newest(other).latest_revision_id
    assert client.get(url("contribution_version", draft.pk, foreign)).status_code == 404
    own = newest(draft).latest_revision_id
    assert client.get(url("contribution_version", draft.pk, own)).status_code == 200


def test_the_preview_is_for_who_sees_the_draft_and_stays_out_of_caches(client, draft, official):
    client.force_login(official)
    answer = client.get(url("contribution_preview", draft.pk))
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    assert answer["X-Robots-Tag"] == "noindex"


def test_a_draft_that_was_never_published_is_deleted_with_its_files(client, draft, official):
    client.force_login(official)
    client.post(url("contribution_send", draft.pk, "photos"), {"files": [picture()]})
    assert Upload.objects.count() == 1
    client.post(url("contribution_drop", draft.pk))
    assert not Contribution.objects.exists()
    assert not Upload.objects.exists()


def test_the_others_who_wrote_a_draft_are_told_when_it_is_deleted(client, draft, official):
    other, asked = make_member_collectivity(), make_member_collectivity()
    draft.authorships.create(collectivity=other, state=AuthorState.WRITES)
    draft.authorships.create(collectivity=asked)
    along, reader = colleague_of(other), colleague_of(asked)
    client.force_login(official)
    client.post(url("contribution_drop", draft.pk))
    assert along.notices.get().kind == "contribution-deleted"
    assert not official.notices.exists()
    assert not reader.notices.exists()
    client.force_login(along)
    assert "Un budget discuté" in client.get(url("notices")).content.decode()


def test_a_collectivity_that_is_ended_is_told_and_answers_no_more(draft, official):
    other = make_member_collectivity()
    authorship = draft.authorships.create(collectivity=other)
    person = colleague_of(other)
    end_authorship(authorship=authorship, person=official)
    end_authorship(authorship=authorship, person=official)
    notice = person.notices.get()
    assert notice.kind == "contribution-author-ended"
    for code in languages.CODES:
        with override(code):
            kind = kinds[notice.kind]
            words = kind.subject(notice.data) + kind.text(notice.data)
            assert "Un budget discuté" in words
            assert other.full_name_in(code) in words
    with pytest.raises(PermissionDenied):
        decide_authorship(authorship=authorship, person=person, agrees=True)
    authorship.refresh_from_db()
    assert authorship.state == AuthorState.ENDED


def test_only_the_one_that_leads_drops_a_draft(client, draft, official):
    other = make_member_collectivity()
    draft.authorships.create(collectivity=other, state=AuthorState.WRITES)
    client.force_login(colleague_of(other))
    assert client.post(url("contribution_drop", draft.pk)).status_code == 403
    client.force_login(official)
    assert client.post(url("contribution_drop", draft.pk)).status_code == 302


# --- Files --------------------------------------------------------------------------------------


def test_photos_are_sent_without_script_and_stand_as_rows(client, draft, official):
    client.force_login(official)
    send = url("contribution_send", draft.pk, "photos")
    answer = client.post(
        send, {"files": [picture("واحد.png"), picture("deux.png")], "back": "quick"}
    )
    assert answer.url == url("contribution_section", draft.pk, "quick") + "#id_photos"
    assert [row.upload.name for row in newest(draft).photos.all()] == ["واحد.png", "deux.png"]
    shown = client.get(url("contribution_section", draft.pk, "photos"))
    assert "واحد.png" in shown.content.decode()


def test_what_is_no_picture_is_refused_in_words_and_the_others_are_kept(client, draft, official):
    client.force_login(official)
    send = url("contribution_send", draft.pk, "photos")
    evil = SimpleUploadedFile("evil.png", b"<svg><script>alert(1)</script></svg>")
    answer = client.post(send, {"files": [evil, picture()]}, follow=True)
    assert "evil.png" in answer.content.decode()
    assert newest(draft).photos.count() == 1


def test_files_of_a_draft_exist_for_those_who_see_it_only(client, commune, draft, official):
    client.force_login(official)
    client.post(url("contribution_send", draft.pk, "photos"), {"files": [picture()]})
    upload = Upload.objects.get()
    address = url("contribution_file", draft.pk, upload.key)
    answer = client.get(address)
    with upload.file.open("rb") as kept:
        assert answer.getvalue() == kept.read()
    etag = answer["ETag"]
    assert client.get(address, {"small": "1"})["Content-Type"] == "image/webp"
    other_draft = begin(commune, official)
    assert client.get(url("contribution_file", other_draft.pk, upload.key)).status_code == 404
    client.force_login(colleague_of(make_member_collectivity()))
    for method in (client.get, client.head):
        for headers in ({}, {"range": "bytes=0-9"}, {"if-none-match": etag}):
            assert method(address, headers=headers).status_code == 404
    client.logout()
    assert client.get(address).status_code == 302


def test_files_are_for_rows_that_take_them(client, draft, official):
    client.force_login(official)
    for rows in ("steps", "nothing"):
        send = url("contribution_send", draft.pk, rows)
        assert client.post(send, {"files": [picture()]}).status_code == 404
    assert client.post(url("contribution_send", draft.pk, "photos")).status_code == 302


def test_no_more_photos_than_the_kind_allows(client, draft, official):
    client.force_login(official)
    send = url("contribution_send", draft.pk, "photos")
    client.post(send, {"files": [picture(f"{n}.png") for n in range(14)]})
    assert newest(draft).photos.count() == 12


# --- Names that are hidden ----------------------------------------------------------------------


def test_a_thematic_reviewer_of_a_hidden_page_reads_no_name(client):
    commune = make_member_collectivity(name_fr="Zzyzx", name_ar="ززيزكس")
    official = colleague_of(commune)
    draft = begin(commune, official, kind="did-not-work", hides_collectivity=True)
    reviewer = colleague_of(make_member_collectivity())
    draft.opinions.create(reviewer=reviewer, asked_by=official)
    names = ("Zzyzx", "ززيزكس", official.email)
    for person, reads in ((reviewer, False), (official, True)):
        client.force_login(person)
        seen = "".join(
            client.get(url(name, draft.pk)).content.decode()
            for name in ("contribution", "contribution_history", "contribution_authors",
                         "contribution_check", "contribution_preview")
        )  # fmt: skip
        version = newest(draft).latest_revision_id
        seen += client.get(url("contribution_version", draft.pk, version)).content.decode()
        assert any(name in seen for name in names) == reads

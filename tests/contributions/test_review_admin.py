"""The review in Wagtail's administration: the queue, the page, what Wagtail's own pages may do."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Page, TaskState, Workflow

from contributions.admin.queue import measure_waiting
from contributions.drafts import kind_of, newest
from contributions.enums import State, StepKind
from contributions.models import Contribution, Opinion
from contributions.services import review
from contributions.states import state_of
from members.enums import StaffRole
from notifications.models import Notice
from practices.models import PracticeIndexPage
from tests.contributions.factories import (
    change,
    make_author,
    make_draft,
    make_editor,
    make_published,
    make_submitted,
    read_anew,
)
from tests.factories import make_practice, make_region
from tests.members.factories import make_contributor, make_staff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("wagtails_own_templates")]
QUEUE = "/admin/contributions/"


def page_of(contribution) -> str:
    return reverse("contributions:review", args=[contribution.pk])


def state(contribution) -> State:
    return state_of(read_anew(contribution))


def steps(contribution) -> list[str]:
    return [step.kind for step in contribution.steps.all()]


def told(person) -> list[str]:
    return list(person.notices.order_by("pk").values_list("kind", flat=True))


def do(client, contribution, name, **fields):
    return client.post(page_of(contribution), {"do": name} | fields)


def publish_fields(client, contribution) -> dict:
    """What the form to publish sends when all is ticked."""
    form = client.get(page_of(contribution)).context["publish_form"]
    return {
        "publish-met": [code for code, words in kind_of(contribution).criteria],
        "publish-revision_id": form["revision_id"].value(),
        "publish-revision_at": form["revision_at"].value(),
        "publish-words": "",
    }


@pytest.fixture
def editor(client):
    one = make_editor()
    client.force_login(one)
    return one


@pytest.fixture
def waiting():
    return make_submitted()


def make_editor_of(contribution):
    one = make_editor()
    make_contributor(contribution.collectivities.first(), person=one)
    return one


# --- The queue ------------------------------------------------------------------------------------


def shown(response) -> list[Contribution]:
    return list(response.context["object_list"])


def test_the_queue_shows_what_waits_the_oldest_first(client, editor):
    make_draft()
    make_published()
    new, old = make_submitted(), make_submitted()
    Contribution.objects.filter(pk=old.pk).update(submitted_at=timezone.now() - timedelta(days=9))
    response = client.get(QUEUE)
    assert shown(response) == [old, new]
    text = response.content.decode()
    assert old.page.title in text
    assert old.collectivities.get().full_name in text
    assert "9 jours" in text or "9 days" in text


def test_the_queue_is_narrowed_by_state_language_region_and_kind(client, editor):
    arabic, french = make_submitted(language="ar"), make_submitted()
    draft, published = make_draft(), make_published()
    review.take_over(contribution=french, editor=editor)
    region = french.collectivities.get().region
    for asked, expected in (
        ({"language": "ar"}, [arabic]),
        ({"language": "fr"}, [french]),
        ({"language": "zgh"}, []),
        ({"region": region.pk}, [french]),
        ({"region": make_region().pk}, []),
        ({"kind": "practice"}, [arabic, french]),
        ({"state": "submitted"}, [arabic]),
        ({"state": "in-review"}, [french]),
        ({"state": "draft"}, [draft]),
        ({"state": "published"}, [published]),
        ({"state": "archived"}, []),
    ):
        assert shown(client.get(QUEUE, asked)) == expected, asked
    assert len(shown(client.get(QUEUE, {"state": "all"}))) == 4


def test_the_queue_is_for_those_who_review(client, waiting):
    client.force_login(make_staff(StaffRole.MODERATOR))
    for address in (QUEUE, page_of(waiting)):
        assert client.get(address).status_code == 302
        assert client.post(address).status_code == 302
    client.force_login(waiting.started_by)
    assert client.get(QUEUE).status_code == 403
    for role in (StaffRole.EDITOR, StaffRole.ADMINISTRATOR):
        client.force_login(make_staff(role))
        assert client.get(QUEUE).status_code == 200
        assert client.get(page_of(waiting)).status_code == 200
        assert client.get("/admin/contributions/999999/", follow=True).status_code == 404


def test_the_menu_tells_how_many_wait_to_those_who_review(client, waiting):
    client.force_login(make_editor())
    assert "(1)" in client.get("/admin/").content.decode()
    assert QUEUE in client.get("/admin/").content.decode()
    client.force_login(make_staff(StaffRole.MODERATOR))
    assert QUEUE not in client.get("/admin/").content.decode()


@pytest.mark.parametrize("number", [1, 3])
def test_the_queue_asks_the_same_whatever_its_length(client, editor, number):
    for _ in range(number):
        review.take_over(contribution=make_submitted(), editor=editor)
    client.get(QUEUE)
    with CaptureQueriesContext(connection) as asked:
        assert len(shown(client.get(QUEUE))) == number
    assert len(asked) == QUERIES_OF_THE_QUEUE


QUERIES_OF_THE_QUEUE = 18


def test_waiting_is_measured():
    now = timezone.now()
    empty = measure_waiting(now)
    assert (empty.number, empty.median, empty.longest, empty.until_decided) == (0, None, None, None)
    for days in (2, 4, 12):
        one = make_submitted()
        Contribution.objects.filter(pk=one.pk).update(submitted_at=now - timedelta(days=days))
    decided(now, submitted=30, at=20)
    decided(now, submitted=10, at=6)
    decided(now, submitted=200, at=120)  # too long ago
    found = measure_waiting(now + timedelta(minutes=1))
    assert (found.number, found.median, found.longest) == (3, 4, 12)
    assert (found.decided, found.until_decided) == (2, 7)


def decided(now, *, submitted: int, at: int) -> None:
    """A contribution that was published some days ago."""
    contribution = make_published()
    for kind, days in ((StepKind.SUBMITTED, submitted), (StepKind.PUBLISHED, at)):
        contribution.steps.filter(kind=kind).update(at=now - timedelta(days=days))


# --- The page: who may ----------------------------------------------------------------------------


def test_an_editor_with_a_part_in_it_sees_the_page_without_actions_and_why(client, waiting):
    client.force_login(make_editor_of(waiting))
    response = client.get(page_of(waiting))
    assert response.context["has_part"]
    assert b'name="do"' not in response.content
    for name in ("take", "note", "changes", "publish", "unpublish", "archive", "bring-back"):
        fields = {"note-words": "x", "changes-words": "x", "unpublish-words": "x"}
        fields |= {"archive-words": "x"} | publish_fields(client, waiting)
        refused = do(client, waiting, name, **fields)
        assert refused.status_code == 403, name
    assert steps(waiting) == [StepKind.STARTED, StepKind.SUBMITTED]
    client.force_login(make_editor())
    assert b'name="do"' in client.get(page_of(waiting)).content
    assert do(client, waiting, "take").status_code == 302


def test_members_and_visitors_reach_nothing_of_it(client, waiting):
    for name in ("take", "publish"):
        assert "/login/" in do(client, waiting, name).url
    client.force_login(waiting.started_by)
    for name in ("take", "publish"):
        assert do(client, waiting, name).status_code == 403
    assert state(waiting) == State.SUBMITTED


# --- The page: what is done -----------------------------------------------------------------------


def test_it_is_taken_noted_sent_back_and_published(client, editor, waiting):
    author = waiting.started_by
    assert do(client, waiting, "take").status_code == 302
    assert state(waiting) == State.IN_REVIEW
    note = {"note-field": "summary", "note-words": "Plus court"}
    assert do(client, waiting, "note", **note).status_code == 302
    assert "Plus court" in client.get(page_of(waiting)).content.decode()
    assert do(client, waiting, "changes", **{"changes-words": "Presque"}).status_code == 302
    assert state(waiting) == State.CHANGES_ASKED
    review.submit(contribution=waiting, person=author)
    assert do(client, waiting, "publish", **publish_fields(client, waiting)).status_code == 302
    assert state(waiting) == State.PUBLISHED
    assert told(author) == [
        "contribution-review-begun",
        "contribution-changes-asked",
        "contribution-published",
    ]


def test_nothing_typed_is_lost_when_it_is_refused(client, editor, waiting):
    fields = publish_fields(client, waiting)
    fields |= {"publish-met": fields["publish-met"][1:], "publish-words": "Merci à vous"}
    refused = do(client, waiting, "publish", **fields)
    assert refused.status_code == 422
    assert "Merci à vous" in refused.content.decode()
    ticked = refused.context["publish_form"]["met"].value()
    assert ticked == fields["publish-met"]
    empty = do(client, waiting, "note", **{"note-field": "summary", "note-words": " "})
    assert empty.status_code == 422
    assert empty.context["refusals"]
    long = do(client, waiting, "changes", **{"changes-words": "x" * 2001})
    assert long.status_code == 422
    assert "x" * 2001 in long.content.decode()
    assert state(waiting) == State.SUBMITTED


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"do": "everything"},
        {"do": "publish"},
        {"do": "publish", "publish-revision_id": "x", "publish-revision_at": "y"},
        {"do": "opinion", "opinion-reviewer": "99999999999999999999"},
        {"do": "opinion", "opinion-reviewer": "987654321"},
        {"do": "drop-opinion"},
        {"do": "bring-back"},
        {"do": "release"},
        {"do": "note", "note-field": "password", "note-words": "x"},
        {"do": "archive", "archive-words": "x", "archive-successor": "nowhere-999999"},
    ],
)
def test_what_is_forged_is_refused_in_words(client, editor, waiting, sent):
    before = steps(waiting)
    response = client.post(page_of(waiting), sent)
    assert response.status_code == 422
    assert response.context["is_refused"]
    assert steps(waiting) == before


def test_a_version_that_was_changed_meanwhile_is_not_published(client, editor, waiting):
    fields = publish_fields(client, waiting)
    change(waiting, make_editor(), lessons="<p>Autre chose</p>")
    assert do(client, waiting, "publish", **fields).status_code == 422
    assert not read_anew(waiting).page.live
    assert do(client, waiting, "publish", **publish_fields(client, waiting)).status_code == 302


def test_own_notes_are_taken_back_and_those_of_others_not(client, editor, waiting):
    note = review.add_note(contribution=waiting, editor=editor, field="", words="Bien")
    address = reverse("contributions:note", args=[waiting.pk, note.pk])
    client.force_login(make_editor())
    client.post(address)
    assert waiting.notes.count() == 1
    other = reverse("contributions:note", args=[make_submitted().pk, note.pk])
    client.force_login(editor)
    assert client.post(other, follow=True).status_code == 404
    assert waiting.notes.count() == 1
    assert client.get(address).status_code == 405
    assert client.post(address).status_code == 302
    assert not waiting.notes.exists()


def test_a_person_of_the_network_is_looked_for_and_asked(client, editor, waiting):
    reviewer = make_author()
    reviewer.first_name, reviewer.last_name = "Salma", "Thématique"
    reviewer.save()
    colleague = make_author(waiting.collectivities.first())
    colleague.first_name, colleague.last_name = "Salma", "Collègue"
    colleague.save()
    address = page_of(waiting) + "?who=salma"
    assert client.get(address).context["found"] == [reviewer]
    asked = {"do": "opinion", "opinion-reviewer": reviewer.pk, "opinion-question": "La loi ?"}
    refused = client.post(address, asked | {"opinion-reviewer": colleague.pk})
    assert refused.status_code == 422
    assert "La loi ?" in refused.content.decode()
    assert client.post(address, asked).status_code == 302
    assert Opinion.objects.get().question == "La loi ?"
    assert do(client, waiting, "publish", **publish_fields(client, waiting)).status_code == 422
    assert do(client, waiting, "drop-opinion").status_code == 302
    assert do(client, waiting, "publish", **publish_fields(client, waiting)).status_code == 302


def test_it_is_taken_off_brought_back_and_retired_with_reasons(client, editor):
    contribution, other = make_published(), make_published()
    assert do(client, contribution, "unpublish").status_code == 422
    assert do(client, contribution, "unpublish", **{"unpublish-words": "Faux"}).status_code == 302
    assert state(contribution) == State.UNPUBLISHED
    assert do(client, contribution, "bring-back").status_code == 302
    assert state(contribution) == State.PUBLISHED
    address = kind_of(other).address(newest(other))
    fields = {"archive-words": "Vieux", "archive-successor": address}
    assert do(client, contribution, "archive", **fields).status_code == 302
    assert read_anew(contribution).successor_id == other.page_id


def test_a_new_version_is_shown_with_what_it_changes(client, editor):
    contribution = make_published()
    change(contribution, contribution.started_by, summary="Tout autre chose.")
    review.submit(contribution=contribution, person=contribution.started_by)
    found = client.get(page_of(contribution)).context["differences"]
    assert [one.name for one in found] == ["summary"]


def test_the_page_speaks_the_language_of_its_editor(client, editor, waiting):
    from wagtail.users.models import UserProfile

    for code in ("ar", "fr"):
        UserProfile.objects.update_or_create(user=editor, defaults={"preferred_language": code})
        text = client.get(page_of(waiting)).content.decode()
        assert f'lang="{code}"' in text
        assert waiting.page.title in text


# --- Wagtail's own pages --------------------------------------------------------------------------


def edit_fields(client, contribution, button: str) -> dict:
    """Send the editor's form as it stands, with the button."""
    from wagtail.test.utils.form_data import querydict_from_html

    html = client.get(edit_address(contribution)).content.decode()
    fields = querydict_from_html(html, form_id="page-edit-form")
    fields[button] = "1"
    return fields


def edit_address(contribution) -> str:
    return reverse("wagtailadmin_pages:edit", args=[contribution.page_id])


def test_an_editor_puts_something_right_in_what_is_public_and_the_authors_are_told(client, editor):
    contribution = make_published()
    client.post(edit_address(contribution), edit_fields(client, contribution, "action-publish"))
    assert steps(contribution)[-1] == StepKind.PUBLISHED
    assert steps(contribution).count(StepKind.PUBLISHED) == 2
    assert contribution.steps.last().by == editor
    assert told(contribution.started_by).count("contribution-published") == 2


def test_an_editor_with_a_part_in_it_publishes_nothing_on_wagtails_pages(client):
    contribution = make_published()
    client.force_login(make_editor_of(contribution))
    fields = edit_fields(client, contribution, "action-publish")
    assert client.post(edit_address(contribution), fields).status_code == 403
    unpublish = reverse("wagtailadmin_pages:unpublish", args=[contribution.page_id])
    assert client.post(unpublish).status_code == 403
    assert read_anew(contribution).page.live
    assert steps(contribution).count(StepKind.PUBLISHED) == 1


def test_nobody_takes_off_without_a_reason_on_wagtails_pages(client, editor):
    contribution, free = make_published(), make_practice(language="fr")
    for page, status in ((contribution.page_id, 403), (free.pk, 302)):
        address = reverse("wagtailadmin_pages:unpublish", args=[page])
        answer = client.post(address)
        assert answer.status_code == status
        if status == 403:
            assert page_of(contribution) in answer.content.decode()
    assert read_anew(contribution).page.live
    assert StepKind.UNPUBLISHED not in steps(contribution)


def test_what_code_or_the_hour_takes_off_is_a_step_and_told_once():
    contribution = make_published()
    contribution.page.specific.unpublish()
    assert steps(contribution).count(StepKind.UNPUBLISHED) == 1
    assert told(contribution.started_by)[-1] == "contribution-taken-off"


@pytest.mark.parametrize("how", ["draft", "submitted", "new version", "taken off"])
def test_nobody_passes_the_review_over_on_wagtails_pages(client, editor, how):
    contribution = make_draft() if how == "draft" else make_submitted()
    if how in ("new version", "taken off"):
        contribution = make_published()
    if how == "new version":
        change(contribution, contribution.started_by, lessons="<p>Tôt</p>")
    if how == "taken off":
        contribution.page.specific.unpublish()
    before = read_anew(contribution).page.live_revision_id
    fields = edit_fields(client, contribution, "action-publish")
    assert client.post(edit_address(contribution), fields).status_code == 403
    assert client.post(bulk("publish", contribution.page_id)).status_code == 403
    assert read_anew(contribution).page.live_revision_id == before


def bulk(action: str, *pages: int) -> str:
    address = reverse("wagtail_bulk_action", args=["wagtailcore", "page", action])
    return address + "?" + "&".join(f"id={one}" for one in pages)


def test_many_at_once_are_guarded_and_so_is_what_lies_below(client):
    contribution, draft, free = make_published(), make_draft(), make_practice(language="fr")
    index = PracticeIndexPage.objects.get(locale__language_code="fr")
    with_part = make_editor_of(contribution)
    client.force_login(with_part)
    assert client.post(bulk("unpublish", contribution.page_id, free.pk)).status_code == 403
    below = {"include_descendants": "on"}
    assert client.post(bulk("unpublish", index.pk), below).status_code == 403
    assert client.post(bulk("publish", index.pk), below).status_code == 403
    assert client.post(bulk("unpublish", free.pk)).status_code == 302
    client.force_login(make_editor())
    assert client.post(bulk("publish", index.pk), below).status_code == 403
    assert client.post(bulk("unpublish", contribution.page_id)).status_code == 403
    assert client.post(bulk("unpublish", index.pk), below).status_code == 403
    assert read_anew(contribution).page.live
    assert not read_anew(draft).page.live
    assert client.post(bulk("publish", free.pk)).status_code == 302


def test_what_members_write_is_not_copied(client, editor):
    draft, free = make_draft(), make_practice(language="fr")
    copy = reverse("wagtailadmin_pages:copy", args=[draft.page_id])
    assert client.get(copy).status_code == 403
    assert client.post(copy, {"publish_copies": "on"}).status_code == 403
    assert client.get(reverse("wagtailadmin_pages:copy", args=[free.pk])).status_code == 200


def test_what_members_write_is_not_deleted_on_wagtails_pages(client, editor):
    published, draft, free = make_published(), make_draft(), make_practice(language="fr")
    index = PracticeIndexPage.objects.get(locale__language_code="fr")

    def is_refused(key: int) -> bool:
        delete = reverse("wagtailadmin_pages:delete", args=[key])
        answers = [client.get(delete), client.post(delete), client.post(bulk("delete", key))]
        return [answer.status_code for answer in answers] == [403, 403, 403]

    assert is_refused(published.page_id)
    assert is_refused(draft.page_id)
    refused = client.post(bulk("delete", published.page_id)).content.decode()
    assert page_of(published) in refused
    client.force_login(make_staff("Administrators"))
    assert is_refused(index.pk)
    assert Contribution.objects.count() == 2
    assert client.post(bulk("delete", free.pk, draft.page_id)).status_code == 403
    assert client.post(bulk("delete", free.pk)).status_code == 302
    assert not Page.objects.filter(pk=free.pk).exists()


def test_wagtails_workflow_addresses_do_nothing(client, waiting):
    task = TaskState.objects.get()
    for person in (make_editor(), make_editor_of(waiting), make_staff("Administrators")):
        client.force_login(person)
        for action in ("approve", "reject"):
            for name in ("workflow_action", "collect_workflow_action_data"):
                address = reverse(
                    f"wagtailadmin_pages:{name}", args=[waiting.page_id, action, task.pk]
                )
                assert client.post(address, {"comment": "x"}).status_code == 302
        fields = {"action-workflow-action": "1", "workflow-action-name": "approve"}
        client.post(edit_address(waiting), fields)
        client.post(
            reverse("wagtailadmin_pages:confirm_workflow_cancellation", args=[waiting.page_id])
        )
    task.refresh_from_db()
    assert task.status == TaskState.STATUS_IN_PROGRESS
    assert state(waiting) == State.SUBMITTED


def test_an_author_who_is_an_editor_is_locked_out_of_wagtails_editor_while_it_waits(client):
    draft = make_draft()
    of_authors = make_editor_of(draft)
    review.submit(contribution=draft, person=of_authors)
    client.force_login(of_authors)
    before = newest(draft).latest_revision_id
    client.post(edit_address(draft), edit_fields(client, draft, "action-save"))
    assert newest(draft).latest_revision_id == before
    # Wagtail lets them take it back, as the page in their space does.
    client.post(edit_address(draft), {"action-cancel-workflow": "1"})
    assert state(draft) == State.DRAFT
    assert steps(draft)[-1] == StepKind.WITHDRAWN
    assert read_anew(draft).submitted_at is None


def test_what_members_write_comes_into_no_other_workflow(client, editor):
    draft = make_draft()
    client.post(edit_address(draft), edit_fields(client, draft, "action-submit"))
    assert not draft.page.workflow_states.exists()
    # The same page, where it is the editors' own.
    page = draft.page
    fields = edit_fields(client, draft, "action-submit")
    draft.delete()
    client.post(reverse("wagtailadmin_pages:edit", args=[page.pk]), fields)
    assert page.workflow_states.exists()


def test_the_task_of_the_review_is_not_switched_off(client, waiting):
    administrator = make_staff("Administrators")
    client.force_login(administrator)
    task = TaskState.objects.get().task
    client.post(reverse("wagtailadmin_workflows:disable_task", args=[task.pk]))
    assert not read_anew(waiting).page.live
    assert state(waiting) == State.SUBMITTED


def test_the_editor_edits_in_wagtail_and_the_authors_see_who(client, editor, waiting):
    fields = edit_fields(client, waiting, "action-save")
    fields["summary"] = "Un résumé plus court."
    client.post(edit_address(waiting), fields)
    step = waiting.steps.last()
    assert (step.kind, step.by) == (StepKind.EDITED, editor)
    assert newest(waiting).summary == "Un résumé plus court."
    changes = reverse("contribution_version", args=[waiting.pk, step.revision_id])
    overview = reverse("contribution", args=[waiting.pk])
    assert f'href="{changes}"' in client.get(page_of(waiting)).content.decode()
    client.force_login(waiting.started_by)
    assert f'href="{changes}"' in client.get(overview).content.decode()
    told_changes = client.get(changes).context["differences"]
    assert [one.name for one in told_changes] == ["summary"]


# --- Mails ----------------------------------------------------------------------------------------


def test_no_workflow_mails_within_a_request_and_notices_in_their_place(client, mailoutbox):
    page = make_practice(language="fr")
    approver, asking = make_editor(), make_editor()
    workflow = Workflow.objects.get(name="Moderators approval")
    task = workflow.tasks.get().specific
    task.groups.set(approver.groups.all())
    page.save_revision()
    for action, kind in (("approve", "page-approved"), ("reject", "page-rejected")):
        state = workflow.start(Page.objects.get(pk=page.pk), asking)
        assert told(approver)[-1] == "page-waits"
        getattr(state.current_task_state.specific, action)(user=approver)
        assert told(asking)[-1] == kind
    assert mailoutbox == []
    assert not Notice.objects.filter(kind__startswith="contribution").exists()

"""The review: who may do what when, what is written down, who is told."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone
from wagtail.models import Revision, Workflow

from contributions.drafts import kind_of, newest
from contributions.enums import AuthorState, State, StepKind
from contributions.models import Note
from contributions.services import opinions, review, shelf
from contributions.services.drafts import DraftRefused, save_draft
from contributions.states import state_of
from core.audit import AuditEntry
from core.outbox.worker import Worker
from notifications.models import Notice
from tests.contributions.conftest import url
from tests.contributions.factories import (
    change,
    make_author,
    make_draft,
    make_editor,
    make_published,
    make_submitted,
    make_thematic_reviewer,
    publish,
    read_anew,
    refusal,
    steps,
    told,
)
from tests.members.factories import (
    make_association,
    make_contributor,
    make_member_collectivity,
    make_person,
)

pytestmark = pytest.mark.django_db


def state(contribution) -> State:
    return state_of(read_anew(contribution))


def make_editor_of(contribution):
    """An editor who belongs to the collectivity that writes it."""
    editor = make_editor()
    make_contributor(contribution.collectivities.first(), person=editor)
    return editor


# --- Submitted and taken back ---------------------------------------------------------------------


def test_a_draft_is_submitted_once_and_the_editors_are_told():
    editor, draft = make_editor(), make_draft()
    for _ in range(2):
        review.submit(contribution=draft, person=draft.started_by)
    assert state(draft) == State.SUBMITTED
    assert read_anew(draft).submitted_at
    assert steps(draft) == [StepKind.STARTED, StepKind.SUBMITTED]
    assert draft.steps.last().revision == newest(draft).latest_revision
    assert told(editor) == ["contribution-submitted"]
    assert Workflow.objects.filter(name="Review").count() == 1


def test_a_draft_that_lacks_something_is_not_submitted():
    draft = make_draft(summary="", status="")
    with pytest.raises(review.NotComplete) as caught:
        review.submit(contribution=draft, person=draft.started_by)
    assert [name for name, words in caught.value.problems] == ["summary", "status"]
    assert state(draft) == State.DRAFT


def test_only_people_of_a_collectivity_that_writes_submit_and_take_back():
    draft = make_draft()
    asked = make_author()
    draft.authorships.create(collectivity=asked.affiliations.get().collectivity)
    for person in (asked, make_author(), make_editor(), make_person()):
        with pytest.raises(PermissionDenied):
            review.submit(contribution=draft, person=person)
    colleague = make_author(draft.collectivities.first())
    review.submit(contribution=draft, person=colleague)
    for person in (asked, make_author(), make_editor()):
        with pytest.raises(PermissionDenied):
            review.withdraw(contribution=draft, person=person)
    review.withdraw(contribution=draft, person=colleague, words="Trop tôt")
    assert state(draft) == State.DRAFT
    assert draft.steps.last().words == "Trop tôt"


def test_what_is_submitted_is_not_written_on_until_it_is_taken_back():
    contribution = make_submitted()
    section = kind_of(contribution).section("lessons")
    save = {
        "contribution": contribution,
        "person": contribution.started_by,
        "sections": [section],
        "answers": {"lessons": "Tôt"},
        "seen": {},
        "decided": ["lessons"],
    }
    with pytest.raises(DraftRefused):
        save_draft(**save)
    review.withdraw(contribution=contribution, person=contribution.started_by)
    save_draft(**save)
    assert newest(contribution).lessons == "<p>Tôt</p>"


def test_whoever_reviews_what_is_taken_back_is_told():
    contribution, editor = make_submitted(), make_editor()
    review.take_over(contribution=contribution, editor=editor)
    review.withdraw(contribution=contribution, person=contribution.started_by, words="Une erreur")
    assert told(editor) == ["contribution-withdrawn"]
    contribution = read_anew(contribution)
    assert (contribution.reviewer, contribution.submitted_at) == (None, None)
    assert (
        refusal(review.withdraw, contribution=contribution, person=contribution.started_by)
        == "not-with-editors"
    )


def test_what_is_published_is_submitted_again_with_something_new_only():
    contribution = make_published()
    author = contribution.started_by
    assert refusal(review.submit, contribution=contribution, person=author) == "nothing-new"
    change(contribution, author, lessons="<p>Tôt</p>")
    review.submit(contribution=contribution, person=author)
    contribution = read_anew(contribution)
    assert state_of(contribution) == State.SUBMITTED
    assert contribution.page.live
    assert contribution.page.specific.lessons == ""


def test_a_page_that_code_has_entered_is_submitted_once_it_was_taken_off():
    contribution, editor = make_published(), make_editor()
    contribution.page.revisions.all().delete()
    contribution.page.specific.unpublish()
    contribution.steps.all().delete()
    assert refusal(shelf.bring_back, contribution=contribution, editor=editor) == "unknown"
    review.submit(contribution=contribution, person=contribution.started_by)
    publish(contribution, editor)
    assert state(contribution) == State.PUBLISHED


# --- Being reviewed by ----------------------------------------------------------------------------


def test_an_editor_takes_it_over_and_another_from_them():
    contribution, first, second = make_submitted(), make_editor(), make_editor()
    for _ in range(2):
        review.take_over(contribution=contribution, editor=first)
    assert state(contribution) == State.IN_REVIEW
    assert told(contribution.started_by) == ["contribution-review-begun"]
    review.take_over(contribution=contribution, editor=second)
    assert read_anew(contribution).reviewer == second
    assert told(first) == ["contribution-taken-over"]
    assert told(contribution.started_by) == ["contribution-review-begun"]
    assert steps(contribution)[-2:] == [StepKind.TAKEN, StepKind.TAKEN]
    assert refusal(review.release, contribution=contribution, editor=first) == "not-reviewer"
    review.release(contribution=contribution, editor=second)
    assert state(contribution) == State.SUBMITTED


def test_who_has_a_part_in_it_reviews_nothing_of_it():
    contribution = make_submitted()
    of_authors, other, reviewer = make_editor_of(contribution), make_editor(), make_person()
    make_contributor(make_association(), person=reviewer)
    note = review.add_note(contribution=contribution, editor=other, field="", words="Bien")
    for function, fields in (
        (review.take_over, {}),
        (review.add_note, {"field": "", "words": "Très bien"}),
        (review.ask_for_changes, {"words": "Plus court"}),
        (opinions.ask_opinion, {"reviewer": make_editor()}),
        (publish, {}),
        (shelf.unpublish, {"words": "Faux"}),
        (shelf.archive, {"words": "Vieux"}),
        (shelf.bring_back, {}),
    ):
        fields = {"contribution": contribution, "editor": of_authors} | fields
        assert refusal(function, **fields) == "has-part", function
        for person in (contribution.started_by, make_author(), reviewer):
            with pytest.raises(PermissionDenied):
                function(**fields | {"editor": person})
    with pytest.raises(PermissionDenied):
        review.remove_note(note=note, editor=of_authors)
    assert state(contribution) == State.SUBMITTED
    publish(contribution, other)
    assert state(contribution) == State.PUBLISHED


def test_an_editor_who_has_left_the_collectivity_still_has_a_part_in_it():
    contribution = make_submitted()
    editor = make_editor_of(contribution)
    editor.affiliations.update(ended_at=timezone.now() - timedelta(days=400))
    assert refusal(review.take_over, contribution=contribution, editor=editor) == "has-part"
    assert "contribution-submitted" not in told(editor)


def test_nobody_publishes_or_sends_back_what_another_reviews():
    contribution, first, second = make_submitted(), make_editor(), make_editor()
    review.take_over(contribution=contribution, editor=first)
    assert refusal(publish, contribution=contribution, editor=second) == "other-reviewer"
    asked = {"contribution": contribution, "words": "Plus court"}
    assert refusal(review.ask_for_changes, **asked, editor=second) == "other-reviewer"
    review.take_over(contribution=contribution, editor=second)
    publish(contribution, second)
    assert state(contribution) == State.PUBLISHED


# --- Notes and changes ----------------------------------------------------------------------------


def test_authors_read_first_what_is_asked_and_where_it_is_mended(client):
    contribution, editor = make_submitted(), make_editor()
    note = {"contribution": contribution, "editor": editor}
    review.add_note(**note, field="summary", words="Plus court")
    review.add_note(**note, field="steps", words="Une date")
    review.add_note(**note, field="", words="Bien écrit")
    review.ask_for_changes(**note, words="Deux points, puis renvoyez-la")
    client.force_login(contribution.started_by)
    address = url("contribution", contribution.pk)
    page = client.get(address).content.decode()
    assert page.index("Deux points, puis renvoyez-la") < page.index("Plus court")
    assert page.index("Bien écrit") < page.index('class="task-list"')
    for section, field in (("about", "summary"), ("steps", "steps")):
        form = url("contribution_section", contribution.pk, section)
        assert f'href="{form}#id_{field}"' in page
        assert f'id="id_{field}"' in client.get(form).content.decode()

    review.submit(contribution=read_anew(contribution), person=contribution.started_by)
    assert client.get(address).context["reason"] is None


def test_authors_read_why_it_was_taken_off_the_site(client):
    contribution = make_published()
    shelf.unpublish(contribution=contribution, editor=make_editor(), words="Un chiffre est faux")
    client.force_login(contribution.started_by)
    page = client.get(url("contribution", contribution.pk))
    assert page.context["reason"].words == "Un chiffre est faux"


def test_notes_reach_the_authors_with_the_request_for_changes():
    contribution, editor = make_submitted(), make_editor()
    author = contribution.started_by
    note = review.add_note(
        contribution=contribution, editor=editor, field="summary", words=" Plus court "
    )
    review.ask_for_changes(contribution=contribution, editor=editor)
    note.refresh_from_db()
    assert note.words == "Plus court"
    assert note.told_at
    assert state(contribution) == State.CHANGES_ASKED
    assert told(author) == ["contribution-changes-asked"]
    notice = Notice.objects.get(person=author)
    assert notice.data["notes"] == 1
    assert read_anew(contribution).submitted_at is None

    review.mark_note_done(note=note, person=author)
    note.refresh_from_db()
    done_at = note.done_at
    review.mark_note_done(note=note, person=make_author(contribution.collectivities.first()))
    note.refresh_from_db()
    assert (note.done_at, note.done_by) == (done_at, author)
    with pytest.raises(PermissionDenied):
        review.mark_note_done(note=note, person=make_author())

    review.submit(contribution=contribution, person=author)
    assert state(contribution) == State.SUBMITTED
    assert contribution.page.workflow_states.count() == 1
    publish(contribution, editor)
    assert state(contribution) == State.PUBLISHED


def test_changes_are_asked_for_with_words_or_notes():
    contribution, editor = make_submitted(), make_editor()
    asked = {"contribution": contribution, "editor": editor}
    assert refusal(review.ask_for_changes, **asked, words="  ") == "reason"
    review.ask_for_changes(**asked, words="Dites la date")
    assert contribution.steps.last().words == "Dites la date"
    assert refusal(review.ask_for_changes, **asked, words="Encore") == "not-with-editors"


def test_a_note_that_is_sent_twice_is_one():
    contribution, editor = make_submitted(), make_editor()
    note = {"contribution": contribution, "editor": editor, "words": "Depuis quand ?"}
    first = review.add_note(**note, field="summary")
    assert review.add_note(**note, field="summary") == first
    assert review.add_note(**note, field="lessons") != first
    assert contribution.notes.count() == 2


def test_a_note_is_of_a_field_of_the_kind_and_is_taken_back_before_it_is_told():
    contribution, editor, other = make_submitted(), make_editor(), make_editor()
    note = {"contribution": contribution, "editor": editor}
    assert refusal(review.add_note, **note, field="slug", words="Non") == "field"
    assert refusal(review.add_note, **note, field="steps", words=" ") == "words"
    kept = review.add_note(**note, field="steps", words="Datez-les")
    with pytest.raises(PermissionDenied):
        review.remove_note(note=kept, editor=other)
    review.remove_note(note=kept, editor=editor)
    assert not Note.objects.exists()
    kept = review.add_note(**note, field="steps", words="Datez-les")
    review.ask_for_changes(contribution=contribution, editor=editor)
    assert refusal(review.remove_note, note=kept, editor=editor) == "told"


# --- Published ------------------------------------------------------------------------------------


def test_what_is_published_is_public_and_the_authors_are_told():
    contribution, editor = make_submitted(), make_editor()
    review.take_over(contribution=contribution, editor=editor)
    publish(contribution, editor, words="Bravo")
    contribution = read_anew(contribution)
    assert contribution.page.live
    assert (contribution.submitted_at, contribution.reviewer) == (None, None)
    assert steps(contribution)[-1] == StepKind.PUBLISHED
    step = contribution.steps.last()
    assert (step.by, step.words, step.revision_id) == (
        editor,
        "Bravo",
        contribution.page.live_revision_id,
    )
    assert steps(contribution).count(StepKind.PUBLISHED) == 1
    assert told(contribution.started_by)[-1] == "contribution-published"
    assert refusal(publish, contribution=contribution, editor=editor) == "not-with-editors"


@pytest.mark.parametrize("bring", ["draft", "withdrawn", "changes-asked"])
def test_a_step_that_is_skipped_is_refused(bring):
    contribution, editor = make_draft(), make_editor()
    author = contribution.started_by
    if bring != "draft":
        review.submit(contribution=contribution, person=author)
    if bring == "withdrawn":
        review.withdraw(contribution=contribution, person=author)
    if bring == "changes-asked":
        review.ask_for_changes(contribution=contribution, editor=editor, words="Plus court")
    assert refusal(publish, contribution=contribution, editor=editor) == "not-with-editors"
    assert refusal(review.take_over, contribution=contribution, editor=editor) == "not-with-editors"
    note = {"contribution": contribution, "editor": editor, "field": "", "words": "Bien"}
    assert refusal(review.add_note, **note) == "not-with-editors"
    assert not read_anew(contribution).page.live
    review.submit(contribution=contribution, person=author)
    publish(contribution, editor)
    assert read_anew(contribution).page.live


def test_each_criterion_has_to_be_met():
    contribution, editor = make_submitted(), make_editor()
    codes = [code for code, words in kind_of(contribution).criteria]
    fields = {"contribution": contribution, "editor": editor}
    assert refusal(publish, **fields, met=codes[1:]) == "criteria"
    assert refusal(publish, **fields, met=["everything"]) == "criteria"
    publish(**fields, met=codes)


def test_a_version_that_the_editor_has_not_read_is_not_published():
    contribution, editor = make_submitted(), make_editor()
    read = newest(contribution).latest_revision
    change(contribution, make_editor(), lessons="<p>Autre chose</p>")
    fields = {"contribution": contribution, "editor": editor}
    assert refusal(publish, **fields, revision_id=read.pk) == "changed"
    written = newest(contribution).latest_revision
    # Wagtail's editor writes one version over and over while somebody types.
    before = written.created_at - timedelta(seconds=3)
    seen = {"revision_id": written.pk, "revision_at": before}
    assert refusal(publish, **fields, **seen) == "changed"
    publish(**fields, revision_id=written.pk, revision_at=written.created_at)
    assert read_anew(contribution).page.live_revision_id == written.pk


def test_what_an_editor_emptied_or_put_off_is_not_published():
    contribution, editor = make_submitted(), make_editor()
    change(contribution, editor, summary="")
    assert refusal(publish, contribution=contribution, editor=editor) == "not-complete"
    change(contribution, editor, summary="Court", go_live_at=timezone.now() + timedelta(days=3))
    assert refusal(publish, contribution=contribution, editor=editor) == "scheduled"
    change(contribution, editor, go_live_at=None)
    publish(contribution, editor)


def test_each_version_of_an_editor_is_a_step_and_an_authors_is_none():
    contribution, editor = make_submitted(), make_editor()
    change(contribution, editor, lessons="<p>Tôt</p>")
    page = newest(contribution)
    page.save_revision(user=editor, clean=False, overwrite_revision=page.latest_revision)
    step = contribution.steps.last()
    assert (step.kind, step.by, step.revision) == (
        StepKind.EDITED,
        editor,
        newest(contribution).latest_revision,
    )
    assert steps(contribution).count(StepKind.EDITED) == 1
    review.withdraw(contribution=contribution, person=contribution.started_by)
    change(contribution, contribution.started_by, lessons="<p>Tard</p>")
    change(contribution, editor, lessons="<p>Midi</p>")
    assert steps(contribution).count(StepKind.EDITED) == 1


# --- Taken off, retired, brought back -------------------------------------------------------------


def test_it_is_taken_off_with_a_reason_and_brought_back():
    contribution, editor = make_published(), make_editor()
    author, public = contribution.started_by, contribution.page.live_revision
    fields = {"contribution": contribution, "editor": editor}
    assert refusal(shelf.unpublish, **fields, words=" ") == "reason"
    shelf.unpublish(**fields, words="Une photo de trop")
    assert state(contribution) == State.UNPUBLISHED
    assert steps(contribution).count(StepKind.UNPUBLISHED) == 1
    assert AuditEntry.objects.get(kind="contribution.unpublished").actor == editor
    assert told(author)[-1] == "contribution-taken-off"
    assert "Une photo de trop" in str(author.notices.first().data)
    assert refusal(shelf.unpublish, **fields, words="Encore") == "not-public"

    change(contribution, author, lessons="<p>Plus tard</p>")
    shelf.bring_back(**fields)
    contribution = read_anew(contribution)
    assert contribution.page.live_revision == public
    assert newest(contribution).lessons == "<p>Plus tard</p>"
    assert state_of(contribution) == State.DRAFT
    assert refusal(shelf.bring_back, **fields) == "not-off"
    assert told(author)[-1] == "contribution-brought-back"
    assert steps(contribution).count(StepKind.PUBLISHED) == 1


def test_what_was_taken_off_is_changed_and_submitted_anew():
    contribution, editor = make_published(), make_editor()
    shelf.unpublish(contribution=contribution, editor=editor, words="Une photo de trop")
    change(contribution, contribution.started_by, lessons="<p>Tôt</p>")
    review.submit(contribution=contribution, person=contribution.started_by)
    publish(contribution, editor)
    assert state(contribution) == State.PUBLISHED


def test_it_is_retired_in_favour_of_another():
    contribution, editor = make_published(), make_editor()
    other, draft = make_published(), make_draft()
    author = contribution.started_by
    change(contribution, author, lessons="<p>Tôt</p>")
    review.submit(contribution=contribution, person=author)
    fields = {"contribution": contribution, "editor": editor, "words": "Une meilleure est là"}
    for wrong in (contribution.page, draft.page):
        assert refusal(shelf.archive, **fields, successor=wrong) == "successor"
    assert refusal(shelf.archive, **fields | {"contribution": draft}) == "never-public"
    shelf.archive(**fields, successor=other.page)
    contribution = read_anew(contribution)
    assert state_of(contribution) == State.ARCHIVED
    assert not contribution.page.live
    assert contribution.successor == other.page
    assert contribution.submitted_at is None
    assert contribution.page.current_workflow_state is None
    assert refusal(shelf.archive, **fields) == "retired"
    assert refusal(review.submit, contribution=contribution, person=author) == "retired"
    assert other.page.title in str(author.notices.first().data)

    shelf.bring_back(contribution=contribution, editor=editor)
    contribution = read_anew(contribution)
    assert (contribution.archived_at, contribution.successor) == (None, None)
    assert contribution.page.live


def test_translations_go_with_it_and_come_back():
    from tests.factories import make_practice

    contribution, editor = make_published(), make_editor()
    arabic = make_practice(language="ar", translation_of=contribution.page.specific)
    shelf.archive(contribution=contribution, editor=editor, words="Vieux")
    arabic.refresh_from_db()
    assert not arabic.live
    shelf.bring_back(contribution=contribution, editor=editor)
    arabic.refresh_from_db()
    assert arabic.live


# --- Notices --------------------------------------------------------------------------------------


def test_notices_can_be_read_in_each_language_and_name_no_collectivity(draft_of_everything):
    contribution, names = draft_of_everything
    notices = list(Notice.objects.exclude(kind="staff-role"))
    assert {one.kind for one in notices} == {
        "contribution-submitted",
        "contribution-withdrawn",
        "contribution-author-submitted",
        "contribution-author-withdrawn",
        "contribution-review-begun",
        "contribution-taken-over",
        "contribution-changes-asked",
        "contribution-opinion-asked",
        "contribution-opinion-dropped",
        "contribution-opinion-given",
        "contribution-published",
        "contribution-taken-off",
        "contribution-brought-back",
    }
    from django.utils.translation import override

    from core import languages
    from notifications.registry import kinds

    for one in notices:
        for code in languages.CODES:
            with override(code):
                kind = kinds[one.kind]
                text = kind.subject(one.data) + kind.text(one.data) + kind.address(one.data)
                assert contribution.page.title in text
                assert not [name for name in names if name in text]


@pytest.fixture
def draft_of_everything():
    """A contribution that hides who writes it, and all that is told of one."""
    commune = make_member_collectivity(name_fr="Hideville", name_ar="مخفية")
    author = make_author(commune)
    make_author(commune)
    contribution = make_draft(
        author=author, kind="did-not-work", audience="network", hides_collectivity=True
    )
    one, two, reviewer = make_editor(), make_editor(), make_thematic_reviewer()
    fields = {"contribution": contribution}
    review.submit(**fields, person=author)
    review.take_over(**fields, editor=one)
    review.withdraw(**fields, person=author)
    review.submit(**fields, person=author)
    review.take_over(**fields, editor=one)
    review.take_over(**fields, editor=two)
    opinion = opinions.ask_opinion(**fields, editor=two, reviewer=reviewer)
    opinions.drop_opinion(opinion=opinion, editor=two)
    opinion = opinions.ask_opinion(**fields, editor=two, reviewer=reviewer)
    opinions.give_opinion(opinion=opinion, person=reviewer, verdict="change", words="Plus court")
    review.ask_for_changes(**fields, editor=two, words="Plus court")
    review.submit(**fields, person=author)
    publish(contribution, two, words="Merci")
    shelf.unpublish(**fields, editor=two, words="Une photo")
    shelf.bring_back(**fields, editor=two)
    shelf.archive(**fields, editor=two, words="Vieux")
    Worker(poll=0).run(until_empty=True)
    return read_anew(contribution), ["Hideville", "مخفية", commune.slug]


def test_people_of_each_collectivity_that_writes_are_told_and_of_one_that_was_asked_not():
    contribution, editor = make_submitted(), make_editor()
    along, asked = make_author(), make_author()
    for person, how in ((along, AuthorState.WRITES), (asked, AuthorState.ASKED)):
        collectivity = person.affiliations.get().collectivity
        contribution.authorships.create(collectivity=collectivity, state=how)
    publish(contribution, editor)
    assert told(along) == ["contribution-published"]
    assert told(asked) == []


def test_the_other_authors_are_told_what_one_of_them_did():
    draft, along, asked = make_draft(), make_author(), make_author()
    for person, how in ((along, AuthorState.WRITES), (asked, AuthorState.ASKED)):
        collectivity = person.affiliations.get().collectivity
        draft.authorships.create(collectivity=collectivity, state=how)
    review.submit(contribution=draft, person=draft.started_by)
    Worker(poll=0).run(until_empty=True)
    assert told(along) == ["contribution-author-submitted"]
    review.withdraw(contribution=draft, person=along, words="Un chiffre est faux")
    Worker(poll=0).run(until_empty=True)
    assert told(along) == ["contribution-author-submitted"]
    assert told(draft.started_by) == ["contribution-author-withdrawn"]
    assert draft.started_by.notices.get().data["reason"] == "Un chiffre est faux"
    assert told(asked) == []


def test_no_mail_leaves_within_a_service(mailoutbox):
    contribution = make_published()
    assert Revision.objects.filter(object_id=str(contribution.page_id)).exists()
    assert mailoutbox == []

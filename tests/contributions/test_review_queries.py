"""
What saving, submitting and publishing ask of the database, beside the same steps of plain Wagtail
on its simplest page, measured here as well.
"""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.models import Locale, Page, Workflow, WorkflowTask

from contributions.acting import acting
from contributions.drafts import digests_of, kind_of, newest
from contributions.models import Contribution, ReviewTask
from contributions.services import review
from contributions.services.drafts import save_draft
from home.models import ContentPage, HomePage
from members.models import User
from members.permissions import standing_of
from tests.contributions.factories import make_author, make_draft, make_editor
from tests.factories import make_commune

pytestmark = pytest.mark.django_db
MORE = 25


def count(function, **fields) -> int:
    with CaptureQueriesContext(connection) as captured:
        function(**fields)
    return len(captured)


def in_request(person) -> User:
    """The person as the doors of a request have read them."""
    found = User.objects.get(pk=person.pk)
    assert standing_of(found).roles
    return found


@pytest.fixture
def plain():
    """
    What Wagtail asks to save a version, to start a workflow, and to approve its only task, which
    publishes.
    """
    person = make_editor()
    home = HomePage.objects.get(locale__language_code="fr")
    page = ContentPage(title="Simple", locale=Locale.objects.get(language_code="fr"), live=False)
    home.add_child(instance=page)
    page.save_revision(user=person)
    workflow, task = Workflow.objects.create(name="w"), ReviewTask.objects.create(name="t")
    WorkflowTask.objects.create(workflow=workflow, task=task)

    def save():
        Page.objects.get(pk=page.pk).specific.save_revision(user=person)

    def start():
        workflow.start(Page.objects.get(pk=page.pk).specific, person)

    def approve():
        found = Page.objects.get(pk=page.pk)
        found.current_workflow_task_state.approve(user=person)

    with acting():
        return {"save": count(save), "submit": count(start), "publish": count(approve)}


def save(draft: Contribution, person: User) -> None:
    """Save one of the answers of a section with rows, as its form does."""
    section, page = kind_of(draft).section("steps"), newest(draft)
    save_draft(
        contribution=draft,
        person=person,
        sections=[section],
        answers={"approach": "Comme ceci"},
        seen=digests_of(page, [section]),
    )


def steps(rows: int) -> dict[str, int]:
    """Count what is asked for a practice with a number of steps, principles and collectivities."""
    author, editor = make_author(), make_editor()
    principles = ["participation", "transparency", "access", "digital", "accountability"]
    fields = {
        "steps": [{"title": f"n° {n}"} for n in range(rows)],
        "principles": principles[:rows],
        "collectivities": [make_commune() for _ in range(rows)],
    }
    draft = make_draft(author=author, **fields)
    asked = {"save": count(save, draft=draft, person=in_request(author))}
    draft = Contribution.objects.get(pk=draft.pk)
    asked |= {"submit": count(review.submit, contribution=draft, person=in_request(author))}
    contribution = Contribution.objects.get(pk=draft.pk)
    asked["publish"] = count(
        review.publish,
        contribution=contribution,
        editor=in_request(editor),
        met=[code for code, _words in kind_of(contribution).criteria],
        revision_id=newest(contribution).latest_revision_id,
    )
    return asked


def test_a_step_asks_little_more_than_plain_wagtail_however_many_rows(plain):
    first = steps(1)  # makes the workflow, and fills what is remembered of models
    few, many = steps(1), steps(12)
    print(plain, first, few, many)
    assert few == many
    assert few["save"] <= plain["save"] + MORE
    assert few["submit"] <= plain["submit"] + MORE
    assert few["publish"] <= plain["publish"] + MORE

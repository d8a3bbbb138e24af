"""Contributions in each state, by the services that bring them there, and what they tell."""

import pytest

from contributions.drafts import kind_of, newest
from contributions.models import Contribution
from contributions.services import review
from contributions.services.drafts import start_draft
from tests.factories import number
from tests.members.factories import make_contributor, make_member_collectivity, make_staff

# All that has to be answered to submit a practice.
COMPLETE = {
    "summary": "Les habitants choisissent une partie des travaux de voirie.",
    "principles": ["participation"],
    "status": "completed",
    "start": "2023",
    "contact_name": "Bureau de la participation",
    "contact_email": "participation@example.org",
}


def make_author(collectivity=None):
    """A person of a collectivity that is a member."""
    return make_contributor(collectivity or make_member_collectivity()).person


def make_editor():
    return make_staff("Editors")


def make_thematic_reviewer():
    return make_contributor(make_member_collectivity()).person


def make_draft(*, author=None, language="fr", **answers) -> Contribution:
    """A draft that could be submitted."""
    author = author or make_author()
    return start_draft(
        kind="practice",
        collectivity=author.affiliations.get().collectivity,
        person=author,
        language=language,
        title=f"Un budget discuté {next(number)}",
        initial=COMPLETE | answers,
    )


def make_submitted(**fields) -> Contribution:
    contribution = make_draft(**fields)
    review.submit(contribution=contribution, person=contribution.started_by)
    return read_anew(contribution)


def make_published(*, editor=None, **fields) -> Contribution:
    contribution = make_submitted(**fields)
    publish(contribution, editor or make_editor())
    return read_anew(contribution)


def publish(contribution: Contribution, editor, **fields) -> None:
    """Publish the newest version, with each criterion met."""
    given = {
        "met": [code for code, _words in kind_of(contribution).criteria],
        "revision_id": newest(contribution).latest_revision_id,
    }
    review.publish(contribution=contribution, editor=editor, **given | fields)


def change(contribution: Contribution, person, **texts) -> None:
    """Save a new version, as a form or an editor does."""
    page = newest(contribution)
    for name, text in texts.items():
        setattr(page, name, text)
    page.save_revision(user=person, clean=False)


def read_anew(contribution: Contribution) -> Contribution:
    return Contribution.objects.select_related("page").get(pk=contribution.pk)


def steps(contribution) -> list[str]:
    return [step.kind for step in contribution.steps.all()]


def told(person) -> list[str]:
    return list(person.notices.order_by("pk").values_list("kind", flat=True))


def refusal(function, **fields) -> str:
    """Return the code with which a service refuses."""
    with pytest.raises(review.ReviewRefused) as caught:
        function(**fields)
    assert str(caught.value)
    return caught.value.code

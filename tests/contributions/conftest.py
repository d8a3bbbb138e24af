"""A draft of a commune that is a member, and who writes it."""

import pytest
from django.urls import reverse
from django.utils.translation import override

from contributions.models import Contribution
from contributions.services.drafts import start_draft
from tests.members.factories import make_contributor, make_member_collectivity


def begin(commune, official, **answers) -> Contribution:
    """Begin a draft in French."""
    return start_draft(
        kind="practice",
        collectivity=commune,
        person=official,
        language="fr",
        title="Un budget discuté",
        initial=answers,
    )


def url(name, *args) -> str:
    with override("fr"):
        return reverse(name, args=args)


def colleague_of(commune):
    return make_contributor(commune).person


@pytest.fixture
def commune():
    return make_member_collectivity()


@pytest.fixture
def official(commune):
    return colleague_of(commune)


@pytest.fixture
def draft(commune, official):
    return begin(commune, official)

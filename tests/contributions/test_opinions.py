"""The page of a thematic reviewer."""

import pytest

from contributions.enums import Verdict
from contributions.services import opinions
from tests.contributions.conftest import url
from tests.contributions.factories import make_author, make_editor, make_submitted
from tests.members.factories import make_member_collectivity

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked():
    """A question on a contribution whose collectivity hides its name."""
    author = make_author(make_member_collectivity(name_fr="Hideville", name_ar="مخفية"))
    contribution = make_submitted(
        author=author, kind="did-not-work", audience="network", hides_collectivity=True
    )
    return opinions.ask_opinion(
        contribution=contribution,
        editor=make_editor(),
        reviewer=make_author(),
        question="Est-ce conforme ?",
    )


def test_who_is_asked_reads_the_draft_and_answers(client, asked):
    client.force_login(asked.reviewer)
    address = url("contribution_opinion", asked.contribution_id)
    text = client.get(address).content.decode()
    assert "Est-ce conforme ?" in text
    assert asked.contribution.page.title in text
    assert "Hideville" not in text
    assert "مخفية" not in text
    preview = client.get(url("contribution_preview", asked.contribution_id))
    assert preview.status_code == 200
    assert "Hideville" not in preview.content.decode()

    empty = client.post(address, {"verdict": "", "words": "Mes raisons"})
    assert empty.status_code == 422
    assert "Mes raisons" in empty.content.decode()
    forged = client.post(address, {"verdict": "everything", "words": "Mes raisons"})
    assert forged.status_code == 422
    sent = {"verdict": Verdict.CHANGE, "words": "Mes raisons"}
    assert client.post(address, sent).url == address
    asked.refresh_from_db()
    assert (asked.verdict, asked.words) == (Verdict.CHANGE, "Mes raisons")
    # Sent once more, it stays as it was given.
    assert client.post(address, sent | {"words": "D’autres"}).status_code == 422
    asked.refresh_from_db()
    assert asked.words == "Mes raisons"
    assert "Mes raisons" in client.get(address).content.decode()


def test_the_page_is_there_for_who_is_asked_alone(client, asked):
    address = url("contribution_opinion", asked.contribution_id)
    sent = {"verdict": Verdict.PUBLISH, "words": "Bien"}
    assert client.get(address).status_code == 302
    assert client.post(address, sent).status_code == 302
    outsider, author, editor = make_author(), asked.contribution.started_by, make_editor()
    for person, status in ((outsider, 404), (author, 403), (editor, 403)):
        client.force_login(person)
        assert client.get(address).status_code == status
        assert client.post(address, sent).status_code == status
    opinions.drop_opinion(opinion=asked, editor=editor)
    client.force_login(asked.reviewer)
    assert client.get(address).status_code == 404
    asked.refresh_from_db()
    assert asked.given_at is None

"""The charter's ledger: dated evidence, yearly statements, what the public page shows of it."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.html import strip_tags
from django.utils.translation import override

from core.audit import AuditEntry
from members.enums import AttachmentState, CharterCommitment, StaffRole
from members.ledger import SHOWN, ledger_of
from members.models import Attachment, CharterVersion, Membership, Signature, Statement
from members.registry import evidence_of
from practices.models import PracticePage
from tests.factories import make_commune, make_practice
from tests.members.factories import (
    make_association,
    make_contributor,
    make_focal_point,
    make_member_collectivity,
    make_person,
    make_staff,
)

pytestmark = pytest.mark.django_db

QUERIES_OF_A_LEDGER = 12
COOPERATE, VISIBILITY = CharterCommitment.COOPERATE, CharterCommitment.VISIBILITY
THIS_YEAR = timezone.localdate().year


@pytest.fixture
def commune():
    return make_member_collectivity(name_fr="Tétouan")


@pytest.fixture
def contributor(commune):
    return make_contributor(commune).person


def ledger(collectivity) -> str:
    return f"/en/space/{collectivity.key}/ledger/"


def typed(**fields) -> dict[str, str]:
    return {
        "year": str(THIS_YEAR),
        "commitment": "2",
        "text": "نشرنا الميزانية",
        "language": "ar",
        "seen": "",
    } | fields


def say(client, collectivity, **fields):
    return client.post(f"{ledger(collectivity)}statement/", typed(**fields))


def make_statement(collectivity, **fields) -> Statement:
    return Statement.objects.create(
        **{
            "collectivity": collectivity,
            "year": THIS_YEAR,
            "commitment": CharterCommitment.NORMS,
            "text": "Nous avons publié le budget",
            "language": "fr",
            "person": fields.pop("person", None) or make_person(),
        }
        | fields
    )


def make_attachment(collectivity, **fields) -> Attachment:
    return Attachment.objects.create(
        **{
            "collectivity": collectivity,
            "association": fields.pop("association", None) or make_association(),
            "state": AttachmentState.CONFIRMED,
            "decided_at": datetime(2026, 3, 4, 12, tzinfo=UTC),
        }
        | fields
    )


def seen(collectivity, language: str = "en") -> list[tuple]:
    with override(language):
        return [
            (
                one.on.isoformat(),
                one.commitment,
                strip_tags(one.text),
            )
            for one in evidence_of(collectivity, language)
        ]


# --- Evidence -------------------------------------------------------------------------------------


def test_associations_are_evidence_of_cooperation(commune):
    make_attachment(commune, association=make_association(name_fr="Amal"))
    make_attachment(
        commune,
        association=make_association(name_fr="Nour", left_on=date(2026, 5, 1)),
        state=AttachmentState.ENDED,
        decided_at=datetime(2025, 3, 4, 23, 30, tzinfo=UTC),
    )
    # Never confirmed, or of nobody that everybody sees: no evidence.
    make_attachment(commune, state=AttachmentState.ASKED, decided_at=None)
    make_attachment(commune, state=AttachmentState.DECLINED)
    make_attachment(commune, state=AttachmentState.ENDED, decided_at=None)
    make_attachment(make_commune())
    assert seen(commune) == [
        ("2026-03-04", COOPERATE, "Works with Amal"),
        ("2025-03-04", COOPERATE, "Worked with Nour"),
    ]


def publish_on(page, day: str):
    moment = datetime.fromisoformat(f"{day}T10:00:00+00:00")
    PracticePage.objects.filter(pk=page.pk).update(first_published_at=moment)


def test_practices_and_their_translations_are_evidence_of_visibility(commune):
    first = make_practice(language="ar", title="ميزانية", collectivities=(commune,))
    french = make_practice(
        language="fr", title="Budget", collectivities=(commune,), translation_of=first
    )
    publish_on(first, "2026-01-02")
    publish_on(french, "2026-02-03")
    make_practice(collectivities=(commune,), published=False)
    make_practice(collectivities=(make_commune(),))
    assert seen(commune) == [
        ("2026-02-03", VISIBILITY, "Practice translated into French: Budget"),
        ("2026-01-02", VISIBILITY, "Practice published: Budget"),
    ]
    assert "ميزانية" in seen(commune, "ar")[0][2]
    publish_on(first, "2026-03-04")  # the French version was the first one
    assert [text for _on, _commitment, text in seen(commune)] == [
        "Practice translated into Arabic: Budget",
        "Practice published: Budget",
    ]
    first.unpublish()
    assert [text for _on, _commitment, text in seen(commune)] == ["Practice published: Budget"]


def test_ledger_asks_as_much_for_one_as_for_three(client, commune, contributor):
    client.force_login(contributor)
    for number in range(3):
        make_attachment(commune)
        make_practice(collectivities=(commune,))
        make_statement(commune, year=THIS_YEAR - number)
        client.get(ledger(commune))
        with CaptureQueriesContext(connection) as asked:
            assert client.get(ledger(commune)).status_code == 200
        assert len(asked) == QUERIES_OF_A_LEDGER


def test_ledger_holds_the_five_commitments_in_their_order(commune):
    for day in range(1, SHOWN + 3):
        make_attachment(commune, decided_at=datetime(2026, 3, day, 12, tzinfo=UTC))
    make_statement(commune, year=THIS_YEAR - 1, text="Avant")
    make_statement(commune, text="Maintenant")
    entries = ledger_of(commune, "en")
    assert [entry.commitment for entry in entries] == [1, 2, 3, 4, 5]
    assert [one.text for one in entries[0].statements] == ["Maintenant", "Avant"]
    assert [one.on.day for one in entries[3].newest] == [8, 7, 6, 5, 4, 3]
    assert [one.on.day for one in entries[3].older] == [2, 1]


# --- Statements -----------------------------------------------------------------------------------


def test_statement_is_kept_and_shown(client, commune, contributor):
    client.force_login(contributor)
    assert say(client, commune)["Location"] == ledger(commune)
    said = Statement.objects.get()
    assert (said.year, said.commitment, said.text, said.language, said.person) == (
        THIS_YEAR,
        2,
        "نشرنا الميزانية",
        "ar",
        contributor,
    )
    page = client.get(ledger(commune)).content.decode()
    assert '<div lang="ar" dir="auto"><p>نشرنا الميزانية</p></div>' in page
    entry = AuditEntry.objects.get(kind="charter.stated")
    assert (entry.actor, entry.before, entry.after["text"]) == (
        contributor,
        None,
        "نشرنا الميزانية",
    )


def test_statement_of_the_same_year_is_replaced_and_audited(client, commune, contributor):
    client.force_login(contributor)
    make_statement(commune, commitment=2, text="Avant")
    address = f"{ledger(commune)}?year={THIS_YEAR}&commitment=2"
    form = client.get(address).context["form"]
    assert (form["text"].value(), form["language"].value()) == ("Avant", "fr")
    assert say(client, commune, seen=form["seen"].value()).status_code == 302
    assert Statement.objects.get().text == "نشرنا الميزانية"
    entry = AuditEntry.objects.get(kind="charter.stated")
    assert entry.before == {"text": "Avant", "language": "fr"}
    # Sent once more, as an impatient finger does.
    assert say(client, commune, seen=form["seen"].value()).status_code == 302
    assert AuditEntry.objects.filter(kind="charter.stated").count() == 1


def test_statement_that_somebody_wrote_meanwhile_is_shown_first(client, commune, contributor):
    make_statement(commune, commitment=2, text="Celle des autres")
    client.force_login(contributor)
    response = say(client, commune)
    page = response.content.decode()
    assert response.status_code == 422
    assert "Celle des autres" in page
    assert "نشرنا الميزانية</textarea>" in page
    assert Statement.objects.get().text == "Celle des autres"
    say(client, commune, seen=response.context["form"]["seen"].value())
    assert Statement.objects.get().text == "نشرنا الميزانية"


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("text", " \n", "Write what you did."),
        ("text", "ن" * 2001, "Shorten this"),
        ("year", str(THIS_YEAR + 1), "Choose this year"),
        ("year", str(THIS_YEAR - 3), "Choose this year"),
        ("year", "9" * 50, "Choose this year"),
        ("commitment", "6", "Choose a commitment."),
        ("language", "xx", "Choose a language."),
    ],
)
def test_wrong_statement_comes_back_filled(client, commune, contributor, field, value, words):
    client.force_login(contributor)
    response = say(client, commune, **{field: value})
    page = response.content.decode()
    assert response.status_code == 422
    assert page.count(words) == 2
    assert ("نشرنا الميزانية" in page) is (field != "text")
    assert not Statement.objects.exists()


def test_statement_may_be_of_this_year_and_the_two_before(client, commune, contributor):
    client.force_login(contributor)
    for back in range(3):
        assert say(client, commune, year=str(THIS_YEAR - back)).status_code == 302
    assert Statement.objects.count() == 3


def test_who_may_write_statements(client, commune, contributor):
    sent = {}
    for name, person in (
        ("visitor", None),
        ("outsider", make_focal_point(make_commune()).person),
        ("editor", make_staff(StaffRole.EDITOR)),
        ("contributor", contributor),
    ):
        client.logout()
        if person:
            client.force_login(person)
        page = client.get(ledger(commune))
        offers = b'id="statement"' in page.content
        sent[name] = (page.status_code, offers, say(client, commune).status_code)
    assert sent == {
        "visitor": (302, False, 302),
        "outsider": (404, False, 404),
        "editor": (200, False, 403),
        "contributor": (200, True, 302),
    }


def test_extra_fields_change_nothing(client, commune, contributor):
    other = make_member_collectivity()
    client.force_login(contributor)
    extra = {"collectivity": str(other.pk), "person": "1", "written_at": "2000-01-01"}
    client.post(f"{ledger(commune)}statement/", typed() | extra)
    said = Statement.objects.get()
    assert (said.collectivity, said.person) == (commune, contributor)


def test_odd_addresses_of_the_form_are_put_up_with(client, commune, contributor):
    client.force_login(contributor)
    for query in ("year=x&commitment=9", "year=1&commitment=-1", "year=" + "9" * 100):
        form = client.get(f"{ledger(commune)}?{query}").context["form"]
        assert (form["year"].value(), form["commitment"].value()) == (THIS_YEAR, 1)


def test_form_is_for_the_first_commitment_of_which_nothing_is_said(client, commune, contributor):
    client.force_login(contributor)
    for commitment in CharterCommitment:
        form = client.get(ledger(commune)).context["form"]
        assert (form["commitment"].value(), form["text"].value()) == (commitment, None)
        make_statement(commune, commitment=commitment)
    form = client.get(ledger(commune)).context["form"]
    assert (form["commitment"].value(), form["text"].value()) == (1, "Nous avons publié le budget")


def test_associations_have_no_ledger(client):
    association = make_association()
    client.force_login(make_focal_point(association).person)
    assert client.get(ledger(association)).status_code == 404


# --- On the public page ---------------------------------------------------------------------------


def test_public_page_of_a_member_tells_the_charter(client, commune):
    version = CharterVersion.objects.create(
        number=1, text_ar="<p>نص</p>", text_fr="<p>T</p>", published_at=timezone.now()
    )
    for ended_at in (timezone.now(), None):
        Signature.objects.create(
            collectivity=commune,
            version=version,
            person=make_person(),
            name="Nom secret",
            office="Maire",
            ended_at=ended_at,
        )
    make_attachment(commune, association=make_association(name_fr="Amal"))
    make_statement(commune)
    page = client.get(f"/en{commune.get_absolute_url()[3:]}")
    html = page.content.decode()
    section = html.split('id="charter"')[1].split("</section>")[0]
    assert page.cookies == {}
    assert section.count('href="/en/charter/versions/1/"') == 1
    assert "Amal" in section
    assert "Nous avons publié le budget" in section
    assert "Nom secret" not in html
    assert "Say what you did" not in html


def test_public_page_of_who_is_no_member_tells_nothing_of_it(client):
    commune = make_commune()
    make_statement(commune)
    membership = Membership.objects.create(collectivity=commune)
    address = f"/en{commune.get_absolute_url()[3:]}"
    assert 'id="charter"' in client.get(address).content.decode()
    membership.ended_on = timezone.localdate() - timedelta(days=1)
    membership.save()
    assert 'id="charter"' not in client.get(address).content.decode()

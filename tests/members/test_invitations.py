"""Invitations: sent, withdrawn, taken up by the right person once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.utils import timezone
from django.utils.translation import override

from core.audit import AuditEntry
from members.enums import StaffRole
from members.models import Affiliation, Invitation, User
from members.services import invitations
from members.services.invitations import (
    AccountExists,
    InvitationOver,
    InvitationRefused,
    accept,
    accept_as_new_person,
    digest_of,
    invite,
)
from notifications.models import Letter, Notice
from tests.members.factories import (
    make_association,
    make_contributor,
    make_focal_point,
    make_member_collectivity,
    make_person,
    make_staff,
)

pytestmark = pytest.mark.django_db

PASSWORD = "un mot de passe assez long"
EMAIL = "amina@example.org"


@pytest.fixture
def commune():
    return make_member_collectivity(name_fr="Tétouan")


@pytest.fixture
def focal(commune):
    return make_focal_point(commune)


def page(organisation, rest: str = "people/invite/") -> str:
    return f"/en/space/{organisation.key}/{rest}"


def sent(**fields) -> dict:
    return {
        "email": EMAIL,
        "place": "contributor",
        "office": "Service technique",
        "language": "fr",
    } | fields


def send(focal, email: str = EMAIL, **fields) -> Invitation:
    wanted = {"place": "contributor", "office": "", "language": "fr"} | fields
    return invite(organisation=focal.organisation, email=email, actor=focal.person, **wanted)


def token() -> str:
    """Return the secret of the last mail."""
    return Letter.objects.latest("pk").data["token"]


def link() -> str:
    return f"/en/invitation/{token()}/"


def account(**fields) -> dict:
    return {
        "first_name": "Amina",
        "last_name": "Alaoui",
        "language": "fr",
        "password": PASSWORD,
        "password_again": PASSWORD,
    } | fields


def places(organisation) -> list[tuple[str, str]]:
    rows = Affiliation.objects.of(organisation).filter(ended_at=None).order_by("pk")
    return list(rows.values_list("person__email", "place"))


def facts() -> tuple:
    """Return what an invitation may change."""
    return (
        list(Affiliation.objects.order_by("pk").values()),
        list(Invitation.objects.order_by("pk").values()),
        User.objects.count(),
        AuditEntry.objects.count(),
        Letter.objects.count(),
        Notice.objects.count(),
    )


# --- Sent ---------------------------------------------------------------------------------------


def test_an_invitation_is_sent_by_mail_with_a_secret_kept_as_a_digest(client, commune, focal):
    client.force_login(focal.person)
    assert client.get(page(commune)).status_code == 200
    answer = client.post(page(commune), sent(email="Amina@Example.org"))
    assert (answer.status_code, answer["Location"]) == (302, page(commune, "people/"))
    one = Invitation.objects.get()
    assert (one.email, one.place, one.office, one.language, one.organisation) == (
        EMAIL,
        "contributor",
        "Service technique",
        "fr",
        commune,
    )
    assert one.expires_at - one.created_at == timedelta(days=14)
    letter = Letter.objects.get()
    assert (letter.email, letter.language, letter.kind) == (EMAIL, "fr", "invitation")
    assert one.token_digest == digest_of(letter.data["token"])
    with override(letter.language):
        assert letter.address == f"/fr/invitation/{letter.data['token']}/"
    assert AuditEntry.objects.get().kind == "invitation.sent"


def test_the_answer_is_the_same_whether_an_account_exists(client, commune, focal):
    make_person(email=EMAIL)
    client.force_login(focal.person)
    answers = []
    for email in (EMAIL, "nobody@example.org"):
        answer = client.post(page(commune), sent(email=email), follow=True)
        words = [str(one) for one in answer.context["messages"]]
        answers.append((answer.redirect_chain, words, answer.text.count(email)))
    assert answers[0] == answers[1]
    assert Letter.objects.count() == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"email": "x"},
        {"email": ""},
        {"place": "administrator"},
        {"language": "xx"},
        {"office": "x" * 121},
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_lost(client, commune, focal, wrong):
    client.force_login(focal.person)
    answer = client.post(page(commune), sent(**wrong))
    assert answer.status_code == 422
    assert "error-summary" in answer.text
    assert answer.context["form"]["language"].value() == wrong.get("language", "fr")
    assert Invitation.objects.count() == 0


def test_whoever_has_a_place_is_not_invited(client, commune, focal):
    client.force_login(focal.person)
    answer = client.post(page(commune), sent(email=focal.person.email.upper()))
    assert answer.status_code == 422
    assert "has a place here already" in answer.text
    assert (Invitation.objects.count(), Letter.objects.count()) == (0, 0)


def test_a_second_invitation_replaces_the_first(commune, focal):
    elsewhere = send(make_focal_point(make_member_collectivity()))
    first, second = send(focal), send(focal, place="focal-point")
    states = {one.pk: one.state for one in Invitation.objects.all()}
    assert states == {elsewhere.pk: "open", first.pk: "revoked", second.pk: "open"}


def test_so_many_are_open_at_once_and_no_more(commune, focal, monkeypatch):
    monkeypatch.setattr(invitations, "MOST_OPEN", 2)
    send(focal, "a@example.org")
    send(focal, "b@example.org")
    with pytest.raises(InvitationRefused):
        send(focal, "c@example.org")
    send(focal, "a@example.org")
    Invitation.objects.filter(email="b@example.org").update(expires_at=timezone.now())
    send(focal, "c@example.org")
    assert Invitation.objects.open_ones().count() == 2


def test_nobody_is_flooded(commune, focal, monkeypatch):
    for _n in range(invitations.MOST_A_DAY_TO_ONE):
        send(focal)
    with pytest.raises(InvitationRefused):
        send(focal)
    monkeypatch.setattr(invitations, "MOST_A_DAY", 6)
    send(focal, "other@example.org")
    with pytest.raises(InvitationRefused):
        send(focal, "third@example.org")
    Invitation.objects.update(created_at=timezone.now() - timedelta(days=2))
    send(focal)


def test_who_may_invite(client, commune, focal):
    for person, status in (
        (make_contributor(commune).person, 403),
        (make_staff(StaffRole.EDITOR), 403),
        (make_focal_point(make_member_collectivity()).person, 404),
        (focal.person, 302),
        (make_staff(StaffRole.ADMINISTRATOR), 302),
    ):
        client.force_login(person)
        assert client.post(page(commune), sent()).status_code == status


# --- Withdrawn, sent again ----------------------------------------------------------------------


@pytest.mark.parametrize("what", ["revoke", "resend"])
def test_invitations_of_others_are_out_of_reach(client, commune, focal, what):
    own = send(focal)
    other = send(make_focal_point(make_member_collectivity()))
    association = send(make_focal_point(make_association()))
    client.force_login(focal.person)
    before = facts()
    for one in (other, association):
        assert client.post(page(commune, f"invitations/{one.pk}/{what}/")).status_code == 404
    assert client.get(page(commune, f"invitations/{own.pk}/{what}/")).status_code == 405
    client.force_login(make_contributor(commune).person)
    assert client.post(page(commune, f"invitations/{own.pk}/{what}/")).status_code == 403
    assert facts()[1:2] + facts()[4:] == before[1:2] + before[4:]
    client.force_login(focal.person)
    assert client.post(page(commune, f"invitations/{own.pk}/{what}/")).status_code == 302
    assert Invitation.objects.get(pk=own.pk).state == "revoked"


def test_sent_again_the_new_link_works_and_the_old_one_does_not(client, commune, focal):
    first = send(focal, language="ar", place="focal-point", office="Chef")
    old = link()
    Invitation.objects.update(expires_at=timezone.now())
    client.force_login(focal.person)
    client.post(page(commune, f"invitations/{first.pk}/resend/"))
    second = Invitation.objects.exclude(pk=first.pk).get()
    assert (second.email, second.place, second.office, second.language) == (
        EMAIL,
        "focal-point",
        "Chef",
        "ar",
    )
    client.logout()
    assert client.get(old).status_code == 410
    assert client.get(link()).status_code == 200


@pytest.mark.parametrize("what", ["revoke", "resend"])
def test_what_was_accepted_is_neither_withdrawn_nor_sent_again(client, commune, focal, what):
    one = send(focal)
    accept_as_new_person(
        invitation=one, first_name="A", last_name="B", password=PASSWORD, language="fr"
    )
    client.force_login(focal.person)
    before = facts()
    answer = client.post(page(commune, f"invitations/{one.pk}/{what}/"), follow=True)
    assert "notice--warning" in answer.text
    assert facts() == before


# --- The link -----------------------------------------------------------------------------------


def test_looking_changes_nothing_and_is_kept_by_nobody(client, focal):
    send(focal)
    before = facts()
    answer = client.get(link())
    assert answer.status_code == 200
    assert facts() == before
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["Referrer-Policy"] == "same-origin"
    for known in (focal.person.name, "Commune de Tétouan", "Contributor", EMAIL):
        assert known in answer.text


def test_an_unknown_link(client, focal):
    send(focal)
    for secret in ("x", token()[:-1], token() + "x", "ة" * 50):
        answer = client.get(f"/en/invitation/{secret}/")
        assert answer.status_code == 404
        assert "There is no such invitation" in answer.text


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"expires_at": timezone.now()}, "has run out"),
        ({"revoked_at": timezone.now()}, "no longer valid"),
        ({"accepted_at": timezone.now()}, "has been accepted"),
    ],
)
def test_what_is_over_says_so_and_changes_nothing(client, focal, change, words):
    one = send(focal)
    Invitation.objects.filter(pk=one.pk).update(**change)
    person = make_person(email=EMAIL)
    before = facts()
    for logged_in in (False, True):
        if logged_in:
            client.force_login(person)
        for answer in (client.get(link()), client.post(link(), account())):
            assert answer.status_code == 410
            assert words in answer.text
    assert facts() == before


# --- With an account ----------------------------------------------------------------------------


def test_a_person_accepts_with_the_invited_address(client, commune, focal):
    send(focal, "Amina@example.org", place="focal-point", office="Cheffe")
    person = make_person(email=EMAIL)
    client.force_login(person)
    assert client.get(link()).status_code == 200
    answer = client.post(link())
    assert (answer.status_code, answer["Location"]) == (302, page(commune, ""))
    assert places(commune) == [(focal.person.email, "focal-point"), (EMAIL, "focal-point")]
    assert client.get(answer["Location"]).status_code == 200
    kinds = AuditEntry.objects.order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["invitation.sent", "invitation.accepted", "place.given"]
    told = Notice.objects.values_list("kind", "person")
    assert list(told) == [("invitation-accepted", focal.person.pk)]
    again = client.post(link())
    assert (again.status_code, again["Location"]) == (302, page(commune, ""))
    assert len(places(commune)) == 2


def test_a_second_verified_address_counts_and_an_unverified_one_does_not(client, commune, focal):
    send(focal)
    person = make_person()
    second = EmailAddress.objects.create(user=person, email=EMAIL, verified=False)
    client.force_login(person)
    assert client.post(link()).status_code == 403
    second.verified = True
    second.save()
    assert client.post(link()).status_code == 302
    assert (person.email, "contributor") in places(commune)


def test_somebody_else_is_refused_and_nothing_is_changed(client, focal):
    send(focal)
    client.force_login(make_person(email="omar@example.org"))
    before = facts()
    for answer in (client.get(link()), client.post(link(), account())):
        assert answer.status_code == 403
        assert "for another address" in answer.text
        assert EMAIL not in answer.text
    assert facts() == before
    with pytest.raises(InvitationRefused):
        accept(invitation=Invitation.objects.get(), person=focal.person)


def test_whoever_has_an_account_is_sent_to_the_login_and_back(client, focal):
    send(focal)
    make_person(email=EMAIL)
    before = facts()
    answer = client.get(link())
    assert f'href="/en/account/login/?next={link()}"' in answer.text
    assert 'name="password"' not in answer.text
    assert client.post(link(), account()).status_code == 403
    assert facts() == before


def test_a_place_that_is_there_is_raised_and_not_doubled(client, commune, focal):
    person = make_person(email=EMAIL)
    send(focal, place="focal-point")
    held = make_contributor(commune, person=person)
    client.force_login(person)
    client.post(link())
    mine = Affiliation.objects.filter(person=person)
    assert list(mine.values_list("pk", "place")) == [(held.pk, "focal-point")]


# --- Without an account -------------------------------------------------------------------------


def test_a_new_person_makes_an_account_and_is_in_the_space(client, commune, focal):
    send(focal, office="Cheffe")
    answer = client.post(link(), account(language="ar"))
    assert (answer.status_code, answer["Location"]) == (302, f"/ar/space/{commune.key}/")
    person = User.objects.get(email=EMAIL)
    assert (person.name, person.language) == ("Amina Alaoui", "ar")
    assert person.check_password(PASSWORD)
    address = EmailAddress.objects.get(user=person)
    assert (address.email, address.verified, address.primary) == (EMAIL, True, True)
    mine = Affiliation.objects.get(person=person)
    assert (mine.organisation, mine.place, mine.office) == (commune, "contributor", "Cheffe")
    assert client.get(f"/en/space/{commune.key}/").status_code == 200
    assert client.session["_auth_user_id"] == str(person.pk)


def test_nothing_that_is_sent_beside_the_form_counts(client, commune, focal):
    other = make_member_collectivity()
    send(focal)
    client.post(
        link(),
        account(
            email="evil@example.org",
            collectivity=other.pk,
            organisation=other.pk,
            place="focal-point",
            role="administrator",
            is_staff="on",
            is_superuser="on",
            groups="1",
            status="accepted",
        ),
    )
    person = User.objects.get(email=EMAIL)
    assert not User.objects.filter(email="evil@example.org").exists()
    assert (person.is_staff, person.is_superuser, person.groups.count()) == (False, False, 0)
    assert places(commune) == [(focal.person.email, "focal-point"), (EMAIL, "contributor")]
    assert places(other) == []


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"first_name": ""}, "first_name"),
        ({"last_name": " "}, "last_name"),
        ({"password": "short", "password_again": "short"}, "password"),
        ({"password": "password123", "password_again": "password123"}, "password"),
        ({"password": EMAIL, "password_again": EMAIL}, "password"),
        ({"password_again": "something else"}, "password_again"),
        ({"language": "xx"}, "language"),
    ],
)
def test_a_wrong_field_is_told_and_nothing_is_made(client, focal, wrong, field):
    send(focal)
    before = facts()
    answer = client.post(link(), account(**wrong))
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert "error-summary" in answer.text
    assert PASSWORD not in answer.text
    assert facts() == before


def test_tries_at_the_form_are_limited(client, focal):
    send(focal)
    for _n in range(20):
        assert client.post(link(), account(first_name="")).status_code == 422
    answer = client.post(link(), account())
    assert (answer.status_code, answer["Retry-After"]) == (429, "60")
    assert 'value="Amina"' in answer.text
    assert not User.objects.filter(email=EMAIL).exists()


def test_an_account_that_came_meanwhile_is_not_made_twice(focal):
    one = send(focal)
    make_person(email=EMAIL)
    with pytest.raises(AccountExists):
        accept_as_new_person(
            invitation=one, first_name="A", last_name="B", password=PASSWORD, language="fr"
        )
    assert Invitation.objects.get().state == "open"


# --- Two at one moment --------------------------------------------------------------------------


def at_once(work, *arguments) -> list:
    """Do something in several threads at one moment; a refusal stands as its name."""
    together = Barrier(len(arguments), timeout=20)

    def do(argument):
        try:
            together.wait()
            return work(argument)
        except (InvitationOver, AccountExists) as error:
            return type(error).__name__
        finally:
            connection.close()

    with ThreadPoolExecutor(len(arguments)) as pool:
        return [one.result() for one in [pool.submit(do, argument) for argument in arguments]]


@pytest.mark.django_db(transaction=True)
def test_accepted_twice_at_one_moment_it_gives_one_place():
    focal = make_focal_point(make_member_collectivity())
    one = send(focal)
    person = make_person(email=EMAIL)

    def take(pk: int):
        return accept(invitation=Invitation.objects.get(pk=pk), person=person)

    done = at_once(take, one.pk, one.pk)
    assert sorted(map(str, done)) == ["InvitationOver", "None"]
    assert len(places(focal.organisation)) == 2


@pytest.mark.django_db(transaction=True)
def test_two_new_people_with_one_link_are_one_account():
    focal = make_focal_point(make_member_collectivity())
    one = send(focal)

    def take(name: str):
        accept_as_new_person(
            invitation=Invitation.objects.get(pk=one.pk),
            first_name=name,
            last_name="Alaoui",
            password=PASSWORD,
            language="fr",
        )

    done = at_once(take, "Amina", "Omar")
    assert sorted(map(str, done)) == ["InvitationOver", "None"]
    assert User.objects.filter(email=EMAIL).count() == 1
    assert len(places(focal.organisation)) == 2


@pytest.mark.django_db(transaction=True)
def test_two_invitations_of_one_new_person_at_one_moment_make_one_account():
    both = [send(make_focal_point(make_member_collectivity())) for _n in range(2)]

    def take(pk: int):
        accept_as_new_person(
            invitation=Invitation.objects.get(pk=pk),
            first_name="Amina",
            last_name="Alaoui",
            password=PASSWORD,
            language="fr",
        )

    done = at_once(take, *(one.pk for one in both))
    assert sorted(map(str, done)) == ["AccountExists", "None"]
    assert User.objects.filter(email=EMAIL).count() == 1
    assert sorted(one.state for one in Invitation.objects.all()) == ["accepted", "open"]

"""Accounts: the doors, the mails, the second step, what is counted and what is not told."""

import json
import re
import time
from pathlib import Path

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth.hashers import MD5PasswordHasher
from django.contrib.auth.models import Group
from django.core.cache import caches
from django.core.cache.backends.db import DatabaseCache
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from core import languages
from members.devices import device_of
from members.enums import StaffRole
from members.models import User
from members.services.staff import set_active
from notifications.models import Letter
from tests.factories import make_user

pytestmark = pytest.mark.django_db

PASSWORD = "quatre mots sans rapport"
NEW = "encore quatre autres mots"
SECRET = "A" * 32
FIREFOX = "Mozilla/5.0 (Android 14; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0"


def make_person(email="person@example.org", *, step=False, role="", **fields) -> User:
    """Make somebody with a confirmed address, with a second step or a role among the staff."""
    one = make_user(email=email, password=PASSWORD, language="fr", **fields)
    EmailAddress.objects.create(user=one, email=email, verified=True, primary=True)
    if step:
        TOTP.activate(one, SECRET)
        RecoveryCodes.activate(one)
    if role:
        one.groups.add(Group.objects.get(name=role))
    return one


def code_now(secret=SECRET) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def log_in(client, email="person@example.org", password=PASSWORD, **more):
    return client.post("/fr/account/login/", {"login": email, "password": password, **more})


def confirm_again(client, password=PASSWORD) -> None:
    """Show once more that it is oneself."""
    response = client.post("/fr/account/reauthenticate/", {"password": password})
    assert response.status_code == 302


def is_logged_in(client) -> bool:
    return client.get("/fr/account/sessions/").status_code == 200


def letters() -> list[dict]:
    return [one.data for one in Letter.objects.order_by("pk")]


@pytest.fixture
def person(db) -> User:
    return make_person()


@pytest.fixture
def logged_in(client, person):
    log_in(client)
    return client


# --- The pages -----------------------------------------------------------------------------------

ENTRANCES = (
    "account_login",
    "account_signup",
    "account_inactive",
    "account_email_verification_sent",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key_done",
)
OWN = (
    "account_logout",
    "account_email",
    "account_change_password",
    "account_reauthenticate",
    "mfa_index",
    "mfa_list_webauthn",
    "usersessions_list",
)
WEIGHTY = ("mfa_activate_totp", "mfa_add_webauthn")
OF_STEP = (
    "mfa_reauthenticate",
    "mfa_deactivate_totp",
    "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes",
)


def look_at(client, name: str, language: str) -> str:
    with override(language):
        response = client.get(reverse(name))
    assert response.status_code == 200, name
    assert response["Cache-Control"].count("no-store") == 1
    page = response.content.decode()
    assert f'<html lang="{language}" dir="{languages.direction(language)}">' in page
    assert page.count("<h1") == 1
    assert 'class="masthead masthead--slim"' in page
    return page


@pytest.mark.parametrize("language", languages.CODES)
def test_pages_before_the_door_show_in_each_language(client, language):
    for name in ENTRANCES:
        look_at(client, name, language)


@pytest.mark.parametrize("language", languages.CODES)
def test_pages_of_ones_own_account_show_in_each_language(client, language):
    make_person()
    log_in(client)
    for name in OWN:
        look_at(client, name, language)
    confirm_again(client)
    for name in WEIGHTY:
        look_at(client, name, language)


@pytest.mark.parametrize("language", languages.CODES)
def test_pages_of_a_second_step_show_in_each_language(client, language):
    make_person(step=True)
    log_in(client)
    client.post("/fr/account/second-step/authenticate/", {"code": code_now()})
    confirm_again(client)
    for name in OF_STEP:
        look_at(client, name, language)


@pytest.mark.parametrize("name", [*OWN, *WEIGHTY, *OF_STEP])
def test_a_visitor_on_a_page_of_an_account_is_led_to_the_login(client, name):
    response = client.get(reverse(name))
    if name == "account_logout":
        assert response["Location"] == "/ar/"
    else:
        assert response["Location"].partition("?")[0] == "/ar/account/login/"


def test_login_page_says_how_to_come_by_an_account(client):
    page = client.get("/fr/account/login/").content.decode()
    assert 'href="/fr/join/"' in page


def test_no_page_of_an_account_holds_an_inline_script_that_runs(logged_in):
    confirm_again(logged_in)
    logged_in.get("/fr/account/second-step/webauthn/add/")
    page = logged_in.get("/fr/account/second-step/webauthn/add/").content.decode()
    scripts = re.findall(r"<script([^>]*)>", page)
    assert len(scripts) > 4
    assert [one for one in scripts if " src=" not in one and "application/json" not in one] == []


# --- Logging in ----------------------------------------------------------------------------------


def test_who_logs_in_comes_to_the_space(client, person):
    response = log_in(client)
    assert (response.status_code, response["Location"]) == (302, "/fr/space/")
    assert is_logged_in(client)


def test_a_wrong_password_is_answered_with_422_and_the_address_stays(client, person):
    response = log_in(client, password="wrong")
    page = response.content.decode()
    assert response.status_code == 422
    assert 'class="error-summary"' in page
    assert 'value="person@example.org"' in page
    assert not is_logged_in(client)


def test_an_address_counts_whatever_its_case(client, person):
    assert log_in(client, "Person@Example.ORG").status_code == 302


@pytest.mark.parametrize("remembered", [True, False])
def test_the_session_ends_with_the_browser_unless_it_is_to_be_kept(client, person, remembered):
    response = log_in(client, **({"remember": "on"} if remembered else {}))
    assert bool(response.cookies["sessionid"]["max-age"]) is remembered


def test_nobody_signs_up(client):
    fields = {"email": "new@example.org", "password1": PASSWORD, "password2": PASSWORD}
    assert client.post("/fr/account/signup/", fields).status_code == 200
    assert not User.objects.filter(email="new@example.org").exists()
    assert letters() == []


def test_an_address_that_is_not_confirmed_opens_nothing(client):
    one = make_user(email="new@example.org", password=PASSWORD, language="ar")
    EmailAddress.objects.create(user=one, email=one.email, primary=True)
    response = log_in(client, "new@example.org")
    assert response["Location"] == "/fr/account/confirm-email/"
    assert not is_logged_in(client)
    [letter] = letters()
    [link] = re.findall(r"http\S+", letter["text"])
    assert link.startswith("http://127.0.0.1:8000/ar/account/confirm-email/")
    path = link.removeprefix("http://127.0.0.1:8000")
    assert client.get(path).status_code == 200
    client.post(path)
    assert log_in(client, "new@example.org")["Location"] == "/fr/space/"


def test_a_link_to_confirm_that_is_not_ours_is_told_to_be_old(client):
    response = client.get("/fr/account/confirm-email/no-such-key/")
    assert response.status_code == 200
    assert "<form class" not in response.content.decode()
    assert client.post("/fr/account/confirm-email/no-such-key/").status_code == 404


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "https:evil.example",
        "javascript:alert(1)",
        "http://127.0.0.1:8000/fr/",
    ],
)
def test_next_leads_to_no_other_host(client, person, wanted):
    response = log_in(client, next=wanted)
    assert response["Location"] == "/fr/space/"


def test_next_leads_to_a_place_of_the_site(client, person):
    assert log_in(client, next="/fr/practices/")["Location"] == "/fr/practices/"


# --- Known and unknown addresses -----------------------------------------------------------------


class CountingHasher(MD5PasswordHasher):
    counted = 0

    def encode(self, password, salt):
        type(self).counted += 1
        return super().encode(password, salt)


@pytest.fixture
def hashings(settings):
    settings.PASSWORD_HASHERS = [f"{__name__}.CountingHasher"]

    def of(call) -> tuple:
        before = CountingHasher.counted
        return call(), CountingHasher.counted - before

    return of


def without(page: bytes, email: str) -> str:
    """Return a page without what was typed and without its tokens."""
    text = page.decode().replace(email, "…")
    return re.sub(r'(name="csrfmiddlewaretoken" value=")\w+', r"\1", text)


UNKNOWN = "nobody@example.org"


@pytest.mark.parametrize("kind", ["person", "closed account", "account without a password"])
def test_a_failed_login_tells_nothing_of_who_has_an_account(client, hashings, kind):
    known = "person@example.org"
    make_person(known, is_active=kind != "closed account")
    if kind == "account without a password":
        one = User.objects.get()
        one.set_unusable_password()
        one.save()
    answers = {}
    for email in (known, UNKNOWN):
        visitor = Client()
        response, count = hashings(lambda v=visitor, e=email: log_in(v, e, "wrong password"))
        answers[email] = (
            response.status_code,
            without(response.content, email),
            count,
            sorted(response.cookies),
            len(letters()),
        )
    assert answers[known] == answers[UNKNOWN]
    assert answers[known][2] == 1


def test_a_reset_tells_nothing_of_who_has_an_account(client, person, hashings):
    answers = {}
    for email in ("person@example.org", UNKNOWN):
        visitor = Client()
        before = len(letters())
        response, count = hashings(
            lambda v=visitor, e=email: v.post("/fr/account/password/reset/", {"email": e})
        )
        answers[email] = (
            response.status_code,
            response["Location"],
            without(visitor.get(response["Location"]).content, email),
            count,
            len(letters()) - before,
        )
    assert answers["person@example.org"] == answers[UNKNOWN]
    assert answers[UNKNOWN][-1] == 1
    assert [one["text"].count("/password/reset/key/") for one in letters()] == [1, 0]


def test_another_accounts_address_is_not_told_of_when_one_wants_it(logged_in):
    make_person("other@example.org")
    answers = []
    for email in ("other@example.org", "free@example.org"):
        confirm_again(logged_in)
        response = logged_in.post("/fr/account/email/", {"email": email, "action_add": "1"})
        answers.append((response.status_code, response["Location"]))
    assert answers[0] == answers[1]
    assert answers[0] == (302, "/fr/account/email/")


# --- Limits --------------------------------------------------------------------------------------


def test_attempts_at_one_account_are_limited_from_wherever_they_come(client, person):
    for n in range(5):
        fields = {"login": "person@example.org", "password": "wrong"}
        client.post("/fr/account/login/", fields, REMOTE_ADDR=f"192.0.2.{n}")
    fields = {"login": "person@example.org", "password": PASSWORD}
    refused = client.post("/fr/account/login/", fields, REMOTE_ADDR="192.0.2.9")
    assert refused.status_code == 422
    assert not is_logged_in(client)


def test_attempts_count_whatever_host_and_port_a_request_names(client, person):
    for n in range(5):
        fields = {"login": "person@example.org", "password": "wrong"}
        client.post(
            "/fr/account/login/", fields, REMOTE_ADDR=f"192.0.2.{n}", HTTP_HOST=f"127.0.0.1:{n}"
        )
    fields = {"login": "person@example.org", "password": PASSWORD}
    refused = client.post("/fr/account/login/", fields, HTTP_HOST="127.0.0.1:8000")
    assert refused.status_code == 422


def attempt(client, n: int, **more) -> int:
    return client.post(
        "/fr/account/login/", {"login": f"p{n}@example.org", "password": "wrong"}, **more
    ).status_code


def test_one_client_is_limited_and_told_so_in_its_language(client):
    answers = [attempt(client, n) for n in range(31)]
    assert answers == [422] * 30 + [429]
    response = client.post("/ar/account/login/", {"login": "x@example.org", "password": "x"})
    assert (response.status_code, response["Retry-After"]) == (429, "60")
    page = response.content.decode()
    assert '<html lang="ar" dir="rtl">' in page
    assert page.count("<h1") == 1


def test_a_forged_forwarded_address_begins_no_new_count(client, settings):
    settings.BEHIND_PROXY = False
    answers = [attempt(client, n, HTTP_X_FORWARDED_FOR=f"198.51.100.{n}") for n in range(31)]
    assert answers == [422] * 30 + [429]


def test_behind_a_proxy_clients_are_counted_apart(client, settings):
    settings.BEHIND_PROXY = True
    forged = [
        attempt(client, n, HTTP_X_FORWARDED_FOR=f"198.51.100.{n}, 203.0.113.1") for n in range(31)
    ]
    assert forged == [422] * 30 + [429]
    assert attempt(client, 99, HTTP_X_FORWARDED_FOR="203.0.113.2") == 422


def test_counts_are_shared_by_all_processes_and_live_in_the_database(client, settings):
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.db.DatabaseCache",
            "LOCATION": "core_shared_cache",
        },
        "content": settings.CACHES["content"],
    }
    assert isinstance(caches["default"], DatabaseCache)
    assert [attempt(client, n) for n in range(31)] == [422] * 30 + [429]
    # Another process has nothing in its memory.
    del caches["default"]
    assert attempt(client, 99) == 429


@pytest.mark.django_db(transaction=True)
def test_the_table_of_the_cache_is_made_and_taken_back():
    def there() -> bool:
        return "core_shared_cache" in connection.introspection.table_names()

    assert there()
    try:
        call_command("migrate", "core", "0007", verbosity=0)
        assert not there()
    finally:
        call_command("migrate", "core", verbosity=0)
    assert there()


def test_a_session_keeps_the_first_address_of_an_ipv6_network(client, person):
    client.post(
        "/fr/account/login/",
        {"login": "person@example.org", "password": PASSWORD},
        REMOTE_ADDR="2001:db8:1:2:3::4",
    )
    assert UserSession.objects.get().ip == "2001:db8:1:2::"


# --- Passwords -----------------------------------------------------------------------------------


def reset_link(client, email="person@example.org", **more) -> str:
    client.post("/ar/account/password/reset/", {"email": email}, **more)
    return re.search(r"http\S+/key/\S+", letters()[-1]["text"]).group()


def test_a_forgotten_password_is_replaced_by_the_link_in_the_mail(client, person):
    link = reset_link(client)
    assert link.startswith("http://127.0.0.1:8000/fr/account/password/reset/key/")
    path = link.removeprefix("http://127.0.0.1:8000")
    page = client.get(path, follow=True)
    assert page.status_code == 200
    where = page.redirect_chain[-1][0]
    wrong = client.post(where, {"password1": NEW, "password2": "something else"})
    assert wrong.status_code == 422
    done = client.post(where, {"password1": NEW, "password2": NEW})
    assert done["Location"] == "/fr/account/password/reset/key/done/"
    assert log_in(client).status_code == 422
    assert log_in(client, password=NEW).status_code == 302
    # The link works once.
    again = Client().get(path)
    assert again.status_code == 200
    assert b"password1" not in again.content


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1:8000@evil.example"])
def test_a_forged_host_reaches_no_mail(client, person, host, settings):
    for email in ("person@example.org", UNKNOWN):
        client.post("/fr/account/password/reset/", {"email": email}, HTTP_HOST="evil.example")
    fields = {"email": "person@example.org"}
    client.post("/fr/account/password/reset/", fields, HTTP_X_FORWARDED_HOST=host)
    assert len(letters()) == 3
    for letter in letters():
        assert "evil" not in json.dumps(letter)
        assert re.findall(r"https?://([^/\s]+)", letter["text"]) == ["127.0.0.1:8000"]


def test_a_new_password_must_be_a_good_one(logged_in):
    for bad in ("short", "person@example.org", "password12"):
        response = logged_in.post(
            "/fr/account/password/change/",
            {"oldpassword": PASSWORD, "password1": bad, "password2": bad},
        )
        assert response.status_code == 422, bad
    assert log_in(Client()).status_code == 302


def change_password(client):
    return client.post(
        "/fr/account/password/change/",
        {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW},
    )


def test_a_new_password_ends_the_other_sessions(logged_in):
    other = Client()
    log_in(other)
    assert is_logged_in(other)
    assert change_password(logged_in)["Location"] == "/fr/account/"
    assert is_logged_in(logged_in)
    assert not is_logged_in(other)
    assert len(letters()) == 1


def test_a_reset_ends_all_sessions(logged_in):
    visitor = Client()
    path = reset_link(visitor).removeprefix("http://127.0.0.1:8000")
    where = visitor.get(path, follow=True).redirect_chain[-1][0]
    visitor.post(where, {"password1": NEW, "password2": NEW})
    assert not is_logged_in(logged_in)


def test_a_password_is_changed_only_by_who_knows_the_old_one(logged_in):
    response = logged_in.post(
        "/fr/account/password/change/",
        {"oldpassword": "wrong", "password1": NEW, "password2": NEW},
    )
    assert response.status_code == 422
    assert log_in(Client()).status_code == 302


# --- The e-mail address --------------------------------------------------------------------------


def ask_for_address(client, email="new@example.org", **more):
    confirm_again(client)
    return client.post("/fr/account/email/", {"email": email, "action_add": "1", **more})


def confirm_address(client) -> None:
    link = next(
        found.group()
        for letter in reversed(letters())
        if (found := re.search(r"http\S+/confirm-email/\S+", letter["text"]))
    )
    client.post(link.removeprefix("http://127.0.0.1:8000"))


def test_an_address_is_changed_when_the_new_one_is_confirmed(logged_in, person):
    ask_for_address(logged_in)
    person.refresh_from_db()
    assert person.email == "person@example.org"
    assert "new@example.org" in logged_in.get("/fr/account/email/").content.decode()
    confirm_address(logged_in)
    person.refresh_from_db()
    assert person.email == "new@example.org"
    [address] = EmailAddress.objects.all()
    assert (address.email, address.verified, address.primary) == ("new@example.org", True, True)
    # The old one is told.
    assert Letter.objects.order_by("pk").last().email == "person@example.org"


def test_a_change_of_address_can_be_called_off(logged_in, person):
    ask_for_address(logged_in)
    logged_in.post("/fr/account/email/", {"email": "new@example.org", "action_remove": "1"})
    assert [one.email for one in EmailAddress.objects.all()] == ["person@example.org"]


def test_the_one_address_of_an_account_cannot_be_removed(logged_in, person):
    confirm_again(logged_in)
    logged_in.post("/fr/account/email/", {"email": "person@example.org", "action_remove": "1"})
    person.refresh_from_db()
    assert person.email == "person@example.org"


def test_an_address_is_changed_only_by_who_knows_the_password(logged_in):
    response = logged_in.post("/fr/account/email/", {"email": "new@example.org", "action_add": "1"})
    assert response["Location"].startswith("/fr/account/reauthenticate/?next=")
    assert EmailAddress.objects.count() == 1
    # What was sent is not lost.
    answered = logged_in.post(response["Location"], {"password": PASSWORD})
    assert answered.status_code == 302
    assert EmailAddress.objects.count() == 2


def test_an_address_that_another_account_has_unconfirmed_is_not_taken(logged_in, person):
    make_user(email="new@example.org")  # brought in, and has never logged in
    ask_for_address(logged_in)
    confirm_address(logged_in)
    person.refresh_from_db()
    assert person.email == "person@example.org"


def test_staff_can_change_their_address(client):
    one = make_person(step=True, role=StaffRole.EDITOR)
    log_in(client)
    client.post("/fr/account/second-step/authenticate/", {"code": code_now()})
    ask_for_address(client)
    confirm_address(client)
    one.refresh_from_db()
    assert one.email == "new@example.org"


# --- Sessions ------------------------------------------------------------------------------------


def test_sessions_are_listed_and_ended(client, person):
    client.post(
        "/fr/account/login/",
        {"login": "person@example.org", "password": PASSWORD},
        HTTP_USER_AGENT=FIREFOX,
    )
    other = Client()
    log_in(other)
    page = client.get("/fr/account/sessions/").content.decode()
    assert page.count("<li>\n        <div>") == 2
    assert "Firefox, Android" in page
    assert client.post("/fr/account/sessions/")["Location"] == "/fr/account/sessions/"
    assert is_logged_in(client)
    assert not is_logged_in(other)


def test_what_a_browser_calls_itself_is_never_shown(client, person):
    client.post(
        "/fr/account/login/",
        {"login": "person@example.org", "password": PASSWORD},
        HTTP_USER_AGENT="Visit evil.example",
    )
    change_password(client)
    assert "evil" not in client.get("/fr/account/sessions/").content.decode()
    assert "evil" not in json.dumps(letters())


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (FIREFOX, "Firefox, Android"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge, Windows"),
        ("Mozilla/5.0 (Linux; Android 13) SamsungBrowser/25", "Samsung Internet, Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18) Version/18 Safari/604", "Safari, iPhone"),
        ("", "a device that we do not know"),
    ],
)  # fmt: skip
def test_a_browser_is_told_in_words(user_agent, words):
    with override("en"):
        assert device_of(user_agent) == words


def test_a_closed_account_is_out_at_its_next_request(logged_in, person):
    assert is_logged_in(logged_in)
    set_active(person=person, active=False, actor=make_person("boss@example.org"))
    assert not is_logged_in(logged_in)
    assert log_in(logged_in)["Location"] == "/fr/account/inactive/"
    set_active(person=person, active=True, actor=User.objects.get(email="boss@example.org"))
    assert log_in(logged_in)["Location"] == "/fr/space/"


def test_a_closed_account_is_mailed_no_link(client, person):
    User.objects.update(is_active=False)
    client.post("/fr/account/password/reset/", {"email": "person@example.org"})
    [letter] = letters()
    assert "/key/" not in letter["text"]


def test_logging_out_takes_a_form_of_this_site(logged_in):
    logged_in.get("/fr/account/logout/")
    assert is_logged_in(logged_in)
    assert logged_in.post("/fr/account/logout/")["Location"] == "/fr/"
    assert not is_logged_in(logged_in)


# --- The second step -----------------------------------------------------------------------------


def set_up_app(client) -> str:
    """Set an app up by the pages, and return its key."""
    confirm_again(client)
    page = client.get("/fr/account/second-step/totp/activate/").content.decode()
    key = re.search(r'<code id="secret" dir="ltr">(\w+)</code>', page).group(1)
    assert 'src="data:image/svg+xml;base64,' in page
    wrong = client.post("/fr/account/second-step/totp/activate/", {"code": "000000"})
    assert wrong.status_code == 422
    assert key in wrong.content.decode()
    right = client.post("/fr/account/second-step/totp/activate/", {"code": code_now(key)})
    assert right["Location"] == "/fr/account/second-step/recovery-codes/"
    return key


@pytest.mark.django_db(transaction=True)
def test_an_app_is_set_up_and_asked_for_at_the_next_login(client):
    make_person()
    log_in(client)
    key = set_up_app(client)
    codes = re.findall(
        r"<code>(\d{8})</code>",
        client.get("/fr/account/second-step/recovery-codes/").content.decode(),
    )
    assert len(codes) == 10
    client.post("/fr/account/logout/")
    assert log_in(client)["Location"] == "/fr/account/second-step/authenticate/"
    assert not is_logged_in(client)
    step = "/fr/account/second-step/authenticate/"
    assert client.get(step).status_code == 200
    assert client.post(step, {"code": "12345"}).status_code == 422
    assert client.post(step, {"code": code_now(key)})["Location"] == "/fr/space/"
    assert is_logged_in(client)


@pytest.mark.django_db(transaction=True)
def test_sessions_from_before_the_second_step_end(client):
    make_person()
    log_in(client)
    old = Client()
    log_in(old)
    set_up_app(client)
    assert is_logged_in(client)
    assert not is_logged_in(old)


def enter_code(client, code: str) -> int:
    return client.post("/fr/account/second-step/authenticate/", {"code": code}).status_code


def test_a_recovery_code_works_once_however_it_is_grouped(client):
    one = make_person(step=True)
    steps = Authenticator.objects.get(user=one, type=Authenticator.Type.RECOVERY_CODES)
    code = RecoveryCodes(steps).get_unused_codes()[0]
    log_in(client)
    assert enter_code(client, f"{code[:4]} {code[4:]}") == 302
    assert is_logged_in(client)
    other = Client()
    log_in(other)
    assert enter_code(other, code) == 422


def test_a_code_of_the_app_works_once_and_in_any_digits(client):
    make_person(step=True)
    log_in(client)
    code = code_now()
    assert enter_code(client, code.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))) == 302
    other = Client()
    log_in(other)
    assert enter_code(other, code) == 422


def test_guesses_of_the_second_step_are_limited(client):
    make_person(step=True)
    log_in(client)
    assert [enter_code(client, f"00000{n}") for n in range(5)] == [422] * 5
    assert enter_code(client, code_now()) == 422


@pytest.mark.parametrize("code", ["", "½½½", "１２", "\ud7ff", "9" * 5000, "٣"])
def test_any_code_is_answered(client, code):
    make_person(step=True)
    log_in(client)
    assert enter_code(client, code) == 422


CREDENTIALS = (
    "",
    "no json",
    "null",
    "[]",
    '"text"',
    "{}",
    '{"response": []}',
    '{"response": {"userHandle": null}}',
    '{"id": "AA", "rawId": "AA", "type": "public-key", "response": {}}',
    '{"id": "AA", "rawId": "AA", "type": "public-key", "response": {"clientDataJSON": "AA",'
    ' "authenticatorData": "AA", "signature": "AA", "userHandle": "////"}}',
)


@pytest.mark.parametrize("credential", CREDENTIALS)
def test_any_passkey_is_answered(client, credential):
    make_person(step=True)
    client.get("/fr/account/second-step/webauthn/login/", HTTP_ACCEPT="application/json")
    answer = client.post("/fr/account/second-step/webauthn/login/", {"credential": credential})
    assert answer["Location"] == "/fr/account/login/"
    log_in(client)
    answer = client.post("/fr/account/second-step/authenticate/", {"credential": credential})
    assert answer.status_code == 422
    assert not is_logged_in(client)


@pytest.mark.parametrize("credential", CREDENTIALS)
def test_any_passkey_that_is_to_be_added_is_answered(logged_in, credential):
    confirm_again(logged_in)
    add = "/fr/account/second-step/webauthn/add/"
    logged_in.get(add)
    answer = logged_in.post(add, {"name": "x", "credential": credential})
    assert answer.status_code == 422
    assert Authenticator.objects.count() == 0


def test_passkeys_are_another_persons_nowhere(logged_in):
    other = make_person("other@example.org")
    passkey = Authenticator.objects.create(
        user=other, type=Authenticator.Type.WEBAUTHN, data={"name": "theirs"}
    )
    confirm_again(logged_in)
    for what in ("edit", "remove"):
        where = f"/fr/account/second-step/webauthn/keys/{passkey.pk}/{what}/"
        assert logged_in.get(where).status_code == 404
        assert logged_in.post(where, {"name": "mine"}).status_code == 404
    assert Authenticator.objects.get().data == {"name": "theirs"}


def test_a_passkey_is_named_after_the_device(logged_in):
    confirm_again(logged_in)
    add = "/fr/account/second-step/webauthn/add/"
    page = logged_in.get(add, HTTP_USER_AGENT=FIREFOX).content.decode()
    assert 'value="Firefox, Android"' in page


@pytest.fixture
def passkey(logged_in, person):
    confirm_again(logged_in)
    return Authenticator.objects.create(
        user=person, type=Authenticator.Type.WEBAUTHN, data={"name": "هاتفي", "credential": {}}
    )


def test_passkeys_are_listed_renamed_and_taken_away(logged_in, passkey):
    page = logged_in.get("/fr/account/second-step/webauthn/").content.decode()
    assert "<b><bdi>هاتفي</bdi></b>" in page
    where = f"/fr/account/second-step/webauthn/keys/{passkey.pk}"
    assert logged_in.get(f"{where}/edit/").status_code == 200
    assert logged_in.post(f"{where}/edit/", {"name": ""}).status_code == 422
    assert logged_in.post(f"{where}/edit/", {"name": "x" * 61}).status_code == 422
    logged_in.post(f"{where}/edit/", {"name": "a\u202eb  c"})
    passkey.refresh_from_db()
    assert passkey.data["name"] == "ab c"
    assert logged_in.get(f"{where}/remove/").status_code == 200
    logged_in.post(f"{where}/remove/")
    assert Authenticator.objects.count() == 0
    assert len(letters()) == 1


def test_an_app_is_taken_away_and_its_recovery_codes_with_it(client):
    make_person(step=True)
    log_in(client)
    enter_code(client, code_now())
    confirm_again(client)
    client.post("/fr/account/second-step/totp/deactivate/")
    assert Authenticator.objects.count() == 0


def test_staff_keep_their_last_second_step(client):
    one = make_person(step=True, role=StaffRole.MODERATOR)
    log_in(client)
    enter_code(client, code_now())
    confirm_again(client)
    away = "/fr/account/second-step/totp/deactivate/"
    assert 'class="button button--danger"' not in client.get(away).content.decode()
    assert client.post(away).status_code == 422
    assert Authenticator.objects.filter(user=one, type=Authenticator.Type.TOTP).exists()
    Authenticator.objects.create(
        user=one, type=Authenticator.Type.WEBAUTHN, data={"name": "x", "credential": {}}
    )
    assert client.post(away).status_code == 302
    assert not Authenticator.objects.filter(user=one, type=Authenticator.Type.TOTP).exists()


def test_recovery_codes_are_made_anew_and_downloaded(client):
    make_person(step=True)
    log_in(client)
    enter_code(client, code_now())
    confirm_again(client)
    download = "/fr/account/second-step/recovery-codes/download/"
    before = client.get(download).content.decode()
    assert len(re.findall(r"^\d{8}$", before, re.MULTILINE)) == 10
    client.post("/fr/account/second-step/recovery-codes/generate/")
    after = client.get(download)
    assert after["Content-Type"].startswith("text/plain")
    assert before != after.content.decode()


def test_recovery_codes_are_shown_to_who_knows_the_password_only(client):
    make_person(step=True)
    log_in(client)
    enter_code(client, code_now())
    for page in ("", "download/", "generate/"):
        response = client.get(f"/fr/account/second-step/recovery-codes/{page}")
        assert response["Location"].startswith("/fr/account/reauthenticate/")


# --- The administration --------------------------------------------------------------------------


@pytest.mark.parametrize("role", [*StaffRole, "superuser"])
def test_staff_come_into_the_administration_with_a_second_step_only(
    client, role, wagtails_own_templates
):
    superuser = role == "superuser"
    one = make_person(role="" if superuser else role, is_superuser=superuser)
    log_in(client)
    assert client.get("/admin/")["Location"].endswith("/account/second-step/")
    TOTP.activate(one, SECRET)
    assert client.get("/admin/").status_code == 200
    # Recovery codes alone are no second step.
    Authenticator.objects.update(type=Authenticator.Type.RECOVERY_CODES)
    assert client.get("/admin/").status_code == 302


def test_who_is_not_staff_is_refused_at_the_administration(client):
    make_person(step=True)
    log_in(client)
    enter_code(client, code_now())
    assert client.get("/admin/").status_code == 403


def test_a_visitor_at_the_administration_is_led_to_the_one_login(client):
    response = client.get("/admin/", HTTP_ACCEPT_LANGUAGE="ar")
    assert response["Location"] == "/ar/account/login/?next=/admin/"


OTHER_DOORS = (
    "/admin/login/",
    "/admin/password_reset/",
    *(f"/{language}/_util/login/" for language in languages.CODES),
)


@pytest.mark.parametrize("door", OTHER_DOORS)
def test_every_other_door_leads_to_the_one_login(door):
    one = make_person(role=StaffRole.EDITOR)
    visitor = Client(enforce_csrf_checks=True)
    fields = {"username": one.email, "email": one.email, "login": one.email, "password": PASSWORD}
    for response in (visitor.get(door), visitor.post(door, fields)):
        assert response.status_code == 302
        assert re.fullmatch(r"/\w+/account/login/", response["Location"])
    assert "sessionid" not in visitor.cookies
    wanted = visitor.get(f"{door}?next=/admin/pages/")["Location"]
    assert wanted.endswith("/account/login/?next=%2Fadmin%2Fpages%2F")


@pytest.mark.parametrize("page", ["done/", "complete/", "confirm/MQ/set-password/"])
def test_wagtails_own_reset_is_closed(client, page, wagtails_own_templates):
    response = client.get(f"/admin/password_reset/{page}")
    assert response.status_code == 302
    assert response["Location"].endswith("/account/login/")


def test_only_allauth_knows_passwords():
    assert settings.AUTHENTICATION_BACKENDS == [
        "allauth.account.auth_backends.AuthenticationBackend"
    ]


# --- What is never taken, what is never set ------------------------------------------------------


def test_more_fields_than_a_form_has_change_nothing(client, person):
    more = {
        "is_staff": "1",
        "is_superuser": "1",
        "is_active": "0",
        "groups": [str(one.pk) for one in Group.objects.all()],
        "role": "administrator",
        "collectivity": "1",
        "status": "member",
        "user": "1",
    }

    def same() -> bool:
        one = User.objects.get(pk=person.pk)
        return (one.is_staff, one.is_superuser, one.is_active, one.groups.count()) == (
            False,
            False,
            True,
            0,
        )

    log_in(client, **more)
    forms = {
        "/fr/account/reauthenticate/": {"password": PASSWORD},
        "/fr/account/email/": {"email": "new@example.org", "action_add": "1"},
        "/fr/account/second-step/totp/activate/": {"code": "000000"},
        "/fr/account/second-step/recovery-codes/generate/": {},
        "/fr/account/second-step/webauthn/add/": {"name": "x", "credential": "{}"},
        "/fr/account/sessions/": {},
        "/fr/account/password/change/": {
            "oldpassword": PASSWORD, "password1": NEW, "password2": NEW,
        },
        "/fr/account/password/reset/": {"email": "person@example.org"},
        "/fr/account/signup/": {"email": "x@example.org", "password1": NEW, "password2": NEW},
    }  # fmt: skip
    for where, fields in forms.items():
        assert client.post(where, fields | more).status_code < 500
        assert same(), where
    confirm_address(client)
    path = reset_link(client, "new@example.org").removeprefix("http://127.0.0.1:8000")
    where = client.get(path, follow=True).redirect_chain[-1][0]
    client.post(where, {"password1": PASSWORD, "password2": PASSWORD} | more)
    assert same()
    assert User.objects.count() == 1


@pytest.mark.parametrize("path", ["/ar/", "/ar/collectivities/", "/ar/search/", "/ar/none/"])
def test_a_visitor_of_a_public_page_is_given_no_cookie(client, db, path):
    response = client.get(path)
    assert response.cookies == {}
    assert "Cookie" not in response.get("Vary", "")


# --- The mails -----------------------------------------------------------------------------------

TEMPLATES = Path(settings.BASE_DIR) / "templates"
MAILS = sorted(  # by folder, then by name
    str(path.relative_to(TEMPLATES)).removesuffix("_message.txt")
    for folder in ("account", "mfa")
    for path in (TEMPLATES / folder / "email").glob("*_message.txt")
)


@pytest.mark.parametrize("language", languages.CODES)
@pytest.mark.parametrize("mail", MAILS)
def test_each_mail_is_written_in_the_language_of_the_account(rf, mail, language):
    from allauth.account.adapter import get_adapter
    from allauth.core.context import request_context

    person = make_person()
    User.objects.update(language=language)
    person.refresh_from_db()
    request = rf.get("/fr/", HTTP_HOST="evil.example", HTTP_USER_AGENT=FIREFOX)
    context = {
        "user": person,
        "request": request,
        "signup_url": "http://evil.example/",
        "activate_url": f"{settings.SITE_URL}/fr/account/confirm-email/key/",
        "password_reset_url": f"{settings.SITE_URL}/fr/account/password/reset/key/1-a/",
        "from_email": "person@example.org",
        "to_email": "new@example.org",
        "deleted_email": "person@example.org",
    }
    with request_context(request), override("fr"):
        get_adapter().send_notification_mail(mail, person, context)
    [letter] = Letter.objects.all()
    assert (letter.email, letter.language) == ("person@example.org", language)
    assert letter.data["subject"].strip() != ""
    assert "\n" not in letter.data["subject"]
    assert "evil" not in letter.data["text"]
    assert "&" not in letter.data["text"]
    links = re.findall(r"https?://\S+", letter.data["text"])
    assert all(link.startswith(f"{settings.SITE_URL}/{language}/") for link in links)


def test_every_mail_that_allauth_sends_here_is_ours():
    assert [name.rpartition("/")[2] for name in MAILS] == [
        "email_changed",
        "email_confirmation",
        "email_deleted",
        "password_changed",
        "password_reset",
        "password_reset_key",
        "password_set",
        "unknown_account",
        "recovery_codes_generated",
        "totp_activated",
        "totp_deactivated",
        "webauthn_added",
        "webauthn_removed",
    ]

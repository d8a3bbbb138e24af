import smtplib
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.db import connection, transaction
from django.template import engines
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.open_forms import make_stamp
from core.outbox.models import OutboxJob, PeriodicRun
from core.outbox.services import claim, run, run_due_periodic_tasks
from core.outbox.worker import Worker
from home.contact import (
    MOST_FROM_ONE,
    MOST_IN_ALL,
    TooManyMessages,
    mail_message,
    send_message,
    set_answered,
)
from home.models import ContactCount, ContactMessage
from tests.factories import make_contact_message, make_staff, make_user
from tests.smtp import mail_server

pytestmark = pytest.mark.django_db

LANGUAGES = ("ar", "fr", "en", "zgh")
TWENTY_TO = datetime(2026, 11, 23, 9, 40, tzinfo=UTC)
TEXT = "أين أجد ميزانية الجماعة؟\r\nMerci d’avance."


def filled(**fields) -> dict[str, str]:
    """What a browser sends: a form that was open for a minute."""
    return {
        "name": "مريم",
        "email": "maryam@example.org",
        "subject": "الميزانية التشاركية",
        "text": TEXT,
        "website": "",
        "about": "",
        "stamp": make_stamp(time.time() - 60),
    } | fields


def counts() -> tuple[int, int]:
    """How many messages and how many mails wait."""
    return ContactMessage.objects.count(), OutboxJob.objects.filter(kind="contact-mail").count()


def send(number: int, address: str = "192.0.2.7", **fields) -> None:
    """Send a message of its own straight to the service."""
    send_message(
        **{
            "name": "x",
            "email": "x@example.org",
            "subject": f"subject {number}",
            "text": "text",
            "language": "fr",
            "page": "",
            "address": address,
            "now": TWENTY_TO,
        }
        | fields
    )


@pytest.fixture
def post(client):
    def post(language: str = "ar", *, headers: dict | None = None, **fields):
        return client.post(f"/{language}/contact/", filled(**fields), headers=headers)

    return post


# --- What works ---------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_form_opens_in_each_language(client, language):
    answer = client.get(f"/{language}/contact/")
    assert (answer.status_code, answer.headers["Content-Language"]) == (200, language)
    assert f'href="/{language}/privacy/"' in answer.content.decode()


@pytest.mark.parametrize("language", LANGUAGES)
def test_message_is_kept_and_its_mail_waits(post, client, language):
    answer = post(language, about="/fr/practices/x-3/")
    assert (answer.status_code, answer.url) == (302, f"/{language}/contact/sent/")
    assert client.get(answer.url).status_code == 200
    message = ContactMessage.objects.get()
    assert (message.name, message.email, message.subject, message.text) == (
        "مريم",
        "maryam@example.org",
        "الميزانية التشاركية",
        "أين أجد ميزانية الجماعة؟\nMerci d’avance.",
    )
    assert (message.language, message.page) == (language, "/fr/practices/x-3/")
    job = OutboxJob.objects.get(kind="contact-mail")
    assert (job.payload, job.key) == ({"message": message.pk}, str(message.pk))


def test_page_that_it_is_about_is_asked_along(client):
    page = client.get("/ar/contact/?about=/ar/practices/x-3/").content.decode()
    assert '<input type="hidden" name="about" value="/ar/practices/x-3/">' in page


@pytest.mark.parametrize(
    "about",
    [
        "https://example.com/",
        "//example.com/ar/",
        "/\\example.com",
        "/admin/",
        "/ar/a b",
        "/ar/x\n",
        "/ar/" + "x" * 500,
    ],
)
def test_other_addresses_are_not_taken_for_pages(client, post, about):
    assert 'name="about" value=""' in client.get("/ar/contact/", {"about": about}).content.decode()
    assert post(about=about).status_code == 302
    assert ContactMessage.objects.get().page == ""


def test_message_sent_twice_is_one(post):
    stamp = make_stamp(time.time() - 60)
    assert [post(stamp=stamp).status_code for _ in range(3)] == [302, 302, 302]
    assert counts() == (1, 1)
    assert post(subject="أخرى").status_code == 302
    assert counts() == (2, 2)


def test_same_words_on_another_day_are_another_message():
    for hours in (0, 1, 24):
        send(1, now=TWENTY_TO + timedelta(hours=hours))
    assert counts() == (2, 2)


def test_no_rest_of_a_message_that_is_taken_back():
    with transaction.atomic():
        send(1)
        transaction.set_rollback(True)
    assert (*counts(), ContactCount.objects.count()) == (0, 0, 0)
    send(1)
    assert (*counts(), ContactCount.objects.count()) == (1, 1, 2)


# --- What is refused: the form comes back filled ------------------------------------------------


@pytest.mark.parametrize(
    ("field", "value", "good"),
    [
        ("name", "", "م"),
        ("name", " \u202e ", "م"),
        ("name", "x" * 121, "x" * 120),
        ("email", "", "a@example.org"),
        ("email", "maryam", "m.a+b@example.org"),
        ("email", "a@example.org\nBcc: b@example.org", " a@example.org\n"),
        ("email", "a@example.org, b@example.org", "b@example.org"),
        ("email", f"{'a' * 60}@{'b' * 60}.{'c' * 60}.{'d' * 60}.{'e' * 60}.org", "a@example.ma"),
        ("subject", "", "x"),
        ("subject", "ع" * 151, "ع" * 150),
        ("text", "", "0123456789"),
        ("text", "012345678 ", "012345678 9"),
        ("text", "x" * 5001, "x" * 5000),
        ("text", "x" * 100_000, "\r\n".join("x" * 2500)),
        ("text", "see http://a.ma " * 6, "see https://www.a.ma " * 5),
    ],
)
def test_each_field_says_what_is_missing(post, field, value, good):
    answer = post("fr", **{field: value})
    page = unescape(answer.content.decode())
    form = answer.context["form"]
    assert (answer.status_code, set(form.errors), counts()) == (422, {field}, (0, 0))
    words = form.errors[field]
    assert page.count(words[0]) == 2  # in the summary and at the field
    assert f'<a href="#id_{field}">{words[0]}</a>' in page
    assert f'id="id_{field}_error"' in page
    assert 'aria-invalid="true"' in page
    assert "autofocus" in page
    for name, typed in (filled() | {field: value}).items():
        if name in ("name", "email", "subject", "text"):
            assert form[name].value() == typed
    assert post("fr", **{field: good}).status_code == 302


def test_each_error_stands_in_the_summary(client):
    answer = client.post("/ar/contact/", {"stamp": make_stamp(time.time() - 60)})
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["name", "email", "subject", "text"]
    assert counts() == (0, 0)


def test_form_without_errors_has_no_summary(client):
    page = client.get("/ar/contact/").content.decode()
    assert "error-summary" not in page
    assert "autofocus" not in page


def test_what_turns_or_breaks_a_line_is_taken_out(post):
    post(name="a\u202eb\r\nc", subject="x\r\nBcc: y@example.org", text="a\u2066bcdefghij\x08k\tl")
    message = ContactMessage.objects.get()
    assert (message.name, message.subject, message.text) == (
        "ab c",
        "x Bcc: y@example.org",
        "abcdefghijk\tl",
    )


def test_what_was_typed_is_shown_as_text(post):
    page = post(name='"><script>x</script>', text="short</textarea><b>", email="x").content.decode()
    assert "<script>x" not in page
    assert "</textarea><b>" not in page


@pytest.mark.parametrize(
    ("age", "status"), [(0, 422), (1, 422), (4, 302), (86_000, 302), (86_401, 422), (-60, 422)]
)
def test_form_is_taken_neither_too_early_nor_too_late(post, age, status):
    answer = post(stamp=make_stamp(time.time() - age))
    assert answer.status_code == status
    assert counts() == ((1, 1) if status == 302 else (0, 0))
    if status == 422:
        assert answer.context["form"].errors.keys() == {"__all__"}
        assert TEXT.splitlines()[0] in answer.content.decode()


@pytest.mark.parametrize("stamp", ["", "1", "1:x", make_stamp(0) + "x"])
def test_stamp_that_is_not_ours_is_refused_and_a_new_one_given(post, stamp):
    answer = post(stamp=stamp)
    assert (answer.status_code, counts()) == (422, (0, 0))
    assert answer.context["form"].lasting_stamp != stamp
    assert post().status_code == 302


def test_stamp_stays_while_errors_are_mended(post):
    stamp = make_stamp(time.time() - 60)
    page = post(stamp=stamp, name="").content.decode()
    assert f'name="stamp" value="{stamp}"' in page
    assert post(stamp=stamp).status_code == 302


def test_machine_that_fills_the_trap_is_thanked_and_dropped(post):
    answer = post(website="https://example.com")
    assert (answer.status_code, answer.url, counts()) == (302, "/ar/contact/sent/", (0, 0))
    assert post(website="").status_code == 302
    assert counts() == (1, 1)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site", "Origin": "https://example.com"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://testserver"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 302),
        ({"Sec-Fetch-Site": "none"}, 302),
        ({"Origin": "https://example.com"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://[bad"}, 403),
        ({"Origin": "http://testserver.example.com"}, 403),
        ({"Origin": "http://testserver"}, 302),
        ({"Origin": "http://127.0.0.1:8000"}, 302),
        ({"Referer": "https://example.com/x"}, 403),
        ({"Referer": "http://testserver/ar/contact/"}, 302),
        ({}, 302),
    ],
)
def test_form_sent_from_another_site_is_refused(post, headers, status):
    answer = post(headers=headers)
    assert answer.status_code == status
    assert counts() == ((1, 1) if status == 302 else (0, 0))
    if status == 403:
        assert 'value="الميزانية التشاركية"' in answer.content.decode()


def test_form_needs_no_cookie_though_cookies_are_checked_elsewhere():
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/ar/contact/", filled()).status_code == 302
    assert strict.post("/ar/account/login/", {"login": "x"}).status_code == 403


# --- The limits ---------------------------------------------------------------------------------


def test_sixth_message_of_an_hour_is_refused_and_another_sender_is_not():
    for number in range(MOST_FROM_ONE):
        send(number)
    with pytest.raises(TooManyMessages) as refused:
        send(5)
    assert refused.value.retry_after == 20 * 60
    # The same message again is the same message, and no new one.
    send(1)
    assert counts() == (5, 5)
    send(5, address="198.51.100.9")
    assert counts() == (6, 6)


def test_sender_may_write_again_in_the_next_hour():
    for number in range(MOST_FROM_ONE):
        send(number)
    with pytest.raises(TooManyMessages):
        send(5, now=TWENTY_TO + timedelta(minutes=19, seconds=59))
    send(5, now=TWENTY_TO + timedelta(minutes=20))
    assert counts() == (6, 6)


def test_all_together_have_a_limit():
    for number in range(MOST_IN_ALL):
        send(number, address=f"192.0.2.{number}")
    with pytest.raises(TooManyMessages):
        send(MOST_IN_ALL, address="198.51.100.9")
    assert counts() == (MOST_IN_ALL, MOST_IN_ALL)
    send(MOST_IN_ALL, address="198.51.100.9", now=TWENTY_TO + timedelta(hours=1))
    assert counts() == (MOST_IN_ALL + 1, MOST_IN_ALL + 1)


@pytest.mark.django_db(transaction=True)
def test_limits_hold_for_messages_that_come_at_once():
    def try_one(number: int) -> bool:
        try:
            send(number % 8)  # each twice: of two that are the same one is kept
        except TooManyMessages:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(try_one, range(16)))
    assert counts() == (MOST_FROM_ONE, MOST_FROM_ONE)
    assert taken.count(True) >= MOST_FROM_ONE
    assert sorted(ContactCount.objects.values_list("count", flat=True)) == [MOST_FROM_ONE] * 2


def test_form_over_the_limit_comes_back_filled_and_says_when(post, client):
    now = timezone.now()
    for number in range(2 * MOST_FROM_ONE):  # this hour, and the next in case it begins meanwhile
        send(number, address="127.0.0.1", now=now + timedelta(hours=number // MOST_FROM_ONE))
    answer = post("fr")
    assert (answer.status_code, counts()) == (429, (10, 10))
    assert 1 <= int(answer.headers["Retry-After"]) <= 3600
    page = answer.content.decode()
    assert 'value="الميزانية التشاركية"' in page
    assert "error-summary" in page
    other = client.post("/fr/contact/", filled(), REMOTE_ADDR="192.0.2.7")
    assert (other.status_code, counts()) == (302, (11, 11))


def test_address_of_the_sender_is_nowhere_kept(client, caplog):
    client.post("/ar/contact/", filled(), REMOTE_ADDR="203.0.113.77")
    assert counts() == (1, 1)
    kept = [*ContactMessage.objects.values(), *ContactCount.objects.values()]
    kept += OutboxJob.objects.values()
    assert "203.0.113.77" not in str(kept) + caplog.text


# --- The mail -----------------------------------------------------------------------------------


@pytest.fixture
def mailbox(settings):
    """A real mail server, to which the site sends."""
    with mail_server() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.CONTACT_EMAIL = "secretariat@example.org"
        settings.DEFAULT_FROM_EMAIL = "site@example.org"
        yield server


def test_worker_mails_a_message_once(post, mailbox):
    post("fr", about="/fr/practices/x-3/")
    Worker(poll=0).run(until_empty=True)
    Worker(poll=0).run(until_empty=True)
    message = ContactMessage.objects.get()
    assert counts() == (1, 0)
    assert mailbox.recipients == ["secretariat@example.org"]
    [mail] = mailbox.mails
    assert (mail["To"], mail["From"], mail["Reply-To"]) == (
        "secretariat@example.org",
        "site@example.org",
        "maryam@example.org",
    )
    assert mail["Message-ID"] == f"<contact-{message.pk}-{message.digest[:12]}@127.0.0.1>"
    assert mail["Date"].datetime == message.created_at.replace(microsecond=0)
    assert mail["Subject"].endswith("الميزانية التشاركية")
    lines = mail.get_content().splitlines()
    assert lines[:2] == ["أين أجد ميزانية الجماعة؟", "Merci d’avance."]
    inspect = reverse("contact_messages:inspect", args=[message.pk])
    assert [line.rpartition(" ")[2] for line in lines[-2:]] == [
        "http://127.0.0.1:8000/fr/practices/x-3/",
        f"http://127.0.0.1:8000{inspect}",
    ]


def test_mail_that_is_sent_twice_is_known_by_its_number(mailbox):
    message = make_contact_message()
    mail_message({"message": message.pk})
    mail_message({"message": message.pk})
    assert len({mail["Message-ID"] for mail in mailbox.mails}) == 1


def test_nobody_adds_a_header_to_the_mail(post, mailbox):
    post(name="a\r\nBcc: b@example.org", subject="x\r\nBcc: b@example.org\r\n\r\nbody")
    Worker(poll=0).run(until_empty=True)
    assert mailbox.recipients == ["secretariat@example.org"]
    [mail] = mailbox.mails
    assert mail["Bcc"] is None
    assert mail["Subject"].endswith("x Bcc: b@example.org body")


def test_longest_subject_in_arabic_arrives_whole(post, mailbox):
    post(subject="ع" * 150, name="ع" * 120)
    Worker(poll=0).run(until_empty=True)
    [mail] = mailbox.mails
    assert "ع" * 150 in mail["Subject"].replace(" ", "")


def test_message_waits_while_the_mail_server_is_away(post, mailbox, settings, caplog):
    good, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    post()
    job = claim("first")
    assert run(job) is False
    assert counts() == (1, 1)
    settings.EMAIL_PORT = good
    OutboxJob.objects.update(due_at=timezone.now())
    assert run(claim("second")) is True
    assert (counts(), len(mailbox.mails)) == ((1, 0), 1)


def test_mail_server_away_is_an_error_that_the_worker_sees(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    message = make_contact_message()
    with pytest.raises((OSError, smtplib.SMTPException)):
        mail_message({"message": message.pk})


def test_deleted_message_is_not_mailed(mailbox):
    mail_message({"message": 10**9})
    assert mailbox.mails == []


# --- What is forgotten --------------------------------------------------------------------------


def test_messages_of_a_year_and_counts_of_old_hours_are_deleted():
    old = make_contact_message(created_at=timezone.now() - timedelta(days=366))
    kept = make_contact_message(created_at=timezone.now() - timedelta(days=364))
    now = timezone.now()
    ContactCount.objects.create(key="old", created_at=now - timedelta(minutes=61))
    ContactCount.objects.create(key="new", created_at=now - timedelta(minutes=59))
    PeriodicRun.objects.all().delete()
    run_due_periodic_tasks()
    assert set(ContactMessage.objects.values_list("pk", flat=True)) == {kept.pk} != {old.pk}
    assert list(ContactCount.objects.values_list("key", flat=True)) == ["new"]


# --- The request --------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/ar/contact/", "/fr/contact/sent/"])
def test_page_sets_no_cookie_and_reads_no_session(client, path):
    client.cookies["sessionid"] = "a" * 32
    answer = client.get(path)
    assert len(answer.cookies) == 0
    assert "Cookie" not in answer.headers.get("Vary", "")
    assert not answer.wsgi_request.session.accessed
    assert "csrfmiddlewaretoken" not in answer.content.decode()


def test_answer_to_a_form_sets_no_cookie_either(post):
    for fields in ({}, {"name": ""}, {"website": "x"}):
        answer = post(**fields)
        assert len(answer.cookies) == 0
        assert not answer.wsgi_request.session.accessed


def test_form_is_not_kept_by_caches(client, post):
    assert client.get("/ar/contact/").headers["Cache-Control"] == "private, no-store"
    assert post(name="").headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [
        ("/ar/contact/", "HEAD", 200),
        ("/ar/contact/", "PUT", 405),
        ("/ar/contact/", "DELETE", 405),
        ("/ar/contact/sent/", "HEAD", 200),
        ("/ar/contact/sent/", "POST", 405),
    ],
)
def test_methods(client, path, method, status):
    assert client.generic(method, path).status_code == status


@pytest.mark.parametrize("field", ["name", "text", "about", "stamp", "website"])
def test_nul_is_refused(post, field):
    assert post(**{field: "a\x00b" * 5}).status_code == 400
    assert counts() == (0, 0)


def test_form_larger_than_django_reads_is_refused(client, settings):
    body = f"text={'x' * settings.DATA_UPLOAD_MAX_MEMORY_SIZE}"
    kind = "application/x-www-form-urlencoded"
    assert client.post("/ar/contact/", body, content_type=kind).status_code in (400, 413)


def test_queries(client, post, django_assert_num_queries):
    client.get("/ar/contact/")  # the menus are in memory now
    with django_assert_num_queries(0):
        client.get("/ar/contact/")
    with django_assert_num_queries(0):
        post(name="")
    with django_assert_num_queries(0):
        client.get("/ar/contact/sent/")
    # The message, two counts and a job, with their savepoints.
    with django_assert_num_queries(20):
        post()


# --- The administration -------------------------------------------------------------------------


@pytest.fixture
def enter(client, monkeypatch):
    """Return a function that logs somebody of a group in."""
    # Wagtail's own templates ask for what is not there, and rely on its being an empty text.
    monkeypatch.setattr(engines["django"].engine, "string_if_invalid", "")

    def enter(group: str):
        user = make_staff(group) if group else make_user()
        client.force_login(user)
        return user

    return enter


@pytest.mark.parametrize("group", ["Editors", "Administrators"])
def test_editors_find_messages_by_their_state(client, enter, group):
    enter(group)
    waiting = make_contact_message()
    done = make_contact_message(answered_at=timezone.now())
    index = reverse("contact_messages:index")
    for query, found in (
        ("", [done, waiting]),
        ("?state=open", [waiting]),
        ("?state=answered", [done]),
        (f"?q={waiting.name}&state=open", [waiting]),
    ):
        assert list(client.get(index + query).context["object_list"]) == found
    assert index in client.get(reverse("wagtailadmin_home")).content.decode()
    assert list(ContactMessage.objects.open_messages()) == [waiting]


@pytest.mark.parametrize(("group", "status"), [("", 403), ("Moderators", 302), ("Editors", 200)])
def test_message_is_read_by_editors_alone(client, enter, group, status):
    enter(group)
    message = make_contact_message(subject="a&b ?", text="<b>x</b>\ny", page="/ar/practices/x-3/")
    answer = client.get(reverse("contact_messages:inspect", args=[message.pk]))
    assert answer.status_code == status
    if status == 200:
        page = answer.content.decode()
        assert f'href="mailto:{message.email}?subject=Re%3A%20a%26b%20%3F"' in page
        assert "&lt;b&gt;x&lt;/b&gt;<br>y" in page


@pytest.mark.parametrize(("group", "done"), [("", False), ("Moderators", False), ("Editors", True)])
def test_message_is_marked_as_answered_by_editors_alone(client, enter, group, done):
    user = enter(group)
    message = make_contact_message()
    url = reverse("contact_messages:answered", args=[message.pk])
    is_staff = bool(group)
    assert client.get(url).status_code == (405 if is_staff else 403)
    assert client.post(url, {"answered": "yes"}).status_code == (302 if is_staff else 403)
    message.refresh_from_db()
    assert (bool(message.answered_at), message.answered_by) == (done, user if done else None)
    if done:
        client.post(url, {"answered": "no"})
        message.refresh_from_db()
        assert (message.answered_at, message.answered_by) == (None, None)


def test_first_answer_stays_noted():
    message, first = make_contact_message(), make_user()
    set_answered(message=message, user=first, answered=True)
    set_answered(message=message, user=make_user(), answered=True)
    message.refresh_from_db()
    assert message.answered_by == first


def test_messages_are_deleted_but_neither_written_nor_changed(client, enter):
    enter("Administrators")
    message = make_contact_message()
    home = reverse("wagtailadmin_home")
    for name, arguments in (("add", []), ("edit", [message.pk])):
        answer = client.post(reverse(f"contact_messages:{name}", args=arguments), {"name": "x"})
        assert (answer.status_code, answer.url) == (302, home)
    assert ContactMessage.objects.get().name == message.name
    client.post(reverse("contact_messages:delete", args=[message.pk]))
    assert ContactMessage.objects.count() == 0


def test_listing_asks_the_same_number_of_questions_for_any_number(
    client, enter, django_assert_num_queries
):
    enter("Editors")
    index = reverse("contact_messages:index")
    client.get(index)
    for number in (1, 9):
        for _ in range(number):
            make_contact_message()
        with django_assert_num_queries(14):
            client.get(index)

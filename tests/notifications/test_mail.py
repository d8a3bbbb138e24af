"""Mails of notices and letters, to a real mail server; some by real workers that are killed."""

import os
import re
import subprocess
import sys
import threading
import time
from collections import Counter
from datetime import timedelta
from email.message import EmailMessage
from io import StringIO

import pytest
from django.conf import settings as project
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone
from django.utils.translation import override

from core.outbox.models import JobState, OutboxJob
from core.outbox.registry import handlers
from core.outbox.services import claim, run
from core.outbox.worker import Worker
from notifications import mail as mails
from notifications.mail import mail_letter, mail_notice
from notifications.models import Letter, Notice
from notifications.services import post, tell, tell_address
from tests.factories import make_user
from tests.notifications import kinds

pytestmark = pytest.mark.django_db

DEADLINE = 40  # seconds
SITE = "http://127.0.0.1:8000"
SECRET = "0123456789abcdef"


def work() -> None:
    Worker(poll=0).run(until_empty=True)


def plain(mail: EmailMessage) -> str:
    return mail.get_body(("plain",)).get_content().replace("\r\n", "\n")


def rich(mail: EmailMessage) -> str:
    return mail.get_body(("html",)).get_content().replace("\r\n", "\n")


def told(*people, name: str = "Tétouan", key: str = "") -> None:
    tell(people=people, kind="test-accepted", data={"name": name}, key=key)


def invite(email: str = "amina@example.org", key: str = "invitation-1", **data) -> None:
    tell_address(
        email=email, language="fr", kind="test-invited", data={"token": SECRET} | data, key=key
    )


def everything_kept() -> str:
    return str([*Letter.objects.values(), *Notice.objects.values(), *OutboxJob.objects.values()])


# --- Of notices ---------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["ar", "fr", "en", "zgh"])
def test_notice_is_mailed_in_the_language_of_its_person(mailbox, language):
    person = make_user(email="maryam@example.org", language=language)
    told(person, name="تطوان")
    work()
    notice = Notice.objects.get()
    assert mailbox.recipients == ["maryam@example.org"]
    [mail] = mailbox.mails
    subject = kinds.SUBJECTS[language].format(name="تطوان")
    direction = "rtl" if language == "ar" else "ltr"
    assert (mail["To"], mail["From"], mail["Subject"]) == (
        "maryam@example.org",
        "site@example.org",
        subject,
    )
    assert (mail["Auto-Submitted"], mail["Content-Language"]) == ("auto-generated", language)
    assert mail["Date"].datetime == notice.created_at.replace(microsecond=0)
    assert re.fullmatch(rf"<notice-{notice.pk}-[0-9a-f]{{12}}@127\.0\.0\.1>", mail["Message-ID"])
    assert mail.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert plain(mail).startswith(f"[{language}] \u2068تطوان\u2069 <b>&\n\nSecond paragraph.\n")
    site = f"{SITE}/{language}/"
    addresses = {site, f"{site}collectivities/", f"{site}account/notices/"}
    assert set(re.findall(r"https?://\S+", plain(mail))) == addresses
    assert set(re.findall('href="([^"]*)"', rich(mail))) == addresses
    assert f'<html lang="{language}" dir="{direction}">' in rich(mail)
    assert f'<body dir="{direction}">' in rich(mail)
    assert "&lt;b&gt;&amp;</p>" in rich(mail)


def test_person_without_a_language_is_written_to_in_that_of_the_site(mailbox):
    told(make_user())
    work()
    assert mailbox.mails[0]["Content-Language"] == "ar"


def test_mail_holds_nothing_of_another_host_and_no_code(mailbox):
    told(make_user())
    work()
    html = rich(mailbox.mails[0])
    assert re.findall(r"<img|<script|<link|url\(|@import|\sstyle=", html) == []
    assert set(re.findall(r"//([^/\s\"]+)", html)) == {"127.0.0.1:8000"}


def test_notice_is_mailed_once_and_the_moment_is_kept(mailbox):
    told(make_user())
    work()
    work()
    notice = Notice.objects.get()
    assert notice.mailed_at is not None
    assert OutboxJob.objects.count() == 0
    mail_notice({"notice": notice.pk})
    assert len(mailbox.mails) == 1


def test_mail_goes_where_the_person_is_now(mailbox):
    moved, left = make_user(email="old@example.org"), make_user()
    told(moved, left)
    moved.email, moved.language = "new@example.org", "en"
    moved.save()
    left.is_active = False
    left.save()
    work()
    assert mailbox.recipients == ["new@example.org"]
    assert mailbox.mails[0]["Content-Language"] == "en"
    assert OutboxJob.objects.count() == 0


def test_notice_that_is_gone_is_not_mailed(mailbox):
    mail_notice({"notice": 10**9})
    mail_letter({"letter": 10**9})
    assert mailbox.mails == []


def test_nobody_adds_a_header_or_turns_the_subject(mailbox):
    told(make_user(language="en"), name="x\r\nBcc: b@example.org\r\n\r\n\u202ebody\u2028\u2066y")
    work()
    [mail] = mailbox.mails
    assert mail["Bcc"] is None
    assert mail["Subject"] == "The application of x Bcc: b@example.org body y is accepted"
    assert len(mailbox.recipients) == 1


def test_longest_subject_in_arabic_arrives_whole(mailbox):
    told(make_user(language="ar"), name="ع" * 300)
    work()
    assert "ع" * 300 in mailbox.mails[0]["Subject"].replace(" ", "")


def test_host_that_a_request_names_reaches_no_mail(mailbox):
    person = make_user(language="fr")
    client = Client(headers={"host": "evil.example"})
    client.force_login(person)
    told(person)
    assert client.get("/fr/account/notices/").status_code == 200
    work()
    assert "evil.example" not in mailbox.mails[0].as_string() + plain(mailbox.mails[0])


# --- Letters ------------------------------------------------------------------------------------


def test_letter_is_mailed_once_and_emptied(mailbox):
    invite()
    assert SECRET in everything_kept()
    work()
    work()
    [mail] = mailbox.mails
    assert (mail["To"], mail["Subject"], mail["Content-Language"]) == (
        "amina@example.org",
        "[fr] invitation",
        "fr",
    )
    assert f"\n{SITE}/fr/invitation/{SECRET}/\n" in plain(mail)
    assert f'href="{SITE}/fr/invitation/{SECRET}/"' in rich(mail)
    assert "/account/notices/" not in plain(mail) + rich(mail)
    letter = Letter.objects.get()
    assert (letter.kind, letter.email, letter.data) == ("test-invited", "", {})
    assert letter.sent_at is not None
    for gone in (SECRET, "amina", "invitation-1"):
        assert gone not in everything_kept()


def test_letter_of_one_event_goes_to_an_address_once(mailbox):
    invite()
    invite(token="another")
    assert OutboxJob.objects.count() == 1
    work()
    invite("Amina@example.org")
    work()
    assert mailbox.recipients == ["amina@example.org"]
    assert SECRET in plain(mailbox.mails[0])
    invite(key="invitation-2")
    invite("omar@example.org")
    invite(key="")
    invite(key="")
    work()
    assert sorted(mailbox.recipients) == ["amina@example.org"] * 4 + ["omar@example.org"]
    assert len({mail["Message-ID"] for mail in mailbox.mails}) == 5


def test_letter_without_a_language_is_in_that_of_the_site(mailbox):
    tell_address(email="a@example.org", language="", kind="test-invited", data={"token": "x"})
    work()
    assert mailbox.mails[0]["Content-Language"] == "ar"


@pytest.mark.parametrize("fields", [{"data": {"token": SECRET}}, {"email": "a@example.org"}])
def test_letter_that_was_sent_cannot_keep_what_it_said(fields):
    sent = {"kind": "post", "language": "fr", "sent_at": timezone.now()}
    Letter.objects.create(**sent, digest="emptied")
    with pytest.raises(IntegrityError), transaction.atomic():
        Letter.objects.create(**sent, digest="not emptied", **fields)


def test_letter_that_waits_has_an_address():
    with pytest.raises(IntegrityError), transaction.atomic():
        Letter.objects.create(kind="post", language="fr", digest="x")


def test_written_words_are_posted_with_links_to_this_site_alone(mailbox):
    post(
        to="amina@example.org",
        subject="New\npassword",
        text=f"Follow {SITE}/fr/account/reset/{SECRET}/?a=1&b=2.\nLine & <b>\n\n"
        f"{SITE}.evil.example/x https://evil.example/",
        language="fr",
        key="reset-1",
    )
    work()
    [mail] = mailbox.mails
    address = f"{SITE}/fr/account/reset/{SECRET}/?a=1&amp;b=2"
    assert mail["Subject"] == "New password"
    assert f"Follow {SITE}/fr/account/reset/{SECRET}/?a=1&b=2.\nLine & <b>\n" in plain(mail)
    assert f'<p>Follow <a href="{address}">{address}</a>.<br>Line &amp; &lt;b&gt;</p>' in rich(mail)
    assert set(re.findall('href="([^"]*)"', rich(mail))) == {address, f"{SITE}/fr/"}
    assert SECRET not in everything_kept()


def test_letter_goes_before_the_notices_that_wait_longer(mailbox):
    people = [make_user() for _ in range(3)]
    told(*people)
    invite()
    work()
    assert mailbox.recipients[0] == "amina@example.org"
    assert sorted(mailbox.recipients[1:]) == sorted(person.email for person in people)


def test_words_are_made_in_no_language_but_the_letters(mailbox):
    with override("en"):
        invite()
        work()
    assert mailbox.mails[0]["Subject"] == "[fr] invitation"


# --- When something is away ---------------------------------------------------------------------


def test_mails_wait_while_the_mail_server_is_away(mailbox, settings, caplog):
    good, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    told(make_user())
    invite()
    assert [run(claim(f"worker {number}")) for number in range(2)] == [False, False]
    assert (Notice.objects.get().mailed_at, Letter.objects.get().sent_at) == (None, None)
    settings.EMAIL_PORT = good
    OutboxJob.objects.update(due_at=timezone.now())
    work()
    assert len(mailbox.mails) == 2


def test_mail_that_cannot_be_sent_is_set_aside_and_listed(settings, caplog):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    invite()
    OutboxJob.objects.update(attempts=mails.MAX_ATTEMPTS - 1)
    work()
    job = OutboxJob.objects.get()
    assert (job.kind, job.state) == ("letter-mail", JobState.SET_ASIDE)
    listed = StringIO()
    call_command("outbox", stdout=listed)
    assert "letter-mail" in listed.getvalue()
    for said in (listed.getvalue(), job.last_error, caplog.text):
        assert SECRET not in said


def test_no_other_worker_takes_a_mail_over_while_the_server_may_still_answer():
    for kind in ("notice-mail", "letter-mail"):
        assert handlers[kind].lease >= timedelta(seconds=12 * project.EMAIL_TIMEOUT)
        assert (handlers[kind].atomic, handlers[kind].max_attempts) == (False, 40)


# --- Workers that are killed --------------------------------------------------------------------


class Held(list):
    """What a mail server has been sent; it holds its breath at one of them until let go."""

    def __init__(self, at: int) -> None:
        super().__init__()
        self.at = at
        self.reached = threading.Event()
        self.go_on = threading.Event()

    def append(self, one) -> None:
        super().append(one)
        if len(self) == self.at:
            self.reached.set()
            self.go_on.wait(DEADLINE)


@pytest.fixture
def start_worker(transactional_db, tmp_path, mailbox):
    """Return a function that starts a worker process. Those left are killed at the end."""
    started = []

    def start() -> subprocess.Popen:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "worker", "--poll", "0.05"],
            cwd=project.BASE_DIR,
            env={
                **os.environ,
                "DJANGO_SETTINGS_MODULE": "tests.notifications.worker_settings",
                "WORKER_DATABASE": str(connection.settings_dict["NAME"]),
                "WORKER_MAIL_PORT": str(mailbox.port),
                "TMPDIR": str(tmp_path),
            },
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


def kill(process: subprocess.Popen) -> None:
    """End a worker as a loss of power does; its lease is over at once, for the test's sake."""
    process.kill()
    process.wait()
    OutboxJob.objects.exclude(lease_until=None).update(
        lease_until=timezone.now() - timedelta(seconds=1)
    )


def wait_until(condition, what: str) -> None:
    deadline = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain: {what}"
        time.sleep(0.05)


def nothing_left() -> bool:
    return not OutboxJob.objects.exists()


def several_mails() -> list[str]:
    """Let eight mails wait, and return to whom they go."""
    people = [make_user() for _ in range(5)]
    told(*people, key="application-1")
    letters = [f"letter-{number}@example.org" for number in range(3)]
    for email in letters:
        invite(email)
    return sorted([*letters, *(person.email for person in people)])


def numbers(mailbox) -> Counter:
    return Counter(mail["Message-ID"] for mail in mailbox.mails)


@pytest.mark.slow
@pytest.mark.parametrize("at", [2, 5], ids=["in a letter", "in a notice"])
def test_each_mail_arrives_once_though_its_worker_is_killed_in_the_middle(
    start_worker, mailbox, at
):
    wanted = several_mails()
    # The server has heard for whom the next one is, and waits: nothing of it was sent yet.
    mailbox.recipients = held = Held(at)
    first = start_worker()
    wait_until(held.reached.is_set, "the first worker in the middle of a mail")
    kill(first)
    held.go_on.set()
    assert len(mailbox.mails) == at - 1
    start_worker()
    wait_until(nothing_left, "the second worker sends the rest")
    assert sorted(mail["To"] for mail in mailbox.mails) == wanted
    assert set(numbers(mailbox).values()) == {1}
    assert SECRET not in everything_kept()


@pytest.mark.slow
def test_mail_whose_worker_dies_before_it_heard_the_yes_comes_again_with_its_number(
    start_worker, mailbox
):
    wanted = several_mails()
    # The server has the whole mail and has not said so: nobody can know whether it took it.
    mailbox.mails = held = Held(5)
    first = start_worker()
    wait_until(held.reached.is_set, "the first worker waits for an answer")
    kill(first)
    held.go_on.set()
    start_worker()
    wait_until(nothing_left, "the second worker sends the rest")
    assert sorted({mail["To"] for mail in mailbox.mails}) == wanted
    assert sorted(numbers(mailbox).values()) == [1] * 7 + [2]


@pytest.mark.slow
def test_mail_whose_worker_dies_after_the_mark_does_not_come_again(start_worker, mailbox):
    told(make_user())
    work()
    notice = Notice.objects.get()
    # What is left by a worker that died between the mark and the end of its job.
    OutboxJob.objects.create(
        kind="notice-mail",
        payload={"notice": notice.pk},
        key=str(notice.pk),
        attempts=1,
        leased_by="dead worker",
        lease_until=timezone.now() - timedelta(seconds=1),
    )
    start_worker()
    wait_until(nothing_left, "the job ends")
    assert set(numbers(mailbox).values()) == {1}

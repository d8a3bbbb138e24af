from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection, transaction
from django.shortcuts import resolve_url
from django.template import Context, Template
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.translation import override

from core.outbox.models import OutboxJob, PeriodicRun
from core.outbox.services import run_due_periodic_tasks
from members.models import User
from notifications import registry
from notifications.models import Letter, Notice
from notifications.registry import isolated, register_notice_kind
from notifications.services import clear_notices, mark_all_read, mark_read, tell, tell_address
from notifications.templatetags.notices import unread_count
from tests.factories import make_user
from tests.notifications import kinds

pytestmark = pytest.mark.django_db

LIST = "/fr/account/notices/"
NAME = "جماعة تطوان"


def told(*people, kind: str = "test-accepted", key: str = "", **data) -> None:
    tell(people=people, kind=kind, data={"name": NAME, "number": 1} | data, key=key)


def mail_jobs() -> list[dict]:
    jobs = OutboxJob.objects.filter(kind="notice-mail")
    return sorted((job.payload for job in jobs), key=lambda payload: payload["notice"])


def who_was_told() -> list[str]:
    return sorted(Notice.objects.values_list("person__email", flat=True))


@pytest.fixture
def person() -> User:
    return make_user(email="maryam@example.org")


@pytest.fixture
def colleague() -> User:
    return make_user(email="omar@example.org")


@pytest.fixture
def enter(client):
    """Return a function that logs a person in."""

    def enter(person) -> Client:
        client.force_login(person)
        return client

    return enter


# --- Kinds --------------------------------------------------------------------------------------


def test_kind_is_registered_once():
    before = dict(registry.kinds)
    with pytest.raises(ValueError, match="two kinds of notices named test-accepted"):
        register_notice_kind(kinds.ACCEPTED)
    assert registry.kinds == before


def test_kind_that_nobody_registered_is_told_to_nobody(person):
    with pytest.raises(KeyError):
        tell(people=[person], kind="unknown", data={})
    with pytest.raises(KeyError):
        tell_address(email="a@example.org", language="fr", kind="unknown", data={})
    assert (Notice.objects.count(), Letter.objects.count(), OutboxJob.objects.count()) == (0, 0, 0)


def test_name_in_a_sentence_keeps_its_direction_to_itself():
    assert isolated("a\u202eb\u2069c") == "\u2068abc\u2069"


# --- Telling ------------------------------------------------------------------------------------


def test_each_person_is_told_once_and_a_mail_each_waits(person, colleague):
    make_user(email="nobody@example.org")
    told(person, colleague, person)
    notices = Notice.objects.order_by("pk")
    assert who_was_told() == ["maryam@example.org", "omar@example.org"]
    assert [(one.kind, one.data, one.read_at, one.mailed_at) for one in notices] == [
        ("test-accepted", {"name": NAME, "number": 1}, None, None)
    ] * 2
    assert mail_jobs() == [{"notice": one.pk} for one in notices]


def test_people_may_be_a_query(person, colleague):
    told(*User.objects.filter(pk=person.pk))
    tell(people=User.objects.all(), kind="test-quiet", data={"number": 2})
    assert who_was_told() == ["maryam@example.org"] * 2 + ["omar@example.org"]


def test_people_whose_account_is_closed_are_not_told(person, colleague):
    colleague.is_active = False
    told(person, colleague)
    assert who_was_told() == ["maryam@example.org"]


def test_nobody_is_told_of_what_was_taken_back(person):
    with transaction.atomic():
        told(person)
        told(person, key="x")
        tell_address(email="a@example.org", language="fr", kind="test-invited", data={"token": "x"})
        transaction.set_rollback(True)
    assert (Notice.objects.count(), Letter.objects.count(), OutboxJob.objects.count()) == (0, 0, 0)


def test_same_event_told_again_is_one_notice(person, colleague):
    told(person, key="application-1")
    told(person, colleague, key="application-1", name="another")
    assert who_was_told() == ["maryam@example.org", "omar@example.org"]
    assert [one.data["name"] for one in Notice.objects.order_by("pk")] == [NAME, "another"]
    assert len(mail_jobs()) == 2


def test_other_event_other_kind_and_no_key_are_notices_of_their_own(person):
    for key in ("application-1", "application-2", "", ""):
        told(person, key=key)
    told(person, kind="test-quiet", key="application-1")
    assert len(who_was_told()) == 5


def test_same_event_told_again_is_not_mailed_again(person):
    told(person, key="application-1")
    OutboxJob.objects.all().delete()
    Notice.objects.update(mailed_at=timezone.now())
    told(person, key="application-1")
    assert mail_jobs() == []


def test_kind_without_mail_stands_on_the_site_alone(person):
    told(person, kind="test-quiet")
    told(person, kind="test-quiet", key="x")
    assert (len(who_was_told()), mail_jobs()) == (2, [])


def test_texts_in_data_lose_what_turns_or_breaks_a_line(person):
    told(person, name="a\u202eb\x00\x1b", more=[{"x": "\u2066y"}], count=3)
    assert Notice.objects.get().data == {
        "name": "ab",
        "number": 1,
        "more": [{"x": "y"}],
        "count": 3,
    }


def test_data_that_are_not_json_are_refused(person):
    with pytest.raises(TypeError), transaction.atomic():
        told(person, name=object())
    assert who_was_told() == []


@pytest.mark.parametrize("key", ["", "application-1"])
def test_telling_asks_the_same_number_of_questions_for_any_number(key):
    people = [make_user() for _ in range(60)]

    def count(some) -> int:
        with CaptureQueriesContext(connection) as queries:
            told(*some, key=key)
        return len(queries)

    assert count(people[:1]) == count(people[1:4]) == count(people[4:])


@pytest.mark.django_db(transaction=True)
def test_event_told_by_two_at_one_moment_is_one_notice_and_one_mail(person, colleague):
    together = Barrier(2, timeout=20)

    def tell_them(people) -> None:
        try:
            together.wait()
            told(*people, key="application-1")
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        both = [(person, colleague), (colleague, person)]
        for done in [pool.submit(tell_them, people) for people in both]:
            done.result()
    assert who_was_told() == ["maryam@example.org", "omar@example.org"]
    assert mail_jobs() == [{"notice": one.pk} for one in Notice.objects.order_by("pk")]


# --- The list -----------------------------------------------------------------------------------


def test_visitor_goes_to_the_login(client, person, settings):
    told(person)
    with override("fr"):
        login = resolve_url(settings.LOGIN_URL)
    number = Notice.objects.get().pk
    for path in (LIST, f"{LIST}{number}/"):
        answer = client.get(path)
        assert (answer.status_code, answer.url) == (302, f"{login}?next={path}")
    for path in (f"{LIST}read/", f"{LIST}{number}/read/"):
        answer = client.post(path)
        assert (answer.status_code, answer.url) == (302, f"{login}?next={path}")
    assert Notice.objects.unread().count() == 1


def test_list_shows_ones_own_newest_first(enter, person, colleague):
    for number in range(3):
        told(person, kind="test-quiet", number=number)
    told(colleague, kind="test-quiet", number=9)
    answer = enter(person).get(LIST)
    assert [one.subject for one in answer.context["notices"]] == ["Quiet 2", "Quiet 1", "Quiet 0"]
    assert "Quiet 9" not in answer.content.decode()
    assert answer.headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("language", ["ar", "fr", "en", "zgh"])
def test_notice_is_read_in_the_language_of_the_page(enter, person, language):
    told(person, name="Tétouan")
    subject = kinds.SUBJECTS[language].format(name="Tétouan")
    number = Notice.objects.get().pk
    for path in ("", f"{number}/"):
        page = enter(person).get(f"/{language}/account/notices/{path}").content.decode()
        assert subject in page
        assert f'href="/{language}/collectivities/"' in page
        assert "Second paragraph." in page


def test_what_people_typed_is_shown_as_text(enter, person):
    told(person, name="<script>alert(1)</script>\nx")
    number = Notice.objects.get().pk
    for path in (LIST, f"{LIST}{number}/"):
        page = enter(person).get(path).content.decode()
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
        assert "<script>alert" not in page


def test_list_is_paged_by_twenty(enter, person):
    for number in range(21):
        told(person, kind="test-quiet", number=number)
    client = enter(person)
    for page, subjects in {
        "1": [f"Quiet {number}" for number in range(20, 0, -1)],
        "2": ["Quiet 0"],
        "99": ["Quiet 0"],
        "x": [f"Quiet {number}" for number in range(20, 0, -1)],
    }.items():
        answer = client.get(LIST, {"page": page})
        assert answer.status_code == 200
        assert [one.subject for one in answer.context["notices"]] == subjects
    assert '<a class="pages__next" rel="next" href="?page=2">' in client.get(LIST).content.decode()


def test_empty_list_says_what_it_is_for(enter, person):
    answer = enter(person).get(LIST)
    assert answer.status_code == 200
    assert 'class="empty"' in answer.content.decode()
    assert f'action="{LIST}read/"' not in answer.content.decode()


def test_notice_of_another_person_is_not_found(enter, person, colleague):
    told(person)
    number = Notice.objects.get().pk
    client = enter(colleague)
    assert client.get(f"{LIST}{number}/").status_code == 404
    assert client.post(f"{LIST}{number}/read/").status_code == 404
    assert Notice.objects.unread().count() == 1
    client = enter(person)
    assert client.get(f"{LIST}{number}/").status_code == 200
    assert client.post(f"{LIST}{number}/read/").status_code == 302
    assert Notice.objects.unread().count() == 0


@pytest.mark.parametrize("number", ["0", "9" * 30])
def test_notice_that_is_none_is_not_found(enter, person, number):
    told(person)
    assert enter(person).get(f"{LIST}{number}/").status_code == 404


def test_notice_whose_kind_has_left_the_code_is_shown_no_more(enter, person):
    told(person)
    told(person, kind="test-quiet")
    left = Notice.objects.get(kind="test-quiet")
    Notice.objects.filter(pk=left.pk).update(kind="gone")
    client = enter(person)
    assert len(client.get(LIST).context["notices"]) == 1
    assert client.get(f"{LIST}{left.pk}/").status_code == 404
    assert unread_count(person) == 1


def test_list_asks_the_same_number_of_questions_for_any_number(enter, person):
    client = enter(person)
    client.get(LIST)
    counted = []
    for number in (1, 2):
        for _ in range(number):
            told(person)
        with CaptureQueriesContext(connection) as queries:
            client.get(LIST)
        counted.append(len(queries))
    assert counted[0] == counted[1]


# --- Reading ------------------------------------------------------------------------------------


def test_looking_marks_nothing(enter, person):
    told(person)
    client = enter(person)
    client.get(LIST)
    client.get(f"{LIST}{Notice.objects.get().pk}/")
    assert Notice.objects.get().read_at is None


def test_notice_is_marked_as_read_and_leads_back_to_its_page(enter, person):
    told(person)
    told(person)
    first, second = Notice.objects.order_by("pk")
    client = enter(person)
    for page, address in {
        "3": f"{LIST}?page=3",
        "1": LIST,
        "": LIST,
        "3&x=1": LIST,
        "//example.com": LIST,
    }.items():
        assert client.post(f"{LIST}{first.pk}/read/", {"page": page}).url == address
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.read_at is not None, second.read_at) == (True, None)


def test_first_reading_stays_noted(person):
    told(person)
    mark_read(notice=Notice.objects.get())
    then = Notice.objects.get().read_at
    mark_read(notice=Notice.objects.get())
    mark_all_read(person=person)
    assert Notice.objects.get().read_at == then


def test_all_are_marked_as_read_of_the_person_alone(enter, person, colleague):
    told(person, colleague)
    told(person)
    client = enter(person)
    page = client.get(LIST).content.decode()
    assert (page.count('class="status"'), f'action="{LIST}read/"' in page) == (2, True)
    answer = client.post(f"{LIST}read/")
    assert (answer.status_code, answer.url) == (302, LIST)
    assert (unread_count(person), unread_count(colleague)) == (0, 1)
    page = client.get(LIST).content.decode()
    assert (page.count('class="status"'), f'action="{LIST}read/"' in page) == (0, False)


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [
        ("", "get", 200),
        ("", "head", 200),
        ("", "post", 405),
        ("{}/", "get", 200),
        ("{}/", "post", 405),
        ("{}/read/", "get", 405),
        ("{}/read/", "post", 302),
        ("read/", "get", 405),
        ("read/", "post", 302),
    ],
)
def test_methods(enter, person, path, method, status):
    told(person)
    address = LIST + path.format(Notice.objects.get().pk)
    assert getattr(enter(person), method)(address).status_code == status


def test_form_of_another_site_marks_nothing(person):
    told(person)
    client = Client(enforce_csrf_checks=True)
    client.force_login(person)
    assert client.post(f"{LIST}read/").status_code == 403
    assert Notice.objects.unread().count() == 1


def test_number_of_unread_ones_costs_one_question_and_a_visitor_none(
    person, django_assert_num_queries
):
    told(person)
    told(person)
    mark_read(notice=Notice.objects.first())
    shown = Template("{% load notices %}{% unread_count user %}")
    with django_assert_num_queries(1):
        assert shown.render(Context({"user": person})) == "1"
    with django_assert_num_queries(0):
        assert shown.render(Context({"user": AnonymousUser()})) == "0"


def test_visitor_sees_no_notice(person):
    told(person)
    assert list(Notice.objects.visible_to(AnonymousUser())) == []
    assert list(Notice.objects.visible_to(person)) == [Notice.objects.get()]


def test_subject_is_one_line(person):
    told(person, name="a\r\nBcc: b\u2028c")
    with override("en"):
        assert Notice.objects.get().subject == "The application of a Bcc: b c is accepted"


# --- Forgetting ---------------------------------------------------------------------------------


def test_read_notices_of_a_year_are_deleted(person):
    now = timezone.now()
    for days, read in ((364, True), (366, True), (366, False), (1000, False)):
        told(person, kind="test-quiet", number=days * 10 + read)
        Notice.objects.filter(pk=Notice.objects.latest("pk").pk).update(
            created_at=now - timedelta(days=days), read_at=now if read else None
        )
    clear_notices()
    kept = sorted(one.data["number"] for one in Notice.objects.all())
    assert kept == [3641, 3660, 10000]


def test_letters_are_deleted_a_month_after_they_were_sent():
    now = timezone.now()
    for digest, created, sent in (
        ("sent lately", 40, 29),
        ("sent long ago", 40, 31),
        ("not sent yet", 364, None),
        ("never to be sent", 366, None),
    ):
        Letter.objects.create(
            kind="post",
            email="" if sent else "a@example.org",
            language="fr",
            digest=digest,
            created_at=now - timedelta(days=created),
            sent_at=now - timedelta(days=sent) if sent else None,
        )
    clear_notices()
    kept = sorted(Letter.objects.values_list("digest", flat=True))
    assert kept == ["not sent yet", "sent lately"]


def test_clearing_runs_each_day():
    run_due_periodic_tasks()
    row = PeriodicRun.objects.get(name="clear-notices")
    assert (row.next_at - row.last_started_at, row.last_error) == (timedelta(days=1), "")

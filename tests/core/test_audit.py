from importlib import import_module
from types import SimpleNamespace

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.urls import reverse

from core.audit import (
    AppendOnly,
    AuditEntry,
    AuditKind,
    kinds,
    open_sealed,
    record,
    register_audit_kind,
)
from tests.factories import make_user
from tests.members.world import staff

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def some_kinds(monkeypatch):
    monkeypatch.setitem(kinds, "plain", AuditKind("plain", "Something plain"))
    monkeypatch.setitem(kinds, "secret", AuditKind("secret", "Something secret", secret=True))


def test_entry_tells_who_when_what_before_and_after():
    actor, subject = make_user(), make_user()
    record(kind="plain", actor=actor, subject=subject, before={"a": 1}, after={"a": 2}, note="why")
    entry = AuditEntry.objects.get()
    assert (entry.label, entry.actor, entry.subject_type, entry.subject_id) == (
        "Something plain",
        actor,
        "members.user",
        str(subject.pk),
    )
    assert (entry.before, entry.after, entry.note) == ({"a": 1}, {"a": 2}, "why")


def test_kind_stands_once_and_an_unknown_one_is_refused():
    with pytest.raises(ValueError, match="plain"):
        register_audit_kind(AuditKind("plain", "Again"))
    with pytest.raises(KeyError):
        record(kind="unknown", actor=None)


@pytest.mark.django_db(transaction=True)
def test_entry_is_written_in_the_transaction_of_its_change_only():
    with pytest.raises(RuntimeError):
        record(kind="plain", actor=None)
    with transaction.atomic():
        sealed = record(kind="secret", actor=None)
    with pytest.raises(RuntimeError):
        open_sealed(entry=sealed, actor=None)
    with transaction.atomic():
        record(kind="plain", actor=None)
        transaction.set_rollback(True)
    assert AuditEntry.objects.get() == sealed


@pytest.mark.parametrize(
    "change",
    [
        lambda entry: entry.save(),
        lambda entry: entry.delete(),
        lambda entry: AuditEntry.objects.update(note="x"),
        lambda entry: AuditEntry.objects.all().delete(),
        lambda entry: AuditEntry.objects.bulk_update([entry], ["note"]),
    ],
)
def test_model_refuses_to_change_an_entry(change):
    entry = record(kind="plain", actor=None)
    with pytest.raises(AppendOnly):
        change(entry)
    assert AuditEntry.objects.count() == 1


@pytest.fixture
def triggers(db):
    """As the migration makes them; on SQLite a test that commits has dropped one (conftest)."""
    migration = import_module("core.migrations.0007_audit_stays")
    # Not the connection's own schema editor: SQLite's begins outside a transaction only.
    editor = SimpleNamespace(connection=connection, execute=connection.cursor().execute)
    migration.drop(None, editor)
    migration.create(None, editor)


@pytest.mark.usefixtures("triggers")
@pytest.mark.parametrize(
    "statement", ["UPDATE core_auditentry SET note = 'x'", "DELETE FROM core_auditentry"]
)
def test_database_refuses_to_change_an_entry(statement):
    record(kind="plain", actor=None, note="as it was")
    with pytest.raises(DatabaseError, match="neither changed nor deleted"), transaction.atomic():
        connection.cursor().execute(statement)
    assert AuditEntry.objects.get().note == "as it was"


@pytest.mark.usefixtures("triggers")
def test_database_refuses_to_put_an_entry_in_the_place_of_another():
    entry = record(kind="plain", actor=None, note="as it was")
    forged = {"id": entry.pk, "kind": "plain", "at": entry.at, "note": "forged"}
    forged |= {"subject_type": "", "subject_id": "", "sealed": False}
    columns, places = ", ".join(forged), ", ".join(["%s"] * len(forged))
    statement = f"INTO core_auditentry ({columns}) VALUES ({places})"
    if connection.vendor == "postgresql":
        statement = f"INSERT {statement} ON CONFLICT (id) DO UPDATE SET note = excluded.note"
    else:
        statement = f"REPLACE {statement}"
    with pytest.raises(DatabaseError, match="neither changed nor deleted"), transaction.atomic():
        connection.cursor().execute(statement, list(forged.values()))
    assert AuditEntry.objects.get().note == "as it was"
    record(kind="plain", actor=None)
    assert AuditEntry.objects.count() == 2


def test_triggers_stand_after_all_migrations():
    # SQLite's for DELETE aside: a test that commits has dropped it (conftest).
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT tgname FROM pg_trigger"
                " WHERE tgrelid = 'core_auditentry'::regclass AND NOT tgisinternal"
            )
            expected = {"audit_stays"}
        else:
            cursor.execute(
                "SELECT name FROM sqlite_master"
                " WHERE type = 'trigger' AND tbl_name = 'core_auditentry'"
            )
            expected = {"audit_no_update", "audit_no_replace"}
        assert {name for (name,) in cursor.fetchall()} - {"audit_no_delete"} == expected


def test_secret_kind_tells_no_value_until_it_is_opened():
    actor = make_user()
    sealed = record(kind="secret", actor=actor, before={"n": 1}, after={"n": 2}, note="hidden")
    sealed = AuditEntry.objects.get(pk=sealed.pk)
    assert (sealed.sealed, sealed.actor, sealed.before, sealed.after, sealed.note) == (
        True,
        actor,
        None,
        None,
        "",
    )
    opened = open_sealed(entry=sealed, actor=actor, after={"n": 2})
    assert (opened.sealed, opened.opens, opened.after) == (False, sealed, {"n": 2})
    with pytest.raises(IntegrityError), transaction.atomic():
        open_sealed(entry=sealed, actor=actor, after={"n": 3})
    with pytest.raises(ValueError, match="sealed"):
        open_sealed(entry=opened, actor=actor)


def test_database_refuses_a_sealed_entry_that_tells():
    with pytest.raises(IntegrityError), transaction.atomic():
        AuditEntry.objects.create(kind="secret", sealed=True, after={"n": 2})


@pytest.mark.parametrize(
    ("role", "status"), [("Administrators", 200), ("Editors", 302), ("Moderators", 302)]
)
def test_log_is_read_by_administrators_alone(client, role, status, wagtails_own_templates):
    entry = record(kind="plain", actor=make_user(), after={"a": 1})
    client.force_login(staff(role))
    assert client.get(reverse("audit_log:index")).status_code == status
    assert client.get(reverse("audit_log:inspect", args=[entry.pk])).status_code == status


def test_log_is_changed_by_nobody_in_the_administration(client, wagtails_own_templates):
    entry = record(kind="plain", actor=None, note="as it was")
    client.force_login(staff("Administrators"))
    refused = [reverse("audit_log:add"), f"/admin/bulk/core/auditentry/delete/?id={entry.pk}"]
    refused += [
        reverse(f"audit_log:{name}", args=[entry.pk])
        for name in ("edit", "delete", "history", "usage")
    ]
    for address in refused:
        assert client.post(address, {"kind": "plain", "note": "x"}).status_code == 302
        assert client.get(address).status_code == 302
    assert AuditEntry.objects.get().note == "as it was"


def test_log_is_narrowed_to_a_kind_a_person_and_a_day(client, wagtails_own_templates):
    actor, other = make_user(), make_user()
    entry = record(kind="plain", actor=actor)
    record(kind="plain", actor=other)
    record(kind="secret", actor=actor)
    client.force_login(staff("Administrators"))
    fields = {"kind": "plain", "actor": actor.email.upper(), "at_from": f"{entry.at:%Y-%m-%d}"}
    found = client.get(reverse("audit_log:index"), fields).context["object_list"]
    assert list(found) == [entry]
    fields["at_from"] = "2999-01-01"
    assert list(client.get(reverse("audit_log:index"), fields).context["object_list"]) == []


def test_entry_is_shown_with_what_it_was_done_to(client, wagtails_own_templates):
    actor, subject = make_user(), make_user()
    entry = record(kind="plain", actor=actor, subject=subject, after={"a": "ب"})
    client.force_login(staff("Administrators"))
    shown = client.get(reverse("audit_log:inspect", args=[entry.pk])).context["fields"]
    assert [str(field["value"]) for field in shown] == [
        "Something plain",
        str(entry.at),
        str(actor),
        f"members.user {subject.pk}",
        "–",
        '{\n "a": "ب"\n}',
        "–",
    ]


@pytest.mark.parametrize("entries", [1, 3])
def test_log_takes_the_same_queries_however_long(
    client, entries, django_assert_num_queries, wagtails_own_templates
):
    for _n in range(entries):
        record(kind="plain", actor=make_user())
    client.force_login(staff("Administrators"))
    client.get(reverse("audit_log:index"))
    with django_assert_num_queries(11):
        client.get(reverse("audit_log:index"))

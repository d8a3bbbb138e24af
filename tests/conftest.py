import hashlib
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from tempfile import NamedTemporaryFile

import pytest
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.conf import settings
from django.core.cache import caches
from django.db import OperationalError, connection
from django.template import engines
from django.utils import translation

from core import grants
from core.outbox.models import OutboxJob
from search.documents import index_jobs


def pytest_collection_modifyitems(config, items):
    """Leave to the run on PostgreSQL what only PostgreSQL does: nothing is skipped, all is run."""
    if connection.vendor == "postgresql":
        return
    others = [item for item in items if item.get_closest_marker("postgresql")]
    if others:
        config.hook.pytest_deselected(items=others)
        items[:] = [item for item in items if item not in others]


@pytest.fixture(scope="session")
def django_db_keepdb(django_db_modify_db_settings) -> bool:
    """On SQLite a run begins with the database that an earlier one migrated, if there is one."""
    if connection.vendor != "sqlite":
        return False
    if (kept := migrated_database()).exists():
        shutil.copyfile(kept, connection.creation._get_test_db_name())
    return True


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker) -> None:
    """The migrated database is kept for the next run: 230 migrations take half a minute."""
    if connection.vendor != "sqlite" or (kept := migrated_database()).exists():
        return
    kept.parent.mkdir(parents=True, exist_ok=True)
    for old in kept.parent.glob("*.sqlite3"):
        old.unlink(missing_ok=True)
    with django_db_blocker.unblock(), NamedTemporaryFile(dir=kept.parent, delete=False) as file:
        connection.ensure_connection()
        with closing(sqlite3.connect(file.name)) as copy:
            connection.connection.backup(copy)
        os.replace(file.name, kept)


def migrated_database() -> Path:
    """Return where the database that today's migrations make is kept."""
    files = [
        file
        for app in apps.get_app_configs()
        for file in sorted(Path(app.path, "migrations").glob("*.py"))
    ]
    known = hashlib.sha256()
    for file in [*files, Path(grants.__file__)]:
        known.update(file.name.encode() + file.read_bytes())
    return settings.BASE_DIR / "var" / "tests" / f"{known.hexdigest()[:16]}.sqlite3"


@pytest.fixture(autouse=True)
def _clean_state():
    """Each test begins with empty caches and no language left over from another."""
    for one in caches:
        caches[one].clear()
    with translation.override("ar"):
        yield


@pytest.fixture(autouse=True)
def _log_can_be_emptied(request):
    """
    Let the flush after a test that commits empty the audit log: SQLite deletes row by row, which
    the log's trigger refuses. PostgreSQL truncates.
    """
    marker = request.node.get_closest_marker("django_db")
    commits = "transactional_db" in request.fixturenames or (
        marker and marker.kwargs.get("transaction")
    )
    if not commits or connection.vendor == "postgresql":
        yield
        return
    request.getfixturevalue("transactional_db")
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER IF EXISTS audit_no_delete")
    yield


@pytest.fixture
def admin_user(admin_user):
    """pytest-django's administrator, with the second step that the administration asks for."""
    Authenticator.objects.create(
        user=admin_user, type=Authenticator.Type.TOTP, data={"secret": "A" * 16}
    )
    return admin_user


def index_waiting() -> None:
    """Do what the worker would do within seconds: index what has changed."""
    while jobs := list(OutboxJob.objects.filter(kind="search-index", state="waiting")):
        OutboxJob.objects.filter(pk__in=[job.pk for job in jobs]).delete()
        index_jobs([job.payload for job in jobs])


@pytest.fixture
def client(client, request):
    """A visitor who comes when the worker has indexed what changed; its queries do not count."""
    get = client.get
    uses_database = request.node.get_closest_marker("django_db") or (
        {"db", "transactional_db"} & set(request.fixturenames)
    )

    def get_indexed(*args, **kwargs):
        away = connection.execute_wrappers and "away" in request.fixturenames
        if uses_database and not away:
            counted = len(connection.queries_log)
            index_waiting()
            while len(connection.queries_log) > counted:
                connection.queries_log.pop()
        return get(*args, **kwargs)

    client.get = get_indexed
    return client


@pytest.fixture
def away(db):
    """Return a block in which each query fails as while the database cannot be reached."""

    def fail(execute, sql, params, many, context):
        raise OperationalError("the database is away")

    return lambda: connection.execute_wrapper(fail)


@pytest.fixture
def database_away(away):
    """The database cannot be reached during the test."""
    with away():
        yield


@pytest.fixture
def wagtails_own_templates(monkeypatch):
    """They ask for what is not there, and rely on its being an empty text."""
    monkeypatch.setattr(engines["django"].engine, "string_if_invalid", "")

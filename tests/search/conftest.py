"""A kind of things to search, and the engines that search them."""

import os
import secrets
import subprocess
from types import SimpleNamespace

import pytest
from django.conf import settings as django_settings
from django.core.cache import caches

from search import copies
from search.documents import index_groups
from search.engines import elasticsearch as remote
from search.registry import Document, Facet, SearchKind, kinds, register

SCRIPT = django_settings.BASE_DIR / "scripts" / "elasticsearch"


class Things:
    """A kind "things" whose documents a test changes as it likes."""

    def __init__(self) -> None:
        self.documents: dict[str, list[Document]] = {}

    def put(self, group: str, *documents: Document) -> None:
        """Give a thing its versions, and index it as the worker would."""
        self.documents[group] = list(documents)
        index_groups("things", [group])

    def add(self, group: str, title: str, language: str = "ar", **facts) -> None:
        """Give a thing one version."""
        self.put(group, thing(group, title, language, **facts))

    def drop(self, group: str) -> None:
        del self.documents[group]
        index_groups("things", [group])


def thing(group: str, title: str, language: str = "ar", **facts) -> Document:
    """A version of a thing; its key is the group's and the language's."""
    return Document(
        **{
            "key": f"{group}-{language}",
            "language": language,
            "path": f"/things/{group}/",
            "title": title,
        }
        | facts
    )


@pytest.fixture
def things(db):
    """An empty kind "things", with two facets."""
    made = Things()
    register(
        SearchKind(
            name="things",
            label=lambda: "Things",
            groups=lambda: list(made.documents),
            documents=lambda groups: {
                group: made.documents[group] for group in groups if group in made.documents
            },
            load=lambda keys, language: [SimpleNamespace(key=key) for key in keys],
            sorts=("newest", "title", "adopted"),
            facets=(
                Facet(
                    "colour",
                    lambda: "Colour",
                    lambda: [("red", "Red"), ("blue", "Blue"), ("green", "Green")],
                    common=True,
                ),
                Facet("size", lambda: "Size", lambda: [("small", "Small"), ("large", "Large")]),
            ),
        )
    )
    yield made
    del kinds["things"]


class Server:
    """A real Elasticsearch that a test may kill, bring back, or make hang."""

    def __init__(self, *options: str) -> None:
        command = [str(SCRIPT), "start", *options]
        started = subprocess.run(command, capture_output=True, text=True)
        if started.returncode:
            if os.environ.get("CI") == "true":
                raise RuntimeError(started.stderr)
            pytest.skip(f"no Elasticsearch on this machine: {started.stderr.strip()}")
        self.folder, addresses = started.stdout.split()
        self.urls = addresses.split(",")

    def __call__(self, action: str, node: int = 1) -> None:
        """Do "kill", "resume", "pause" or "unpause" to a node."""
        subprocess.run([str(SCRIPT), action, self.folder, str(node)], check=True)

    def stop(self) -> None:
        subprocess.run([str(SCRIPT), "stop", self.folder], check=True)


@pytest.fixture(scope="session")
def server():
    """One node for all tests; a test that hurts it heals it."""
    started = Server()
    yield started
    started.stop()


def use(settings, urls: list[str]) -> None:
    """Have the site use Elasticsearch, with indexes of the test's own."""
    settings.ELASTICSEARCH_URL = urls
    settings.ELASTICSEARCH_PREFIX = f"test-{secrets.token_hex(6)}"
    # Java's first answers are slow; the tests that are about time set their own limit.
    settings.ELASTICSEARCH_TIMEOUT = 20.0
    forget_failures()


def forget_failures() -> None:
    """Close the circuits, as after a while without failure."""
    remote.circuit.worked()
    copies.writing.worked()


@pytest.fixture
def elastic(settings, server, db):
    """The site with Elasticsearch; gives the server."""
    use(settings, server.urls)
    yield server
    forget_failures()
    for index in copies.writer().indices.get(index=f"{remote.alias()}-*").body:
        copies.writer().indices.delete(index=index)


@pytest.fixture(params=["database", pytest.param("elasticsearch", marks=[pytest.mark.elastic])])
def settled(request):
    """
    Return a function that makes all that was indexed be found, on each engine in turn.

    The run on PostgreSQL searches with PostgreSQL, that on SQLite with FTS5.
    """
    if request.param == "database":
        return caches["content"].clear
    request.getfixturevalue("elastic")

    def settle() -> None:
        caches["content"].clear()
        copies.copy_documents()
        copies.writer().indices.refresh(index=remote.alias())

    return settle

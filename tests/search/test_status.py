"""Whether what can be found is what is there: told by search_status, put right by two commands."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.outbox.models import OutboxJob
from search.documents import changed
from search.models import SearchDocument, SearchLabel, SearchPrefix, SearchWord
from search.registry import kinds
from search.services import search
from search.status import compare
from tests.conftest import index_waiting
from tests.factories import make_commune, make_news, make_page, make_practice
from tests.search.conftest import thing


def of_things(**options) -> tuple[int, int, int, int, int]:
    [one] = [one for one in compare(**options).kinds if one.name == "things"]
    return one.things, one.documents, one.missing, one.stale, one.forbidden


def command(name: str, *arguments: str) -> str:
    out = StringIO()
    call_command(name, *arguments, stdout=out, stderr=StringIO())
    return out.getvalue()


@pytest.fixture
def three(things):
    """Three things, one of them in two languages, all indexed."""
    things.add("a", "budget", "fr", labels={"colour": ["red"]})
    things.add("b", "eau", "fr")
    things.put("c", thing("c", "déchets", "fr"), thing("c", "نفايات", "ar"))
    return things


def test_nothing_differs_where_all_is_indexed(three):
    assert of_things() == (3, 4, 0, 0, 0)
    assert "things                 3         4        0      0          0" in command(
        "search_status"
    )


def test_missing_documents_are_found_and_repaired(three):
    SearchDocument.objects.filter(group="c").delete()
    assert of_things() == (3, 2, 2, 0, 0)
    assert of_things(repair=True) == (3, 2, 2, 0, 0)
    index_waiting()
    assert of_things() == (3, 4, 0, 0, 0)


@pytest.mark.parametrize(
    "change",
    [
        {"title": "autre"},
        {"summary": "autre"},
        {"body_stems": "autr"},
        {"path": "/other/"},
        {"adoptions": 9},
        {"language": "en"},
        {"other_stems": "autr"},
    ],
)
def test_stale_documents_are_found_and_repaired(three, change):
    SearchDocument.objects.filter(key="a-fr").update(**change)
    assert of_things(repair=True) == (3, 4, 0, 1, 0)
    index_waiting()
    assert of_things() == (3, 4, 0, 0, 0)


def test_missing_and_foreign_labels_are_stale_and_repaired(three):
    SearchLabel.objects.filter(document__key="a-fr", name="colour").update(value="blue")
    SearchLabel.objects.filter(document__key="b-fr", name="shown", value="fr|public").delete()
    assert of_things(repair=True) == (3, 4, 0, 2, 0)
    index_waiting()
    assert of_things() == (3, 4, 0, 0, 0)


def test_document_of_a_thing_that_is_gone_is_forbidden_and_taken_off_at_once(three):
    del three.documents["a"]
    three.documents["c"].pop()  # its sister is stale: it was found by the words of this one
    assert of_things() == (2, 4, 0, 1, 2)
    with pytest.raises(CommandError, match="2 documents must not be found"):
        command("search_status")
    assert of_things(repair=True) == (2, 4, 0, 1, 2)
    assert search("budget", "fr").total == 0
    index_waiting()
    assert of_things() == (2, 2, 0, 0, 0)
    command("search_status")


def test_document_shown_to_who_may_not_see_it_is_forbidden_and_repaired(three):
    three.documents["a"] = [thing("a", "budget", "fr", audiences=("network",))]
    assert of_things() == (3, 4, 0, 0, 1)
    assert search("budget", "fr").total == 1
    with pytest.raises(CommandError, match="1 documents must not be found"):
        command("search_status", "--repair")
    assert search("budget", "fr").total == 0
    index_waiting()
    assert of_things() == (3, 4, 0, 0, 0)
    assert search("budget", "fr").total == 0


def test_document_of_a_kind_that_left_the_code_is_forbidden_and_repaired(three):
    kind = kinds.pop("things")
    try:
        forbidden = compare(repair=True).forbidden
        left = SearchDocument.objects.found().count()
    finally:
        kinds["things"] = kind
    assert (forbidden, left) == (4, 0)


def test_status_tells_how_long_the_oldest_change_waits(three):
    assert (compare().waiting, compare().lag) == (0, 0.0)
    changed("things", ["a", "b"])
    OutboxJob.objects.filter(key="things:a").update(created_at=timezone.now() - timedelta(hours=1))
    status = compare()
    assert status.waiting == 2
    assert 3600 <= status.lag < 3700
    assert "waiting: 2 jobs, the oldest for 36" in command("search_status")


def test_status_takes_the_same_queries_for_any_number_of_things(three):
    with CaptureQueriesContext(connection) as few:
        compare()
    for number in range(30):
        three.add(str(number), f"nombre {number}", "fr")
    with CaptureQueriesContext(connection) as many:
        compare()
    assert len(many) == len(few)


# Building anew


def rows() -> dict[str, list]:
    """All that the tables hold, but for versions and times."""
    documents = SearchDocument.objects.order_by("kind", "key")
    columns = [
        field.name
        for field in SearchDocument._meta.concrete_fields
        if field.name not in ("id", "version", "indexed_at", "copied")
    ]
    return {
        "documents": list(documents.values_list(*columns)),
        "labels": sorted(SearchLabel.objects.values_list("document__key", "name", "value")),
        "prefixes": sorted(SearchPrefix.objects.values_list("document__key", "text")),
        "words": sorted(SearchWord.objects.values_list("language", "word", "stem", "documents")),
    }


@pytest.fixture
def real(db):
    """Something of each kind, indexed."""
    commune = make_commune(name_fr="Martil", name_ar="مرتيل")
    practice = make_practice(title="ميزانية تشاركية", collectivities=(commune,))
    make_practice(title="budget participatif", language="fr", translation_of=practice)
    make_news(title="خبر عن النفايات")
    make_page(title="عن الشبكة")
    index_waiting()


@pytest.mark.parametrize("model", [SearchDocument, SearchLabel, SearchPrefix, SearchWord])
def test_rebuild_restores_what_was_deleted(real, model):
    before = rows()
    assert model.objects.count() > 0
    model.objects.all().delete()
    assert rows() != before
    out = command("search_rebuild")
    assert rows() == before
    assert "practices: 1 things, 2 documents, 0 taken off" in out
    assert f"vocabulary: {len(before['words'])} words" in out


def test_rebuild_of_what_is_right_changes_nothing(real):
    before = rows()
    command("search_rebuild")
    command("search_rebuild", "--kind", "practices")
    assert rows() == before


def test_rebuild_takes_off_what_is_gone_and_corrects_what_is_stale(three):
    SearchDocument.objects.filter(key="b-fr").update(title="autre", title_stems="autr")
    del three.documents["a"]
    assert "things: 2 things, 3 documents, 1 taken off" in command("search_rebuild")
    index_waiting()
    assert of_things() == (2, 3, 0, 0, 0)
    assert search("budget", "fr").total == 0
    assert search("eau", "fr").total == 1


def test_rebuild_of_one_kind_leaves_the_others(three):
    make_page(title="عن الشبكة")
    command("search_rebuild", "--kind", "things")
    assert SearchDocument.objects.filter(kind="pages").count() == 0
    command("search_rebuild", "--kind", "pages")
    assert SearchDocument.objects.filter(kind="pages").count() == 1


def test_rebuild_of_an_unknown_kind_is_refused(db):
    with pytest.raises(CommandError, match="invalid choice"):
        command("search_rebuild", "--kind", "nothing")
    command("search_rebuild", "--kind", "news")


def test_wrong_counts_of_words_are_counted_anew(real):
    before = rows()
    SearchWord.objects.update(documents=77)
    SearchWord.objects.create(
        language="fr", word="fantome", bare="fantome", stem="fantom", length=7, documents=3
    )
    command("search_rebuild")
    assert rows() == before

"""The table of documents: what is written, what goes, and the vocabulary beside it."""

import pytest

from core.outbox.models import OutboxJob
from search.documents import (
    changed,
    index_groups,
    index_jobs,
    recount_words,
    remove_others,
    withdraw,
)
from search.models import SearchDocument, SearchLabel, SearchPrefix, SearchWord
from search.registry import Document, kinds
from tests.conftest import index_waiting
from tests.search.conftest import thing


def vocabulary() -> dict[tuple[str, str], tuple[str, int]]:
    rows = SearchWord.objects.values_list("language", "word", "stem", "documents")
    return {(language, word): (stem, number) for language, word, stem, number in rows}


def labels(key: str, *names: str) -> set[str]:
    found = SearchLabel.objects.filter(document__key=key, name__in=names)
    return {f"{one.name}={one.value}" for one in found}


def waiting() -> list[str]:
    return list(
        OutboxJob.objects.filter(kind="search-index").order_by("key").values_list("key", flat=True)
    )


def test_document_is_kept_as_written_and_as_searched(things):
    things.put(
        "a",
        thing(
            "a",
            "La Pétition",
            "fr",
            summary="Résumé <b>",
            body="Corps du texte",
            keywords="عرائض",
            caption="Commune",
            labels={"colour": ["red", "red"]},
            number=7,
            adoptions=2,
        ),
    )
    one = SearchDocument.objects.get()
    assert (one.kind, one.group, one.key, one.path) == ("things", "a", "a-fr", "/things/a/")
    assert (one.title, one.summary, one.body) == ("La Pétition", "Résumé <b>", "Corps du texte")
    assert (one.title_stems, one.summary_stems, one.other_stems) == ("petition", "resum", "")
    assert one.body_stems == "corp text عرايض"
    assert (one.length, one.number, one.adoptions, one.caption) == (5, 7, 2, "Commune")
    assert one.sort_title == "la petition"
    assert labels("a-fr", "colour", "section") == {"colour=red", "section=things"}
    assert set(SearchPrefix.objects.values_list("text", flat=True)) == {"la petition", "petition"}


def test_document_indexed_again_is_written_only_where_it_changed(things):
    things.add("a", "budget", "fr")
    before = SearchDocument.objects.get()
    index_groups("things", ["a", "a"])
    assert SearchDocument.objects.get().version == before.version
    things.add("a", "budget", "fr", summary="eau")
    after = SearchDocument.objects.get()
    assert after.pk == before.pk
    assert after.version > before.version
    assert {word: number for (_code, word), (_stem, number) in vocabulary().items()} == {
        "budget": 1,
        "eau": 1,
    }


def test_change_leaves_nothing_of_what_was_there_before(things):
    things.add("a", "ancien budget", "fr", labels={"colour": ["red"]})
    things.add("a", "nouveau budget", "fr", labels={"colour": ["blue"]})
    assert vocabulary() == {("fr", "nouveau"): ("nouveau", 1), ("fr", "budget"): ("budget", 1)}
    assert labels("a-fr", "colour") == {"colour=blue"}
    assert set(SearchPrefix.objects.values_list("text", flat=True)) == {"nouveau budget", "budget"}


def test_version_that_is_gone_goes_and_its_sister_stays(things):
    things.put("a", thing("a", "ميزانية", "ar"), thing("a", "budget", "fr"))
    things.put("a", thing("a", "budget", "fr"))
    assert [one.key for one in SearchDocument.objects.all()] == ["a-fr"]
    assert vocabulary() == {("fr", "budget"): ("budget", 1)}
    assert labels("a-fr", "shown") == {f"shown={code}|public" for code in ("ar", "fr", "en", "zgh")}


def test_thing_that_is_gone_leaves_nothing(things):
    things.add("a", "budget", "fr", labels={"colour": ["red"]})
    things.drop("a")
    for model in (SearchDocument, SearchLabel, SearchPrefix, SearchWord):
        assert model.objects.count() == 0, model


def test_kind_that_left_the_code_is_found_no_more(things):
    things.add("a", "budget", "fr")
    changed("things", ["a"])
    kind = kinds.pop("things")
    index_waiting()
    kinds["things"] = kind
    assert SearchDocument.objects.count() == 0


def test_document_for_nobody_is_not_kept(things):
    things.put("a", thing("a", "budget", "fr", audiences=()), thing("a", "ميزانية", "ar"))
    assert [(one.key, one.other_stems) for one in SearchDocument.objects.all()] == [("a-ar", "")]
    assert set(vocabulary()) == {("ar", "ميزانيه")}


def test_each_version_stands_for_the_readers_that_it_is_nearest_to(things):
    things.put("a", thing("a", "ميزانية", "ar"), thing("a", "budget", "fr"))
    assert labels("a-ar", "shown") == {"shown=ar|public"}
    assert labels("a-fr", "shown") == {"shown=fr|public", "shown=en|public", "shown=zgh|public"}


def test_long_texts_are_cut_where_the_table_needs_it(things):
    things.put(
        "a",
        thing("a", "mot " * 1000, "fr", body="corps " * 50_000, caption="c" * 999,
              sort_title="t" * 999),
    )  # fmt: skip
    one = SearchDocument.objects.get()
    assert (len(one.title), len(one.body), len(one.caption)) == (500, 200_000, 300)
    assert len(one.sort_title) <= 120


def test_words_past_a_cut_title_are_counted_back_as_they_were_counted(things):
    things.add("a", "mot " * 130 + "dernier", "fr")
    things.drop("a")
    assert vocabulary() == {}


@pytest.mark.parametrize(
    "text", ["ⵐ" * 60, "ⵑⵐ" * 60, "x" * 5000, "نفايات" * 100, "ﷺ" * 60, "½" * 60]
)
def test_endless_words_fit_into_the_tables(things, text):
    things.put("a", thing("a", f"{text} budget"[:500], "fr", body=f"{text} corps"))
    assert SearchDocument.objects.count() == 1
    things.drop("a")
    assert vocabulary() == {}


def test_words_are_counted_by_document_and_language(things):
    things.add("a", "budget budget budgets", "fr")
    things.add("b", "budget", "en")
    things.add("c", "budget ميزانية", "ar")
    assert vocabulary() == {
        ("fr", "budget"): ("budget", 2),
        ("fr", "budgets"): ("budget", 1),
        ("en", "budget"): ("budget", 1),
        ("ar", "ميزانيه"): ("ميزان", 1),
    }


def test_recount_gives_what_was_counted_one_by_one(things):
    for number in range(5):
        things.put(
            str(number),
            thing(str(number), f"budget commune {number}", "fr", body="corps du texte"),
            thing(str(number), f"ميزانية {number}", "ar", keywords="budget"),
        )
    things.add("0", "budget changé", "fr")
    things.drop("1")
    things.add("2", "secret", "fr", audiences=("network",))
    counted = vocabulary()
    assert recount_words() == len(counted)
    assert vocabulary() == counted
    assert ("fr", "secret") not in counted


def test_indexing_takes_the_same_queries_for_one_and_for_many(things, django_assert_num_queries):
    for number in range(20):
        things.documents[str(number)] = [thing(str(number), f"budget {number}", "fr")]
    with django_assert_num_queries(7):
        index_groups("things", ["0"])
    with django_assert_num_queries(7):
        index_groups("things", [str(number) for number in range(1, 20)])


# Telling what changed


def test_change_is_a_job_once_and_the_worker_does_it(things):
    things.documents["a"] = [thing("a", "budget", "fr")]
    changed("things", ["a", "a"])
    changed("things", ["a"])
    assert waiting() == ["things:a"]
    assert SearchDocument.objects.count() == 0
    index_waiting()
    assert SearchDocument.objects.count() == 1


def test_nothing_changed_is_no_job(things):
    changed("things", [])
    assert waiting() == []


def test_withdrawal_is_at_once_and_what_may_be_seen_comes_back(things):
    things.put("a", thing("a", "budget", "fr"), thing("a", "ميزانية", "ar"))
    things.add("b", "budget", "fr")
    withdraw("things", ["a"])
    assert [one.key for one in SearchDocument.objects.found()] == ["b-fr"]
    assert vocabulary() == {("fr", "budget"): ("budget", 1)}
    assert waiting() == ["things:a"]
    index_waiting()
    assert SearchDocument.objects.found().count() == 3


def test_withdrawal_of_what_nobody_knows_is_only_a_job(things):
    withdraw("things", ["zzz"])
    assert waiting() == ["things:zzz"]
    index_waiting()
    assert SearchDocument.objects.count() == 0


def test_others_of_a_kind_are_taken_off_and_counted(things):
    things.add("a", "budget", "fr")
    things.put("b", thing("b", "budget", "fr"), thing("b", "ميزانية", "ar"))
    assert remove_others("things", ["a"]) == 2
    assert [one.key for one in SearchDocument.objects.found()] == ["a-fr"]


def test_jobs_of_many_kinds_are_done_together(things):
    things.documents["a"] = [thing("a", "budget", "fr")]
    index_jobs([{"kind": "things", "group": "a"}, {"kind": "gone", "group": "x"}])
    assert [one.key for one in SearchDocument.objects.all()] == ["a-fr"]


def test_document_has_only_what_is_asked_of_it():
    one = Document(key="a", language="fr", path="/a/", title="A")
    assert (one.audiences, one.summary, dict(one.labels)) == (("public",), "", {})

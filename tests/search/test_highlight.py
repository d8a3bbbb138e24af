"""Where a query was found: marked in the text as written, and safe."""

import re
from html import unescape

import pytest

from search.analysis import words
from search.highlight import SNIPPET, found_words, highlighted, snippet
from search.query import Alternative, Group, Plan
from tests.search.hostile import LANGUAGES, strings

TAG = re.compile(r"</?mark>")
BROKEN = re.compile(r"[<>\"']|&(?!(?:lt|gt|amp|quot|#x27);)")


def plan_for(*phrases: str, language: str = "fr") -> Plan:
    """A plan that looks for phrases exactly, without a database."""
    groups = []
    for phrase in phrases:
        some = words(phrase, language)
        groups.append(Group(some[0], (Alternative(tuple(word.stem for word in some), 1.0),)))
    return Plan(tuple(groups), language)


NOTHING = Plan((), "ar")


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("Le budget, les Budgets", "Le <mark>budget</mark>, les <mark>Budgets</mark>"),
        ("l’eau & <b>budget</b>", "l’eau &amp; &lt;b&gt;<mark>budget</mark>&lt;/b&gt;"),
        ('"budget"', "&quot;<mark>budget</mark>&quot;"),
        ("budgétisation", "budgétisation"),
        ("BUDGE\u0301T", "<mark>BUDGE\u0301T</mark>"),
        ("", ""),
    ],
)
def test_found_words_are_marked_and_the_rest_is_escaped(text, marked):
    assert highlighted(text, "fr", plan_for("budget")) == marked


def test_arabic_word_is_marked_whole_with_its_vowels_and_clitics():
    plan = plan_for("نفايات", language="ar")
    text = "تدبير وَالنُّفَايَاتِ"
    assert highlighted(text, "ar", plan) == "تدبير <mark>وَالنُّفَايَاتِ</mark>"


def test_phrase_is_marked_where_its_words_follow_each_other():
    plan = plan_for("budget participatif")
    text = "budget participatif, participatif, budget"
    assert highlighted(text, "fr", plan) == (
        "<mark>budget</mark> <mark>participatif</mark>, participatif, budget"
    )


def test_stop_words_do_not_part_a_phrase():
    plan = plan_for("budget commune")
    assert [word.folded for word in found_words("budget de la commune", "fr", plan)] == [
        "budget",
        "commune",
    ]


def test_ligature_of_several_words_is_marked_once():
    assert highlighted("(ﷺ)", "ar", plan_for("صلي", "الله", language="ar")) == "(<mark>ﷺ</mark>)"


def test_nothing_searched_marks_nothing():
    assert highlighted("<budget>", "fr", NOTHING) == "&lt;budget&gt;"


# Snippets


def test_snippet_is_the_first_text_that_holds_a_word():
    plan = plan_for("budget")
    assert snippet(["une eau", "le budget"], "fr", plan) == "le <mark>budget</mark>"
    assert snippet(["un <budget>", "le budget"], "fr", plan) == "un &lt;<mark>budget</mark>&gt;"


def test_snippet_without_a_found_word_is_the_beginning_of_what_there_is():
    plan = plan_for("budget")
    assert snippet(["", "<eau>"], "fr", plan) == "&lt;eau&gt;"
    assert snippet(["", ""], "fr", plan) == ""
    assert snippet([], "fr", plan) == ""
    assert snippet(["eau " * 100], "fr", plan) == "eau " * 54 + "eau …"


def test_snippet_of_a_long_text_shows_the_piece_with_most_words():
    text = "budget " + "loin " * 200 + "budget participatif " + "après " * 200
    piece = snippet([text], "fr", plan_for("budget", "participatif"))
    assert "<mark>budget</mark> <mark>participatif</mark>" in piece
    assert piece.startswith("… loin")
    assert piece.endswith("après …")
    assert len(unescape(TAG.sub("", piece))) <= SNIPPET + len("… ") + len(" …")


def test_snippet_of_one_endless_word_ends():
    piece = snippet(["x" * 5000 + " budget " + "y" * 5000], "fr", plan_for("budget"))
    assert "<mark>budget</mark>" in piece
    assert len(piece) < 400


# Anything at all


def assert_safe(html: str, text: str | None = None) -> None:
    plain = TAG.sub("", html)
    assert not BROKEN.search(plain), ascii(html[:300])
    assert re.sub(r"<mark>[^<]*</mark>", "", html).count("mark>") == 0, ascii(html[:300])
    if text is not None:
        assert unescape_exactly(plain) == text


def unescape_exactly(plain: str) -> str:
    for escaped, sign in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&#x27;", "'")):
        plain = plain.replace(escaped, sign)
    return plain.replace("&amp;", "&")


def test_highlight_of_anything_says_what_the_text_says():
    latin = plan_for("budget", "mark", "participatif", "script").groups
    arabic = plan_for("نفايات", "جماعة النفايات", "الله", language="ar").groups
    marked = 0
    for number, text in enumerate(strings(21, 3000)):
        html = highlighted(text, LANGUAGES[number % 4], Plan((*latin, *arabic), "fr"))
        assert_safe(html, text)
        marked += "<mark>" in html
    assert marked > 500


def test_snippet_of_anything_is_safe_and_short():
    plan = Plan(
        (*plan_for("budget", "mark").groups, *plan_for("نفايات", language="ar").groups), "ar"
    )
    for number, text in enumerate(strings(22, 1500)):
        longer = (text * 20)[:50_000]
        assert_safe(snippet([text, longer], LANGUAGES[number % 4], plan))
        plain = unescape_exactly(TAG.sub("", snippet([longer], LANGUAGES[number % 4], plan)))
        assert len(plain) <= SNIPPET + len("… ") + len(" …"), ascii(text[:200])

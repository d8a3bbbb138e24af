"""What changed, word by word."""

import random
import re
import time
from html import unescape

import pytest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import override

from contributions.differences import FieldValue, differences, marked

HIDDEN = re.compile(r'<bdi class="visually-hidden">\w+ </bdi>')


def words(html: str) -> str:
    """The text of HTML, with single spaces."""
    text = re.sub("<[^>]*>", "", html.replace("</p>", " ").replace("¶", " "))
    return " ".join(unescape(text).split())


def before_of(html: str) -> str:
    return words(re.sub("<ins>.*?</ins>", "", HIDDEN.sub("", html), flags=re.DOTALL))


def after_of(html: str) -> str:
    return words(re.sub("<del>.*?</del>", "", HIDDEN.sub("", html), flags=re.DOTALL))


def short(html: str) -> str:
    """The marks alone, as [-went-] and {+came+}."""
    html = HIDDEN.sub("", html)
    for tag, (start, end) in {"del": ("[-", "-]"), "ins": ("{+", "+}")}.items():
        html = re.sub(rf"<{tag}>( ?)(.*?)</{tag}>", rf"\1{start}\2{end}", html)
    return "|".join(words(part) for part in html.split("</p>") if words(part))


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("A new market.", "A covered market.", "A [-new-] {+covered+} market."),
        (
            "It cost 1,200 dirhams.",
            "It cost 1,250 dirhams.",
            "It cost [-1,200-] {+1,250+} dirhams.",
        ),
        ("It is done", "It is done, at last", "It is done{+, at last+}"),
        ("", "All of it", "{+All of it+}"),
        ("All of it", "", "[-All of it-]"),
        ("قالت إن المشروع نجح", "قالت إنّ المشروع نجح", "قالت [-إن-] {+إنّ+} المشروع نجح"),
        ("كِتاب قديم", "كِتاب جديد", "كِتاب [-قديم-] {+جديد+}"),
        ("One.\nTwo.", "One.\nNew.\nTwo.", "One.|{+New.+}|Two."),
        ("One.\nOld.\nTwo.", "One.\nTwo.", "One.|[-Old.-]|Two."),
        ("One.\nTwo.", "One. Two.", "One.[- -] Two."),
        ("One. Two.", "One.\nTwo.", "One.{+ +}|Two."),
        ("The old town hall burnt.", "Some small hut hall fell.", None),
    ],
)
def test_the_words_that_changed_are_marked(before, after, told):
    html = marked(before, after)
    assert isinstance(html, SafeString)
    assert (before_of(html), after_of(html)) == (words(before), words(after))
    if told:
        assert short(html) == " ".join(told.split(" "))


def test_changes_with_one_word_between_them_are_told_as_one():
    html = marked("We met people of every quarter.", "They asked some people in each house.")
    assert short(html) == (
        "[-We met people of every quarter-] {+They asked some people in each house+}."
    )


def test_any_change_gives_back_what_was_and_what_is():
    chance = random.Random(7)
    pieces = ["a", "la", "الماء", "الماءِ", "ⴰⵎⴰⵏ", "12", "1,5", ".", "«", "<b>", "&amp;", "\n", "é"]
    for _ in range(2000):
        before, after = (" ".join(chance.choices(pieces, k=chance.randrange(9))) for _ in range(2))
        html = marked(before, after)
        assert before_of(html) == " ".join(before.split())
        assert after_of(html) == " ".join(after.split())


@pytest.mark.parametrize("hostile", ["<script>alert(1)</script>", '"><img src=x>', "&lt;b&gt;"])
def test_what_a_person_typed_is_never_markup(hostile):
    for html in (marked(hostile, "a"), marked("a", hostile), marked(hostile, hostile)):
        assert set(re.findall("<([a-z]+)", html)) <= {"p", "del", "ins", "bdi"}
    assert before_of(marked(hostile, "a")) == hostile


def test_rich_text_is_told_by_its_words_and_the_signs_of_the_form():
    before = "<p>We <b>met</b> the <a href='https://a.example/'>hall</a>.</p><ul><li>One</li></ul>"
    after = before.replace("a.example", "b.example").replace("<li>One</li>", "<li>Two</li>")
    html = marked(before, after)
    assert re.findall("<(?!/?(?:p|del|ins|bdi)[ >])", html) == []
    assert short(html) == ("We **met** the [hall](https://[-a-]{+b+}.example/).|- [-One-] {+Two+}")


def test_marks_are_told_to_those_who_do_not_see_them_and_give_no_direction():
    with override("en"):
        told = marked("a", "b")
    assert told == (
        '<p dir="auto">'
        '<del><bdi class="visually-hidden">removed </bdi> a</del>'
        '<ins><bdi class="visually-hidden">added </bdi> b</ins></p>'
    )


def test_long_passages_that_stayed_are_shortened():
    many = " ".join(f"w{n}" for n in range(100))
    html = marked(f"{many} old {many}\nThe end.", f"{many} new {many}\nThe end.")
    assert short(html) == (
        "… w92 w93 w94 w95 w96 w97 w98 w99 [-old-] {+new+} w0 w1 w2 w3 w4 w5 w6 w7 …"
    )
    twice = marked(f"{many} old\n{many}\n{many} old", f"{many} new\n{many}\n{many} new")
    assert short(twice).count("|…") == 1


@pytest.mark.parametrize("size", [3, 200, 20_000])
def test_a_long_text_takes_no_longer_than_a_person_waits(size):
    chance = random.Random(size)
    before, after = (
        " ".join(str(chance.randrange(size)) for _ in range(50_000))[:50_000] for _ in range(2)
    )
    start = time.monotonic()
    html = marked(before, after)
    assert time.monotonic() - start < 2
    assert (before_of(html), after_of(html)) != ("", "")


def test_only_the_answers_that_differ_are_told_in_the_order_of_the_later_version():
    before = [
        FieldValue("gone", "Gone", "once"),
        FieldValue("same", "Same", "as it  was"),
        FieldValue("title", "Title", "Old"),
    ]
    after = [
        FieldValue("summary", "Summary", "Brief"),
        FieldValue("title", "New label", "New"),
        FieldValue("same", "Same", "as it was"),
        FieldValue("empty", "Empty", ""),
        FieldValue("none", "None", []),
    ]
    found = differences(before, after)
    assert [(one.name, one.label, short(one.html), one.is_rows) for one in found] == [
        ("summary", "Summary", "{+Brief+}", False),
        ("title", "New label", "[-Old-] {+New+}", False),
        ("gone", "Gone", "[-once-]", False),
    ]
    assert differences(after, after) == []


def test_rows_are_told_cell_by_cell_and_equal_ones_left_out():
    before = [["2021", "Plan"], ["2022", "Build"], ["2023", "Open"]]
    after = [["2021", "Plan"], ["2022", "Build it"], ["2023", "Open"], ["2024", "Review"]]
    (one,) = differences([FieldValue("s", "Steps", before)], [FieldValue("s", "Steps", after)])
    assert one.is_rows
    assert [short(row) for row in one.html.split("</li>")] == [
        "2022|Build {+it+}",
        "{+2024+}|{+Review+}",
        "",
    ]
    (gone,) = differences(
        [FieldValue("s", "Steps", before)], [FieldValue("s", "Steps", before[1:])]
    )
    assert short(gone.html) == "[-2021-]|[-Plan-]"
    (all_gone,) = differences([FieldValue("s", "Steps", before)], [])
    assert short(all_gone.html).count("[-") == 6


def test_the_template_shows_each_difference_with_its_label():
    found = differences(
        [FieldValue("t", "The <title>", "a")], [FieldValue("t", "The <title>", "b")]
    )
    html = render_to_string("contributions/differences.html", {"differences": found})
    assert "<dt>The &lt;title&gt;</dt>" in html
    assert found[0].html in html

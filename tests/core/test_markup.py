import time

import pytest

from core.markup import to_html, to_plain

SAME = [
    "",
    "One paragraph.",
    "One paragraph\nin two lines.\n\nAnother.",
    "Before:\n\n- one\n- two\n\nAfter.",
    "1. one\n2. two",
    "With **bold words** and [a link](https://example.org/a_(b)).",
    "[A page](page:12), [a document](document:3)",
    "السطر الأول\n\n- بند **مهم**\n- بند ثان",
    "5 < 6 & 7 > 3, <script>alert(1)</script>",
    "Stars * that * are none, and 2 ** 3",
]


@pytest.mark.parametrize("text", SAME)
def test_plain_text_comes_back_as_it_was_typed(text):
    assert to_plain(to_html(text)) == text


@pytest.mark.parametrize(
    ("html", "plain"),
    [
        ('<p data-block-key="a">One <b>bold</b></p>', "One **bold**"),
        ("<ul><li>one</li><li>two</li></ul>", "- one\n- two"),
        ("<h3>Heading</h3><p>Text</p>", "**Heading**\n\nText"),
        ("<p></p><p>Text</p>", "Text"),
        ('<p><a linktype="page" id="4">words</a></p>', "[words](page:4)"),
        ('<p><a href="javascript:alert(1)">words</a></p>', "words"),
    ],
)
def test_rich_text_of_the_administration_becomes_plain(html, plain):
    assert to_plain(html) == plain


def test_a_list_right_behind_a_paragraph_is_a_list():
    assert to_html("We did:\n- one\n- two\nThen:\n1) three") == (
        "<p>We did:</p><ul><li>one</li><li>two</li></ul><p>Then:</p><ol><li>three</li></ol>"
    )


@pytest.mark.parametrize(
    "text",
    [
        "[x](javascript:alert(1))",
        '[x](https://a.example/"onmouseover=alert(1))',
        "<img src=x onerror=alert(1)>",
        "**<b onclick=alert(1)>**",
    ],
)
def test_nothing_that_runs_comes_out(text):
    made = to_html(text)
    assert "<img" not in made
    assert "onclick=alert(1)>" not in made.replace("onclick=alert(1)&gt;", "")
    assert 'href="javascript' not in made
    assert '"onmouseover' not in made


@pytest.mark.parametrize(
    "text", ["**a " * 5_000, "a** " * 5_000, "*" * 20_000, "[a](" * 5_000, "[a](x" + "(b)" * 6_000]
)
def test_a_long_text_of_signs_takes_no_longer_than_a_person_waits(text):
    start = time.process_time()
    to_plain(to_html(text))
    assert time.process_time() - start < 0.5

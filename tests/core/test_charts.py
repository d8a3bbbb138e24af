import re
from decimal import Decimal
from html.parser import HTMLParser

import pytest
from django.utils.safestring import SafeString

from core.charts import Bar, DrawnBar, Part, bar_chart, stacked_bar

VOID = {"rect"}


class Balance(HTMLParser):
    """Fails on an element that is closed in the wrong order, and gathers the attributes."""

    def __init__(self, html):
        super().__init__()
        self.open, self.attributes, self.elements = [], set(), set()
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.elements.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def widths(chart):
    return [bar.width for bar in chart.bars]


def texts(chart):
    return [bar.text for bar in chart.bars]


def test_bar_chart_html_in_full():
    chart = bar_chart("Who knows", "%", [Bar("2024", 9, is_baseline=True), Bar("2025", 62)], "en")
    assert chart.html() == (
        '<figure class="chart" lang="en" dir="ltr"><figcaption><b><bdi>Who knows</bdi></b>'
        "<span><bdi>%</bdi></span></figcaption>"
        '<ol class="chart__bars">'
        '<li class="bars__base"><span class="bars__label"><bdi>2024</bdi></span>'
        '<svg viewBox="0 0 100 12" preserveAspectRatio="none" aria-hidden="true"'
        ' focusable="false"><rect class="track bars__track" width="100" height="12"/>'
        '<rect class="fill bars__value" width="9.0" height="12"/></svg>'
        '<b class="bars__number"><bdi>9%</bdi></b></li>'
        '<li class="bars__value"><span class="bars__label"><bdi>2025</bdi></span>'
        '<svg viewBox="0 0 100 12" preserveAspectRatio="none" aria-hidden="true"'
        ' focusable="false"><rect class="track bars__track" width="100" height="12"/>'
        '<rect class="fill bars__value" width="62.0" height="12"/></svg>'
        '<b class="bars__number"><bdi>62%</bdi></b></li></ol></figure>'
        '<table class="table table--stack" role="table" lang="en" dir="ltr">'
        "<caption><bdi>Who knows</bdi></caption>"
        '<thead role="rowgroup"><tr role="row"><th scope="col" role="columnheader">Measure</th>'
        '<th scope="col" role="columnheader">%</th></tr></thead>'
        '<tbody role="rowgroup">'
        '<tr role="row"><th scope="row" role="rowheader"><bdi>2024 (baseline)</bdi></th>'
        '<td role="cell" data-label="%"><bdi>9%</bdi></td></tr>'
        '<tr role="row"><th scope="row" role="rowheader"><bdi>2025</bdi></th>'
        '<td role="cell" data-label="%"><bdi>62%</bdi></td></tr></tbody></table>'
    )


def test_bar_chart_in_arabic_is_right_to_left_with_arabic_numbers():
    chart = bar_chart("الحضور", "شخص", [Bar("ماي", 9840)], "ar")
    assert re.findall(r'lang="(\w+)" dir="(\w+)"', chart.html()) == [("ar", "rtl")] * 2
    assert texts(chart) == ["9.840"]


@pytest.mark.parametrize("language", ["fr", "zgh"])
def test_bar_chart_in_french_and_tamazight_is_left_to_right(language):
    chart = bar_chart("t", "%", [Bar("a", 62)], language)
    assert re.findall(r'dir="(\w+)"', chart.html()) == ["ltr"] * 2
    assert texts(chart) == ["62\u00a0%"]


def test_bar_chart_without_table_is_the_figure_alone():
    chart = bar_chart("t", "%", [Bar("a", 62)], "ar")
    assert chart.html(with_table=False) == chart.html().partition("<table")[0]


def test_bar_chart_heads_its_table_as_the_caller_says():
    html = bar_chart("t", "days", [Bar("a", 1)], "en", label_heading="Date").html()
    assert re.findall(r'role="columnheader">([^<]*)<', html) == ["Date", "days"]


def test_bar_chart_without_unit_heads_the_values():
    html = bar_chart("t", "", [Bar("a", 1)], "en").html()
    assert re.findall(r'role="columnheader">([^<]*)<', html) == ["Measure", "Value"]


def test_bar_chart_without_bars_is_nothing():
    html = bar_chart("t", "%", [], "ar").html()
    assert html == ""
    assert isinstance(html, SafeString)


def test_bar_chart_of_percentages_is_measured_against_a_hundred():
    chart = bar_chart("t", "%", [Bar("a", 9), Bar("b", 62.28)], "en")
    assert widths(chart) == ["9.0", "62.3"]


def test_bar_chart_of_numbers_is_measured_against_the_largest():
    chart = bar_chart("t", "people", [Bar("a", 4), Bar("b", Decimal("16"))], "en")
    assert widths(chart) == ["25.0", "100.0"]


def test_bar_chart_is_measured_against_the_maximum_given():
    assert widths(bar_chart("t", "%", [Bar("a", 5)], "en", maximum=20)) == ["25.0"]
    assert widths(bar_chart("t", "", [Bar("a", 5)], "en", maximum=20)) == ["25.0"]


@pytest.mark.parametrize("maximum", [0, -3, float("nan"), Decimal("Infinity")])
def test_bar_chart_with_a_senseless_maximum_takes_the_largest_value(maximum):
    assert widths(bar_chart("t", "", [Bar("a", 5)], "en", maximum=maximum)) == ["100.0"]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0, 0], ["0.0", "0.0"]),
        ([-5, -1], ["0.0", "0.0"]),
        ([-5, 5], ["0.0", "100.0"]),
        ([None, 2], ["0.0", "100.0"]),
        ([None], ["0.0"]),
        ([Decimal("NaN"), float("inf"), 1], ["0.0", "0.0", "100.0"]),
        ([10**4000, 1], ["100.0", "0.0"]),
        ([Decimal("1E+999999"), Decimal("1E-999999")], ["100.0", "0.0"]),
        ([1e308, 1e307], ["100.0", "10.0"]),
    ],
)
def test_bar_chart_stays_inside_its_track(values, expected):
    chart = bar_chart("t", "", [Bar("a", value) for value in values], "fr")
    assert widths(chart) == expected
    Balance(chart.html())


def test_bar_chart_above_the_whole_fills_the_track_and_tells_the_true_value():
    assert bar_chart("t", "%", [Bar("a", 140)], "en").bars == (
        DrawnBar(label="a", text="140%", width="100.0", is_baseline=False),
    )


def test_bar_chart_of_text_is_refused():
    with pytest.raises(TypeError):
        bar_chart("t", "%", [Bar("a", "62")], "en")


@pytest.mark.parametrize("draw", ["bar", "stacked"])
@pytest.mark.parametrize(
    "text",
    ["<script>alert(1)</script>", '" onload="x', "</bdi></figure>", "%(label)s %s {0} {}", "&lt;"],
)
def test_chart_shows_what_people_typed_as_text(draw, text):
    if draw == "bar":
        html = bar_chart(
            text, text, [Bar(text, 1, is_baseline=True)], "en", label_heading=text
        ).html()
    else:
        html = stacked_bar(text, text, [Part(text, 1)], "en", label_heading=text).html()
    parsed = Balance(html)
    assert parsed.elements - {"figure", "figcaption", "b", "bdi", "span", "ol", "li", "svg"} == {
        "rect",
        "table",
        "caption",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
    }
    assert parsed.attributes - {"class", "lang", "dir", "width", "height", "x"} == {
        "viewbox",
        "preserveaspectratio",
        "aria-hidden",
        "focusable",
        "role",
        "scope",
        "data-label",
    }


def test_stacked_bar_shares_the_whole_without_gaps():
    chart = stacked_bar("t", "people", [Part("a", 1), Part("b", 1), Part("c", 1)], "en")
    assert [(part.x, part.width, part.share, part.colour) for part in chart.parts] == [
        ("0.0", "33.3", "33.3%", 1),
        ("33.3", "33.4", "33.3%", 2),
        ("66.7", "33.3", "33.3%", 3),
    ]


def test_stacked_bar_leaves_out_what_has_no_share():
    chart = stacked_bar("t", "", [Part("a", -1), Part("b", None), Part("c", 4)], "fr")
    assert [(part.text, part.share, part.width) for part in chart.parts] == [
        ("\u22121", "0\u00a0%", "0.0"),
        ("\u2013", "\u2013", "0.0"),
        ("4", "100\u00a0%", "100.0"),
    ]


def test_stacked_bar_of_zeros_is_an_empty_track():
    chart = stacked_bar("t", "", [Part("a", 0), Part("b", 0)], "en")
    assert [(part.share, part.width) for part in chart.parts] == [("0%", "0.0")] * 2


def test_stacked_bar_begins_its_colours_again():
    chart = stacked_bar("t", "", [Part(str(n), 1) for n in range(8)], "en")
    assert [part.colour for part in chart.parts] == [1, 2, 3, 4, 5, 6, 1, 2]


def test_stacked_bar_html_is_figure_key_and_table():
    html = stacked_bar("t", "people", [Part("a", 1), Part("b", 3)], "ar").html()
    Balance(html)
    assert re.findall(r'<rect class="([^"]*)"', html) == [
        "track bars__track",
        "chart__part chart__part--1",
        "chart__part chart__part--2",
        "chart__part chart__part--1",
        "chart__part chart__part--2",
    ]
    assert re.findall(r"<td[^>]*><bdi>([^<]*)<", html) == ["1", "25%", "3", "75%"]
    assert re.findall(r'<b class="bars__number"><bdi>([^<]*)<', html) == ["25%", "75%"]


def test_stacked_bar_without_parts_is_nothing():
    assert stacked_bar("t", "", [], "ar").html() == ""

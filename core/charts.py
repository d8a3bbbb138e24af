"""Charts drawn on the server as SVG, each with its figures in a table.

No script, no ``style`` attribute and no ``style`` element, so that the pages keep their strict
content security policy: sizes are SVG attributes, colours come from the stylesheet by class.
The drawings are hidden from screen readers; the words and numbers beside them and in the table
are not. Bars are drawn from left to right; the stylesheet mirrors them (``scaleX(-1)``) where
the ``dir`` of the figure is ``rtl``.

    chart = bar_chart(title, "%", [Bar("2024", 9, is_baseline=True), Bar("2025", 62)], "ar")
    {{ chart.html }}
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import override, pgettext

from core.languages import direction
from core.numbers import Number, finite_decimal, format_number, format_percent

SHARE_COLOURS = 6
"""Classes ``chart__part--1`` to ``--6`` of `stacked_bar`; the seventh part is the first again."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One row of a bar chart, as the caller knows it.

    ``value`` is in the unit of the chart; None or NaN when it is not known. ``is_baseline``
    marks the measure from which the others start.
    """

    label: str
    value: Number | None
    is_baseline: bool = False


@dataclass(frozen=True, slots=True)
class DrawnBar:
    """One row of a bar chart, ready to show: ``width`` is 0 to 100, ``text`` for the reader."""

    label: str
    text: str
    width: str
    is_baseline: bool


@dataclass(frozen=True, slots=True)
class BarChart:
    """What `bar_chart` returns; `html` shows it."""

    title: str
    unit: str
    language: str
    label_heading: str
    bars: tuple[DrawnBar, ...]

    def html(self, with_table: bool = True) -> SafeString:
        """The figure and, unless the caller has the same figures in a table, its table.

        Empty when there is no bar: where nothing was measured there is no figure.
        """
        if not self.bars:
            return mark_safe("")
        rows = format_html_join(
            "",
            '<li class="{}"><span class="bars__label"><bdi>{}</bdi></span>'
            '<svg viewBox="0 0 100 12" preserveAspectRatio="none" aria-hidden="true"'
            ' focusable="false"><rect class="track bars__track" width="100" height="12"/>'
            '<rect class="fill bars__value" width="{}" height="12"/></svg>'
            '<b class="bars__number"><bdi>{}</bdi></b></li>',
            (
                ("bars__base" if bar.is_baseline else "bars__value", bar.label, bar.width, bar.text)
                for bar in self.bars
            ),
        )
        figure = _figure(
            self.title,
            self.unit,
            self.language,
            format_html('<ol class="chart__bars">{}</ol>', rows),
        )
        return figure + self._table() if with_table else figure

    def _table(self) -> SafeString:
        with override(self.language):
            headings = [
                self.label_heading or pgettext("chart", "Measure"),
                self.unit or pgettext("chart", "Value"),
            ]
            baseline = pgettext("chart", "%(label)s (baseline)")
            rows = [
                (baseline % {"label": bar.label} if bar.is_baseline else bar.label, bar.text)
                for bar in self.bars
            ]
        return _table(self.title, headings, rows, self.language)


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a whole; ``value`` is in the unit of the chart, None when not known."""

    label: str
    value: Number | None


@dataclass(frozen=True, slots=True)
class DrawnPart:
    """One part, ready to show: ``x`` and ``width`` are 0 to 100, ``colour`` from 1 on."""

    label: str
    text: str
    share: str
    x: str
    width: str
    colour: int


@dataclass(frozen=True, slots=True)
class StackedBar:
    """What `stacked_bar` returns; `html` shows it."""

    title: str
    unit: str
    language: str
    label_heading: str
    parts: tuple[DrawnPart, ...]

    def html(self, with_table: bool = True) -> SafeString:
        """The figure with its key and, unless told not to, its table; empty without parts."""
        if not self.parts:
            return mark_safe("")
        pieces = format_html_join(
            "",
            '<rect class="chart__part chart__part--{}" x="{}" width="{}" height="12"/>',
            ((part.colour, part.x, part.width) for part in self.parts),
        )
        key = format_html_join(
            "",
            '<li><svg viewBox="0 0 12 12" aria-hidden="true" focusable="false">'
            '<rect class="chart__part chart__part--{}" width="12" height="12"/></svg>'
            '<span class="bars__label"><bdi>{}</bdi></span>'
            '<b class="bars__number"><bdi>{}</bdi></b></li>',
            ((part.colour, part.label, part.share) for part in self.parts),
        )
        body = format_html(
            '<svg class="chart__stack" viewBox="0 0 100 12" preserveAspectRatio="none"'
            ' aria-hidden="true" focusable="false">'
            '<rect class="track bars__track" width="100" height="12"/>{}</svg>'
            '<ol class="chart__key">{}</ol>',
            pieces,
            key,
        )
        figure = _figure(self.title, self.unit, self.language, body)
        return figure + self._table() if with_table else figure

    def _table(self) -> SafeString:
        with override(self.language):
            headings = [
                self.label_heading or pgettext("chart", "Part"),
                self.unit or pgettext("chart", "Value"),
                pgettext("chart", "Share"),
            ]
        rows = [(part.label, part.text, part.share) for part in self.parts]
        return _table(self.title, headings, rows, self.language)


def bar_chart(
    title: str,
    unit: str,
    bars: Sequence[Bar],
    language: str,
    maximum: Number | None = None,
    *,
    label_heading: str = "",
) -> BarChart:
    """A row per value, with the bar's length against the whole track.

    ``unit`` is shown as given; ``"%"`` also writes the values as percentages. The track stands
    for ``maximum``, in the unit of the chart; without a positive one for 100 when the unit is
    ``"%"``, else for the largest value. Bars end at the track's ends: a negative or unknown
    value has no length, one above the maximum fills the track; the text says the true value.
    ``label_heading`` heads the table's first column ("Date", "Commune").

    Raises ``TypeError`` when a value is not a number.
    """
    values = [finite_decimal(bar.value) for bar in bars]
    whole = finite_decimal(maximum)
    if whole is None or whole <= 0:
        known = [value for value in values if value is not None]
        whole = Decimal(100) if _is_percent(unit) else max(known, default=Decimal(0))
    return BarChart(
        title=title,
        unit=unit,
        language=language,
        label_heading=label_heading,
        bars=tuple(
            DrawnBar(
                label=bar.label,
                text=_value_text(bar.value, unit, language),
                width=f"{_percentage(value, whole):.1f}",
                is_baseline=bar.is_baseline,
            )
            for bar, value in zip(bars, values, strict=True)
        ),
    )


def stacked_bar(
    title: str,
    unit: str,
    parts: Sequence[Part],
    language: str,
    *,
    label_heading: str = "",
) -> StackedBar:
    """One bar cut into the shares of a whole, which is the sum of the positive values.

    Negative and unknown values have no share. The shares are rounded to a tenth each, so their
    written sum may miss 100 % by some tenths.

    Raises ``TypeError`` when a value is not a number.
    """
    values = [max(finite_decimal(part.value) or Decimal(0), Decimal(0)) for part in parts]
    total = sum(values, Decimal(0))
    drawn = []
    before = Decimal(0)
    for index, (part, value) in enumerate(zip(parts, values, strict=True)):
        # From the ends rather than from the widths, so that the pieces always touch.
        start = _percentage(before, total)
        before += value
        end = _percentage(before, total)
        known = finite_decimal(part.value) is not None
        drawn.append(
            DrawnPart(
                label=part.label,
                text=_value_text(part.value, unit, language),
                share=format_percent(_percentage(value, total) if known else None, language, 1),
                x=f"{start:.1f}",
                width=f"{end - start:.1f}",
                colour=index % SHARE_COLOURS + 1,
            )
        )
    return StackedBar(
        title=title,
        unit=unit,
        language=language,
        label_heading=label_heading,
        parts=tuple(drawn),
    )


def _is_percent(unit: str) -> bool:
    return unit.strip() == "%"


def _value_text(value: Number | None, unit: str, language: str) -> str:
    write = format_percent if _is_percent(unit) else format_number
    return write(value, language)


def _percentage(value: Decimal | None, whole: Decimal) -> Decimal:
    """How much of the whole the value is, from 0 to 100, rounded to a tenth."""
    if value is None or value <= 0 or whole <= 0:
        return Decimal(0)
    if value >= whole:
        return Decimal(100)
    return round(value / whole * 100, 1)


def _figure(title: str, unit: str, language: str, body: SafeString) -> SafeString:
    return format_html(
        '<figure class="chart" lang="{}" dir="{}"><figcaption><b><bdi>{}</bdi></b>'
        "<span><bdi>{}</bdi></span></figcaption>{}</figure>",
        language,
        direction(language),
        title,
        unit,
        body,
    )


def _table(
    caption: str, headings: Sequence[str], rows: Iterable[Sequence[str]], language: str
) -> SafeString:
    """A table that becomes blocks on a phone.

    The roles say again what the elements are, because browsers forget it when the stylesheet
    changes their ``display``; ``data-label`` is the heading that the stylesheet then shows.
    """
    head = format_html_join(
        "", '<th scope="col" role="columnheader">{}</th>', ((heading,) for heading in headings)
    )
    body = format_html_join(
        "",
        '<tr role="row"><th scope="row" role="rowheader"><bdi>{}</bdi></th>{}</tr>',
        (
            (
                row[0],
                format_html_join(
                    "",
                    '<td role="cell" data-label="{}"><bdi>{}</bdi></td>',
                    zip(headings[1:], row[1:], strict=True),
                ),
            )
            for row in rows
        ),
    )
    return format_html(
        '<table class="table table--stack" role="table" lang="{}" dir="{}">'
        "<caption><bdi>{}</bdi></caption>"
        '<thead role="rowgroup"><tr role="row">{}</tr></thead>'
        '<tbody role="rowgroup">{}</tbody></table>',
        language,
        direction(language),
        caption,
        head,
        body,
    )

"""
The lineage of a practice drawn on the server as SVG.

A row for each practice and each collectivity, tied by lines from what was taken over to who took it
over. The state of an adoption is told by a sign and by its word, never by a colour alone. Sizes
are in pixels and nothing is scaled, so the text is as large on a telephone of 320 pixels as
elsewhere. In Arabic it is drawn from the right edge.
"""

import re
import textwrap
from dataclasses import dataclass, field
from itertools import groupby

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from core import languages
from core.fields import format_partial_date
from core.numbers import format_number
from notifications.registry import isolated
from practices.lineage import Branch, Lineage
from practices.models import PracticePage

DRAWN = 30  # rows; the rest stands in the list
WIDTH = 276  # of a page of 320 pixels between its margins
STEP, SIGN, GAP = 16, 9, 17  # a level's indent, half a sign, from its middle to the text
LINE, BETWEEN = 21, 15  # a line of text, and what parts two rows
WIDE = {"zgh": 11}  # of a letter, at most on average
LETTER = 8
# Where a line may end; not at a space that keeps two things together, as before ":" in French.
SPACES = re.compile(r"[\t\n\r ]+")


@dataclass
class Line:
    """
    A line of a row's text.

    :ivar whole: the whole text, where the lines leave out its end
    """

    text: str
    style: str  # "name", "state" or "title"
    language: str
    address: str = ""
    whole: str = ""


@dataclass
class Row:
    """
    A row of the drawing.

    :ivar shape: what its sign is: "practice", "here" for the one whose lineage it is, or the state
        of an adoption
    :ivar y: of its sign's middle
    """

    depth: int
    shape: str
    lines: list[Line]
    y: int = 0

    @property
    def x(self) -> int:
        return SIGN + 2 + self.depth * STEP


@dataclass
class Plan:
    """
    The rows from top to bottom, and the lines between them.

    :ivar ties: (what was taken over, who took it over) or (what was taken over, what grew of it)
    """

    rows: list[Row] = field(default_factory=list)
    ties: list[tuple[Row, Row]] = field(default_factory=list)

    def add(self, row: Row, *, below: Row | None = None) -> Row:
        self.rows.append(row)
        if below:
            self.ties.append((below, row))
        return row


def draw(lineage: Lineage, most: int = DRAWN) -> SafeString:
    """
    Return the drawing, "" where there is neither a branch nor an ancestor.

    :param most: rows
    """
    if not (lineage.ancestors or lineage.branches):
        return mark_safe("")
    plan = plan_of(lineage.nearest(most))
    height = BETWEEN
    for row in plan.rows:
        row.y = height + LINE // 2
        height += len(row.lines) * LINE + BETWEEN
    language = languages.current()
    is_mirrored = languages.direction(language) == "rtl"
    pen = -1 if is_mirrored else 1
    inside = format_html(
        "{}{}",
        format_html_join("", '<path class="lineage__line" d="{}"/>', _paths(plan, pen)),
        format_html_join("", "{}", ((_drawn(row, pen),) for row in plan.rows)),
    )
    if is_mirrored:
        # A place of its own at the right edge, from which everything is counted to the left.
        inside = format_html('<svg x="100%" overflow="visible">{}</svg>', inside)
    name = f"lineage-{lineage.page.number}"
    return format_html(
        '<svg class="lineage__drawing" width="100%" height="{}" role="group" focusable="false"'
        ' aria-labelledby="{}-title" aria-describedby="{}-desc"><title id="{}-title">{}</title>'
        '<desc id="{}-desc">{}</desc>{}</svg>',
        *(height, name, name, name, pgettext("practice", "Lineage")),
        *(name, described(lineage), inside),
    )


def described(lineage: Lineage) -> str:
    """Return in a few sentences what the lineage tells, be it drawn or not."""
    takers = {one.collectivity.pk for one in lineage.walk()}
    written = {one.collectivity.pk for one in lineage.walk() if one.page}
    language = languages.current()
    sentences = []
    if lineage.ancestors:
        sentences.append(
            ngettext(
                "It grew from %(number)s other practice.",
                "It grew from %(number)s other practices.",
                len(lineage.ancestors),
            )
            % {"number": format_number(len(lineage.ancestors), language)}
        )
    if takers:
        sentences.append(
            ngettext(
                "%(number)s collectivity took it over, directly or from another one.",
                "%(number)s collectivities took it over, directly or from another one.",
                len(takers),
            )
            % {"number": format_number(len(takers), language)}
        )
    if written:
        sentences.append(
            ngettext(
                "%(number)s of them published its own version.",
                "%(number)s of them published their own version.",
                len(written),
            )
            % {"number": format_number(len(written), language)}
        )
    return " ".join(sentences)


def plan_of(lineage: Lineage) -> Plan:
    """Return what is drawn: what the practice grew from, itself, and who took it over."""
    plan = Plan()
    above = lineage.ancestors
    of_number: dict[int, Row] = {}
    for depth, one in enumerate(reversed(above)):
        row = plan.add(Row(depth, "practice", _title(one.page, depth)))
        if one.collectivities:
            who = pgettext("list", ", ").join(place.full_name for place in one.collectivities)
            row.lines += _cut(who, depth, "state")
        of_number[int(one.page.number)] = row
    depth = len(above)
    this = plan.add(Row(depth, "here", _title(lineage.page, depth, is_linked=False)))
    this.lines += _cut(_("This practice"), depth, "state", most=1)
    of_number[int(lineage.page.number)] = this
    for one in above:
        plan.ties.append((of_number[int(one.page.number)], of_number[one.child]))
    _add(plan, this, lineage.branches)
    return plan


def _add(plan: Plan, parent: Row, branches: list[Branch]) -> None:
    depth = parent.depth + 1
    for one in branches:
        row = plan.add(Row(depth, one.adoption.state, _taker(one, depth)), below=parent)
        _add(plan, row, one.children)


def _title(page: PracticePage, depth: int, *, is_linked: bool = True) -> list[Line]:
    address = reverse("practice", args=[page.slug]) if is_linked else ""
    return _cut(page.title, depth, "title", language=page.language, address=address)


def _taker(branch: Branch, depth: int) -> list[Line]:
    """Return who took it over, how far they are, and their own practice."""
    adoption, place = branch.adoption, branch.collectivity
    lines = _cut(
        place.full_name,
        depth,
        "name",
        language=place.name_language,
        address=place.get_absolute_url(),
    )
    state = adoption.get_state_display()
    if adoption.since:
        state = pgettext("lineage", "%(state)s, %(since)s") % {
            "state": state,
            "since": format_partial_date(adoption.since),
        }
    lines += _cut(state, depth, "state")
    if branch.page:
        lines += _title(branch.page, depth)
    return lines


def _cut(
    text: str, depth: int, style: str, *, language: str = "", address: str = "", most: int = 2
) -> list[Line]:
    """Return a text in lines that fit beside the sign, with "…" where there are too many."""
    language = language or languages.current()
    room = WIDTH - (SIGN + 2 + depth * STEP + GAP)
    width = room // WIDE.get(language, LETTER)
    lines = textwrap.wrap(SPACES.sub(" ", text), width, max_lines=most, placeholder="…")
    whole = text if lines and lines[-1].endswith("…") else ""
    return [Line(one, style, language, address, whole) for one in lines]


def _paths(plan: Plan, pen: int):
    """Give the lines: down from what was taken over, then across to who took it over."""
    for upper, lower in plan.ties:
        end = lower.x - SIGN - 2
        yield (f"M{pen * upper.x} {upper.y + SIGN + 2}V{lower.y}H{pen * end}",)


def _drawn(row: Row, pen: int) -> SafeString:
    x, y = pen * (row.x + GAP), row.y + LINE // 4
    texts = []
    for (address, whole), lines in groupby(row.lines, key=lambda line: (line.address, line.whole)):
        drawn = []
        for line in lines:
            drawn.append((line.style, x, y, _spoken(line.language), isolated(line.text)))
            y += LINE
        inside = format_html_join("", '<text class="lineage__{}" x="{}" y="{}"{}>{}</text>', drawn)
        if address:
            # The whole text is shown on pointing at it, and told to those who hear it.
            title = format_html("<title>{}</title>", whole) if whole else ""
            inside = format_html('<a href="{}">{}{}</a>', address, title, inside)
        texts.append(inside)
    sign = _sign(row.shape, pen * row.x, row.y)
    ground = _ground(row, pen) if row.shape == "here" else ""
    texts = format_html_join("", "{}", zip(texts, strict=True))
    return format_html("<g>{}{}{}</g>", ground, sign, texts)


def _ground(row: Row, pen: int) -> SafeString:
    """Draw what lies below the practice whose lineage it is: a reader finds it at once."""
    start, around = row.x - SIGN - 4, BETWEEN // 3
    width = WIDTH - start
    return format_html(
        '<rect class="lineage__here" x="{}" y="{}" width="{}" height="{}" rx="3"/>',
        start if pen > 0 else -start - width,
        row.y - LINE // 2 - around,
        width,
        len(row.lines) * LINE + 2 * around,
    )


def _spoken(language: str) -> SafeString:
    """Mark the language of a text; its direction stays the page's, as its start is at the sign."""
    if language == languages.current():
        return mark_safe("")
    return format_html(' lang="{}"', language)


# The site's icons: those of a status, and a sheet for a practice.
ICONS = {
    "practice": "document",
    "here": "document",
    "intention": "status-planned",
    "under-way": "status-running",
    "in-place": "status-completed",
    "given-up": "status-stopped",
}


def _sign(shape: str, x: int, y: int) -> SafeString:
    return format_html(
        '<svg class="lineage__sign lineage__sign--{}" x="{}" y="{}" width="{}" height="{}"'
        ' viewBox="0 0 24 24"><use href="#icon-{}"/></svg>',
        *(shape, x - SIGN, y - SIGN, 2 * SIGN, 2 * SIGN, ICONS[shape]),
    )

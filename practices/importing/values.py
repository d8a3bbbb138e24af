"""What people write in cells, as the form's fields take it: dates, numbers, lines of rows."""

import re
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from contributions.fields import DIGITS, SPACES, NumberField, WholeNumberField
from contributions.registry import Field

DAY_FIRST = re.compile(r"(?:(\d{1,2})[-/. ])?(\d{1,2})[-/. ](\d{4})", re.ASCII)
YEAR_FIRST = re.compile(
    r"(\d{4})[-/. ](\d{1,2})(?:[-/. ](\d{1,2}))?(?:[T ]0?0:00(?::00)?)?", re.ASCII
)
GROUPED = re.compile(r"[-+]?\d{1,3}(?:([.,])\d{3})(?:\1\d{3})*", re.ASCII)


def date_as_kept(typed: str) -> str:
    """Return a date that is written in a usual way as ISO 8601 has it, anything else as it is."""
    typed = " ".join(typed.translate(DIGITS).split())
    if match := DAY_FIRST.fullmatch(typed):
        parts = [match[3], match[2], match[1]]
    elif match := YEAR_FIRST.fullmatch(typed):
        parts = [match[1], match[2], match[3]]
    else:
        return typed
    return "-".join(part.zfill(2) for part in parts if part)


def whole_number(typed: str) -> str:
    """Return a number of people or dirhams without what parts its thousands."""
    typed = typed.translate(DIGITS).translate(SPACES)
    return re.sub("[.,]", "", typed) if GROUPED.fullmatch(typed) else typed


def decimal_number(typed: str) -> str:
    """
    Return a number with a point before its decimals.

    :raises ValidationError: where a sign may part thousands or decimals
    """
    typed = typed.translate(DIGITS).translate(SPACES).replace("٫", ",").replace("−", "-")
    signs = [one for one in typed if one in ".,"]
    if len(set(signs)) == 2:  # the last one parts the decimals
        typed = typed.replace(signs[0], "")
    elif len(signs) > 1:
        typed = re.sub("[.,]", "", typed) if GROUPED.fullmatch(typed) else typed
    elif GROUPED.fullmatch(typed) and not typed.lstrip("+-").startswith("0"):
        raise ValidationError(
            _("This may be %(large)s or %(small)s. Write it without a sign between thousands.")
            % {"large": re.sub("[.,]", "", typed), "small": typed.replace(".", ",").rstrip("0")}
        )
    return typed.replace(",", ".")


PREPARED = {
    **dict.fromkeys(("start", "end", "date", "source_date"), date_as_kept),
    **dict.fromkeys(("population_reached", "budget_mad"), whole_number),
    **dict.fromkeys(("baseline", "value"), decimal_number),
}


def cleaned(field: Field, typed: str, *, is_number: bool = False) -> Any:
    """
    Return what the form's field makes of a text.

    :param is_number: whether the file holds a number, which is what it looks like
    :raises ValidationError: where it is none of its kind, or too long
    """
    if field.name in PREPARED and not is_number:
        typed = PREPARED[field.name](typed)
    made = field.make(None)
    made.required = False
    # Of a number the point is no sign between thousands.
    is_told = is_number and isinstance(made, NumberField | WholeNumberField)
    value = made.clean(Decimal(typed) if is_told else typed)
    if field.limit and isinstance(value, str) and len(value) > field.limit:
        over = len(value) - field.limit
        words = ngettext(
            "Too long: at most %(limit)d characters. Shorten it by %(over)d character.",
            "Too long: at most %(limit)d characters. Shorten it by %(over)d characters.",
            over,
        )
        raise ValidationError(words % {"limit": field.limit, "over": over})
    return value


def parts_of(text: str, signs: str) -> list[str]:
    """Return what is parted by any of some signs, without what is empty."""
    return [part for one in re.split(f"[{re.escape(signs)}]", text) if (part := one.strip())]


def lines_of(text: str) -> list[tuple[int, str]]:
    """Return the lines that are not empty, each with its number."""
    told = [(number, line.strip()) for number, line in enumerate(text.split("\n"), start=1)]
    return [(number, line) for number, line in told if line]

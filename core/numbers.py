"""Numbers as a reader in Morocco writes them, in each language of the site.

The digits are 0-9 in every language. Arabic groups thousands with a point and French and
Tamazight with a narrow no-break space, all three with a decimal comma; English groups with a
comma and has a decimal point. Django's own Arabic format has no grouping, hence this module.

The texts carry no invisible direction marks: in a page put them in ``<bdi>``, or an Arabic
letter before them turns ``62%`` and a minus sign around.

Not for years, codes and article numbers, which are never grouped.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext

Number = int | float | Decimal

NO_BREAK_SPACE = "\u00a0"
NARROW_NO_BREAK_SPACE = "\u202f"
MINUS = "\u2212"
MISSING = "\u2013"
"""What stands for a number that is not known: None, NaN and the infinities."""

_LONGEST_PLAIN = 30
"""Powers of ten written in full; larger numbers are written as ``1.5E+40``."""


@dataclass(frozen=True, slots=True)
class _Style:
    group: str
    point: str
    percent: str
    dirham: str
    dirhams: str


_STYLES = {
    # Moroccan budgets keep درهم unchanged after figures, whatever the number.
    "ar": _Style(".", ",", "%", "درهم", "درهم"),
    "fr": _Style(NARROW_NO_BREAK_SPACE, ",", f"{NO_BREAK_SPACE}%", "dirham", "dirhams"),
    "en": _Style(",", ".", "%", "dirham", "dirhams"),
    # No written form of the currency is attested in Tamazight texts at hand: ISO 4217 code.
    "zgh": _Style(NARROW_NO_BREAK_SPACE, ",", f"{NO_BREAK_SPACE}%", "MAD", "MAD"),
}


def base_language(language: str) -> str:
    """The language without its region: ``fr-ma`` gives ``fr``."""
    return language.replace("_", "-").partition("-")[0].lower()


def finite_decimal(value: Number | None) -> Decimal | None:
    """The value as an exact-as-written Decimal, or None when it is no finite number.

    Raises ``TypeError`` for anything but an int, a float, a Decimal or None.
    """
    if value is None:
        return None
    if not isinstance(value, int | float | Decimal):
        raise TypeError(f"a number is expected, not {type(value).__name__}")
    # By way of str, so that the float 0.1 is 0.1 and not its binary neighbour.
    number = Decimal(str(value)) if isinstance(value, float) else Decimal(value)
    return number if number.is_finite() else None


def format_number(value: Number | None, language: str, decimals: int = 2) -> str:
    """A number in the reader's language: 9840.5 is ``9.840,5`` in Arabic.

    ``decimals`` is the largest number of decimals; halves are rounded up, zeros at the end are
    dropped. An unknown language is written as English. None, NaN and infinities give `MISSING`.
    Raises ``TypeError`` when ``value`` is not a number.
    """
    number = finite_decimal(value)
    if number is None:
        return MISSING
    return _write(number, _style(language), decimals, trim=True)


def format_percent(value: Number | None, language: str, decimals: int = 2) -> str:
    """A percentage, given in hundredths (62 for 62 %): ``62%``, in French ``62 %``.

    The space of French and Tamazight is a no-break space. Other rules as in `format_number`.
    """
    number = finite_decimal(value)
    if number is None:
        return MISSING
    style = _style(language)
    return _write(number, style, decimals, trim=True) + style.percent


def format_money_mad(amount: Number | None, language: str) -> str:
    """An amount in Moroccan dirhams: ``15.000.000 درهم``, ``15 000 000 dirhams``.

    ``amount`` is in dirhams. Whole amounts have no decimals, others two (centimes). A no-break
    space joins the number and the word. Other rules as in `format_number`.
    """
    number = finite_decimal(amount)
    if number is None:
        return MISSING
    style = _style(language)
    whole = number.adjusted() >= _LONGEST_PLAIN or number == round(number)
    text = _write(number, style, 0 if whole else 2, trim=False)
    # French counts in the plural from two on, English from anything but one.
    size = number.copy_abs()
    singular = size < 2 if base_language(language) == "fr" else size == 1
    return f"{text}{NO_BREAK_SPACE}{style.dirham if singular else style.dirhams}"


def _style(language: str) -> _Style:
    return _STYLES.get(base_language(language), _STYLES["en"])


def _write(number: Decimal, style: _Style, decimals: int, *, trim: bool) -> str:
    huge = number.adjusted() >= _LONGEST_PLAIN and number != 0
    size = number.copy_abs()  # abs() would round to the context, and fail beyond its range
    with localcontext(rounding=ROUND_HALF_UP):
        text = f"{size:.{decimals}E}" if huge else f"{size:,.{decimals}f}"
    mantissa, exponent_mark, exponent = text.partition("E")
    if trim and "." in mantissa:
        mantissa = mantissa.rstrip("0").rstrip(".")
    sign = MINUS if number < 0 and mantissa.strip("0.,") else ""
    written = mantissa.translate(str.maketrans({",": style.group, ".": style.point}))
    return f"{sign}{written}{exponent_mark}{exponent}"

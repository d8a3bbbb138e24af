from decimal import Decimal

import pytest

from core.numbers import (
    MISSING,
    base_language,
    finite_decimal,
    format_money_mad,
    format_number,
    format_percent,
)


@pytest.mark.parametrize(
    ("language", "written"),
    [
        ("ar", "1.234.567,89"),
        ("fr", "1\u202f234\u202f567,89"),
        ("zgh", "1\u202f234\u202f567,89"),
        ("en", "1,234,567.89"),
        ("fr-ma", "1\u202f234\u202f567,89"),
        ("xx", "1,234,567.89"),
    ],
)
def test_number_is_written_as_in_the_language(language, written):
    assert format_number(Decimal("1234567.89"), language) == written


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0, "0"),
        (9840, "9.840"),
        (9.5, "9,5"),
        (0.1 + 0.2, "0,3"),
        (0.125, "0,13"),
        (Decimal("9.00"), "9"),
        (Decimal("100"), "100"),
        (Decimal("1E+3"), "1.000"),
        (-5, "\u22125"),
        (-1234.5, "\u22121.234,5"),
        (-0.001, "0"),
        (Decimal("-0"), "0"),
        (Decimal("1E-1000000"), "0"),
        (10**29, "100" + ".000" * 9),
        (Decimal("-1.5E+40"), "\u22121,5E+40"),
        (10**4000, "1E+4000"),
        (Decimal("1E+1000000"), "1E+1000000"),
    ],
)
def test_number_in_arabic_of_any_size_and_sign(value, written):
    assert format_number(value, "ar") == written


def test_number_keeps_at_most_the_decimals_asked_for():
    assert format_number(2.5, "fr", decimals=0) == "3"
    assert format_number(1.23456, "fr", decimals=3) == "1,235"


@pytest.mark.parametrize(
    "value", [None, float("nan"), float("inf"), Decimal("NaN"), Decimal("sNaN")]
)
@pytest.mark.parametrize("write", [format_number, format_percent, format_money_mad])
def test_number_that_is_unknown_is_a_dash(write, value):
    assert write(value, "ar") == MISSING


@pytest.mark.parametrize("value", ["12", "=1+1", [], object()])
def test_number_of_another_type_is_refused(value):
    with pytest.raises(TypeError):
        format_number(value, "ar")


@pytest.mark.parametrize(
    ("language", "written"),
    [("ar", "62,5%"), ("fr", "62,5\u00a0%"), ("zgh", "62,5\u00a0%"), ("en", "62.5%")],
)
def test_percentage_is_written_as_in_the_language(language, written):
    assert format_percent(62.5, language) == written


@pytest.mark.parametrize(
    ("amount", "language", "written"),
    [
        (15_000_000, "ar", "15.000.000\u00a0درهم"),
        (15_000_000, "fr", "15\u202f000\u202f000\u00a0dirhams"),
        (15_000_000, "en", "15,000,000\u00a0dirhams"),
        (15_000_000, "zgh", "15\u202f000\u202f000\u00a0MAD"),
        (Decimal("1234.5"), "fr", "1\u202f234,50\u00a0dirhams"),
        (1.5, "fr", "1,50\u00a0dirham"),
        (1.5, "en", "1.50\u00a0dirhams"),
        (0, "fr", "0\u00a0dirham"),
        (1, "en", "1\u00a0dirham"),
        (-20, "ar", "\u221220\u00a0درهم"),
        (Decimal("1E+1000000"), "en", "1E+1000000\u00a0dirhams"),
    ],
)
def test_money_has_centimes_only_when_needed_and_the_word_in_the_language(
    amount, language, written
):
    assert format_money_mad(amount, language) == written


def test_base_language_drops_the_region():
    assert [base_language(code) for code in ("ar", "fr-ma", "ar_MA", "ZGH")] == [
        "ar",
        "fr",
        "ar",
        "zgh",
    ]


def test_finite_decimal_takes_a_float_as_it_is_written():
    assert finite_decimal(0.1) == Decimal("0.1")

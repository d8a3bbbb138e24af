import zoneinfo
from datetime import UTC, date, datetime, timedelta
from importlib import resources

import pytest
from django.core.checks import Error, Warning
from django.core.exceptions import ValidationError
from django.template import Context, Template
from django.utils import timezone, translation
from django.utils.translation import ngettext

from core.checks import check_moroccan_time
from core.fields import PartialDateField, format_partial_date, validate_partial_date
from practices.models import PracticePage

pytestmark = pytest.mark.usefixtures("catalogues")

MONTHS = {
    "ar": "يناير فبراير مارس أبريل ماي يونيو يوليوز غشت شتنبر أكتوبر نونبر دجنبر",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "en": "January February March April May June July August September October November December",
    "zgh": "ⵉⵏⵏⴰⵢⵔ ⴱⵕⴰⵢⵕ ⵎⴰⵕⵚ ⵉⴱⵔⵉⵔ ⵎⴰⵢⵢⵓ ⵢⵓⵏⵢⵓ ⵢⵓⵍⵢⵓⵣ ⵖⵓⵛⵜ ⵛⵓⵜⴰⵏⴱⵉⵔ ⴽⵜⵓⴱⵔ ⵏⵓⵡⴰⵏⴱⵉⵔ ⴷⵓⵊⴰⵏⴱⵉⵔ",
}
EACH_MONTH = [
    (language, number, name)
    for language, names in MONTHS.items()
    for number, name in enumerate(names.split(), start=1)
]


def shown(source: str, **context) -> str:
    return Template(source).render(Context(context))


@pytest.mark.parametrize(("language", "number", "name"), EACH_MONTH)
def test_date_is_shown_with_the_name_of_the_month(language, number, name):
    with translation.override(language):
        assert shown("{{ day|date:'j F Y' }}", day=date(2026, number, 7)) == f"7 {name} 2026"


@pytest.mark.parametrize("language", ["ar", "fr", "zgh"])
def test_date_in_the_format_of_the_language(language):
    month = MONTHS[language].split()[7]
    with translation.override(language):
        assert shown("{{ day|date:'DATE_FORMAT' }}", day=date(2026, 8, 31)) == f"31 {month} 2026"


@pytest.mark.parametrize(("language", "number", "name"), EACH_MONTH)
def test_partial_date_in_each_language(language, number, name):
    with translation.override(language):
        assert format_partial_date("2022") == "2022"
        assert format_partial_date(f"2022-{number:02}") == f"{name} 2022"
        assert format_partial_date(f"2022-{number:02}-09") == f"9 {name} 2022"


@pytest.mark.parametrize("value", ["0987", "0987-02"])
def test_partial_date_long_ago_keeps_its_four_digits(value):
    with translation.override("fr"):
        assert format_partial_date(value) == {"0987": "0987", "0987-02": "février 0987"}[value]


@pytest.mark.parametrize(
    "value", ["2022-13", "2022-00", "2022-02-30", "0000", "soon", "2022-1", "٢٠٢٢", "2022\n"]
)
def test_partial_date_that_is_none_is_shown_as_it_is_and_refused(value):
    assert format_partial_date(value) == value
    with pytest.raises(ValidationError) as caught:
        validate_partial_date(value)
    assert caught.value.code == "partial_date"


def test_partial_dates_in_an_arabic_sentence_are_not_turned_round():
    told = {}
    for language in ("ar", "fr"):
        with translation.override(language), pytest.raises(ValidationError) as caught:
            validate_partial_date("x")
        with translation.override(language):
            told[language] = caught.value.messages[0] + str(PartialDateField().help_text)
    for day in ("2022-10", "2022-10-21"):
        assert told["ar"].count(f"\u2066{day}\u2069") == 2
        assert told["fr"].count(day) >= 2
    assert "\u2066" not in told["fr"]


@pytest.mark.parametrize("value", ["", None])
def test_partial_date_that_is_empty_is_shown_empty(value):
    assert format_partial_date(value) == ""


@pytest.mark.parametrize("value", ["2022", "2022-12", "2024-02-29", "0001", "9999-12-31"])
def test_partial_date_of_the_calendar_is_accepted(value):
    validate_partial_date(value)


def test_partial_date_field_refuses_through_its_model():
    field = PracticePage._meta.get_field("start")
    assert field.clean("2024-02-29", None) == "2024-02-29"
    with pytest.raises(ValidationError) as caught:
        field.clean("2023-02-29", None)
    assert [error.code for error in caught.value.error_list] == ["partial_date"]


def test_partial_date_field_says_nothing_in_migrations_that_it_sets_itself():
    _name, path, args, kwargs = PartialDateField("start", blank=True).deconstruct()
    assert (path, args, kwargs) == (
        "core.fields.PartialDateField",
        [],
        {"verbose_name": "start", "blank": True},
    )


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "<b>0</b> ممارسة"),
        (1, "ممارسة <b>واحدة</b>"),
        (2, "<b>ممارستان</b>"),
        (3, "<b>3</b> ممارسات"),
        (10, "<b>10</b> ممارسات"),
        (11, "<b>11</b> ممارسة"),
        (99, "<b>99</b> ممارسة"),
        (100, "<b>100</b> ممارسة"),
        (103, "<b>103</b> ممارسات"),
    ],
)
def test_plural_in_arabic(number, words):
    with translation.override("ar"):
        message = ngettext("<b>%(shown)s</b> practice", "<b>%(shown)s</b> practices", number)
        assert message % {"shown": number} == words


@pytest.mark.parametrize(
    ("language", "number", "words"),
    [
        ("fr", 0, "<b>0</b> pratique"),
        ("fr", 1, "<b>1</b> pratique"),
        ("fr", 2, "<b>2</b> pratiques"),
        ("en", 0, "<b>0</b> practices"),
        ("en", 1, "<b>1</b> practice"),
        ("zgh", 2, "<b>2</b> pratiques"),
    ],
)
def test_plural_in_the_other_languages(language, number, words):
    with translation.override(language):
        message = ngettext("<b>%(shown)s</b> practice", "<b>%(shown)s</b> practices", number)
        assert message % {"shown": number} == words


NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def test_noon_in_utc_is_noon_on_the_site():
    assert shown("{{ now|date:'H:i' }}", now=NOON) == "12:00"
    assert timezone.localtime(NOON).utcoffset() == timedelta(0)
    assert str(timezone.get_current_timezone()) == "Africa/Casablanca"


def test_before_the_change_of_2026_the_site_was_an_hour_ahead():
    assert shown("{{ now|date:'H:i' }}", now=datetime(2026, 7, 1, 12, tzinfo=UTC)) == "13:00"


def test_check_of_the_zone_table_passes_with_the_right_one():
    assert check_moroccan_time(None) == []


@pytest.fixture
def stale_zone_table(tmp_path):
    """The table of a system that has Morocco at UTC+1 for ever."""
    plus_one = resources.files("tzdata.zoneinfo.Etc") / "GMT-1"  # POSIX counts westwards
    (tmp_path / "Africa").mkdir()
    (tmp_path / "Africa" / "Casablanca").write_bytes(plus_one.read_bytes())
    zoneinfo.reset_tzpath(to=[str(tmp_path)])
    yield
    zoneinfo.reset_tzpath(to=[])


@pytest.mark.parametrize(("debug", "kind"), [(False, Error), (True, Warning)])
def test_check_of_the_zone_table_refuses_a_stale_one(stale_zone_table, settings, debug, kind):
    settings.DEBUG = debug
    assert [(type(one), one.id) for one in check_moroccan_time(None)] == [(kind, "core.E001")]

import pytest
from django.utils import translation

from core import languages
from core.labels import in_language
from core.vocabularies import Theme


def test_languages_are_the_four_of_the_site_arabic_first():
    assert languages.CODES == ("ar", "fr", "en", "zgh")


@pytest.mark.parametrize(
    ("language", "direction"), [("ar", "rtl"), ("fr", "ltr"), ("en", "ltr"), ("zgh", "ltr")]
)
def test_direction_of_each_language(language, direction):
    assert languages.direction(language) == direction


@pytest.mark.parametrize(
    ("language", "name"),
    [("ar", "العربية"), ("fr", "Français"), ("en", "English"), ("zgh", "ⵜⴰⵎⴰⵣⵉⵖⵜ")],
)
def test_own_name_of_each_language(language, name):
    assert languages.own_name(language) == name


@pytest.mark.parametrize("language", languages.CODES)
def test_fallbacks_begin_with_the_language_and_name_each_once(language):
    assert languages.FALLBACKS[language][0] == language
    assert sorted(languages.FALLBACKS[language]) == sorted(languages.CODES)


def test_fallbacks_cover_all_languages():
    assert sorted(languages.FALLBACKS) == sorted(languages.CODES)


@pytest.mark.parametrize("language", languages.CODES)
def test_current_language_is_the_active_one(language):
    with translation.override(language):
        assert languages.current() == language


@pytest.mark.parametrize("active", ["de", "fr-ma", None])
def test_current_language_is_arabic_where_none_of_ours_is_active(active):
    with translation.override(active):
        assert languages.current() == "ar"


@pytest.mark.parametrize(
    ("path", "language"),
    [
        ("/ar/", "ar"),
        ("/ar", "ar"),
        ("/zgh/practices/", "zgh"),
        ("/fr?page=2", "fr"),
        ("/arx/", None),
        ("/de/", None),
        ("/AR/", None),
        ("/admin/ar/", None),
        ("/", None),
        ("", None),
    ],
)
def test_language_of_path(path, language):
    assert languages.language_of_path(path) == language


@pytest.mark.parametrize(
    ("path", "there"),
    [
        ("/ar/", "/fr/"),
        ("/ar", "/fr/"),
        ("/fr/practices/x-3/", "/fr/practices/x-3/"),
        ("/zgh/practices/x-3/", "/fr/practices/x-3/"),
        ("/ar/practices/?principle=access&page=2", "/fr/practices/?principle=access&page=2"),
        ("/ar?back=/en/", "/fr/?back=/en/"),
        ("/", "/fr/"),
        ("", "/fr/"),
        ("/practices/", "/fr/practices/"),
        ("/arx/", "/fr/arx/"),
        ("//example.org/x", "/fr/example.org/x"),
    ],
)
def test_path_in_another_language_keeps_the_place(path, there):
    assert languages.path_in("fr", path) == there


@pytest.mark.parametrize("start", languages.CODES)
@pytest.mark.parametrize("end", languages.CODES)
def test_path_in_each_language_from_each(start, end):
    assert languages.path_in(end, f"/{start}/charter/") == f"/{end}/charter/"


THEME = {
    "label_ar": "الميزانية",
    "label_fr": "Budget",
    "label_en": "Budgets",
    "label_zgh": "ⴰⵎⵙⴽⴰⵔ",
}


@pytest.mark.parametrize("language", languages.CODES)
def test_label_in_the_language_where_it_is_there(language):
    text = THEME[f"label_{language}"]
    assert in_language(Theme(**THEME), "label", language) == (text, language)


@pytest.mark.parametrize(
    ("language", "found"),
    [("ar", "ar"), ("fr", "fr"), ("en", "fr"), ("zgh", "fr")],
)
def test_label_in_the_nearest_language_where_it_is_missing(language, found):
    theme = Theme(label_ar="الميزانية", label_fr="Budget")
    assert in_language(theme, "label", language) == (THEME[f"label_{found}"], found)


@pytest.mark.parametrize("language", languages.CODES)
def test_label_that_is_empty_in_all_languages(language):
    assert in_language(Theme(), "label", language) == ("", language)


def test_label_follows_the_active_language():
    theme = Theme(label_ar="الميزانية", label_fr="Budget")
    with translation.override("zgh"):
        assert (str(theme), theme.label, theme.label_language) == ("Budget", "Budget", "fr")
    with translation.override("ar"):
        assert (theme.label, theme.label_language) == ("الميزانية", "ar")


def test_label_of_an_unknown_column_is_empty():
    assert in_language(Theme(**THEME), "motto", "ar") == ("", "ar")

import subprocess
import sys

import pytest
from PIL import Image

from core.lettering import ELLIPSIS, Lettering, Voice, embedding_levels

ARABIC, FRENCH = Lettering("ar"), Lettering("fr")
HEAD = Lettering("ar", Voice.HEAD)
TITLE = "ميزانية تشاركية يقترح فيها السكان المشاريع ويصوتون عليها"


def glyphs(lettering: Lettering, text: str) -> list[int]:
    """The glyphs of a text, from left to right."""
    return [glyph for run in lettering.shape(text) for glyph, *_place in run.glyphs]


def order(text: str, lettering: Lettering = ARABIC) -> list[str]:
    """The parts of a text from left to right, each as it is typed."""
    runs = lettering.shape(text)
    starts = [*sorted(run.start for run in runs), len(text)]
    return [text[run.start : starts[starts.index(run.start) + 1]] for run in runs]


# --- Joining ------------------------------------------------------------------------------------


@pytest.mark.parametrize("lettering", [ARABIC, HEAD, FRENCH])
def test_arabic_letters_are_joined(lettering):
    apart = [glyph for letter in reversed("محل") for glyph in glyphs(lettering, letter)]
    joined = glyphs(lettering, "محل")
    assert not set(joined) & set(apart)


def test_letters_that_do_not_join_look_as_they_do_alone():
    assert glyphs(HEAD, "دار") == [
        glyph for letter in reversed("دار") for glyph in glyphs(HEAD, letter)
    ]


def test_latin_letters_run_to_the_right_in_both_languages():
    assert glyphs(FRENCH, "abc") == [g for letter in "abc" for g in glyphs(FRENCH, letter)]
    assert glyphs(ARABIC, "abc") == [g for letter in "abc" for g in glyphs(ARABIC, letter)]


def test_letter_that_no_font_has_is_left_out():
    assert glyphs(FRENCH, "ⵣa😀") == glyphs(FRENCH, "a")
    assert FRENCH.shape("ⵣ") == []


# --- Order --------------------------------------------------------------------------------------


def test_arabic_runs_to_the_left():
    assert glyphs(HEAD, "دار")[-1] == glyphs(HEAD, "د")[0]


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("عام 2024 و", [" و", "2024", "عام "]),
        ("منصة ouvert.crtta.ma هنا", [" هنا", "ouvert.crtta.ma", "منصة "]),
        ("من 1.500 إلى", [" إلى", "1.500", "من "]),
        ("المنصة (Open data) هنا", [") هنا", "Open data", "المنصة ("]),
        ("المنصة [نص (abc) آخر]", [") آخر]", "abc", "المنصة [نص ("]),
    ],
)
def test_mixed_line_stands_as_the_bidirectional_algorithm_says(text, seen):
    assert order(text, HEAD) == seen


def test_brackets_that_begin_in_latin_words_stay_with_them():
    """Rule N0, which python-bidi's own steps lack: the closing one would turn away."""
    assert embedding_levels("ab (c) د", 1) == [2, 2, 2, 2, 2, 2, 1, 1]
    assert embedding_levels("د (ab)", 1) == [1, 1, 1, 2, 2, 1]
    assert embedding_levels("a (د) b", 0) == [0, 0, 0, 1, 0, 0, 0]


def test_digits_stay_left_to_right():
    assert glyphs(HEAD, "سنة 2024")[:4] == glyphs(HEAD, "2024")
    assert glyphs(HEAD, "2024") == [g for digit in "2024" for g in glyphs(HEAD, digit)]


def test_isolated_number_keeps_its_sign_before_it():
    number = Lettering("ar", isolated=True)
    assert glyphs(number, "−5") == [g for sign in "−5" for g in glyphs(number, sign)]
    assert glyphs(ARABIC, "−5") == glyphs(number, "5−")
    assert glyphs(number, "62%") == [g for sign in "62%" for g in glyphs(number, sign)]


def test_controls_that_turn_a_line_are_left_out():
    assert glyphs(FRENCH, "a\u202eb\u2066c") == glyphs(FRENCH, "abc")


# --- Lines --------------------------------------------------------------------------------------


@pytest.mark.parametrize("lettering", [ARABIC, HEAD])
def test_text_is_broken_between_words_and_none_is_lost(lettering):
    lines = lettering.lines(TITLE, 10, 5)
    assert len(lines) > 1
    assert " ".join(lines) == TITLE
    assert max(lettering.width(line) for line in lines) <= 10


def test_lines_are_of_about_one_length():
    one, other = FRENCH.lines("aaaa bbbb cccc dddd e", FRENCH.width("aaaa bbbb cccc dddd"), 3)
    assert (one, other) == ("aaaa bbbb", "cccc dddd e")


def test_spaces_that_hold_together_are_no_place_to_break():
    assert FRENCH.lines("de 62\u00a0%", FRENCH.width("de 62"), 2) == ["de", "62\u00a0%"]


def test_text_that_is_too_long_ends_with_an_ellipsis():
    lines = HEAD.lines(TITLE, 10, 1)
    assert lines == [f"ميزانية تشاركية يقترح فيها{ELLIPSIS}"]
    assert HEAD.width(lines[0]) <= 10
    assert not HEAD.fits(TITLE, 10, 1)
    assert HEAD.fits(TITLE, 10, 5)


def test_word_wider_than_a_line_is_cut():
    (line,) = FRENCH.lines("a" * 100, 5, 3)
    assert line.endswith(f"a{ELLIPSIS}")
    assert FRENCH.width(line) <= 5


@pytest.mark.parametrize("text", ["", "  ", "ⵣ", "\u00a0"])
def test_text_without_letters_draws_nothing(text):
    picture = Image.new("RGB", (50, 50), "white")
    FRENCH.draw(picture, (0, 0, 50, 50), text, 20, "black")
    assert picture.getcolors() == [(2500, (255, 255, 255))]


# --- The picture --------------------------------------------------------------------------------


def ink(lettering: Lettering, text: str, max_lines: int = 1) -> tuple[tuple[int, ...], int]:
    """Where a text's ink lies in a box of 400 by 200 pixels, and the height it says it used."""
    picture = Image.new("L", (400, 200), 0)
    used = lettering.draw(picture, (0, 0, 400, 200), text, 40, "white", max_lines)
    return picture.getbbox(), used


def test_each_language_starts_at_its_side_and_inside_its_box():
    (left, top, right, bottom), used = ink(FRENCH, "été")
    assert 0 <= left < right < 100
    assert 0 < top < bottom <= used == 56
    (left, top, right, bottom), used = ink(ARABIC, "سنة")
    assert 300 < left < right <= 400
    assert 0 < top < bottom <= used == 64


def test_no_more_lines_are_drawn_than_the_box_holds():
    assert ink(FRENCH, "mot " * 60, max_lines=9)[1] == 3 * 56


def test_hole_of_a_letter_is_empty_and_crossing_outlines_are_filled():
    picture = Image.new("L", (400, 400), 0)
    Lettering("fr", weight=700).draw(picture, (0, 0, 400, 400), "o", 300, "white")
    left, top, right, bottom = picture.getbbox()
    assert picture.getpixel(((left + right) // 2, (top + bottom) // 2)) == 0
    assert picture.getpixel((left + 15, (top + bottom) // 2)) == 255


def test_nothing_of_raqm_or_fribidi_is_loaded():
    code = (
        "import django; from django.conf import settings; "
        "settings.configure(LANGUAGES=[('ar', 'ar')], PUBLIC_LANGUAGE='ar'); "
        "from PIL import Image; from core.lettering import Lettering; "
        "Lettering('ar').draw(Image.new('L', (90, 90)), (0, 0, 90, 90), 'سنة', 30, 'white'); "
        "import sys; maps = open('/proc/self/maps').read(); "
        "print('PIL._imagingft' in sys.modules, 'fribidi' in maps, 'raqm' in maps)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False", "False"]

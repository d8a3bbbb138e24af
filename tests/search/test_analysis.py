"""Words as the search sees them: folded, stemmed, whatever the script."""

import doctest

import pytest

from search import analysis
from search.analysis import fold, skeleton, starts, stem_of, stems, tamazight, words
from search.stopwords import ARABIC, ENGLISH, FRENCH, TAMAZIGHT
from tests.search.hostile import LANGUAGES, SPECIAL, strings

WORD_COLUMN = 40  # letters, in the table of words


def test_examples_of_the_documentation_hold():
    results = doctest.testmod(analysis)
    assert (results.failed, results.attempted) == (0, 8)


# Folding


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("أحمد إلى آخر ٱلله", "احمد الي اخر الله"),
        ("الجَمَاعَةُ", "الجماعه"),
        ("جـــماعة", "جماعه"),
        ("مسؤول شؤون هيئة", "مسوول شوون هييه"),
        ("على مبنى", "علي مبني"),
        ("ڭلميم گرسيف ݣرسيف", "كلميم كرسيف كرسيف"),
        ("یک", "يك"),
        ("ﻧﻔﺎﻳﺎﺕ", "نفايات"),  # shapes of letters, as old PDFs have them
        ("ﷲ", "الله"),
        ("٢٠٢٤ ۲۰۲۴ ２０２４ 2024", "2024 2024 2024 2024"),
        ("Œuvre ÉLÈVE Garçon", "oeuvre eleve garcon"),
        ("e\u0301cole", "ecole"),
        ("l’été l'été", "l ete l ete"),
        ("STRASSE straße", "strasse strasse"),
        ("ﬁnance 𝐀gadir ᴬᴮ", "finance agadir ab"),
        ("mots\u200bcollés so\u00adft", "motscolles soft"),
        ("\u202bنفايات\u202c", "نفايات"),
        ("open_data open-data", "open data open data"),
        ("ⵜⴰⵎⴰⵣⵉⵖⵜ", "ⵜⴰⵎⴰⵣⵉⵖⵜ"),
        ("½ m²", "1 2 m2"),
        ("😀 … — «»", ""),
        ("", ""),
    ],
)
def test_fold_brings_ways_of_writing_together(written, folded):
    assert fold(written) == folded


def test_fold_cuts_what_is_longer_than_a_word():
    assert fold("a" * 100_000) == "a" * WORD_COLUMN


def test_fold_of_every_character_is_folded_already():
    unfolded = [code for code in range(0x110000) if fold(folded := fold(chr(code))) != folded]
    assert unfolded == []


# Words


def test_words_tell_where_they_stand_and_what_they_are():
    text = "Le Budget, l’eau."
    found = [(text[w.start : w.end], w.folded, w.stem, w.language) for w in words(text, "fr")]
    assert found == [("Budget", "budget", "budget", "fr"), ("eau", "eau", "eau", "fr")]


def test_words_of_mixed_text_are_read_each_in_the_language_of_its_script():
    text = "مشاركة participation ⵜⴰⵎⴰⵣⵉⵖⵜ 2024"
    assert [word.language for word in words(text, "ar")] == ["ar", "fr", "zgh", "fr"]
    assert [word.language for word in words(text, "en")] == ["ar", "en", "zgh", "en"]


def test_a_ligature_of_several_words_keeps_one_place():
    found = [(word.start, word.end, word.folded) for word in words("(ﷺ)", "ar")]
    assert found == [(1, 2, "صلي"), (1, 2, "الله"), (1, 2, "وسلم")]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("text", ["", "   ", "من في على", "le la les des", "the of and", "😀", "’"])
def test_text_that_says_nothing_has_no_words(text, language):
    own = {"من في على": "ar", "the of and": "en", "le la les des": "fr"}.get(text, language)
    assert stems(text, own) == ""


# Stems


@pytest.mark.parametrize(
    "forms",
    [
        "جماعة الجماعة والجماعة بالجماعة للجماعة جماعات الجماعات جماعتنا جماعتهم جماعاتها",
        "نفايات النفايات والنفايات للنفايات نفاياتهم",
        "مواطن المواطن مواطنون المواطنين للمواطنين مواطنة مواطنات",
        "ميزانية الميزانية ميزانيتها بالميزانية",
        "تشاركي تشاركية التشاركية",
    ],
)
def test_forms_of_an_arabic_word_have_one_stem(forms):
    assert len({stem_of(fold(form), "ar") for form in forms.split()}) == 1


@pytest.mark.parametrize(
    ("forms", "language"),
    [
        ("participatif participative participatifs participatives", "fr"),
        ("public publique publics publiques", "fr"),
        ("commune communes communal communale communaux", "fr"),
        ("pétition petitions PÉTITIONS pétitionnaire", "fr"),
        ("déchet dechets", "fr"),
        ("quartier quartiers", "fr"),
        ("usager usagers", "fr"),
        ("council councils", "en"),
        ("budgeting budgets budget", "en"),
        ("openness open", "en"),
        ("ⵜⴰⵎⴰⵣⵉⵖⵜ tamazight TAMAZIGHT", "zgh"),
        ("ⵜⵉⵖⵔⵎⵜ tighremt", "zgh"),
    ],
)
def test_forms_of_a_word_in_other_languages_have_one_stem(forms, language):
    assert len({stem_of(fold(form), language) for form in forms.split()}) == 1


@pytest.mark.parametrize(
    ("one", "other", "language"),
    [
        ("communication", "commune", "fr"),
        ("pétition", "petit", "fr"),
        ("جماعة", "جمعية", "ar"),
        ("ماء", "مال", "ar"),
        ("policy", "police", "en"),
    ],
)
def test_words_of_different_meaning_keep_different_stems(one, other, language):
    assert stem_of(fold(one), language) != stem_of(fold(other), language)


def test_numbers_stay_as_they_are_and_single_letters_go():
    assert [stem_of(word, "fr") for word in ("2024", "5", "a", "d")] == ["2024", "5", "", ""]
    assert [stem_of(word, "ar") for word in ("2024", "5", "و")] == ["2024", "5", ""]


@pytest.mark.parametrize(
    ("stopwords", "language"), [(ARABIC, "ar"), (FRENCH, "fr"), (ENGLISH, "en")]
)
def test_stop_words_are_written_as_they_are_looked_up(stopwords, language):
    assert [word for word in stopwords if fold(word) != word] == []
    assert "".join(stem_of(word, language) for word in stopwords) == ""


def test_stop_words_of_tamazight_are_written_as_they_are_looked_up():
    assert [word for word in TAMAZIGHT if tamazight(word) != word] == []
    assert "".join(stem_of(word, "zgh") for word in TAMAZIGHT) == ""


def test_skeleton_joins_broken_plurals_and_leaves_out_short_words():
    assert skeleton("مشروع") == skeleton("مشاريع") == "مشرع"
    assert (skeleton("دار"), skeleton("budget"), skeleton("")) == ("", "", "")


def test_starts_are_offered_from_each_of_the_first_words_with_and_without_article():
    assert starts("تدبير النفايات") == {"تدبير النفايات", "النفايات", "نفايات"}
    assert starts("") == starts("…") == set()
    many = starts(" ".join(f"word{n}" for n in range(30)))
    assert (len(many), max(map(len, many))) == (8, 60)


# Anything at all


def test_fold_of_anything_is_folded_already():
    for text in strings(1, 3000):
        folded = fold(text)
        assert fold(folded) == folded, ascii(text[:200])
        assert all(part.isalnum() for part in folded.split(" ") if part), ascii(text[:200])


def test_words_of_anything_stand_in_the_text_in_order():
    for number, text in enumerate(strings(2, 3000)):
        end = 0
        for word in words(text, LANGUAGES[number % 4]):
            assert 0 <= word.start < word.end <= len(text), ascii(text[:200])
            assert word.start >= end or word.end == end, ascii(text[:200])
            end = word.end


def test_stems_of_anything_are_letters_and_digits_that_the_tables_can_hold():
    for number, text in enumerate([*strings(3, 3000), *SPECIAL * 4, *("ⵐ" * 50, "ⵑ" * 50) * 4]):
        language = LANGUAGES[number % 4]
        found = words(text, language)
        assert all(w.stem.isalnum() and len(w.stem) <= WORD_COLUMN for w in found), ascii(text)
        assert all(len(w.folded) <= WORD_COLUMN for w in found), ascii(text[:200])
        assert stems(text, language) == " ".join(word.stem for word in found)

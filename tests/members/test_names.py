import pytest

from members.models import Collectivity
from members.names import full_name
from search.analysis import fold


@pytest.mark.parametrize(
    ("name", "kind", "full"),
    [
        ("Tétouan", "commune", "Commune de Tétouan"),
        ("Agadir", "commune", "Commune d’Agadir"),
        ("El Hajeb", "province", "Province d’El Hajeb"),
        ("Ouarzazate", "province", "Province d’Ouarzazate"),
        ("Ifrane", "province", "Province d’Ifrane"),
        ("Youssoufia", "province", "Province de Youssoufia"),
        ("Ysly", "commune", "Commune d’Ysly"),
        ("Y", "commune", "Commune d’Y"),
        ("Haddada", "commune", "Commune de Haddada"),
        ("Le Sahel", "commune", "Commune du Sahel"),
        ("Les Oasis", "commune", "Commune des Oasis"),
        ("Oriental", "region", "Région de l’Oriental"),
        ("Fès-Meknès", "region", "Région Fès-Meknès"),
        ("Rabat", "prefecture", "Préfecture de Rabat"),
    ],
)
def test_full_name_in_french(name, kind, full):
    assert full_name(name, kind, "fr") == full


@pytest.mark.parametrize(
    ("kind", "full"),
    [
        ("region", "جهة الشرق"),
        ("prefecture", "عمالة الشرق"),
        ("province", "إقليم الشرق"),
        ("commune", "جماعة الشرق"),
    ],
)
def test_full_name_in_arabic(kind, full):
    assert full_name("الشرق", kind, "ar") == full


def test_full_name_in_english():
    assert full_name("Oriental", "region", "en") == "Oriental region"
    assert full_name("Tetouan", "commune", "en") == "Commune of Tetouan"


def test_full_name_in_tamazight_stands_alone():
    assert full_name("ⴼⴰⵙ ⵎⴽⵏⴰⵙ", "region", "zgh") == "ⴼⴰⵙ ⵎⴽⵏⴰⵙ"


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Tétouan", "tetouan"),
        ("M’diq-Fnideq", "m diq fnideq"),
        ("AL HOCEÏMA", "al hoceima"),
        ("أكادير", "اكادير"),
        ("قلعة السراغنة", "قلعه السراغنه"),
        ("تِطْوان", "تطوان"),
        ("تطـــوان", "تطوان"),
        ("", ""),
    ],
)
def test_fold(written, folded):
    assert fold(written) == folded


def test_name_missing_in_the_readers_language_is_the_nearest(commune):
    assert commune.full_name_in("ar") == "جماعة تطوان"
    assert commune.full_name_in("en") == "Commune de Tétouan"
    assert commune.full_name_in("zgh") == "Commune de Tétouan"


@pytest.mark.parametrize("text", ["tetouan", "TÉTOUAN", "تطوان", "طوان", "tet uan", ""])
def test_named_finds_either_script(commune, text):
    assert commune in Collectivity.objects.named(text)


@pytest.mark.parametrize("text", ["%", "_", "agadir", "tetouan agadir", "\\"])
def test_named_finds_nothing_else(commune, text):
    assert list(Collectivity.objects.named(text)) == []


def test_lies_in_from_the_nearest(region, province, commune):
    assert commune.lies_in == [province, region]
    assert province.lies_in == [region]
    assert region.lies_in == []


def test_slug_holds_the_words_and_the_code(commune):
    assert commune.slug == "tetouan-015710111"

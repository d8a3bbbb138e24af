"""How collectivities are named: with the word for what they are."""

from search.analysis import fold

VOWELS = frozenset("aeiou")
ARABIC = {"region": "جهة", "prefecture": "عمالة", "province": "إقليم", "commune": "جماعة"}
FRENCH = {
    "region": "Région",
    "prefecture": "Préfecture",
    "province": "Province",
    "commune": "Commune",
}
ENGLISH = {
    "region": "{} region",
    "prefecture": "{} prefecture",
    "province": "{} province",
    "commune": "Commune of {}",
}


def full_name(name: str, kind: str, language: str) -> str:
    """
    Return a collectivity's name with the word for what it is: "جماعة تطوان", "Commune d’Agadir".

    :param kind: one of `CollectivityKind`
    :param language: the language that the name is in; Tamazight names stand alone, because the
        word is not attested for every kind
    """
    if language == "ar":
        return f"{ARABIC[kind]} {name}"
    if language == "fr":
        return _french(name, kind)
    if language == "en":
        return ENGLISH[kind].format(name)
    return name


def _french(name: str, kind: str) -> str:
    word = FRENCH[kind]
    if kind == "region":
        return f"{word} de l’Oriental" if name == "Oriental" else f"{word} {name}"
    for article, joined in (("Le ", "du "), ("Les ", "des ")):
        if name.startswith(article):
            return f"{word} {joined}{name.removeprefix(article)}"
    first, second = f"{fold(name)}  "[:2]
    # "d’Ifrane" and "de Youssoufia": a y before a vowel is none itself.
    elided = first in VOWELS or (first == "y" and second not in VOWELS)
    return f"{word} d’{name}" if elided else f"{word} de {name}"

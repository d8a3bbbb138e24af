"""Texts that nobody should write, and that somebody will: the same ones at every run."""

import random
from collections.abc import Iterator

LANGUAGES = ("ar", "fr", "en", "zgh")

SPECIAL = (
    *(
        "",
        " ",
        " " * 1000,
        "\t\n\r",
        "\x00",
        "\x00\x01\x1f\x7f",
        "\ud800",
        "\udfff\ud800",
        "\ufffe",
    ),
    *('"', 'a"b', '""', "'", "`", "\\", "*", "a*", "(", ")", "()", "NEAR(", "NEAR(a b, 5)", "AND"),
    *("OR", "NOT", "a AND", "AND b", "NOT NOT", "title:", "title: a", "-title : a", "^", "^a", "-"),
    *(
        "a -b",
        "+a",
        "a + b",
        "{title summary}: a",
        "a & b",
        "a | !b",
        "<->",
        "a <2> b",
        "a:*",
        ":A",
    ),
    *("%", "_", "a%b", "$$", "--", "/* */", ";", "x'; DROP TABLE search_searchdocument; --", "\\'"),
    *("<b>a</b>", "<mark>", "</mark><script>alert(1)</script>", "&amp;", "&lt;mark&gt;", "&#60;"),
    *("\u202e\u202d\u2066\u2069", "\u200b", "a\u200bb", "\u00ad", "\ufeffa", "نف\u0640\u0640ايات"),
    *(
        "😀",
        "👩‍👩‍👧‍👦",
        "🇲🇦",
        "a😀b",
        "e" + "\u0301" * 500,
        "\u0301",
        "ﷺ",
        "ﷲﷺ",
        "㎒",
        "𝐀",
        "½",
        "Ⅷ",
    ),
    *(
        "(" * 500,
        "(" * 500 + ")" * 500,
        '"' * 501,
        "a " * 50_000,
        "x" * 100_000,
        "نفايات " * 15_000,
    ),
    *("من في على", "le la les", "the of and", "ⴷ ⵏ ⵙ", "ⵐ" * 50, "ءءءءء", "ووووو", "الالالال"),
    *(
        "جماعة commune ⵜⴰⵎⴰⵣⵉⵖⵜ council 市議会 община",
        "ıİſßœæ",
        "１２３ ٤٥٦ ۷۸۹ ²³",
        "_a_b_",
        "l'",
        "’’",
    ),
)
PIECES = (
    *("جماعة", "النفايات", "والمواطنين", "budget", "participatif", "l’été", "d'eau", "petitions"),
    *(
        "ⵜⴰⵎⴰⵣⵉⵖⵜ",
        "ⵐ",
        "tamazight",
        "the",
        "les",
        "من",
        "2024",
        "٢٠٢٤",
        "ﷺ",
        "é",
        "e\u0301",
        "\u064e",
    ),
    *(" ", "  ", "\n", "\x00", "\x07", "\ud800", "\udc00", "\u200f", "\u202e", "\u200d", "\u00ad"),
    *(
        '"',
        "'",
        "(",
        ")",
        "*",
        "^",
        "-",
        ":",
        "AND",
        "OR",
        "NOT",
        "NEAR",
        "&",
        "|",
        "!",
        "<->",
        "\\",
    ),
    *(
        "<",
        ">",
        "<mark>",
        "</mark>",
        "&amp;",
        "😀",
        "👍🏽",
        "_",
        "%",
        "$",
        "ـ",
        "و",
        "ال",
        "ه",
        "ء",
    ),
)


def strings(seed: int, count: int) -> Iterator[str]:
    """Yield the special texts, then some made at random: of pieces, and of any characters."""
    yield from SPECIAL
    chance = random.Random(seed)
    for number in range(count):
        length = chance.randint(0, 30)
        if number % 3:
            yield "".join(chance.choice(PIECES) for _ in range(length))
        else:
            limit = chance.choice((0x80, 0x800, 0x3000, 0x10000, 0x110000))
            yield "".join(chr(chance.randrange(limit)) for _ in range(length))

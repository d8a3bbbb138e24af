import re
import shutil

import pytest
from fontTools.ttLib import TTFont

from core.assets import (
    ARABIC_PAGE_FONTS,
    ARABIC_SAMPLE,
    FACES,
    MAX_ARABIC_PAGE_BYTES,
    MAX_FONT_BYTES,
    AssetError,
    _substitute,
    _substitutions,
    build,
    bundle,
    check_sizes,
    code_points,
    mean_advance,
    minify,
)

pytestmark = pytest.mark.any_database

STYLESHEETS = ("first.css", "second.css")
NAMES = ("text-arabic", "text-latin", "head-arabic", "head-latin")
WORD = "المغرب"


@pytest.fixture(scope="session")
def first_build(tmp_path_factory):
    """One build, which no test may change: its folder, its sources, what it made and said."""
    target, source = tmp_path_factory.mktemp("assets"), tmp_path_factory.mktemp("css")
    (source / "first.css").write_text("/* one */\nbody {\n\tcolor: red;\n}\n")
    (source / "second.css").write_text('p { background: url("../img/a.svg"); }\n')
    said = []
    made = build(target, source, STYLESHEETS, said.append)
    return target, source, made, said


@pytest.fixture
def built(first_build, tmp_path):
    """A copy of the first build and its sources, free to change."""
    target, source, _, _ = first_build
    return (
        shutil.copytree(target, tmp_path / "assets"),
        shutil.copytree(source, tmp_path / "css"),
    )


def font(first_build, name):
    return TTFont(first_build[0] / f"fonts/{name}.woff2")


def names_of(made, target):
    return [str(path.relative_to(target)) for path in made]


def test_every_font_is_within_its_limit(first_build):
    sizes = {name: (first_build[0] / f"fonts/{name}.woff2").stat().st_size for name in NAMES}
    assert {name: size for name, size in sizes.items() if size > MAX_FONT_BYTES} == {}
    assert sum(sizes[name] for name in ARABIC_PAGE_FONTS) <= MAX_ARABIC_PAGE_BYTES


def test_a_font_over_its_limit_is_refused():
    with pytest.raises(AssetError, match="head-latin"):
        check_sizes({**dict.fromkeys(ARABIC_PAGE_FONTS, 1), "head-latin": MAX_FONT_BYTES + 1})


def test_arabic_pages_over_their_limit_are_refused():
    with pytest.raises(AssetError, match="an Arabic page"):
        check_sizes(dict.fromkeys(ARABIC_PAGE_FONTS, MAX_ARABIC_PAGE_BYTES // 3 + 1))


@pytest.mark.parametrize("name", ["text-arabic", "head-arabic"])
def test_an_arabic_word_has_its_joined_forms(first_build, name):
    built_font = font(first_build, name)
    cmap = built_font.getBestCmap()
    assert all(ord(letter) in cmap for letter in WORD + ARABIC_SAMPLE + "گڭپچڤڥڨ")
    # how the letters of the word join: alef and reh do not join the letter after them
    for letter, form in zip("لمغر", ("init", "medi", "medi", "fina"), strict=True):
        alone = _substitute([cmap[ord(letter)]], _substitutions(built_font, "ccmp"))
        assert _substitute(alone, _substitutions(built_font, form)) != alone, (letter, form)


@pytest.mark.parametrize("name", ["text-arabic", "head-arabic"])
def test_arabic_harakat_are_placed_by_the_font(first_build, name):
    features = font(first_build, name)["GPOS"].table.FeatureList.FeatureRecord
    assert "mark" in {record.FeatureTag for record in features}


@pytest.mark.parametrize("name", NAMES)
def test_digits_are_present(first_build, name):
    wanted = set(range(ord("0"), ord("9") + 1))
    if name.endswith("arabic"):
        wanted |= set(range(0x0660, 0x066A))
    assert wanted - set(font(first_build, name).getBestCmap()) == set()


def test_latin_titles_have_figures_of_one_height(first_build):
    built_font = font(first_build, "head-latin")
    cmap, glyphs = built_font.getBestCmap(), built_font["glyf"]
    figures = [glyphs[cmap[ord(digit)]] for digit in "0123456789"]
    # old-style figures would hang 200 units below the line or stop at the height of an x
    assert max(abs(figure.yMin) for figure in figures) < 30
    assert max(figure.yMax for figure in figures) - min(figure.yMax for figure in figures) < 100


@pytest.mark.parametrize("name", ["text-arabic", "text-latin"])
def test_text_keeps_weights_from_regular_to_bold_and_no_widths(first_build, name):
    axes = font(first_build, name)["fvar"].axes
    assert [(axis.axisTag, axis.minValue, axis.defaultValue, axis.maxValue) for axis in axes] == [
        ("wght", 400, 400, 700)
    ]


@pytest.mark.parametrize("name", ["head-arabic", "head-latin"])
def test_title_fonts_have_one_weight(first_build, name):
    assert "fvar" not in font(first_build, name)


@pytest.mark.parametrize("name", NAMES)
def test_fonts_carry_no_hinting(first_build, name):
    assert {"fpgm", "prep", "cvt "} & set(font(first_build, name).keys()) == set()


def test_each_licence_lies_beside_its_font(first_build):
    for family in ("noto-sans-arabic", "noto-sans", "amiri", "vollkorn"):
        licence = (first_build[0] / f"fonts/OFL-{family}.txt").read_text()
        assert "SIL OPEN FONT LICENSE" in licence.upper()


def test_the_build_says_what_it_made_and_how_heavy_it_is(first_build):
    target, _, made, said = first_build
    assert len(said) == len(made) == 10
    assert all(re.fullmatch(r"(fonts|css)/[\w-]+\.\w+  \d+\.\d kB", line) for line in said)
    assert [line.split()[0] for line in said] == names_of(made, target)


def test_the_stylesheet_declares_every_family_with_swap(first_build):
    css = (first_build[0] / "css/fonts.css").read_text()
    rules = [rule for rule in css.split("@font-face") if "url(" in rule]
    families = [re.search(r'font-family: "(.+)"', rule)[1] for rule in rules]
    assert families == ["Text", "Text", "Head Arabic", "Head Latin"]
    assert all("font-display: swap" in rule for rule in rules)
    assert re.findall(r'url\("\.\./fonts/(.+)\.woff2"\)', css) == list(NAMES)


def test_the_stand_ins_are_scaled_within_reason(first_build):
    css = (first_build[0] / "css/fonts.css").read_text()
    rules = [rule for rule in css.split("@font-face") if "local(" in rule]
    assert {re.search(r'font-family: "(.+)"', rule)[1] for rule in rules} == {
        "Text Fallback",
        "Head Arabic Fallback",
        "Head Latin Fallback",
    }
    for rule in rules:
        [scale] = re.findall(r"size-adjust: ([\d.]+)%", rule)
        assert 80 < float(scale) < 125
        assert re.findall(r"(ascent|descent|line-gap)-override: [\d.]+%", rule) == [
            "ascent",
            "descent",
            "line-gap",
        ]


def test_noto_sans_on_the_device_stands_in_at_its_own_size(first_build):
    css = (first_build[0] / "css/fonts.css").read_text()
    [rule] = [rule for rule in css.split("@font-face") if 'local("Noto Sans")' in rule]
    [scale] = re.findall(r"size-adjust: ([\d.]+)%", rule)
    assert float(scale) == pytest.approx(100, abs=0.1)


def test_the_bundle_is_the_fonts_then_the_stylesheets_in_order(first_build):
    css = (first_build[0] / "css/site.css").read_text()
    assert css.startswith("@font-face")
    assert css.endswith('body {\ncolor: red;\n}\np { background: url("../img/a.svg"); }\n')


def test_a_second_run_does_nothing(built):
    target, source = built
    before = {path: path.stat().st_mtime_ns for path in target.rglob("*")}
    said = []
    assert build(target, source, STYLESHEETS, said.append) == []
    assert said == ["assets are up to date"]
    assert {path: path.stat().st_mtime_ns for path in target.rglob("*")} == before


def test_a_changed_stylesheet_rebuilds_the_bundle_only(built):
    target, source = built
    (source / "second.css").write_text("p { color: blue; }")
    made = build(target, source, STYLESHEETS, lambda line: None)
    assert names_of(made, target) == ["css/site.css"]
    assert "color: blue" in made[0].read_text()


def test_a_changed_order_rebuilds_the_bundle(built):
    target, source = built
    made = build(target, source, STYLESHEETS[::-1], lambda line: None)
    assert names_of(made, target) == ["css/site.css"]


def test_a_font_that_was_lost_or_damaged_is_made_again(built):
    target, source = built
    damaged = target / "fonts/head-latin.woff2"
    whole = damaged.read_bytes()
    damaged.write_bytes(b"")
    made = build(target, source, STYLESHEETS, lambda line: None)
    assert names_of(made, target) == ["fonts/head-latin.woff2"]
    assert damaged.read_bytes() == whole  # the same bytes, so addresses by hash stay


def test_a_missing_stylesheet_is_named(built):
    target, source = built
    with pytest.raises(AssetError, match=r"third\.css"):
        build(target, source, (*STYLESHEETS, "third.css"), lambda line: None)


@pytest.mark.parametrize(
    ("css", "small"),
    [
        ("a {\n\tb: c;\n\n\n\td: e;\n}\n", "a {\nb: c;\nd: e;\n}\n"),
        ("/* don't */ a{}", "a{}\n"),
        ("a{b:c/* x */;d:e}", "a{b:c;d:e}\n"),
        ("a/* x */.b{}", "a/**/.b{}\n"),
        ("a /* x */.b{}", "a .b{}\n"),
        ("a,/* x\n y */\n  b{}", "a,\nb{}\n"),
        ('a{content:"/* no */\\"  \\\n  "}', 'a{content:"/* no */\\"  \\\n  "}\n'),
        ("a{b:url(x/*.svg)}c{d:url( y*/z )}", "a{b:url(x/*.svg)}c{d:url( y*/z )}\n"),
    ],
)
def test_minifying_keeps_the_meaning(css, small):
    assert minify(css) == small


@pytest.mark.parametrize("rule", ['@import "a.css";', '@charset "utf-8";'])
def test_rules_that_do_not_survive_bundling_are_refused(rule):
    with pytest.raises(AssetError, match=r"a\.css"):
        bundle({"a.css": rule})


def test_at_words_in_strings_and_comments_are_bundled():
    assert bundle({"a.css": '/* @import */a{content:"@import"}'}) == 'a{content:"@import"}\n'


def test_ranges_of_letters_include_their_ends():
    assert code_points("0041-0043 0061") == {0x41, 0x42, 0x43, 0x61}


def test_joined_arabic_is_narrower_than_its_separate_letters(first_build):
    built_font = font(first_build, "text-arabic")
    joined = mean_advance(built_font, "بيت")
    apart = sum(mean_advance(built_font, letter) for letter in "بيت") / 3
    assert joined < apart


def test_faces_are_four_and_named_apart():
    assert [face.name for face in FACES] == list(NAMES)

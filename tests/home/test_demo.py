import tomllib

import pytest

from core.vocabularies import PrincipleCode, Theme
from home.blocks import BodyBlock
from home.demo import loader
from home.demo.page_writer import MODELS, PageWriter
from home.demo.versions import LANGUAGES
from home.models import (
    DemoRecord,
    FeaturedNews,
    FeaturedPractice,
    FooterSiteLink,
    SectionLink,
)
from home.models.pages import Audience, EditorialPage
from practices.models import PracticePage
from tests.factories import make_region, make_user

FILES = sorted((loader.FOLDER / "practices").glob("*.toml"))
PAGES = sorted((loader.FOLDER / "pages").glob("*.toml"))
NEWS = loader.FOLDER / "pages" / "news-saidia-2024.toml"


def facts_of(file) -> dict:
    return tomllib.loads(file.read_text(encoding="utf-8"))


@pytest.fixture
def demo(db, tmp_path, monkeypatch):
    """A demo of one practice, in a folder that a test may change."""
    text = (loader.FOLDER / "practices" / "p001.toml").read_text(encoding="utf-8")
    folder = tmp_path / "practices"
    folder.mkdir()
    (folder / "p001.toml").write_text(text, encoding="utf-8")
    (tmp_path / "themes.toml").write_text((loader.FOLDER / "themes.toml").read_text())
    monkeypatch.setattr(loader, "FOLDER", tmp_path)
    for code in facts_of(folder / "p001.toml")["collectivities"]:
        make_region(code=code)
    loader.load_themes()
    return folder / "p001.toml"


def outcomes() -> list[str]:
    return [outcome for _key, outcome in loader.load_practices()]


def test_all_73_practices_are_there():
    assert [file.stem for file in FILES] == [f"p{n:03d}" for n in range(1, 74)]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_practice_is_complete_and_in_bounds(file):
    facts = facts_of(file)
    themes = tomllib.loads((loader.FOLDER / "themes.toml").read_text(encoding="utf-8"))
    assert facts["id"] == file.stem.upper()
    assert set(facts["principles"]) <= set(PrincipleCode.values)
    assert set(facts["themes"]) <= set(themes)
    for language in LANGUAGES:
        assert 0 < len(facts[language]["title"]) <= 110
        assert 0 < len(facts[language]["summary"]) <= 300
    for language in ("ar", "fr"):
        assert facts[language]["source_gaps"]
    assert not set("٠١٢٣٤٥٦٧٨٩") & set(file.read_text(encoding="utf-8"))


def test_twelve_practices_at_least_are_told_whole_in_arabic_and_french():
    def whole(facts: dict) -> bool:
        asked = ("approach", "lessons", "transfer_conditions", "how_to")
        return all(name in facts[language] for language in ("ar", "fr") for name in asked)

    assert len([file for file in FILES if whole(facts_of(file))]) >= 12


def test_no_two_summaries_begin_alike():
    for language in ("ar", "fr"):
        begun = [" ".join(facts_of(f)[language]["summary"].split()[:3]) for f in FILES]
        assert len(begun) == len(set(begun)), language


def test_practice_is_written_in_three_languages_and_says_that_it_is_compiled(demo):
    assert outcomes() == ["new"]
    pages = PracticePage.objects.order_by("pk")
    assert [page.locale.language_code for page in pages] == ["ar", "fr", "en"]
    assert len({page.translation_key for page in pages}) == len({page.slug for page in pages}) == 1
    assert {page.origin for page in pages} == {"compiled"}
    assert pages[0].steps.first().translation_key == pages[1].steps.first().translation_key


def test_second_run_changes_nothing(demo, django_assert_max_num_queries):
    outcomes()
    with django_assert_max_num_queries(10):
        assert outcomes() == ["same"]
    assert PracticePage.objects.count() == 3


def test_changed_file_changes_the_page_that_nobody_touched(demo):
    outcomes()
    text = demo.read_text(encoding="utf-8")
    title = facts_of(demo)["fr"]["title"]
    demo.write_text(text.replace(title, "Un autre titre"), encoding="utf-8")
    assert outcomes() == ["changed"]
    assert PracticePage.objects.filter(title="Un autre titre").count() == 1
    assert PracticePage.objects.count() == 3


def test_page_that_a_person_edited_stays_theirs(demo):
    outcomes()
    page = PracticePage.objects.get(locale__language_code="fr")
    page.title = "Le mien"
    page.save_revision(user=make_user()).publish()
    demo.write_text(demo.read_text(encoding="utf-8") + "\n# changed\n", encoding="utf-8")
    assert outcomes() == ["edited"]
    page.refresh_from_db()
    assert page.title == "Le mien"


def test_page_that_a_person_deleted_does_not_come_back(demo):
    outcomes()
    for page in PracticePage.objects.all():
        page.delete()
    demo.write_text(demo.read_text(encoding="utf-8") + "\n# changed\n", encoding="utf-8")
    assert outcomes() == ["edited"]
    assert PracticePage.objects.count() == 0


def test_page_that_a_person_withdrew_stays_withdrawn(demo):
    outcomes()
    PracticePage.objects.get(locale__language_code="fr").unpublish(
        user=make_user(is_superuser=True)
    )
    demo.write_text(demo.read_text(encoding="utf-8") + "\n# changed\n", encoding="utf-8")
    assert outcomes() == ["edited"]
    assert PracticePage.objects.get(locale__language_code="fr").live is False


def test_theme_that_an_editor_renamed_stays_so(demo):
    Theme.objects.filter(slug="petitions").update(label_fr="Les pétitions")
    loader.load_themes()
    assert Theme.objects.get(slug="petitions").label_fr == "Les pétitions"


def test_failed_practice_leaves_nothing_behind(demo):
    text = demo.read_text(encoding="utf-8")
    demo.write_text(text.replace('themes = ["', 'themes = ["no-such-theme", "'), encoding="utf-8")
    with pytest.raises(KeyError):
        outcomes()
    assert (PracticePage.objects.count(), DemoRecord.objects.count()) == (0, 0)


def shape(part):
    """What a text is made of, whatever its words: its parts by name, and its lists item by item."""
    if isinstance(part, dict):
        words = {"type", "page", "principle", "count", "date"}
        return {
            name: value if name in words else shape(value) for name, value in sorted(part.items())
        }
    return [shape(one) for one in part] if isinstance(part, list) else type(part).__name__


@pytest.mark.parametrize("file", PAGES, ids=lambda file: file.stem)
def test_page_is_the_same_in_three_languages_and_in_bounds(file):
    facts = facts_of(file)
    texts = [facts[language] for language in LANGUAGES]
    assert facts["kind"] in MODELS
    assert facts.get("audience", "") in ("", *Audience.values)
    assert shape(texts[0]) == shape(texts[1]) == shape(texts[2])
    for text in texts:
        assert 0 < len(text["title"]) <= 110
        assert 0 < len(text["summary"]) <= 300
        assert {block["type"] for block in text.get("body", [])} <= set(BodyBlock().child_blocks)
    assert not set("٠١٢٣٤٥٦٧٨٩") & set(file.read_text(encoding="utf-8"))


def test_every_page_loads_once_and_opens_in_three_languages(client, db):
    assert {outcome for _key, outcome in loader.load_pages()} == {"new"}
    assert {outcome for _key, outcome in loader.load_pages()} == {"same"}
    pages = [page for model in EditorialPage.__subclasses__() for page in model.objects.visible()]
    assert len(pages) == len(PAGES) * len(LANGUAGES)
    for page in pages:
        answer = client.get(page.url_path)
        assert answer.status_code == 200, page.url_path
        assert answer.context["translated"], page.url_path
    starts = client.get("/fr/").context["starts"]
    assert [start.audience for start in starts] == list(Audience.values)


def test_links_of_pages_lead_somewhere(client, db):
    list(loader.load_pages())
    pages = [
        page
        for model in EditorialPage.__subclasses__()
        for page in model.objects.filter(locale__language_code="fr")
        if hasattr(page, "body")
    ]
    values = [block.value for page in pages for block in page.body]
    links = [value["link"] for value in values if "link" in value]
    links += [figure["link"] for value in values for figure in value.get("figures", [])]
    addresses = {link["address"] for link in links if link["address"][:1] == "/"}
    assert addresses
    for address in sorted(addresses):
        assert client.get(f"/fr{address}").status_code == 200, address


def test_choices_of_the_demo_are_made_once(demo):
    outcomes()
    page = PracticePage.objects.get(locale__language_code="ar")
    DemoRecord.objects.update(key=loader.FEATURED[0])  # the one practice of this demo
    list(loader.load_files(PAGES, PageWriter()))
    before = SectionLink.objects.count(), FooterSiteLink.objects.count()
    assert loader.load_choices() == 10  # links of three menus, a practice, a news item
    assert loader.load_choices() == 0
    after = SectionLink.objects.count(), FooterSiteLink.objects.count()
    assert (after[0] - before[0], after[1] - before[1]) == (2, 4)
    assert [chosen.page_id for chosen in FeaturedPractice.objects.all()] == [page.pk]
    assert FeaturedNews.objects.get().page.title == facts_of(NEWS)["ar"]["title"]


def test_choices_of_the_demo_wait_for_no_page_that_is_missing(db):
    assert loader.load_choices() == 0

import re

import pytest
from django.utils import translation
from wagtail.models import Locale

from core.slugs import MAX_LENGTH, short_slug
from core.vocabularies import Theme
from practices.models import PracticeIndexPage, PracticePage

LONG_TITLE = (
    "الميزانية التشاركية بجماعة تطوان: كيف قرر السكان والجمعيات المحلية أولويات الاستثمار في "
    "الأحياء خلال ثلاث سنوات متتالية وما الذي تعلمه المنتخبون والموظفون من هذه التجربة"
)
EMOJI = "🎉🏛️👩‍👩‍👧🇲🇦"
ADDRESS = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Budget participatif à Chefchaouen", "budget-participatif-a-chefchaouen"),
        ("L’été où l'eau s'arrêta", "l-ete-ou-l-eau-s-arreta"),
        ("Cœur & sœurs", "coeur-soeurs"),
        ("ⵜⴰⵎⴰⵣⵉⵖⵜ", "tamazight"),
        ("الميزانية", "lmyznyh"),
        ("٢٠٢٢", "2022"),
        ("a_b--c", "a-b-c"),
        ("../../etc/passwd", "etcpasswd"),
        ("", ""),
        (" - ", ""),
        (EMOJI, ""),
        ("\u200f\u202e", ""),
        ("budget 🎉", "budget"),
    ],
)
def test_slug_of_a_title(title, slug):
    assert short_slug(title) == slug


@pytest.mark.parametrize(
    "title", [LONG_TITLE, "كلمة" * 100, "mot " * 100, "ⴰ" * 300, "a" * 48 + " b"]
)
def test_slug_of_a_long_title_is_cut_at_a_word_where_it_can(title):
    slug = short_slug(title)
    assert ADDRESS.fullmatch(slug)
    assert len(slug) <= MAX_LENGTH


def test_slug_is_not_cut_within_a_word():
    assert (
        short_slug("budget participatif " * 10) == "budget-participatif-budget-participatif-budget"
    )


@pytest.mark.parametrize(
    ("title", "stem"),
    [
        ("Écoute citoyenne à Fès", "ecoute-citoyenne-a-fes"),
        ("ⵜⴰⵎⴰⵣⵉⵖⵜ", "tamazight"),
        (EMOJI, "practice"),
        ("...", "practice"),
        ("practices", "practices"),
        ("admin", "admin"),
        ("New market", "new-market"),
    ],
)
def test_practice_has_an_address_of_its_title_and_number(add_practice, title, stem):
    page = add_practice(title)
    assert page.slug == f"{stem}-{page.pk}"
    assert page.number == str(page.pk)
    assert page.url_path == f"/ar/practices/{stem}-{page.pk}/"


def test_practice_with_a_long_arabic_title_has_a_short_address(add_practice):
    page = add_practice(LONG_TITLE)
    assert ADDRESS.fullmatch(page.slug)
    assert len(page.slug) <= 60
    assert page.slug.endswith(f"-{page.pk}")


@pytest.mark.parametrize("title", [LONG_TITLE, EMOJI])
def test_practices_of_the_same_title_have_each_their_address(add_practice, title):
    first, second = add_practice(title), add_practice(title)
    assert first.number == str(first.pk)
    assert second.number == str(second.pk)
    assert first.slug != second.slug


def test_practice_is_found_under_its_address(add_practice, client):
    page = add_practice(EMOJI)
    assert client.get(f"/ar/practices/practice-{page.pk}/").status_code == 200


def test_address_stays_when_the_title_of_a_published_practice_changes(add_practice):
    page = add_practice("New market")
    page.save_revision().publish()
    page = PracticePage.objects.get(pk=page.pk)
    slug, url_path = page.slug, page.url_path
    page.title = "سوق جديد"
    page.save_revision().publish()
    page = PracticePage.objects.get(pk=page.pk)
    assert (page.title, page.slug, page.url_path) == ("سوق جديد", slug, url_path)


@pytest.mark.parametrize("title", ["الميزانية", "New market", EMOJI])
def test_translation_keeps_the_address(add_practice, title):
    page = add_practice(title)
    there = page.copy_for_translation(Locale.objects.get(language_code="fr"))
    there.title = "Budget"
    there.save()
    there.save_revision().publish()
    there.refresh_from_db()
    assert there.slug == page.slug
    assert there.url_path == f"/fr/practices/{page.slug}/"
    assert there.number == str(page.pk)


def test_save_keeps_children_that_were_added_since_the_page_was_read(add_practice):
    index = PracticeIndexPage.objects.get(locale__language_code="ar")
    add_practice()
    index.introduction = "جديد"
    index.save()
    add_practice()
    assert PracticeIndexPage.objects.get(pk=index.pk).numchild == 2
    assert PracticePage.find_problems() == ([], [], [], [], [])


def test_page_without_a_number_has_an_address_of_its_title(db):
    list_page = PracticeIndexPage.objects.get(locale__language_code="ar")
    first = list_page.get_parent().add_child(
        instance=PracticeIndexPage(title="الأخبار", locale=list_page.locale)
    )
    second = list_page.get_parent().add_child(
        instance=PracticeIndexPage(title="الأخبار", locale=list_page.locale)
    )
    nameless = list_page.get_parent().add_child(
        instance=PracticeIndexPage(title=EMOJI, locale=list_page.locale)
    )
    slugs = (first.slug, second.slug, nameless.slug)
    assert slugs == ("l-khbr", "l-khbr-2", "practiceindexpage")


def test_theme_is_made_of_a_name_alone(db):
    with translation.override("ar"):
        themes = [Theme.objects.create(name=name) for name in ("الماء", EMOJI, "🎉", "الماء!")]
    assert [theme.slug for theme in themes] == ["lm", "theme", "theme-1", "lm-1"]
    assert (themes[0].label_ar, themes[0].label_fr, themes[0].label_en) == ("الماء", "الماء", "")

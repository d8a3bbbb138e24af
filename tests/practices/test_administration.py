"""Practices in Wagtail's administration."""

import json

import pytest
from django.template import engines
from django.urls import reverse

from core.vocabularies import Principle
from practices.models import PracticeIndexPage, PracticePage
from tests.factories import make_practice, make_region

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("wagtails_own_templates"),
    pytest.mark.filterwarnings("ignore:The setting 'TAG_SPACES_ALLOWED' is deprecated"),
]

ROWS = ("collectivity_links", "steps", "participants", "indicators", "photos", "attachments")


@pytest.fixture
def wagtails_own_templates(monkeypatch):
    """They ask for what is not there, and rely on its being an empty text."""
    monkeypatch.setattr(engines["django"].engine, "string_if_invalid", "")


def paragraph(text: str) -> str:
    """What the rich text editor sends."""
    block = {"key": "a", "text": text, "type": "unstyled", "depth": 0}
    block |= {"inlineStyleRanges": [], "entityRanges": []}
    return json.dumps({"blocks": [block], "entityMap": {}})


def form(**fields) -> dict[str, str]:
    """What a browser sends for a practice of which only a title has been written."""
    data = {"title": "😀", "kind": "practice", "licence": "cc-by-4.0", "origin": "member"}
    data |= {name: paragraph("") for name in (*PracticePage.TEXTS, "source_gaps")}
    for name in (*ROWS, "comments"):
        data |= {f"{name}-TOTAL_FORMS": "0", f"{name}-INITIAL_FORMS": "0"}
    # The empty row that stands there because one collectivity is needed.
    data |= {"collectivity_links-TOTAL_FORMS": "1", "collectivity_links-0-id": ""}
    data |= {"collectivity_links-0-ORDER": "1", "collectivity_links-0-DELETE": ""}
    data |= {"collectivity_links-0-collectivity": ""}
    return data | fields


@pytest.fixture
def add(admin_client):
    """Return a function that sends the form of a new practice."""
    index = PracticeIndexPage.objects.get(locale__language_code="fr")
    url = reverse("wagtailadmin_pages:add", args=["practices", "practicepage", index.pk])
    return lambda **fields: admin_client.post(url, form(**fields))


@pytest.fixture
def whole(db):
    """The fields that a practice needs to be published."""
    collectivity = make_region()
    return {
        "summary": "x",
        "principles": Principle.objects.first().name,
        "collectivity_links-0-collectivity": str(collectivity.pk),
        "action-publish": "action-publish",
    }


def test_draft_with_a_title_alone_is_saved(add):
    before = set(PracticePage.objects.values_list("pk", flat=True))
    assert add().status_code == 302
    page = PracticePage.objects.exclude(pk__in=before).get()
    assert (page.live, page.slug, page.collectivity_links.count()) == (
        False,
        f"practice-{page.pk}",
        0,
    )


def test_publishing_with_missing_fields_names_each(add, whole):
    before = PracticePage.objects.count()
    answer = add(**{"action-publish": "action-publish"})
    assert (answer.status_code, PracticePage.objects.count()) == (200, before)
    errors = answer.context["form"]
    assert set(errors.errors) == {"summary", "principles"}
    assert list(errors.formsets["collectivity_links"].errors[0]) == ["collectivity"]


def test_practice_is_published_and_its_empty_texts_stay_empty(add, whole, client):
    answer = add(**whole, problem=paragraph("<script>alert(1)</script>"))
    assert answer.status_code == 302
    page = PracticePage.objects.order_by("pk").last()
    assert page.live
    assert page.problem == "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"
    assert {getattr(page, name) for name in PracticePage.TEXTS if name != "problem"} == {""}
    public = client.get(f"/fr/practices/{page.slug}/")
    anchors = [anchor for anchor, _title in public.context["sections"]]
    assert anchors == ["problem", "documents"]


def test_practice_with_an_unknown_principle_is_not_published(add, whole):
    answer = add(**{**whole, "principles": "unknown"})
    assert answer.status_code == 200
    assert list(answer.context["form"].errors) == ["principles"]


@pytest.mark.parametrize("url", ["", "https://example.org"])
def test_attachment_without_document_and_address_is_refused_in_words(add, whole, url):
    row = {"attachments-TOTAL_FORMS": "1", "attachments-0-title": "x", "attachments-0-url": url}
    row |= {"attachments-0-ORDER": "1", "attachments-0-DELETE": "", "attachments-0-id": ""}
    answer = add(**whole, **row, **{"attachments-0-document": ""})
    if url:
        assert answer.status_code == 302
    else:
        errors = answer.context["form"].formsets["attachments"].errors
        assert list(errors[0]) == ["url"]


def test_preview_may_stand_in_a_frame_of_the_administration(admin_client):
    page = make_practice()
    answer = admin_client.get(reverse("wagtailadmin_pages:view_draft", args=[page.pk]))
    assert answer.status_code == 200
    policy = answer.headers["Content-Security-Policy"]
    assert "frame-ancestors 'self'" in policy
    assert "unsafe-inline" not in policy

import json
import re

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.models import PageViewRestriction

from core.files import SiteDocument
from practices.models import (
    PracticeAttachment,
    PracticeIndicator,
    PracticeParticipant,
    PracticeStep,
)
from tests.factories import make_commune, make_practice, make_theme, many_practices

pytestmark = pytest.mark.django_db


@pytest.fixture
def full(settings):
    """A practice with every part of the template."""
    commune = make_commune(name_fr="Agadir", name_ar="أكادير")
    practice = make_practice(
        title="Le budget <b>ouvert</b>",
        summary="Un résumé & plus",
        language="fr",
        principles=("access", "digital"),
        themes=(make_theme("petitions", label_fr="Pétitions"),),
        collectivities=(commune,),
        status="completed",
        start="2022-10",
        end="2024",
        budget_mad=15000000,
        population_reached=1234,
        problem='<p>Le problème <script>alert(1)</script><a href="javascript:x">x</a></p>',
        objectives="<ul><li>un but</li></ul>",
        resources="<p>deux agents</p>",
        legal_basis="<p>loi 31-13</p>",
        difficulties="<p>des retards</p>",
        lessons="<p>commencer tôt</p>",
        transfer_conditions="<p>une délibération</p>",
        how_to="<p>réunir les associations</p>",
        source_title="Le journal",
        source_url="https://example.org/source",
        source_gaps="<p>rien sur le coût</p>",
        contact_email="service@example.org",
        published=False,
    )
    locale = practice.locale
    practice.steps = [
        PracticeStep(locale=locale, date="2022-10-21", title="Vote", text="au conseil")
    ]
    practice.participants = [
        PracticeParticipant(locale=locale, stage="evaluation", who="Association B", role="évalue"),
        PracticeParticipant(locale=locale, stage="design", who="Association A", role="conçoit"),
    ]
    practice.indicators = [
        PracticeIndicator(locale=locale, name="connaissent", baseline=9, value=62, unit="%"),
        PracticeIndicator(locale=locale, name="idées", value=41, unit="idées"),
    ]
    document = SiteDocument(title="Le modèle")
    document.file.save("modèle.pdf", ContentFile(b"%PDF-1.4"))
    document.file.close()
    practice.attachments = [
        PracticeAttachment(locale=locale, title="Le modèle", document=document),
        PracticeAttachment(locale=locale, title="Ailleurs", url="https://example.org/a"),
    ]
    practice.save_revision().publish()
    practice.refresh_from_db()
    return practice


def address(practice, language: str | None = None) -> str:
    return f"/{language or practice.language}/practices/{practice.slug}/"


def test_full_practice_shows_every_part_in_order(client, full):
    page = client.get(address(full)).content.decode()
    anchors = re.findall(r'<section id="([\w-]+)">', page)
    assert anchors == [
        "problem", "objectives", "approach", "participants", "resources", "results", "lessons",
        "transfer", "adoptions", "documents",
    ]  # fmt: skip
    for text in (
        "Le budget &lt;b&gt;ouvert&lt;/b&gt;", "Commune d’Agadir", "octobre 2022",
        "21 octobre 2022", "15\u202f000\u202f000\u00a0dirhams", "1\u202f234", "62\u00a0%",
        "rien sur le coût", "service@example.org", "Achevée", "Pétitions", "Ailleurs",
    ):  # fmt: skip
        assert text in page, text
    assert page.index("Association A") < page.index("Association B")


def test_stored_script_is_not_shown(client, full):
    page = client.get(address(full)).content.decode()
    assert "alert(1)" not in page
    assert "javascript:" not in page


def test_indicator_with_baseline_is_a_chart_with_its_table(client, full):
    page = client.get(address(full)).content.decode()
    assert page.count('class="chart"') == 1
    assert "style=" not in page
    assert page.count('<table class="table table--stack"') == 2


def test_practice_with_title_and_summary_alone_looks_right(client):
    practice = make_practice()
    response = client.get(address(practice))
    assert [anchor for anchor, _title in response.context["sections"]] == ["adoptions", "documents"]
    assert '<div class="proof' not in response.content.decode()


def test_missing_translation_is_said_and_the_original_keeps_its_language(client, full):
    response = client.get(address(full, "zgh"))
    page = response.content.decode()
    assert response.status_code == 200
    assert '<html lang="zgh" dir="ltr">' in page
    assert '<p class="lead" lang="fr" dir="ltr">Un résumé &amp; plus</p>' in page
    assert f'<link rel="canonical" href="http://127.0.0.1:8000{address(full)}">' in page
    assert 'class="language-note"' in page


def test_translation_has_the_same_address_in_its_language(client, full):
    make_practice(language="ar", translation_of=full, title="الميزانية المفتوحة")
    page = client.get(address(full, "ar")).content.decode()
    assert "الميزانية المفتوحة" in page
    assert 'class="language-note"' in page  # a summary only: the whole can be read in French
    alternates = re.findall(
        r'rel="alternate" hreflang="(\w+)" href="http://127.0.0.1:8000([^"]+)"', page
    )
    assert sorted(alternates) == [("ar", address(full, "ar")), ("fr", address(full, "fr"))]


def test_wrong_words_before_the_right_number_lead_to_the_address(client, full):
    response = client.get(f"/ar/practices/anything-{full.number}/")
    assert (response.status_code, response["Location"]) == (301, address(full, "ar"))


@pytest.mark.parametrize("slug", ["nothing-999999", "nothing", "-", "1" * 300, "x-٣"])
def test_unknown_practice_is_not_found(client, slug):
    assert client.get(f"/ar/practices/{slug}/").status_code == 404


def test_draft_and_restricted_practices_are_not_found_and_published_is(client):
    draft = make_practice(published=False)
    hidden, shown = make_practice(), make_practice()
    PageViewRestriction.objects.create(page=hidden, restriction_type="login")
    assert client.get(address(draft)).status_code == 404
    assert client.get(address(hidden)).status_code == 404
    assert client.get(address(hidden)[:-1] + "/cite.ris").status_code == 404
    assert client.get(address(shown)).status_code == 200


def test_structured_data_is_json_that_cannot_leave_its_script(client, full):
    page = client.get(address(full)).content.decode()
    (text,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page)
    assert "<" not in text
    data = json.loads(text)
    assert data["headline"] == "Le budget <b>ouvert</b>"
    assert data["about"] == ["Commune d’Agadir"]


@pytest.mark.parametrize(
    ("form", "content_type", "line"),
    [
        ("ris", "application/x-research-info-systems", "AU  - Commune d’Agadir,"),
        ("bib", "application/x-bibtex", "  author = {{Commune d’Agadir}},"),
        ("json", "application/vnd.citationstyles.csl+json", '"literal": "Commune d’Agadir"'),
    ],
)
def test_citation_is_given_in_three_formats(client, full, form, content_type, line):
    response = client.get(f"{address(full)}cite.{form}")
    assert response["Content-Type"].startswith(content_type)
    assert line in response.content.decode()


def test_citation_in_an_unknown_format_is_not_found(client, full):
    assert client.get(f"{address(full)}cite.docx").status_code == 404


def test_related_practices_are_others_of_the_same_principle(client):
    commune = make_commune()
    shown = make_practice(principles=("access",))
    near = make_practice(title="near", principles=("access",), collectivities=(commune,))
    make_practice(title="far", principles=("digital",))
    response = client.get(address(shown))
    assert [one.title for one in response.context["related"]] == ["near"]
    assert near.collectivities[0].full_name in response.content.decode()


def test_page_sets_no_cookie(client, full):
    response = client.get(address(full))
    assert not response.cookies
    assert "Cookie" not in response.get("Vary", "")


def test_post_is_refused(client, full):
    assert client.post(address(full)).status_code == 405


def test_preview_in_the_administration_shows_the_draft(admin_client, full):
    full.title = "Titre de brouillon"
    full.save_revision()
    response = admin_client.get(f"/admin/pages/{full.pk}/view_draft/")
    assert response.status_code == 200
    assert "Titre de brouillon" in response.content.decode()


@pytest.mark.slow
def test_queries_do_not_grow_with_the_number_of_practices(client, full):
    """Under half of bakerydemo's 22 for a post."""
    for size in (10, 90):
        many_practices(size)
        client.get(address(full))
        with CaptureQueriesContext(connection) as captured:
            client.get(address(full))
        assert len(captured) == 15

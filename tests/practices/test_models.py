import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from practices.models import PracticeAttachment, PracticeIndexPage
from tests.factories import make_practice

pytestmark = pytest.mark.django_db


def test_end_before_start_is_refused_and_the_same_year_is_not():
    practice = make_practice(start="2022-10", end="2022")
    practice.full_clean()
    practice.end = "2021"
    with pytest.raises(ValidationError) as refusal:
        practice.full_clean()
    assert list(refusal.value.message_dict) == ["end"]


def test_attachment_is_a_document_or_a_link_and_not_neither():
    practice = make_practice()
    with pytest.raises(IntegrityError), transaction.atomic():
        PracticeAttachment.objects.create(practice=practice, title="x", locale=practice.locale)
    PracticeAttachment.objects.create(
        practice=practice, title="x", locale=practice.locale, url="https://example.org"
    )


def test_saving_the_list_page_keeps_practices_added_since():
    """A full save would write back an old count of children, and treebeard refuse the next one."""
    stale = PracticeIndexPage.objects.get(locale__language_code="ar")
    make_practice()
    stale.title = "عنوان جديد"
    stale.save()
    make_practice()
    assert PracticeIndexPage.objects.get(pk=stale.pk).numchild == 2


def test_years_are_those_of_start_and_end():
    assert make_practice(start="2022-10", end="2024-01").years == "2022–2024"
    assert make_practice(start="2022-10", end="2022-12").years == "2022"
    assert make_practice(start="2022").years == "2022"


def test_moved_practice_redirects_from_its_old_address(client):
    practice = make_practice()
    old = f"/ar/practices/{practice.slug}/"
    practice.slug = f"another-name-{practice.number}"
    practice.save_revision().publish()
    response = client.get(old)
    assert response.status_code == 301
    assert response["Location"] == f"/ar/practices/{practice.slug}/"

"""A practice that was retired: what its address tells, and what took its place."""

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from contributions.models import Contribution
from tests.factories import make_practice
from tests.members.factories import make_person

pytestmark = pytest.mark.django_db


def url(name, *args) -> str:
    with override("fr"):
        return reverse(name, args=args)


def retire(page, successor=None) -> None:
    page.unpublish()
    Contribution.objects.create(
        page=page,
        kind="practice",
        started_by=make_person(),
        archived_at=timezone.now(),
        successor=successor,
    )


@pytest.mark.parametrize("name", ["practice", "practice_adoptions"])
def test_its_addresses_say_that_it_was_retired(client, name):
    retired, gone = make_practice(title="ممارسة قديمة"), make_practice()
    address = url(name, retired.slug)
    assert client.get(address).status_code == 200
    retire(retired)
    gone.unpublish()
    answer = client.get(address)
    assert answer.status_code == 410
    assert "ممارسة قديمة" in answer.content.decode()
    assert answer.cookies == {}
    assert client.get(url(name, gone.slug)).status_code == 404


@pytest.mark.parametrize("chosen", ["ar", "fr"])
def test_it_leads_to_what_took_its_place_in_the_language_of_the_reader(client, chosen):
    arabic = make_practice(title="ممارسة جديدة")
    french = make_practice(title="Pratique nouvelle", translation_of=arabic, language="fr")
    retired = make_practice()
    retire(retired, {"ar": arabic, "fr": french}[chosen])
    page = client.get(url("practice", retired.slug)).content.decode()
    assert "Pratique nouvelle" in page
    assert url("practice", arabic.slug) in page
    french.unpublish()
    assert "ممارسة جديدة" in client.get(url("practice", retired.slug)).content.decode()


def test_what_was_kept_to_the_network_tells_nothing_when_it_is_retired(client):
    kept = make_practice(kind="did-not-work", audience="network")
    retire(kept)
    assert client.get(url("practice", kept.slug)).status_code == 404

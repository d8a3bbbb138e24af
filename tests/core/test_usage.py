"""Deleting what is used elsewhere says where."""

import pytest
from django.urls import reverse

from tests.factories import make_image, make_news

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("wagtails_own_templates"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


def test_used_image_names_its_places_and_is_kept(admin_client):
    image = make_image(alt_ar="ساحة")
    news = make_news(title="افتتاح الساحة", picture=image)
    admin_client.post(reverse("wagtailimages:delete", args=[image.pk]))
    page = admin_client.get(reverse("wagtailimages:delete", args=[image.pk])).content.decode()
    assert reverse("wagtailadmin_pages:edit", args=[news.pk]) in page
    assert "افتتاح الساحة" in page
    image.refresh_from_db()  # it is still there


def test_unused_image_is_deleted(admin_client):
    image = make_image()
    page = admin_client.get(reverse("wagtailimages:delete", args=[image.pk])).content.decode()
    assert "help-warning" not in page
    admin_client.post(reverse("wagtailimages:delete", args=[image.pk]))
    assert not type(image).objects.filter(pk=image.pk).exists()

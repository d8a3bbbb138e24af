"""What machines read of the whole site."""

from django.contrib.sitemaps import views
from django.urls import path
from django.views.decorators.cache import cache_control

from home.sitemaps import SITEMAPS

cached = cache_control(public=True, max_age=3600)

urlpatterns = [
    path(
        "sitemap.xml",
        cached(views.index),
        {"sitemaps": SITEMAPS, "sitemap_url_name": "sitemap_of_language"},
        name="sitemap",
    ),
    path(
        "sitemap-<section>.xml",
        cached(views.sitemap),
        {"sitemaps": SITEMAPS},
        name="sitemap_of_language",
    ),
]

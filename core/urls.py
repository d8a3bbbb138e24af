"""Addresses that stand under no language."""

from django.urls import path

from core import views

urlpatterns = [
    path("", views.front_door, name="front_door"),
    path("robots.txt", views.robots, name="robots"),
    path(".well-known/security.txt", views.security_txt, name="security_txt"),
    path("media/kept/<path:path>", views.kept_picture, name="kept_picture"),
    path("media/<path:path>", views.media, name="media"),
    # Wagtail builds the addresses of documents with this name.
    path(
        "documents/<int:document_id>/<str:document_filename>",
        views.document,
        name="wagtaildocs_serve",
    ),
]

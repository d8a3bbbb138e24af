from django.urls import path

from search import views
from search.feeds import search_feed

urlpatterns = [
    path("", views.search_page, name="search"),
    path("suggest/", views.suggest, name="search_suggest"),
    path("feed.xml", search_feed, name="search_feed"),
    path("opensearch.xml", views.opensearch, name="opensearch"),
]

from django.urls import path, re_path
from django.views.decorators.cache import cache_control

from home import contact_views, views
from home.feeds import NewsFeed

urlpatterns = [
    path("news/", views.news_list, name="news"),
    path("news/feed.xml", cache_control(public=True, max_age=900)(NewsFeed()), name="news_feed"),
    path("contact/", contact_views.contact, name="contact"),
    path("contact/sent/", contact_views.contact_sent, name="contact_sent"),
    # Wagtail's own pattern for its pages, but for the addresses of its own views.
    re_path(r"^((?!_util/)(?:[\w\-]+/)*)$", views.serve, name="page"),
]

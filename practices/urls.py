from django.urls import path

from practices.feeds import practice_feed
from practices.views import pages

urlpatterns = [
    path("", pages.practice_list, name="practices"),
    path("feed.xml", practice_feed, name="practice_feed"),
    path("feed-<slug:principle>.xml", practice_feed, name="practice_feed_of_principle"),
    path("<slug:slug>/", pages.practice, name="practice"),
    path("<slug:slug>/card-<slug:mark>.png", pages.card, name="practice_card"),
    path("<slug:slug>/cite.<slug:form>", pages.cite, name="practice_citation"),
]

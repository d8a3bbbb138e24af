from django.urls import path

from practices import views
from practices.feeds import practice_feed

urlpatterns = [
    path("", views.practice_list, name="practices"),
    path("feed.xml", practice_feed, name="practice_feed"),
    path("feed-<slug:principle>.xml", practice_feed, name="practice_feed_of_principle"),
    path("<slug:slug>/", views.practice, name="practice"),
    path("<slug:slug>/card-<slug:mark>.png", views.card, name="practice_card"),
    path("<slug:slug>/cite.<slug:form>", views.cite, name="practice_citation"),
]

from django.urls import path

from practices.feeds import practice_feed
from practices.views import pages, recognition

urlpatterns = [
    path("", pages.practice_list, name="practices"),
    path("feed.xml", practice_feed, name="practice_feed"),
    path("feed-<slug:principle>.xml", practice_feed, name="practice_feed_of_principle"),
    path("label/", recognition.criteria, name="label_criteria"),
    path("label/<uuid:key>/", recognition.proof, name="award_proof"),
    path("<slug:slug>/", pages.practice, name="practice"),
    path("<slug:slug>/label/", recognition.practice_label, name="practice_label"),
    path("<slug:slug>/label/print/", recognition.printed, name="practice_label_print"),
    path("<slug:slug>/card-<slug:mark>.png", pages.card, name="practice_card"),
    path("<slug:slug>/cite.<slug:form>", pages.cite, name="practice_citation"),
]

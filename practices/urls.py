from django.urls import path

from practices.feeds import practice_feed
from practices.views import adoption, freshness, network, pages, partner_words, recognition

urlpatterns = [
    path("", pages.practice_list, name="practices"),
    path("feed.xml", practice_feed, name="practice_feed"),
    path("feed-<slug:principle>.xml", practice_feed, name="practice_feed_of_principle"),
    path("network/", network.network_practices, name="network_practices"),
    path("label/", recognition.criteria, name="label_criteria"),
    path("label/<uuid:key>/", recognition.proof, name="award_proof"),
    path("words/<slug:key>/<int:pk>/", partner_words.partner_word, name="partner_word"),
    path("adoptions/<slug:key>/", adoption.adoptions_in_space, name="space_adoptions"),
    path("adoptions/<slug:key>/<int:pk>/", adoption.adoption, name="space_adoption"),
    path(
        "adoptions/<slug:key>/<int:pk>/state/", adoption.adoption_state, name="space_adoption_state"
    ),
    path("adoptions/<slug:key>/<int:pk>/link/", adoption.adoption_link, name="space_adoption_link"),
    path(
        "adoptions/<slug:key>/<int:pk>/write/",
        adoption.adoption_write_own,
        name="space_adoption_write",
    ),
    path("<slug:slug>/", pages.practice, name="practice"),
    path("<slug:slug>/adopt/", adoption.adopt, name="practice_adopt"),
    path("<slug:slug>/adoptions/", adoption.practice_adoptions, name="practice_adoptions"),
    path(
        "<slug:slug>/differences/<slug:other>/",
        adoption.practice_differences,
        name="practice_differences",
    ),
    path("<slug:slug>/label/", recognition.practice_label, name="practice_label"),
    path("<slug:slug>/label/print/", recognition.printed, name="practice_label_print"),
    path("<slug:slug>/still-true/", freshness.still_true, name="practice_still_true"),
    path("<slug:slug>/card-<slug:mark>.png", pages.card, name="practice_card"),
    path("<slug:slug>/cite.<slug:form>", pages.cite, name="practice_citation"),
]

# Of collectivities: included at the root, before the addresses of members.
collectivity_urlpatterns = [
    path(
        "collectivities/<slug:slug>/exchanges/",
        adoption.collectivity_exchanges,
        name="collectivity_exchanges",
    ),
]

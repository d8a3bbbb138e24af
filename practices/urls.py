from django.urls import path

from practices import views

urlpatterns = [
    path("", views.practice_list, name="practices"),
    path("<slug:slug>/", views.practice, name="practice"),
    path("<slug:slug>/cite.<slug:form>", views.cite, name="practice_citation"),
]

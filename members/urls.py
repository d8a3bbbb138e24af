from django.urls import path

from members import views

urlpatterns = [
    path("", views.collectivity_list, name="collectivities"),
    path("<slug:slug>/", views.collectivity, name="collectivity"),
]

from django.urls import path

from notifications import views

urlpatterns = [
    path("", views.notice_list, name="notices"),
    path("read/", views.read_all, name="notices_read"),
    path("<int:number>/", views.notice, name="notice"),
    path("<int:number>/read/", views.read, name="notice_read"),
]

from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls

urlpatterns = [
    path("", include("core.urls")),
    path("", include("home.machine_urls")),
    path("admin/", include(wagtailadmin_urls)),
]

# The same addresses in each language: `core.languages.path_in` relies on it.
urlpatterns += i18n_patterns(
    path("search/", include("search.urls")),
    path("practices/", include("practices.urls")),
    path("collectivities/", include("members.urls")),
    path("", include("home.urls")),
    path("", include(wagtail_urls)),
    prefix_default_language=True,
)

handler400 = "core.views.bad_request"
handler403 = "core.views.permission_denied"
handler404 = "core.views.page_not_found"
handler500 = "core.views.server_error"

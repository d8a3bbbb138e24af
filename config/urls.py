from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path, re_path
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls

from members.views.doors import to_the_one_login
from practices.urls import collectivity_urlpatterns

OTHER_DOORS = r"^admin/(?:login|password_reset)/"

urlpatterns = [
    path("", include("core.urls")),
    path("", include("home.machine_urls")),
    # Wagtail's own doors would pass by the limits and the second step of allauth's.
    re_path(OTHER_DOORS, to_the_one_login, name="other_login"),
    path("admin/", include(wagtailadmin_urls)),
]

# The same addresses in each language: `core.languages.path_in` relies on it.
urlpatterns += i18n_patterns(
    path("search/", include("search.urls")),
    path("practices/", include("practices.urls")),
    path("contributions/", include("contributions.urls")),
    path("account/notices/", include("notifications.urls")),
    path("", include(collectivity_urlpatterns)),
    path("", include("members.urls")),
    path("", include("home.urls")),
    path("", include(wagtail_urls)),
    prefix_default_language=True,
)

handler400 = "core.views.bad_request"
handler403 = "core.views.permission_denied"
handler404 = "core.views.page_not_found"
handler429 = "core.views.too_many_requests"  # named to allauth; Django has no such handler
handler500 = "core.views.server_error"

from wagtail import hooks
from wagtail.snippets.models import register_snippet

from search.admin import ConceptViewSet, missed_viewset

register_snippet(ConceptViewSet)


@hooks.register("register_admin_viewset")
def register_missed_searches():
    return missed_viewset

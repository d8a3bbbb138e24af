"""Where a thing is used, for the administration's pages that delete it."""

from django import template
from wagtail.admin.admin_url_finder import AdminURLFinder
from wagtail.models import ReferenceIndex

register = template.Library()

SHOWN = 10


@register.simple_tag(takes_context=True)
def places_used(context) -> list[dict]:
    """Return the first places in which the thing at hand is used, each with where to change it."""
    thing = context.get("page") or context.get("object")
    if thing is None:
        return []
    finder = AdminURLFinder(context["request"].user)
    usage = ReferenceIndex.get_references_to(thing).group_by_source_object()
    return [
        {"name": str(source), "url": finder.get_edit_url(source)}
        for source, _references in usage[:SHOWN]
    ]

"""How a collectivity is named on a page."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core import languages
from members.models import Collectivity

register = template.Library()


@register.simple_tag
def collectivity_name(collectivity: Collectivity) -> SafeString:
    """Show the full name, marked where it is in another language than the page."""
    spoken = collectivity.name_language
    if spoken == languages.current():
        return format_html("<bdi>{}</bdi>", collectivity.full_name)
    direction = languages.direction(spoken)
    return format_html(
        '<bdi lang="{}" dir="{}">{}</bdi>', spoken, direction, collectivity.full_name
    )

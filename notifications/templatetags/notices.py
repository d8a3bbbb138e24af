from django import template

from notifications.models import Notice

register = template.Library()


@register.simple_tag
def unread_count(user) -> int:
    """Return how many notices a person has not read; one query, none for a visitor."""
    return Notice.objects.visible_to(user).unread().count()

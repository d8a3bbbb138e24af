"""Who signed the charter, for pages of other apps."""

from django import template

from members.signatories import Signatories, signatories

register = template.Library()


@register.simple_tag
def charter_signatories() -> Signatories | None:
    """Return who has signed; None before a version of the charter is published."""
    return signatories()

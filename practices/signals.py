"""What follows when a practice is published, or is public no more."""

from django.dispatch import receiver
from wagtail.signals import page_published, page_unpublished

from practices.files import place_pictures_later
from practices.models import PracticePage
from practices.services.freshness import renew_freshness
from practices.services.partner_words import ask_partners


@receiver(page_published, sender=PracticePage)
def follow_publication(sender, instance, revision, **kwargs) -> None:
    """Ask its partners for their word, and note that it is fresh; not yet where it is scheduled."""
    if instance.live:
        ask_partners(practice=instance, made_at=revision.created_at)
        renew_freshness(practice=instance)


@receiver(page_unpublished, sender=PracticePage)
def keep_pictures_back(sender, instance, **kwargs) -> None:
    """Take its pictures from those who may no longer read it."""
    place_pictures_later(instance)

"""What a collectivity and an association tell alike of themselves."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.languages import OWN_NAMES


class Contacts(models.Model):
    """A few words and how to reach it. All of it is public."""

    about = models.TextField(_("about"), max_length=2000, blank=True)
    language = models.CharField(
        _("language"), max_length=10, blank=True, choices=list(OWN_NAMES.items())
    )
    website = models.URLField(_("website"), max_length=300, blank=True)
    email = models.EmailField(_("e-mail address"), blank=True)
    phone = models.CharField(_("phone"), max_length=30, blank=True)

    class Meta:
        abstract = True

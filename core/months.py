"""
Words of Django's own that our catalogues say otherwise: they must stand in our code to be kept.

Arabic has the Moroccan names of the months, where Django ships those of the Mashriq; Tamazight has
those of Unicode's CLDR, where Django has none.
"""

from django.utils.translation import gettext_noop

MONTHS = (
    gettext_noop("January"),
    gettext_noop("February"),
    gettext_noop("March"),
    gettext_noop("April"),
    gettext_noop("May"),
    gettext_noop("June"),
    gettext_noop("July"),
    gettext_noop("August"),
    gettext_noop("September"),
    gettext_noop("October"),
    gettext_noop("November"),
    gettext_noop("December"),
)

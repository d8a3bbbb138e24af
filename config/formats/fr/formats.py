"""French as written in Morocco: as in France, with a narrow no-break space for thousands."""

from django.conf.locale.fr.formats import *  # noqa: F403

FIRST_DAY_OF_WEEK = 1
THOUSAND_SEPARATOR = "\u202f"
NUMBER_GROUPING = 3

"""Which right stands before the addresses of practices."""

from django.utils.translation import gettext_lazy as _

from members.access import register_addresses
from members.permissions import EDITORS, Right, register_right

register_addresses(
    "public.read",
    "practices",
    "practice",
    "practice_card",
    "practice_citation",
    "practice_feed",
    "practice_feed_of_principle",
)

register_right(
    Right("award.give", _("Give and withdraw the label of the network"), everywhere=EDITORS)
)
register_addresses(
    "public.read", "label_criteria", "award_proof", "practice_label", "practice_label_print"
)

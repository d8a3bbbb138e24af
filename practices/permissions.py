"""Which right stands before the addresses of practices."""

from django.utils.translation import gettext_lazy as _

from members.access import register_addresses
from members.permissions import ASSOCIATIONS, EDITORS, MEMBERS, STAFF, Right, register_right

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

register_right(
    Right(
        "partner-word.give",
        _("Give an association’s word on a practice that names it as a partner"),
        own=ASSOCIATIONS,
    )
)
register_right(
    Right(
        "practice.confirm",
        _("Say that a practice is still true"),
        everywhere=EDITORS,
        own=MEMBERS,
    )
)

register_right(
    Right(
        "adoption.write", _("Take a practice over for a collectivity, and tell of it"), own=MEMBERS
    )
)
register_right(Right("adoption.hide", _("Hide an adoption, and show it again"), everywhere=EDITORS))
register_addresses(
    "public.read", "practice_adoptions", "practice_differences", "collectivity_exchanges"
)

register_right(
    Right(
        "practice.network",
        _("Read what is told to the people of the network only"),
        everywhere=MEMBERS | ASSOCIATIONS | STAFF,
    )
)

register_right(
    Right("practice.import", _("Bring practices in from a spreadsheet"), everywhere=EDITORS)
)

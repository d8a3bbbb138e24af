"""What did not work, in the space: told to the people of the network, who learn from it."""

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext_lazy

from core import languages
from members.models import Organisation, User
from members.registry import Matter, SpacePanel, register_space_panel
from practices.enums import PracticeKind
from practices.models import NEWEST_FIRST, PracticePage

SHOWN = 5


def matters(organisation: Organisation, person: User) -> Sequence[Matter]:
    """Return the newest of what did not work, as far as the person may read it."""
    found = (
        PracticePage.objects.visible_to(person)
        .nearest_to(languages.current())
        .filter(kind=PracticeKind.DID_NOT_WORK)
        .order_by(*NEWEST_FIRST)[:SHOWN]
    )
    return [
        Matter(
            text=page.title,
            address=reverse("practice", args=[page.slug]),
            note=page.get_audience_display(),
        )
        for page in found.only("title", "slug", "audience")
    ]


register_space_panel(
    SpacePanel(
        "did-not-work",
        gettext_lazy("What did not work"),
        matters,
        empty=gettext_lazy("Nobody has told of it yet. What went wrong helps others too."),
        more=lambda organisation: (
            f"{reverse('network_practices')}?kind={PracticeKind.DID_NOT_WORK}"
        ),
        order=120,
    )
)

"""What a collectivity writes, in its space: drafts first that wait for its people."""

from collections.abc import Sequence

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contributions.enums import AuthorState, State
from contributions.models import Authorship, Contribution
from contributions.states import state_of, with_states
from members.models import Collectivity, Organisation, User
from members.permissions import may
from members.registry import Matter, SpacePanel, register_space_panel

SHOWN = 12


def listed(collectivity: Collectivity) -> list[Contribution]:
    """Return what a collectivity writes or is asked to, the last saved first, with its state."""
    asked = Authorship.objects.filter(
        contribution=OuterRef("pk"), collectivity=collectivity, state=AuthorState.ASKED
    )
    found = with_states(
        Contribution.objects.written_by([collectivity.pk])
        .select_related("page__locale", "saved_by")
        .annotate(is_asked=Exists(asked))
        .order_by("-saved_at", "-pk")
    )
    contributions = list(found)
    for one in contributions:
        one.state = state_of(one)
    return contributions


def matters(organisation: Organisation, person: User) -> Sequence[Matter] | None:
    """Return what is being written, and what the editors have asked to change."""
    if not isinstance(organisation, Collectivity):
        return None
    lines = []
    for one in listed(organisation):
        if one.state == State.ARCHIVED or (
            one.state == State.PUBLISHED and not one.page.has_unpublished_changes
        ):
            continue
        day = date_format(localtime(one.saved_at), "DATE_FORMAT")
        label = _("Asked to write along") if one.is_asked else str(State(one.state).label)
        lines.append(
            Matter(
                text=one.page.draft_title or one.page.title,
                address=reverse("contribution", args=[one.pk]),
                note=_("%(state)s, saved on %(day)s") % {"state": label, "day": day},
                is_open=one.is_asked or one.state == State.CHANGES_ASKED,
            )
        )
    return lines[:SHOWN]


def begin(organisation: Organisation, person: User) -> tuple[str, str] | None:
    """Return the way to a new draft, for who may write one."""
    if not may(person, "contribution.write", organisation):
        return None
    return _("Write something up"), reverse("space_contribution_start", args=[organisation.key])


register_space_panel(
    SpacePanel(
        "contributions",
        gettext_lazy("What you write"),
        matters,
        empty=gettext_lazy(
            "Nothing yet. A quick sheet takes ten minutes, and the editors help with the rest."
        ),
        more=lambda organisation: reverse("space_contributions", args=[organisation.key]),
        begin=begin,
        order=5,
    )
)

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class PracticeKind(models.TextChoices):
    PRACTICE = "practice", _("Good practice")
    CASE_STUDY = "case-study", _("Case study")
    DID_NOT_WORK = "did-not-work", _("What did not work")


class Audience(models.TextChoices):
    """Who may read a published practice."""

    PUBLIC = "public", pgettext_lazy("audience", "Everybody")
    NETWORK = "network", pgettext_lazy("audience", "People of the network only")


class PracticeStatus(models.TextChoices):
    """How far the practice itself is; how far its page is, Wagtail knows."""

    PLANNED = "planned", pgettext_lazy("practice", "Planned")
    RUNNING = "running", pgettext_lazy("practice", "Running")
    COMPLETED = "completed", pgettext_lazy("practice", "Completed")
    STOPPED = "stopped", pgettext_lazy("practice", "Stopped")


class Stage(models.TextChoices):
    """The stages at which people take part in a practice."""

    DESIGN = "design", pgettext_lazy("stage", "Design")
    IMPLEMENTATION = "implementation", pgettext_lazy("stage", "Implementation")
    MONITORING = "monitoring", pgettext_lazy("stage", "Monitoring")
    EVALUATION = "evaluation", pgettext_lazy("stage", "Evaluation")


class Origin(models.TextChoices):
    """Who tells the practice."""

    MEMBER = "member", _("Told by the collectivity")
    COMPILED = "compiled", _("Compiled from public sources, not yet confirmed by the collectivity")


class Word(models.TextChoices):
    """What an association that is named as a partner says of a practice."""

    ASKED = "asked", pgettext_lazy("word", "Asked")
    CONFIRMED = "confirmed", pgettext_lazy("word", "Confirmed")
    CORRECTED = "corrected", pgettext_lazy("word", "Confirmed with a correction")
    DISSENTED = "dissented", pgettext_lazy("word", "Dissented")


class AdoptionState(models.TextChoices):
    """How far a collectivity is with taking a practice over."""

    INTENTION = "intention", pgettext_lazy("adoption", "Intended")
    UNDER_WAY = "under-way", pgettext_lazy("adoption", "Under way")
    IN_PLACE = "in-place", pgettext_lazy("adoption", "In place")
    GIVEN_UP = "given-up", pgettext_lazy("adoption", "Given up")


# From each state, those that may follow. What was given up can be taken up again.
NEXT_ADOPTION_STATES = {
    AdoptionState.INTENTION: (AdoptionState.UNDER_WAY, AdoptionState.GIVEN_UP),
    AdoptionState.UNDER_WAY: (AdoptionState.IN_PLACE, AdoptionState.GIVEN_UP),
    AdoptionState.IN_PLACE: (AdoptionState.GIVEN_UP,),
    AdoptionState.GIVEN_UP: (AdoptionState.INTENTION, AdoptionState.UNDER_WAY),
}

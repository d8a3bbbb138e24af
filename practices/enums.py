from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class PracticeKind(models.TextChoices):
    PRACTICE = "practice", _("Good practice")
    CASE_STUDY = "case-study", _("Case study")


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

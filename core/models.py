"""The models of the shared ground. Each lives in the module of its subject."""

from core.files import SiteDocument, SiteImage, SiteRendition
from core.outbox.models import OutboxJob, PeriodicRun
from core.vocabularies import Principle, Theme

__all__ = [
    "OutboxJob",
    "PeriodicRun",
    "Principle",
    "SiteDocument",
    "SiteImage",
    "SiteRendition",
    "Theme",
]

"""The models of the shared ground. Each lives in the module of its subject."""

from core.audit import AuditEntry
from core.files import SiteDocument, SiteImage, SiteRendition
from core.outbox.models import OutboxJob, PeriodicRun
from core.uploads.models import PartialUpload, Upload
from core.vocabularies import Principle, Theme

__all__ = [
    "AuditEntry",
    "OutboxJob",
    "PartialUpload",
    "PeriodicRun",
    "Principle",
    "SiteDocument",
    "SiteImage",
    "SiteRendition",
    "Theme",
    "Upload",
]

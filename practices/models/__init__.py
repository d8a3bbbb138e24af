"""Practices, and what others say of them and make of them. A module for each subject."""

from practices.models.adoption import Adoption, AdoptionStep
from practices.models.freshness import Freshness
from practices.models.pages import NEWEST_FIRST, PracticeIndexPage, PracticePage, first_version_of
from practices.models.recognition import Award, AwardReview
from practices.models.rows import (
    PracticeAttachment,
    PracticeChallenge,
    PracticeCollectivity,
    PracticeIndicator,
    PracticeParticipant,
    PracticePhoto,
    PracticePrinciple,
    PracticeRow,
    PracticeStep,
    PracticeTheme,
)
from practices.models.words import PartnerWord

__all__ = [
    "NEWEST_FIRST",
    "Adoption",
    "AdoptionStep",
    "Award",
    "AwardReview",
    "Freshness",
    "PartnerWord",
    "PracticeAttachment",
    "PracticeChallenge",
    "PracticeCollectivity",
    "PracticeIndexPage",
    "PracticeIndicator",
    "PracticePage",
    "PracticeParticipant",
    "PracticePhoto",
    "PracticePrinciple",
    "PracticeRow",
    "PracticeStep",
    "PracticeTheme",
    "first_version_of",
]

"""What members write together, and how it gets published. A module for each subject."""

from contributions.models.contributions import Authorship, Contribution, ContributionFile
from contributions.models.review import Note, Opinion, ReviewTask, Step

__all__ = [
    "Authorship",
    "Contribution",
    "ContributionFile",
    "Note",
    "Opinion",
    "ReviewTask",
    "Step",
]

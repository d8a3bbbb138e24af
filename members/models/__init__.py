"""People, collectivities, associations and the charter. A module for each subject."""

from members.models.associations import Association, Attachment
from members.models.belonging import (
    Affiliation,
    Application,
    ApplicationStep,
    Invitation,
    Organisation,
    organisation_fields,
)
from members.models.charter import CharterVersion, Membership, Signature, Statement
from members.models.collectivities import Collectivity, CollectivityProfile
from members.models.people import User, UserManager

__all__ = [
    "Affiliation",
    "Application",
    "ApplicationStep",
    "Association",
    "Attachment",
    "CharterVersion",
    "Collectivity",
    "CollectivityProfile",
    "Invitation",
    "Membership",
    "Organisation",
    "Signature",
    "Statement",
    "User",
    "UserManager",
    "organisation_fields",
]

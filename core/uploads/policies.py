"""What may be sent where: kinds of content, and how large."""

from dataclasses import dataclass

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core.uploads.content import KINDS

MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class UploadPolicy:
    """
    What a field for files takes.

    :param name: at most 60 characters
    :param label: what the files are, in words
    :param types: names of kinds of content (`core.uploads.content.KINDS`)
    :param max_bytes: the largest file
    """

    name: str
    label: str | Promise
    types: tuple[str, ...]
    max_bytes: int = 10 * MEGABYTE

    @property
    def hint(self) -> str:
        """What is told beside the field before anything is sent."""
        names = [str(KINDS[one].label) for one in self.types]
        return _("%(types)s, at most %(size)d MB.") % {
            "types": pgettext("list", ", ").join(names),
            "size": self.max_bytes // MEGABYTE,
        }

    @property
    def accept(self) -> str:
        """What a browser's choice of files offers: types, and endings for systems without them."""
        kinds = [KINDS[one] for one in self.types]
        return ",".join([*(one.content_type for one in kinds), *(one.suffix for one in kinds)])

    @property
    def too_large(self) -> str:
        """What is told of a file beyond the size."""
        return _("The file is too large: at most %(size)d MB can be sent.") % {
            "size": self.max_bytes // MEGABYTE
        }

    @property
    def wrong_kind(self) -> str:
        """What is told of a file of another kind."""
        return _("A file of this kind is not taken. What can be sent: %(hint)s") % {
            "hint": self.hint
        }


policies: dict[str, UploadPolicy] = {}


def register_upload_policy(policy: UploadPolicy) -> None:
    """
    Enter a policy. Each name stands once.

    :raises ValueError: for a name that is taken, a kind of content that is not known, or a size
        that never comes in (`UPLOAD_MAX_BYTES`)
    """
    if policy.name in policies:
        raise ValueError(f"two upload policies named {policy.name}")
    if unknown := set(policy.types) - set(KINDS):
        raise ValueError(f"no such kinds of content: {sorted(unknown)}")
    if policy.max_bytes > settings.UPLOAD_MAX_BYTES:
        raise ValueError(f"files of {policy.name} would be cut off at UPLOAD_MAX_BYTES")
    policies[policy.name] = policy

"""
The demo's accounts. Their passwords, and the keys of the second steps that staff need, are made at
random by each installation.
"""

import json
import os
import secrets
from pathlib import Path

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.conf import settings
from django.db import transaction

from members.enums import StaffRole
from members.models import User
from members.services.staff import appoint

# Each with the first and the last name, and the role among the staff.
ACCOUNTS = {
    "admin@example.org": ("مثال", "الإدارة التقنية", StaffRole.ADMINISTRATOR),
    "editor@example.org": ("مثال", "التحرير", StaffRole.EDITOR),
    "moderator@example.org": ("مثال", "التنشيط", StaffRole.MODERATOR),
    "focal@example.org": ("مثال", "نقطة الارتكاز", None),
    "contributor@example.org": ("مثال", "المساهمة", None),
    "neighbour@example.org": ("مثال", "نقطة الارتكاز بأكادير", None),
    "association@example.org": ("مثال", "الجمعية", None),
}


def prepare_accounts() -> dict[str, str]:
    """
    Make the accounts that are missing.

    :returns: the password of each; a person may have changed it since
    """
    passwords, keys = _read("demo-accounts.json"), _read("demo-second-steps.json")
    for email, (first_name, last_name, role) in ACCOUNTS.items():
        if email in passwords and User.objects.filter(email=email).exists():
            continue
        passwords[email] = secrets.token_urlsafe(12)
        with transaction.atomic():
            person = User.objects.filter(email=email).first() or User(email=email)
            person.first_name, person.last_name = first_name, last_name
            person.language = settings.PUBLIC_LANGUAGE
            person.set_password(passwords[email])
            person.save()
            EmailAddress.objects.update_or_create(
                email=email, defaults={"user": person, "verified": True, "primary": True}
            )
            if role:
                appoint(person=person, role=role, actor=None)
                keys[email] = generate_totp_secret()
                Authenticator.objects.filter(user=person).delete()
                TOTP.activate(person, keys[email])
                RecoveryCodes.activate(person)
    _write("demo-accounts.json", passwords)
    _write("demo-second-steps.json", keys)
    return passwords


def recovery_code_of(email: str) -> str:
    """Return a code that stands in for a phone's, once; empty where the account needs none."""
    steps = Authenticator.objects.filter(
        user__email=email, type=Authenticator.Type.RECOVERY_CODES
    ).first()
    codes = RecoveryCodes(steps).get_unused_codes() if steps else []
    return codes[0] if codes else ""


def _read(name: str) -> dict[str, str]:
    path = Path(settings.DATA_DIR) / name
    return json.loads(path.read_text()) if path.exists() else {}


def _write(name: str, content: dict[str, str]) -> None:
    path = Path(settings.DATA_DIR) / name
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(content, file, indent=2)

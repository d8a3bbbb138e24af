"""The demo's accounts. Their passwords are made at random by each installation."""

import json
import os
import secrets
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import Group

from members.models import User

ACCOUNTS = {
    "admin@example.org": {"first_name": "Example", "last_name": "Administrator", "admin": True},
    "editor@example.org": {"first_name": "Example", "last_name": "Editor", "group": "Moderators"},
}


def prepare_accounts() -> dict[str, str]:
    """
    Make the accounts that are missing.

    :returns: the password of each; a person may have changed it since
    """
    path = Path(settings.DATA_DIR) / "demo-accounts.json"
    passwords = json.loads(path.read_text()) if path.exists() else {}
    for email, account in ACCOUNTS.items():
        if email in passwords and User.objects.filter(email=email).exists():
            continue
        passwords[email] = secrets.token_urlsafe(12)
        user = User.objects.filter(email=email).first() or User(email=email)
        user.first_name, user.last_name = account["first_name"], account["last_name"]
        user.is_superuser = user.is_staff = account.get("admin", False)
        user.set_password(passwords[email])
        user.save()
        if "group" in account:
            user.groups.add(Group.objects.get(name=account["group"]))
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(passwords, file, indent=2)
    return passwords

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils.translation import override

from members.doors import doors
from members.permissions import Right, Role, rights

TARGET = Path(settings.BASE_DIR) / "docs" / "features" / "rights.md"
HEAD = """# Who may do what

Written by `manage.py write_rights` from `members/permissions.py` and the views' decorators; a test
fails when it is old. “all”: on every collectivity and association; “own”: for the one in which the
person holds that place; “·”: refused. What a person may not see does not exist for them (404), what
they see and may not do is refused (403), a visitor is sent to the login.

A person may be several of these at once, and then may do what any of them may.

"""


def cell(right: Right, role: Role) -> str:
    if role in right.everywhere:
        return "all"
    return "own" if role in right.own else "·"


def table() -> str:
    """Return the page: rights × roles, then each address with the right that it asks for."""
    with override("en"):
        lines = [
            f"| | {' | '.join(str(role.label) for role in Role)} |",
            f"| --- |{' --- |' * len(Role)}",
            *(
                f"| {right.label} (`{right.name}`) | "
                f"{' | '.join(cell(right, role) for role in Role)} |"
                for right in rights.values()
            ),
            "",
            "## Which address asks for which right",
            "",
            "Addresses below `/admin/` ask for `admin.enter` and a second step before anything "
            "else, and then for the rights of the Django groups, which are the roles of the staff.",
            "",
            "| right | addresses |",
            "| --- | --- |",
        ]
        named: dict[str, set[str]] = {}
        for door in doors():
            if not door.in_administration:
                named.setdefault(door.right or "?", set()).add(f"`{door.name}`")
        lines += [
            f"| `{name}` | {', '.join(sorted(named[name]))} |" for name in rights if name in named
        ]
    return HEAD + "\n".join(lines) + "\n"


class Command(BaseCommand):
    help = "Write docs/features/rights.md: who may do what, and which address asks for it."

    def handle(self, **options) -> None:
        TARGET.write_text(table(), encoding="utf-8")

"""Editors check applications, look after associations, and write the charter's versions."""

from django.db import migrations

from core.grants import grant, withdraw

RIGHTS = {
    ("members", "application"): ("view", "change"),
    ("members", "association"): ("view", "change"),
    ("members", "charterversion"): ("view", "add", "change", "delete"),
}


def give(apps, schema_editor):
    grant(apps, RIGHTS)


def take(apps, schema_editor):
    withdraw(apps, RIGHTS)


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0002_members"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(give, take)]

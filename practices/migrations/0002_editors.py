"""Editors and moderators keep the themes and fill in the names of collectivities."""

from django.db import migrations

from core.grants import grant, withdraw

RIGHTS = {
    ("core", "theme"): ("view", "add", "change", "delete"),
    ("members", "collectivity"): ("view", "change"),
}


def give(apps, schema_editor):
    grant(apps, RIGHTS)


def take(apps, schema_editor):
    withdraw(apps, RIGHTS)


class Migration(migrations.Migration):
    dependencies = [
        ("practices", "0001_initial"),
        ("core", "0004_theme_retirement"),
        ("members", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("wagtailcore", "0097_baselogentry_uuid_action_timestamp_indexes"),
    ]

    operations = [migrations.RunPython(give, take)]

"""Editors and moderators keep the termbase, and read what people searched in vain."""

from django.db import migrations

from core.grants import grant, withdraw

RIGHTS = {
    ("search", "concept"): ("view", "add", "change", "delete"),
    ("search", "missedsearch"): ("view", "delete"),
}


def give(apps, schema_editor):
    grant(apps, RIGHTS)


def take(apps, schema_editor):
    withdraw(apps, RIGHTS)


class Migration(migrations.Migration):
    dependencies = [
        ("search", "0002_engines"),
        ("home", "0006_editors"),
    ]

    operations = [migrations.RunPython(give, take)]

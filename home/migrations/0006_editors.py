"""Editors and moderators choose what stands on the home page, in the menus and in the footer."""

from django.db import migrations

from core.grants import grant, withdraw

RIGHTS = {
    ("home", "frontpage"): ("change",),
    ("home", "navigation"): ("change",),
    ("wagtailredirects", "redirect"): ("view", "add", "change", "delete"),
}


def give(apps, schema_editor):
    grant(apps, RIGHTS)


def take(apps, schema_editor):
    withdraw(apps, RIGHTS)


class Migration(migrations.Migration):
    dependencies = [
        ("home", "0005_contact"),
        ("wagtailredirects", "0008_add_verbose_name_plural"),
    ]

    operations = [migrations.RunPython(give, take)]

"""The messages of the contact form, which editors and moderators read and answer."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from core.grants import grant, withdraw

RIGHTS = {("home", "contactmessage"): ("view", "change", "delete")}


def give(apps, schema_editor):
    grant(apps, RIGHTS)


def take(apps, schema_editor):
    withdraw(apps, RIGHTS)


class Migration(migrations.Migration):
    dependencies = [
        ("home", "0004_front"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("wagtailcore", "0097_baselogentry_uuid_action_timestamp_indexes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ContactCount",
            fields=[
                ("key", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("count", models.PositiveIntegerField(default=0)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
        migrations.CreateModel(
            name="ContactMessage",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("email", models.EmailField(max_length=254, verbose_name="e-mail address")),
                ("subject", models.CharField(max_length=150, verbose_name="subject")),
                ("text", models.TextField(max_length=5000, verbose_name="message")),
                ("language", models.CharField(max_length=3, verbose_name="language")),
                (
                    "page",
                    models.CharField(blank=True, max_length=500, verbose_name="written about"),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        db_index=True, default=django.utils.timezone.now, verbose_name="date"
                    ),
                ),
                (
                    "answered_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="answered on"),
                ),
                (
                    "digest",
                    models.CharField(
                        editable=False,
                        help_text=(
                            "The same for the same words of the same person on the same day."
                        ),
                        max_length=64,
                        unique=True,
                    ),
                ),
                (
                    "answered_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="answered by",
                    ),
                ),
            ],
            options={
                "verbose_name": "message",
                "verbose_name_plural": "messages",
                "ordering": ["-created_at", "-pk"],
            },
        ),
        migrations.RunPython(give, take),
    ]

"""Themes are retired, not deleted: when, and in favour of which."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0003_principles")]

    operations = [
        migrations.AddField(
            model_name="theme",
            name="retired_at",
            field=models.DateTimeField(
                blank=True, editable=False, null=True, verbose_name="retired on"
            ),
        ),
        migrations.AddField(
            model_name="theme",
            name="successor",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="predecessors",
                to="core.theme",
                verbose_name="successor",
            ),
        ),
        migrations.AddConstraint(
            model_name="theme",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("successor", None), ("retired_at__isnull", False), _connector="OR"
                ),
                name="theme_only_retired_has_successor",
            ),
        ),
        migrations.AddConstraint(
            model_name="theme",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("successor", None),
                    models.Q(("successor", models.F("pk")), _negated=True),
                    _connector="OR",
                ),
                name="theme_is_not_its_own_successor",
            ),
        ),
    ]

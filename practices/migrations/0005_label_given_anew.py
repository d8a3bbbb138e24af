from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("practices", "0004_taken_over")]

    operations = [
        migrations.AddField(
            model_name="award",
            name="replaced_on",
            field=models.DateField(
                blank=True,
                help_text="The day on which the label was given anew.",
                null=True,
                verbose_name="given anew on",
            ),
        ),
        migrations.RemoveConstraint(model_name="award", name="award_one_at_a_time"),
        migrations.AddConstraint(
            model_name="award",
            constraint=models.UniqueConstraint(
                condition=models.Q(("replaced_on", None), ("withdrawn_at", None)),
                fields=("practice",),
                name="award_one_at_a_time",
            ),
        ),
    ]

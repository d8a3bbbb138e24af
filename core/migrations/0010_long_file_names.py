from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0009_partial_uploads")]

    operations = [
        migrations.AlterField(
            model_name=model,
            name=name,
            field=models.CharField(max_length=255, verbose_name="file name", **options),
        )
        for model, name, options in (
            ("upload", "name", {}),
            ("partialupload", "name", {}),
            (
                "sitedocument",
                "display_name",
                {"blank": True, "help_text": "The name that the downloaded file gets."},
            ),
        )
    ]

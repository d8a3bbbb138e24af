"""
The table of the shared cache, in which failed logins are counted (`CACHES` in the settings). Made
wherever the site runs; with a server for the cache (`CACHE_URL`) it stays empty.
"""

from django.core.management import call_command
from django.db import migrations

TABLE = "core_shared_cache"


def create(apps, schema_editor) -> None:
    database = schema_editor.connection.alias
    call_command("createcachetable", TABLE, database=database, verbosity=0)


def drop(apps, schema_editor) -> None:
    schema_editor.execute(f"DROP TABLE IF EXISTS {TABLE}")


class Migration(migrations.Migration):
    dependencies = [("core", "0007_audit_stays")]

    operations = [migrations.RunPython(create, drop)]

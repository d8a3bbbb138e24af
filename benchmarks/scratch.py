"""
A database, and an index where it is asked for, of a benchmark's own: made for it, gone after it.

`scratch(engine)` must be entered before anything of Django's is imported but `django` itself.
"""

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENGINES = ("sqlite", "postgresql", "elasticsearch")


@contextmanager
def scratch(engine: str) -> Iterator[None]:
    """
    Set Django up on an empty database, with the engine that is to answer.

    PostgreSQL is the server of DATABASE_URL, or one that is started for it; Elasticsearch that of
    ELASTICSEARCH_URL, or one that is started, beside a SQLite database.
    """
    sys.path.insert(0, str(ROOT))
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"
    os.environ["LOG_LEVEL"] = "WARNING"
    with ExitStack() as stack:
        if engine == "postgresql":
            if not os.environ.get("DATABASE_URL", "").startswith("postgres"):
                os.environ["DATABASE_URL"] = stack.enter_context(server("postgres"))
        else:
            os.environ["DATABASE_URL"] = ""
        if engine == "elasticsearch":
            if not os.environ.get("ELASTICSEARCH_URL"):
                os.environ["ELASTICSEARCH_URL"] = stack.enter_context(server("elasticsearch"))
            os.environ["ELASTICSEARCH_PREFIX"] = f"scratch-{secrets.token_hex(4)}"
        else:
            os.environ["ELASTICSEARCH_URL"] = ""
        import django

        django.setup()
        from django.conf import settings
        from django.test.utils import get_runner

        settings.DEBUG = False
        # A benchmark waits for what a reader would not wait for.
        settings.ELASTICSEARCH_TIMEOUT = 30.0
        runner = get_runner(settings)(verbosity=0, interactive=False)
        databases = runner.setup_databases()
        stack.callback(runner.teardown_databases, databases)
        if engine == "elasticsearch":
            stack.callback(delete_indexes)
        yield


@contextmanager
def server(script: str) -> Iterator[str]:
    """Start what `scripts/<script>` starts, and give its address."""
    command = str(ROOT / "scripts" / script)
    started = subprocess.run([command], capture_output=True, text=True, check=True)
    folder, address = started.stdout.split()
    try:
        yield address
    finally:
        subprocess.run([command, "stop", folder], check=True)


def delete_indexes() -> None:
    from search.copies import writer
    from search.engines.elasticsearch import alias

    for index in writer().indices.get(index=f"{alias()}-*").body:
        writer().indices.delete(index=index)

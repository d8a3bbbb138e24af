"""
How the list of practices grows: its time with 5,000 practices against its time with 50.

Run with `.venv/bin/python benchmarks/lists.py`. It makes a database of its own (SQLite, or the one
of DATABASE_URL's server) and prints a table; only the ratios mean anything from one run to another.
"""

import os
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"

import django

django.setup()

from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext, get_runner

from tests.factories import many_practices

SIZES = (50, 5000)
PAGES = {
    "list": "/ar/practices/",
    "list, three facets": "/ar/practices/?principle=access&kind=practice&status=planned",
    "list, last page": "/ar/practices/?page=9999",
    "list in English": "/en/practices/?principle=access",
    "home": "/ar/",
}
RUNS = 9


def measure(client: Client, url: str) -> tuple[float, int]:
    """Return the median time of a page in milliseconds, and its queries."""
    times = []
    for _ in range(RUNS):
        with CaptureQueriesContext(connection) as queries:
            started = time.perf_counter()
            assert client.get(url).status_code == 200
            times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times), len(queries)


def main() -> None:
    settings.DEBUG = False
    runner = get_runner(settings)(verbosity=0, interactive=False)
    databases = runner.setup_databases()
    client = Client()
    try:
        figures: dict[str, list[tuple[float, int]]] = {name: [] for name in PAGES}
        made = 0
        for size in SIZES:
            many_practices(size - made)
            made = size
            for name, url in PAGES.items():
                client.get(url)
                figures[name].append(measure(client, url))
        print(f"{'page':<22}{'50':>10}{'5000':>10}{'ratio':>8}{'queries':>10}")
        for name, ((small, few), (large, many)) in figures.items():
            row = f"{name:<22}{small:>8.1f}ms{large:>8.1f}ms{large / small:>8.2f}"
            print(f"{row}{few:>6}/{many}")
    finally:
        runner.teardown_databases(databases)


if __name__ == "__main__":
    main()

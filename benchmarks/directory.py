"""
How the directory grows: its pages with a full network, against a network of three.

Run with `.venv/bin/python benchmarks/directory.py [--engine sqlite]`. Both have the 1,590
collectivities of the project's file. "few" is three members, three associations and nine people;
"full" is 300, 200 and 5,000 people with a place, of whom one in three is shown. The collectivity
whose page is asked works with every tenth association. Prints queries and the median time of each
page; only the ratios of one run mean anything.
"""

import argparse
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from scratch import ENGINES, scratch

SIZES = {"few": (3, 3, 9), "full": (300, 200, 5000)}  # members, associations, people in all
RUNS = 9
HOME = "01.571.01.11"  # Tétouan, whose page is asked


def import_country() -> None:
    from django.core.management import call_command

    call_command("import_collectivities", verbosity=0)


def fill_network(members: int, associations: int, people: int) -> None:
    """Bring the network up to a size, in bulk."""
    from members.enums import AttachmentState, Place
    from members.models import (
        Affiliation,
        Association,
        Attachment,
        Collectivity,
        CollectivityProfile,
        Membership,
        User,
        organisation_fields,
    )

    home = Collectivity.objects.get(code=HOME)
    others = Collectivity.objects.exclude(pk=home.pk).order_by("code")
    chosen = [home, *others[:: others.count() // members]][:members]
    known = set(Membership.objects.values_list("collectivity", flat=True))
    new = [one for one in chosen if one.pk not in known]
    Membership.objects.bulk_create(Membership(collectivity=one) for one in new)
    CollectivityProfile.objects.bulk_create(
        CollectivityProfile(collectivity=one, services="Guichet", population=9000, language="fr")
        for one in new
    )
    made = Association.objects.bulk_create(
        Association(name_fr=f"Association {n}", name_ar=f"جمعية {n}")
        for n in range(Association.objects.count(), associations)
    )
    Attachment.objects.bulk_create(
        Attachment(
            association=one,
            collectivity=home if n % 10 == 0 else chosen[n % len(chosen)],
            state=AttachmentState.CONFIRMED,
        )
        for n, one in enumerate(made)
    )
    persons = User.objects.bulk_create(
        User(email=f"{n}@example.org", first_name="Nom", last_name=f"{n}", shows_name=n % 3 == 0)
        for n in range(User.objects.count(), people)
    )
    places = [*chosen, *made]
    Affiliation.objects.bulk_create(
        Affiliation(person=one, place=Place.CONTRIBUTOR, **organisation_fields(where))
        for n, one in enumerate(persons)
        for where in [places[n % len(places)]]
    )


def index() -> None:
    from search.documents import BATCH, index_groups
    from search.registry import kinds

    for name in ("collectivities", "associations"):
        keys = list(kinds[name].groups())
        for start in range(0, len(keys), BATCH):
            index_groups(name, keys[start : start + BATCH])
    from search.engines import remote_engine

    if remote_engine():
        from search.copies import copy_documents, writer
        from search.engines.elasticsearch import alias

        copy_documents()
        writer().indices.refresh(index=alias())


def measure(client, path: str) -> tuple[float, int]:
    """Return the median time of a page in milliseconds, and its queries."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.get(path)
    times = []
    for _ in range(RUNS):
        with CaptureQueriesContext(connection) as queries:
            started = time.perf_counter()
            assert client.get(path).status_code == 200
            times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times), len(queries)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.strip().splitlines()[0])
    parser.add_argument("--engine", choices=ENGINES, default="sqlite")
    options = parser.parse_args()
    with scratch(options.engine):
        from django.test import Client

        from members.models import Collectivity

        client = Client()
        import_country()
        page = Collectivity.objects.get(code=HOME).get_absolute_url()
        paths = {
            "first page, the map": "/ar/collectivities/",
            "filtered list": "/ar/collectivities/?level=commune&population=unknown",
            "found by name": "/ar/collectivities/?q=tetouan",
            "page of a collectivity": page,
            "associations": "/ar/associations/",
        }
        figures: dict[str, list[tuple[float, int]]] = {name: [] for name in paths}
        for size in SIZES.values():
            fill_network(*size)
            index()
            for name, path in paths.items():
                figures[name].append(measure(client, path))
        print(f"{options.engine}\n{'page':<26}{'few':>10}{'full':>10}{'ratio':>8}{'queries':>10}")
        for name, ((small, few), (large, many)) in figures.items():
            row = f"{name:<26}{small:>8.1f}ms{large:>8.1f}ms{large / small:>8.2f}"
            print(f"{row}{few:>6}/{many}")


if __name__ == "__main__":
    main()

"""
What saving a draft costs, against saving a page of Wagtail with one field.

Run with `.venv/bin/python benchmarks/drafts.py [--engine sqlite]`. "wagtail" is Wagtail's own
`save_revision` of a page of which one field changed; "few" and "full" are `save_draft` of a
practice with one row of each sort and with twelve, its 26 single answers filled in. Prints queries
and the median time; only the ratios of one run mean anything. The issue asks for at most 2.
"""

import argparse
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from scratch import ENGINES, scratch

RUNS = 25
TEXT = "كتبنا ما وقع كما وقع، خطوة خطوة، وبالتواريخ والأرقام التي نعرف مصدرها. " * 12


def measure(prepare) -> tuple[float, int]:
    """
    Return the median time of a save in milliseconds, and its queries.

    :param prepare: gives, for the number of a run, what saves; the form that was opened before
    """
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    prepare(0)()
    times = []
    for run in range(1, RUNS + 1):
        save = prepare(run)
        with CaptureQueriesContext(connection) as queries:
            started = time.perf_counter()
            save()
            times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times), len(queries)


def answers(rows: int) -> dict:
    from core.vocabularies import Principle

    texts = ("problem", "objectives", "approach", "resources", "legal_basis", "results",
             "difficulties", "lessons", "transfer_conditions", "how_to")  # fmt: skip
    return {
        **dict.fromkeys(texts, TEXT),
        "summary": TEXT[:300],
        "status": "running",
        "start": "2022",
        "end": "2024",
        "population_reached": 12000,
        "budget_mad": 450000,
        "contact_name": "مصلحة المشاركة",
        "contact_email": "participation@example.org",
        "contact_phone": "+212537000000",
        "principles": list(Principle.objects.all()[:2]),
        "challenges": [{"text": "ما العمل؟"}],
        "steps": [{"title": f"خطوة {n}", "date": "2023", "text": TEXT} for n in range(rows)],
        "participants": [{"stage": "design", "who": f"جمعية {n}", "role": TEXT[:200]}
                         for n in range(rows)],
        "indicators": [{"name": f"رقم {n}", "baseline": 1, "value": 2, "unit": "", "date": "2023",
                        "source": "سجل"} for n in range(rows)],
        "attachments": [{"title": f"رابط {n}", "url": "https://example.org/"} for n in range(rows)],
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.strip().splitlines()[0])
    parser.add_argument("--engine", choices=ENGINES, default="sqlite")
    options = parser.parse_args()
    with scratch(options.engine):
        from contributions.drafts import digests_of, kind_of, newest
        from contributions.services.drafts import save_draft, start_draft
        from members.enums import Place
        from members.models import Affiliation
        from tests.factories import make_commune, make_page, make_user

        person, commune = make_user(), make_commune()
        Affiliation.objects.create(person=person, collectivity=commune, place=Place.CONTRIBUTOR)
        page = make_page()

        def save_plain(run: int):
            page.title = f"صفحة {run}"
            return lambda: page.save_revision(user=person, log_action=True)

        def save_of(rows: int):
            contribution = start_draft(
                kind="practice",
                collectivity=commune,
                person=person,
                language="ar",
                title="ميزانية تشاركية",
                initial=answers(rows),
            )
            sections = kind_of(contribution).sections

            def prepare(run: int):
                seen = digests_of(newest(contribution), sections)
                single = {
                    name: value for name, value in answers(0).items() if type(value) is not list
                }
                return lambda: save_draft(
                    contribution=contribution,
                    person=person,
                    sections=sections,
                    answers=single | {"lessons": f"{TEXT} {run}"},
                    seen=seen,
                )

            return prepare

        figures = {
            "wagtail": measure(save_plain),
            "few": measure(save_of(1)),
            "full": measure(save_of(12)),
        }
        plain = figures["wagtail"][0]
        print(f"{options.engine}\n{'':<12}{'median':>12}{'ratio':>8}{'queries':>10}")
        for name, (median, queries) in figures.items():
            print(f"{name:<12}{median:>10.1f}ms{median / plain:>8.2f}{queries:>10}")


if __name__ == "__main__":
    main()

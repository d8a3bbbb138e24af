"""One address for each template, under any language: what the browser tests go through."""

import functools
import re
import urllib.request
from html import unescape

LANGUAGES = ("ar", "fr", "zgh")
PLACES = {
    "home": "",
    "list": "practices/",
    "list filtered": "practices/?principle=participation&region=01",
    "list empty": "practices/?q=zzzzzz&principle=nothing",
    "directory": "collectivities/",
    "directory filtered": "collectivities/?region=01&level=commune",
    "directory empty": "collectivities/?q=zzzzzz",
    "search": "search/?q=budget",
    "search corrected": "search/?q=budgt&section=practices",
    "search empty": "search/?q=zzzzzz&principle=access&own=1",
    "not found": "practices/nothing-0/",
}
# The first in a list. No practice is in Tamazight: there each is shown in another language.
FIRST_IN = {
    # The programme Tadafor in Larache: every section, an indicator with its chart.
    "practice with a chart": "practices/?q=Tadafor",
    "practice": "practices/?kind=case-study",
    "region": "collectivities/?q=Casablanca&level=region",
    "commune": "collectivities/?q=Larache&level=commune",
}
# What editors write, and what stands beside it. Only home is told in Tamazight too.
EDITORIAL = {
    "charter": "charter/",
    "programme": "programme/",
    "start page": "start-collectivity/",
    "free page": "privacy/",
    "free page with figures": "about/",
    "news": "news/",
    "contact": "contact/",
}
FIRST_EDITORIAL = {"news item": "news/?year=2024"}
TEXTS = (*EDITORIAL, *FIRST_EDITORIAL)
# What shares its parts with others: half of the looks will do.
ALIKE = (*TEXTS, "search corrected", "search empty")
ALL = (*PLACES, *FIRST_IN, *TEXTS)


def path_of(site: str, place: str, language: str) -> str:
    known = PLACES | EDITORIAL
    if place in known:
        return f"/{language}/{known[place]}"
    return f"/{language}/{_first_in(site, (FIRST_IN | FIRST_EDITORIAL)[place])}"


@functools.cache
def _first_in(site: str, path: str) -> str:
    with urllib.request.urlopen(f"{site}/fr/{path}", timeout=30) as answer:
        html = answer.read().decode()
    section = path.partition("/")[0]
    results = html.partition('<main id="main"')[2]
    return unescape(re.search(rf'href="/fr/({section}/[^"?]+/)"', results)[1])


def open_place(visit, place: str, language: str):
    """Open a template in a language."""
    status = 404 if place == "not found" else 200
    return visit.go(path_of(visit.site, place, language), status)

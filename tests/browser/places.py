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
# Who is in the network, and how one comes into it.
NETWORK = {
    "associations": "associations/",
    "members": "collectivities/?membership=member",
    "charter version": "charter/versions/1/",
    "join": "join/",
    "join: which collectivity": "join/collectivity/?q=Larache",
    "join: form": "join/collectivity/?collectivity=01.227.01.05",
    "join: which collectivities": "join/association/?c=01.227.01.05&q=Larache",
    "join: sent": "join/sent/",
}
FIRST_OF_NETWORK = {
    "member": "collectivities/?q=Tetouan&level=commune",
    "association": "associations/",
}
IN_THE_NETWORK = (*NETWORK, *FIRST_OF_NETWORK)
# What collectivities take over from each other, and the label: (where the first link is looked for,
# what the link is like, what follows it).
MEMBER = ("collectivities/?q=Tetouan&level=commune", "collectivities/[^/]+/", "exchanges/")
EXCHANGED = {
    "label": "practices/label/",
    "practice with a label": ("practices/label/", "practices/[^/]+/", ""),
    "label: proof": ("practices/label/", "practices/[^/]+/", "label/"),
    "label: to print": ("practices/label/", "practices/[^/]+/", "label/print/"),
    "exchanges": MEMBER,
    "adoptions": (MEMBER, "practices/[^/]+/adoptions/", ""),
    "differences": (MEMBER, "practices/[^/]+/differences/[^/]+/", ""),
}
# What shares its parts with others: half of the looks will do.
ALIKE = (*TEXTS, *IN_THE_NETWORK, *EXCHANGED, "search corrected", "search empty")
EVERYWHERE = (*PLACES, *FIRST_IN, *TEXTS, *IN_THE_NETWORK)
# Each template in each language; of what was exchanged, one language each.
ALL = [(place, language) for place in EVERYWHERE for language in LANGUAGES]
ALL += [(place, LANGUAGES[number % 2]) for number, place in enumerate(EXCHANGED)]


def path_of(site: str, place: str, language: str) -> str:
    known = PLACES | EDITORIAL | NETWORK | EXCHANGED
    if place in known:
        return f"/{language}/{_address(site, known[place])}"
    return f"/{language}/{_first_in(site, (FIRST_IN | FIRST_EDITORIAL | FIRST_OF_NETWORK)[place])}"


def _address(site: str, place: str | tuple) -> str:
    """Return an address below the language; of a tuple as in EXCHANGED, that of the link."""
    if isinstance(place, str):
        return place
    where, link, following = place
    return _first_in(site, _address(site, where), link) + following


@functools.cache
def _first_in(site: str, path: str, link: str = "") -> str:
    with urllib.request.urlopen(f"{site}/fr/{path}", timeout=30) as answer:
        html = answer.read().decode()
    link = link or path.partition("/")[0] + '/[^"?]+/'
    results = html.partition('<main id="main"')[2]
    return unescape(re.search(f'href="/fr/({link})"', results)[1])


def open_place(visit, place: str, language: str):
    """Open a template in a language."""
    status = 404 if place == "not found" else 200
    return visit.go(path_of(visit.site, place, language), status)

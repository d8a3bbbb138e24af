"""References to a practice: as files for reference managers, and as texts in three styles."""

import json
import re
from datetime import date
from typing import NamedTuple

from django.http import HttpResponse
from django.utils import timezone, translation
from django.utils.dates import MONTHS
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

PUBLISHER = "REMACTO"
MOST_AUTHORS = 3  # named in a text; the files name them all


def citation_response(page, authors: list[str], url: str, form: str) -> HttpResponse:
    """
    Return a reference as a file.

    :param authors: the collectivities' full names
    :param form: "ris" (RIS), "bib" (BibTeX) or "json" (CSL JSON)
    """
    published = page.first_published_at
    write, content_type = {
        "ris": (ris, "application/x-research-info-systems"),
        "bib": (bibtex, "application/x-bibtex"),
        "json": (csl_json, "application/vnd.citationstyles.csl+json"),
    }[form]
    text = write(page, authors, url, published)
    response = HttpResponse(text, content_type=f"{content_type}; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="practice-{page.number}.{form}"'
    return response


def ris(page, authors, url, published) -> str:
    lines = ["TY  - WEB", *(f"AU  - {author}," for author in authors), f"TI  - {page.title}"]
    lines += [f"AB  - {page.summary}", f"PB  - {PUBLISHER}", f"LA  - {page.language}"]
    if published:
        lines += [f"PY  - {published:%Y}", f"DA  - {published:%Y/%m/%d}"]
    lines += [f"UR  - {url}", "ER  - "]
    return "\r\n".join(re.sub(r"[\r\n]+", " ", line) for line in lines) + "\r\n"


def bibtex(page, authors, url, published) -> str:
    def braced(text: str) -> str:
        return "{" + re.sub(r"[{}\\\r\n]", " ", text) + "}"

    fields = {
        "author": " and ".join("{" + braced(author)[1:-1] + "}" for author in authors),
        "title": braced(page.title)[1:-1],
        "publisher": PUBLISHER,
        "year": f"{published:%Y}" if published else "",
        "url": url,
        "langid": page.language,
    }
    inner = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items() if value)
    return f"@misc{{practice-{page.number},\n{inner}\n}}\n"


def csl_json(page, authors, url, published) -> str:
    item = {
        "id": f"practice-{page.number}",
        "type": "webpage",
        "title": page.title,
        "abstract": page.summary,
        "author": [{"literal": author} for author in authors],
        "publisher": PUBLISHER,
        "language": page.language,
        "URL": url,
    }
    if published:
        item["issued"] = {"date-parts": [[published.year, published.month, published.day]]}
    return json.dumps([item], ensure_ascii=False, indent=2) + "\n"


class Citation(NamedTuple):
    """A reference as it stands below a text, cut at its address, which runs left to right."""

    code: str
    style: str
    before: str
    url: str
    after: str

    @property
    def text(self) -> str:
        return f"{self.before}{self.url}{self.after}"


def citations(page, authors: list[str], url: str, viewed: date) -> list[Citation]:
    """
    Return the reference of a practice in three styles, wholly in the practice's language.

    :param authors: the collectivities' full names in that language
    :param viewed: the day on which the page was read, which ISO 690 asks for
    """
    with translation.override(page.language):
        texts = (
            ("apa", "APA 7", apa(page, authors, url)),
            ("chicago", "Chicago 17", chicago(page, authors, url)),
            ("iso-690", "ISO 690", iso_690(page, authors, url, viewed)),
        )
    return [Citation(code, style, *text.rpartition(url)) for code, style, text in texts]


def apa(page, authors: list[str], url: str) -> str:
    """Return a web page with group authors: APA, 7th edition, 10.16, in the active language."""
    published = _published(page)
    day = (
        pgettext("APA citation", "%(year)s, %(month)s %(day)s") % _parts(published)
        if published
        else _undated()
    )
    names = _names(
        authors,
        pgettext("APA citation", "%(one)s & %(two)s"),
        pgettext("APA citation", "%(one)s, %(two)s, & %(three)s"),
    )
    title = page.title + _stop(page.title)
    # Without an author the title takes the first place.
    start = [names + _stop(names), f"({day}).", title] if names else [title, f"({day})."]
    return " ".join([*start, f"{_site()}.", url])


def chicago(page, authors: list[str], url: str) -> str:
    """Return a bibliography entry: Chicago, 17th edition, 14.207, in the active language."""
    published = _published(page)
    text = pgettext("Chicago citation", "“%(title)s%(stop)s” %(site)s, %(date)s. %(url)s.") % {
        "title": page.title,
        "stop": _stop(page.title),
        "site": _site(),
        "date": pgettext("Chicago citation", "%(month)s %(day)s, %(year)s") % _parts(published)
        if published
        else _undated().removesuffix("."),  # one full stop follows
        "url": url,
    }
    return _after_names(authors, text)


def iso_690(page, authors: list[str], url: str, viewed: date) -> str:
    """Return a web page as ISO 690:2021 names it, in the active language."""
    published = _published(page)
    text = pgettext(
        "ISO 690 citation",
        "%(title)s [online]. %(site)s, %(date)s [viewed %(viewed)s]. Available from: %(url)s",
    ) % {
        "title": page.title,
        "site": _site(),
        "date": date_format(published) if published else _undated(),
        "viewed": date_format(viewed),
        "url": url,
    }
    return _after_names(authors, text)


def _after_names(authors: list[str], text: str) -> str:
    names = _names(
        authors,
        pgettext("citation", "%(one)s and %(two)s"),
        pgettext("citation", "%(one)s, %(two)s, and %(three)s"),
    )
    return f"{names}{_stop(names)} {text}" if names else text


def _names(authors: list[str], two: str, three: str) -> str:
    """
    Name the authors: up to three all of them, else the first three "et al.".

    Fewer than some styles allow: a programme of a region concerns dozens of communes.
    """
    shown = authors[:MOST_AUTHORS]
    if len(authors) > MOST_AUTHORS:
        names = pgettext("list", ", ").join(shown)
        return pgettext("citation", "%(names)s, et al.") % {"names": names}
    pattern = ("", "%(one)s", two, three)[len(shown)]
    return pattern % dict(zip(("one", "two", "three"), shown, strict=False))


def _site() -> str:
    return _("Moroccan Network of Open Territorial Collectivities")


def _undated() -> str:
    """What stands for the date of a draft."""
    return pgettext("citation", "n.d.")


def _stop(text: str) -> str:
    """Return the full stop that a text still needs."""
    return "" if text.endswith((".", "?", "!", "؟", "…")) else "."


def _published(page) -> date | None:
    return timezone.localdate(page.first_published_at) if page.first_published_at else None


def _parts(day: date) -> dict[str, str]:
    return {"day": str(day.day), "month": str(MONTHS[day.month]), "year": str(day.year)}

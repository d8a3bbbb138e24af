"""References to a practice in the formats that reference managers read."""

import json
import re

from django.http import HttpResponse

PUBLISHER = "REMACTO"


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

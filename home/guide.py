"""The guides for editors (`docs/editors/`), readable in the administration."""

import re
from pathlib import Path

from django.conf import settings
from django.http import FileResponse, Http404
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_safe
from markdown_it import MarkdownIt

from core import languages

FOLDER = Path(settings.BASE_DIR) / "docs" / "editors"
LANGUAGES = ("ar", "fr")
NAME = re.compile(r"[a-z0-9][a-z0-9-]*")
FIRST = "index"


def language_of_guide() -> str:
    """Return the guide's language that is nearest to the editor's."""
    return next(code for code in languages.FALLBACKS[languages.current()] if code in LANGUAGES)


@require_safe
def guide(request, name: str = FIRST):
    """Show a page of the guide in the editor's language."""
    language = language_of_guide()
    file = FOLDER / language / f"{name}.md"
    if not NAME.fullmatch(name) or not file.is_file():
        raise Http404("No such page of the guide.")
    # Our own files, without raw HTML. "page.md" leads to the page, a picture to its view.
    html = MarkdownIt("commonmark", {"html": False}).enable("table").render(file.read_text("utf-8"))
    html = re.sub(r'href="([a-z0-9-]+)\.md(#[^"]*)?"', r'href="../\1/\2"', html)
    html = re.sub(r'src="\.\./pictures/', 'src="../pictures/', html)
    title, _end, body = html.partition("</h1>")
    return render(
        request,
        "home/admin/guide.html",
        {
            "title": re.sub("<[^>]*>", "", title),
            "html": mark_safe(body),  # noqa: S308
            "guide_language": language,
            "guide_direction": languages.direction(language),
        },
    )


@require_safe
def guide_picture(request, language: str, name: str):
    file = FOLDER / "pictures" / language / f"{name}.png"
    if language not in LANGUAGES or not NAME.fullmatch(name) or not file.is_file():
        raise Http404("No such picture.")
    return FileResponse(file.open("rb"), content_type="image/png")

"""What stands before Django, which cannot answer it itself."""

import codecs
from collections.abc import Callable, Iterable

from django.utils.http import parse_header_parameters


def refuse_other_encodings(application: Callable) -> Callable:
    """
    Answer 400 to a request that asks to be read in another encoding than UTF-8; no browser does.

    Django reads it in any that Python knows: `base64` fails before its middleware is asked, and
    `unicode_escape` makes texts that no database and no page can hold.
    """

    def answer(environ: dict, start_response: Callable) -> Iterable[bytes]:
        if is_utf8(environ.get("CONTENT_TYPE", "")):
            return application(environ, start_response)
        start_response("400 Bad Request", [("Content-Type", "text/plain; charset=utf-8")])
        return [b"The request is not in UTF-8.\n"]

    return answer


def is_utf8(content_type: str) -> bool:
    """Return whether Django reads a request of this type as UTF-8."""
    try:
        _type, parameters = parse_header_parameters(content_type)
    except (LookupError, ValueError):
        return False  # Django fails at it as well
    try:
        return codecs.lookup(parameters.get("charset", "utf-8")).name == "utf-8"
    except LookupError:
        return True  # Django takes no notice of what Python does not know

"""Which browser somebody used, in words that they know."""

import re

from django.utils.translation import gettext as _

# The first that is found counts: most browsers also call themselves by the names of others.
BROWSERS = {
    "Edge": r"\bEdg(A|iOS)?/",
    "Opera": r"\bOPR/",
    "Samsung Internet": r"\bSamsungBrowser/",
    "Firefox": r"\b(Firefox|FxiOS)/",
    "Chrome": r"\b(Chrome|CriOS|Chromium)/",
    "Safari": r"\bSafari/",
}
SYSTEMS = {
    "Android": r"\bAndroid\b",
    "iPhone": r"\biPhone\b",
    "iPad": r"\biPad\b",
    "Windows": r"\bWindows\b",
    "Mac": r"\bMacintosh\b",
    "Linux": r"\bLinux\b",
}


def device_of(user_agent: str) -> str:
    """
    Return the browser and the system that a request names itself by, such as "Firefox, Android".

    :param user_agent: as the browser sent it; never shown itself, as anything may stand in it
    """
    found = [
        next((name for name, sign in names.items() if re.search(sign, user_agent)), "")
        for names in (BROWSERS, SYSTEMS)
    ]
    return ", ".join(name for name in found if name) or _("a device that we do not know")

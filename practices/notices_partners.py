"""What people are told of the words of partners."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import languages
from notifications.registry import NoticeKind, isolated, register_notice_kind
from practices.enums import Word

LABEL = gettext_lazy("Words of partners")


def nearest_title(data: dict) -> str:
    """Return a practice's title in the language nearest to the reader."""
    order = languages.FALLBACKS[languages.current()]
    return isolated(next(data["titles"][code] for code in order if code in data["titles"]))


def values(data: dict) -> dict[str, str]:
    name = data["association"][languages.current()]
    return {"title": nearest_title(data), "association": isolated(name)}


def asked_subject(data: dict) -> str:
    if data["again"]:
        return _("A new version of “%(title)s”: does your word stand?") % values(data)
    return _("“%(title)s” names your association: is it right?") % values(data)


def asked_text(data: dict) -> str:
    if data["again"]:
        first = _(
            "A new version of the practice “%(title)s” was published. What %(association)s said of "
            "the earlier one stays beside it until you answer anew."
        )
    else:
        first = _("The practice “%(title)s” was published, and names %(association)s as a partner.")
    then = _(
        "Read what it says of you, then confirm it, confirm it with a correction, or say what you "
        "saw differently. Your word stands beside the practice, for everybody to read."
    )
    return f"{first % values(data)}\n\n{then}"


def given_subject(data: dict) -> str:
    return {
        Word.CONFIRMED: _("%(association)s confirms “%(title)s”"),
        Word.CORRECTED: _("%(association)s confirms “%(title)s”, with a correction"),
        Word.DISSENTED: _("%(association)s does not confirm “%(title)s”"),
    }[data["state"]] % values(data)


def given_text(data: dict) -> str:
    first = _("The word of %(association)s stands beside the practice “%(title)s”.") % values(data)
    paragraphs = [first, isolated(data["words"]) if data["words"] else ""]
    if data["state"] != Word.CONFIRMED:
        paragraphs.append(
            _("If it is right, write a new version: the association is then asked again.")
        )
    return "\n\n".join(one for one in paragraphs if one)


for kind in (
    NoticeKind(
        name="partner-word-asked",
        label=LABEL,
        subject=asked_subject,
        text=asked_text,
        address=lambda data: reverse("partner_word", args=[data["key"], data["word"]]),
    ),
    NoticeKind(
        name="partner-word-given",
        label=LABEL,
        subject=given_subject,
        text=given_text,
        address=lambda data: reverse("practice", args=[data["slug"]]),
    ),
):
    register_notice_kind(kind)

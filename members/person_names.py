"""
Names of people: cleaned of what nobody sees, and refused where they pass for the staff's.

What a name looks like is compared by skeletons, in which letters that look alike are one (after
Unicode Technical Standard 39, "Unicode Security Mechanisms", section 4, for the letters that a
reader of Arabic and French takes for each other).
"""

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _

from core.open_forms import LineField
from members.enums import StaffRole
from members.models import User
from search.analysis import fold

LONGEST = 60  # characters of a first or a last name
MOST_MARKS = 3  # on one letter: a fully vocalised Arabic letter has two

# Seen by nobody, though they count as marks and letters: joiners, fillers, variation selectors.
BLANKS = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
TATWEEL = "\u0640"  # stretches a word without being a letter of it
PUNCTUATION = frozenset("-‐‑'’‘.,()·")
AN_ADDRESS = re.compile(r"\w{2}\.\w{2}|\bwww\b|\bhttps?\b", re.IGNORECASE)
SCRIPTS_OF_NAMES = ("LATIN", "ARABIC", "TIFINAGH")

# Words that stand for the staff or the network. Written as they are; compared as skeletons.
RESERVED = """
    admin administrateur administratrice administration administrator
    moderateur moderatrice moderation moderator editeur editrice editor
    secretariat support webmaster remacto pacto
    إدارة الإدارة مشرف المشرف مشرفة المشرفة محرر المحرر محررة المحررة
    الأمانة كتابة الكتابة الدعم ريماكتو
"""
# No word of two scripts is a name, so what matters is Cyrillic and Greek that can spell a word in
# Latin letters by themselves. Capitals first: "Ν" is no "ν".
CAPITALS = str.maketrans(
    dict(zip("АВЕЅІЈКМНОРСТУХԌԚԜ", "ABESIJKMHOPCTYXGQW", strict=True))
    | dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEZHIKMNOPTYX", strict=True))
)
LOOK_ALIKES = str.maketrans(
    dict(zip("авгеіјкмнопрстухѕԁԛԝһӏ", "abreljkmhonpctyxsdqwhl", strict=True))
    | dict(zip("αβγδεηικνοπρστυχω", "abydenlkvonpotuxw", strict=True))
    | dict(zip("ہھ", "هه", strict=True))
    | {"0": "o", "1": "l", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b", "i": "l"}
)
PAIRS = (("rn", "m"), ("vv", "w"))


class PersonNameField(LineField):
    """A first or a last name. A form that has both also asks `check_full_name`."""

    def __init__(self, *, max_length: int = LONGEST, **kwargs) -> None:
        super().__init__(max_length=max_length, **kwargs)

    def to_python(self, value):
        name = super().to_python(value)
        return clean_person_name(name) if name else ""


def clean_person_name(text: str) -> str:
    """
    Return a first or last name without what nobody sees and without needless spaces.

    :raises ValidationError: for what is no name, or passes for the staff of the network
    """
    name = _visible_only(text)
    if len(name) > LONGEST:
        raise ValidationError(
            _("The name is too long: %(most)d characters at most.") % {"most": LONGEST}, code="long"
        )
    if AN_ADDRESS.search(name) or "@" in name or "/" in name:
        raise ValidationError(_("Write a name, not an address."), code="address")
    if not any(character.isalpha() for character in name) or not _is_written_in_letters(name):
        raise ValidationError(
            _("Write the name in letters, with spaces, hyphens and apostrophes where it has them."),
            code="letters",
        )
    _refuse_reserved(name)
    return name


def check_full_name(first_name: str, last_name: str, person: User | None = None) -> None:
    """
    Refuse a first and last name, each clean by itself, that together pass for the staff. Asks the
    database once.

    :param person: whose name it is to be, if they have an account: nobody is refused the name that
        they have
    :raises ValidationError: where they do
    """
    _refuse_reserved(f"{first_name} {last_name}")
    wanted = {_joined(first_name, last_name), _joined(last_name, first_name)}
    if person and _joined(person.first_name, person.last_name) in wanted:
        return
    wanted |= {_joined(first_name), _joined(last_name)}
    staff = User.objects.filter(
        Q(groups__name__in=StaffRole.values) | Q(is_superuser=True), is_active=True
    )
    # Who is known by one name only is passed over: half of the country may share it.
    for first, last in (
        staff.exclude(first_name="").exclude(last_name="").values_list("first_name", "last_name")
    ):
        if _joined(first, last) in wanted:
            raise ValidationError(
                _(
                    "A member of the network’s staff has this name. If it is yours too, add a "
                    "second first name or an initial, so that nobody takes one for the other."
                ),
                code="staff",
            )


def skeleton(text: str) -> str:
    """
    Return the words of a text as they look, parted by one space: the same for all that look alike.

    >>> skeleton("Аdmіn") == skeleton("ADM1N"), skeleton("الادارة") == skeleton("الإدارة")
    (True, True)
    """
    seen = fold(_visible_only(text).translate(CAPITALS)).translate(LOOK_ALIKES)
    for pair, one in PAIRS:
        seen = seen.replace(pair, one)
    return seen


def _joined(*names: str) -> str:
    return skeleton(" ".join(names)).replace(" ", "")


def _visible_only(text: str) -> str:
    """Return a text in composed letters, without what nobody sees, with single spaces."""
    # Compatible forms too: mathematical and full-width letters, and the Arabic ones of old files.
    text = BLANKS.sub("", unicodedata.normalize("NFKC", text)).replace(TATWEEL, "")
    seen = (
        " " if character.isspace() else character
        for character in text
        if character.isspace() or unicodedata.category(character)[0] != "C"
    )
    return unicodedata.normalize("NFC", " ".join("".join(seen).split()))


def _is_written_in_letters(name: str) -> bool:
    """Return whether a name has letters, digits and its punctuation only, no word of two scripts,
    and no tower of marks."""
    marks = 0
    for character in name:
        kind = unicodedata.category(character)
        if (
            kind[0] != "L"
            and kind not in ("Mn", "Mc", "Nd")
            and character not in PUNCTUATION | {" "}
        ):
            return False
        marks = marks + 1 if kind == "Mn" else 0
        if marks > MOST_MARKS:
            return False
    return all(_is_of_one_script(word) for word in re.split(r"[\W\d_]+", name))


def _is_of_one_script(word: str) -> bool:
    scripts = {unicodedata.name(c, "?").split()[0] for c in word if c.isalpha()}
    scripts.discard("MODIFIER")  # an apostrophe that counts as a letter
    return len(scripts) <= 1 or not scripts & set(SCRIPTS_OF_NAMES)


def _refuse_reserved(name: str) -> None:
    """Refuse a name that is a reserved word, has one among its words, or spells one in pieces."""
    whole = skeleton(name)
    # "Admin2" is read as "Admin".
    plain = skeleton(re.sub(r"\d+\b", "", name))
    words = {*whole.split(), *plain.split(), whole.replace(" ", ""), plain.replace(" ", "")}
    if words & RESERVED_SKELETONS:
        raise ValidationError(
            _("This name stands for the network or its staff. Write your own name."),
            code="reserved",
        )


RESERVED_SKELETONS = frozenset(skeleton(RESERVED).split())

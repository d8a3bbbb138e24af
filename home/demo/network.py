"""
The demo's network: who is a member, the charter that they sign, and example people in their places.

That these collectivities are members is public record (the twelve regions; Tétouan and Agadir,
which joined the Open Government Partnership too). The days are not known, so none is told. Every
person and association is an example and says so in its name.
"""

from django.db import transaction
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import override

from home.models import CharterPage
from members.enums import AttachmentState, Place
from members.models import Affiliation, Association, Attachment, Collectivity, User
from members.services.charter import first_version
from members.services.membership import record_members

# Tétouan and Agadir; sources: Association of the Regions of Morocco, DGCT.
COMMUNES = ("01.571.01.11", "09.001.01.01")
HOME, NEIGHBOUR = COMMUNES
ASSOCIATION = {
    "name_ar": "جمعية المثال للمواطنة (مثال)",
    "name_fr": "Association Al Mithal pour la citoyenneté (exemple)",
    "about": "جمعية خيالية، وضعت هنا لعرض ما يمكن للجمعيات أن تفعله في هذا الموقع.",
    "language": "ar",
}
PLACES = {
    "focal@example.org": (HOME, Place.FOCAL_POINT, "مدير المصالح (مثال)"),
    "contributor@example.org": (HOME, Place.CONTRIBUTOR, "مصلحة التواصل (مثال)"),
    "neighbour@example.org": (NEIGHBOUR, Place.FOCAL_POINT, "مصلحة التعاون (مثال)"),
}
SPEAKER = "association@example.org"


def charter_text(language: str) -> str:
    """Return the text to sign: the parts of the charter's page; "" where there is no page."""
    page = CharterPage.objects.filter(locale__language_code=language).live().first()
    if page is None:
        return ""
    with override(language):
        parts = [
            (_("Preamble"), page.preamble),
            (_("Purpose"), page.purpose),
            (_("What an open collectivity is"), page.open_collectivity),
            (_("Why a collectivity opens up"), page.reasons),
            (_("Values"), points(page.values)),
            (_("Commitments"), points(page.commitments)),
        ]
    return "".join(f"<h2>{heading}</h2>{text}" for heading, text in parts if text)


def points(stream) -> str:
    items = format_html_join(
        "",
        "<li><b>{}</b>: {}</li>",
        ((one.value["title"], one.value["text"]) for one in stream),
    )
    return format_html("<ol>{}</ol>", items) if items else ""


@transaction.atomic
def load_network() -> int:
    """
    Publish the charter, enter members, and give the demo's accounts their places. What is there
    already stays.

    :returns: how many members were entered
    """
    members = Collectivity.objects.filter(kind="region") | Collectivity.objects.filter(
        code__in=COMMUNES
    )
    texts = {language: charter_text(language) for language in ("ar", "fr", "en")}
    if texts["ar"] and texts["fr"]:
        first_version(texts["ar"], texts["fr"], texts["en"])
    entered = record_members(collectivities=list(members), began_on=None, actor=None)
    communes = Collectivity.objects.in_bulk(COMMUNES, field_name="code")
    placeless = User.objects.filter(affiliations=None)
    people = placeless.in_bulk([*PLACES, SPEAKER], field_name="email")
    for email, (code, place, office) in PLACES.items():
        if email in people and code in communes:
            Affiliation.objects.create(
                person=people[email], collectivity=communes[code], place=place, office=office
            )
    if SPEAKER in people and HOME in communes:
        enter_association(people[SPEAKER], communes[HOME])
    return entered


def enter_association(person: User, collectivity: Collectivity) -> None:
    """Enter the example association with its focal point, confirmed by a collectivity."""
    association = Association.objects.create(**ASSOCIATION)
    Affiliation.objects.create(
        person=person,
        association=association,
        place=Place.FOCAL_POINT,
        office="رئيسة الجمعية (مثال)",
    )
    Attachment.objects.create(
        association=association,
        collectivity=collectivity,
        state=AttachmentState.CONFIRMED,
        decided_at=timezone.now(),
        decided_by=User.objects.filter(email="focal@example.org").first(),
    )

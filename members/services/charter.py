"""The charter: its versions written and published, signed by collectivities, told of each year."""

from django.core.files.base import File
from django.db import IntegrityError, models, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from core.audit import record
from core.uploads.services import keep_upload
from members.enums import CharterCommitment
from members.models import (
    Affiliation,
    CharterVersion,
    Collectivity,
    Membership,
    Signature,
    Statement,
    User,
)
from members.services.people import hold, names_of
from members.services.staff import editors
from notifications.services import tell

YEARS_BACK = 2  # how far back a member may still write or change a statement


class CharterRefused(Exception):
    """Nothing was changed; the text says why, in the person's language."""


class NewVersion(Exception):
    """A newer version was published since the page was opened: it is to be read first."""


class ToldMeanwhile(Exception):
    """
    Somebody of the collectivity wrote the statement since the page was opened.

    :ivar statement: what stands there now
    """

    def __init__(self, statement: Statement) -> None:
        super().__init__(str(statement))
        self.statement = statement


# --- Versions -------------------------------------------------------------------------------------


@transaction.atomic
def begin_draft(*, version: CharterVersion) -> CharterVersion:
    """
    Keep a draft of the next version and give it its number. There is one draft at a time, so that
    versions are published in the order of their numbers.

    :param version: not stored yet
    :raises CharterRefused: where there is a draft already
    """
    newest = CharterVersion.objects.aggregate(number=Max("number"))["number"] or 0
    drafts = CharterVersion.objects.filter(published_at=None)
    version.number = newest + 1
    try:
        with transaction.atomic():
            if not drafts.exists():
                version.save()
                return version
    except IntegrityError:
        pass  # another editor began one at this moment
    raise CharterRefused(_("There is a draft already. Go on with that one, or delete it."))


@transaction.atomic
def publish_version(*, version: CharterVersion, editor: User | None) -> CharterVersion:
    """
    Put a version in force, for good. Members are asked to sign it: the focal points of all of them
    are told. Audits. Published twice, it is published once.

    :param editor: None for a command on the machine
    :returns: the version as it stands now
    :raises CharterRefused: where the Arabic or the French text is missing
    """
    version = CharterVersion.objects.select_for_update().get(pk=version.pk)
    if version.published_at:
        return version
    if not (version.text_ar and version.text_fr):
        raise CharterRefused(_("The text is needed in Arabic and in French."))
    version.published_at = timezone.now()
    version.save(update_fields=["published_at"])
    record(
        kind="charter.published", actor=editor, subject=version, after={"number": version.number}
    )
    tell(
        people=focal_points_of_members(),
        kind="charter-new-version",
        data={"number": version.number},
        key=str(version.number),
    )
    return version


def focal_points_of_members() -> models.QuerySet[User]:
    """Return who speaks for the collectivities that are members today."""
    places = Affiliation.objects.focal_points().filter(collectivity__in=current_members())
    return User.objects.filter(pk__in=places.values("person"))


def current_members() -> models.QuerySet:
    """Return the keys of the collectivities that are members today, for a condition."""
    return Membership.objects.filter(ended_on=None).values("collectivity")


@transaction.atomic
def first_version(text_ar: str, text_fr: str, text_en: str = "") -> CharterVersion:
    """
    Publish the first version where the site has none: for a new site and the demo.

    :param text_ar: rich text, as are the others
    :returns: the version with the number 1, which may say something else already
    """
    known = CharterVersion.objects.order_by("number").first()
    if known:
        return known
    version = begin_draft(version=CharterVersion(text_ar=text_ar, text_fr=text_fr, text_en=text_en))
    return publish_version(version=version, editor=None)


# --- Signatures -----------------------------------------------------------------------------------


@transaction.atomic
def sign_charter(
    *,
    collectivity: Collectivity,
    number: int,
    person: User,
    name: str,
    office: str,
    document: File | None = None,
) -> Signature:
    """
    Sign the version in force for a collectivity. The first signature makes it a member from today
    on. Audits, and tells the people of its space and the editors. Signed twice, it is signed once.

    :param number: of the version that the person has read
    :param person: through whose account it is signed
    :param name: who signs, by the office that they hold
    :param document: the deliberation of the council
    :raises NewVersion: where another version is in force
    """
    hold(collectivity)
    version = CharterVersion.objects.in_force()
    if version is None or version.number != number:
        raise NewVersion
    known = Signature.objects.current().filter(collectivity=collectivity, version=version).first()
    if known:
        return known
    upload = keep_upload(file=document, owner=person, policy="deliberation") if document else None
    signature = Signature.objects.create(
        collectivity=collectivity,
        version=version,
        person=person,
        name=name,
        office=office,
        document=upload,
    )
    membership, joins = Membership.objects.get_or_create(collectivity=collectivity, ended_on=None)
    record(
        kind="charter.signed",
        actor=person,
        subject=signature,
        after={
            "collectivity": collectivity.pk,
            "version": version.number,
            "document": bool(upload),
            "member_since": membership.began_on.isoformat() if joins else None,
        },
    )
    data = {
        "organisation": names_of(collectivity),
        "key": collectivity.key,
        "number": version.number,
        "name": name,
        "office": office,
        "joins": joins,
    }
    here = Affiliation.objects.of(collectivity).current().exclude(person=person)
    people = User.objects.filter(pk__in=here.values("person")) | editors()
    tell(people=people, kind="charter-signed", data=data, key=str(signature.pk))
    return signature


# --- Yearly statements ----------------------------------------------------------------------------


def years_open() -> list[int]:
    """Return the years for which a member may write a statement, the newest first."""
    this_year = timezone.localdate().year
    return list(range(this_year, this_year - YEARS_BACK - 1, -1))


def stamp_of(statement: Statement | None) -> str:
    """Return what tells whether a statement has been written anew since a page was opened."""
    return statement.written_at.isoformat() if statement else ""


@transaction.atomic
def write_statement(
    *,
    collectivity: Collectivity,
    person: User,
    year: int,
    commitment: CharterCommitment,
    text: str,
    language: str,
    seen: str,
) -> Statement:
    """
    Write what a member says that it did in a year for a commitment; what it said before of the same
    is replaced. Audits the text before and after; tells nobody.

    :param seen: the stamp of the statement that the person had before them, "" for none
    :raises CharterRefused: for a year that is over long since
    :raises ToldMeanwhile: where another statement stands there than the person has seen
    """
    if year not in years_open():
        raise CharterRefused(_("A statement can be written for this year and the two before it."))
    hold(collectivity)
    known = Statement.objects.filter(
        collectivity=collectivity, year=year, commitment=commitment
    ).first()
    if known and (known.text, known.language) == (text, language):
        return known
    if known and stamp_of(known) != seen:
        raise ToldMeanwhile(known)
    before = {"text": known.text, "language": known.language} if known else None
    statement = known or Statement(collectivity=collectivity, year=year, commitment=commitment)
    statement.text, statement.language = text, language
    statement.person, statement.written_at = person, timezone.now()
    statement.save()
    record(
        kind="charter.stated",
        actor=person,
        subject=statement,
        before=before,
        after={"text": text, "language": language},
        note=f"{year}, {commitment}",
    )
    return statement

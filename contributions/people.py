"""Who is told of a contribution."""

from django.db.models import Exists, OuterRef, QuerySet

from contributions.models import Authorship, Contribution
from members.models import Affiliation, User
from members.services.staff import editors


def authors_of(contribution: Contribution) -> QuerySet[User]:
    """Return the people of the collectivities that write a contribution, as they are today."""
    writing = Authorship.objects.writing().filter(contribution=contribution)
    places = Affiliation.objects.current().filter(
        person=OuterRef("pk"), collectivity__in=writing.values("collectivity")
    )
    return User.objects.filter(Exists(places), is_active=True)


def reviewers_of(contribution: Contribution) -> QuerySet[User]:
    """Return the editors who have no part in a contribution (`permissions.has_part_in`)."""
    written = Authorship.objects.filter(contribution=contribution)
    places = Affiliation.objects.filter(
        person=OuterRef("pk"), collectivity__in=written.values("collectivity")
    )
    return editors().filter(~Exists(places)).exclude(pk=contribution.started_by_id)

"""What the administration's first page tells an editor: what waits, and what is ageing."""

from datetime import timedelta

from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.ui.components import Component

from home.models import ContactMessage, NewsPage
from members.enums import ApplicationState
from members.models import Application
from practices.enums import PracticeStatus
from practices.models import PracticePage

FRESH = timedelta(days=365)  # a published practice that nobody touched for longer is ageing
SHOWN = 5


class Panel(Component):
    """A panel of counted lines, each leading to what it counts."""

    template_name = "home/admin/panel.html"
    name: str
    heading: str
    nothing: str

    def lines(self) -> list[tuple[int, str, str]]:
        """Return (count, what is counted, where it is)."""
        raise NotImplementedError

    def pages(self) -> list:
        """Return a few pages to begin with."""
        return []

    def get_context_data(self, parent_context):
        return {
            "name": self.name,
            "heading": self.heading,
            "nothing": self.nothing,
            "lines": [line for line in self.lines() if line[0]],
            "pages": self.pages(),
        }


class Waiting(Panel):
    name = "waiting"
    order = 110
    heading = gettext_lazy("What waits")
    nothing = gettext_lazy("Nothing waits.")

    def lines(self):
        practices = reverse("practice_listing:index")
        news = reverse("news_listing:index")
        drafts = Q(live=False)
        changed = Q(live=True, has_unpublished_changes=True)
        lines = [
            (
                Application.objects.waiting().count(),
                _("applications that wait"),
                f"{reverse('applications:index')}?state={ApplicationState.WAITING}",
            ),
            (
                ContactMessage.objects.open_messages().count(),
                _("messages without an answer"),
                f"{reverse('contact_messages:index')}?state=open",
            ),
            (
                PracticePage.objects.filter(drafts).count(),
                _("practices in draft"),
                f"{practices}?state=draft",
            ),
            (
                PracticePage.objects.filter(changed).count(),
                _("published practices with a newer draft"),
                f"{practices}?state=changed",
            ),
            (NewsPage.objects.filter(drafts).count(), _("news in draft"), news),
        ]
        for code, label in (
            ("ar", _("practices not yet in Arabic")),
            ("fr", _("practices not yet in French")),
        ):
            lines.append((untranslated(code), label, f"{practices}?missing={code}"))
        return lines

    def pages(self):
        drafts = PracticePage.objects.filter(live=False).order_by("latest_revision_created_at")
        return list(drafts[:SHOWN])


def untranslated(code: str) -> int:
    """Return how many practices have no version in a language."""
    versions = PracticePage.objects.filter(
        translation_key=OuterRef("translation_key"), locale__language_code=code
    )
    missing = PracticePage.objects.filter(~Exists(versions))
    return missing.values("translation_key").distinct().count()


class Ageing(Panel):
    name = "ageing"
    order = 120
    heading = gettext_lazy("What is ageing")
    nothing = gettext_lazy("All that is published has been looked at within a year.")

    def stale(self):
        """Published practices that nobody touched for a year, the oldest first."""
        before = timezone.now() - FRESH
        return PracticePage.objects.filter(live=True, last_published_at__lt=before).order_by(
            F("last_published_at").asc()
        )

    def overdue(self):
        """Practices that are told as planned or running, though their end has passed."""
        today = timezone.localdate()
        # Partial dates: a year or a month is over when the next has begun.
        over = [f"{today:%Y}", f"{today:%Y-%m}", f"{today:%Y-%m-%d}"]
        return PracticePage.objects.filter(
            live=True,
            status__in=[PracticeStatus.PLANNED, PracticeStatus.RUNNING],
            end__lt=over[2],
        ).exclude(Q(end="") | Q(end__in=over))

    def lines(self):
        listing = reverse("practice_listing:index")
        return [
            (
                self.stale().count(),
                _("practices that nobody has touched for a year"),
                f"{listing}?ordering=latest_revision_created_at",
            ),
            (
                self.overdue().count(),
                _("practices whose end has passed, and which are told as planned or running"),
                f"{listing}?status={PracticeStatus.RUNNING}",
            ),
        ]

    def pages(self):
        return list(dict.fromkeys([*self.overdue()[:SHOWN], *self.stale()[:SHOWN]]))[:SHOWN]

"""What the feeds of the site share."""

from datetime import UTC, datetime

from django.utils.feedgenerator import Atom1Feed

FOUNDED = datetime(2022, 10, 21, tzinfo=UTC)


class SteadyAtom(Atom1Feed):
    """Atom (RFC 4287) that changes when an entry does, and not by being asked for."""

    def latest_post_date(self) -> datetime:
        """When the feed changed. An empty one is as old as the network: "now" never stays."""
        return super().latest_post_date() if self.items else FOUNDED

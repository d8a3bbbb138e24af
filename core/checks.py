"""Guard rails: what would go wrong silently is said at the start."""

import zoneinfo
from datetime import UTC, datetime

from django.conf import settings
from django.core.checks import Error, Tags, Warning, register

# Morocco left UTC+1 on 20 September 2026 (decree 2.26.530): noon in UTC is noon there.
PROBE = datetime(2026, 11, 23, 12, tzinfo=UTC)


@register(Tags.compatibility)
def check_moroccan_time(app_configs, **kwargs):
    """Refuse to start where Python's zone table does not know Morocco's time of today."""
    # A new object: the cached one may have been read before `reset_tzpath`.
    zone = zoneinfo.ZoneInfo.no_cache(settings.TIME_ZONE)
    if PROBE.astimezone(zone).hour == 12:
        return []
    message = "The zone table of this machine is older than Morocco's change of time in 2026."
    hint = "Install tzdata 2026.3 or newer (pip install -r requirements.txt does)."
    kind = Warning if settings.DEBUG else Error
    return [kind(message, hint=hint, id="core.E001")]

"""
Kinds of notices to test with; worker processes load them as an app (see `worker_settings`).

Their words name the language that was active, so that no catalogue is needed.
"""

from django.apps import AppConfig
from django.urls import reverse
from django.utils.translation import get_language

from notifications.registry import NoticeKind, isolated, kinds, register_notice_kind

SUBJECTS = {
    "ar": "قُبل طلب {name}",
    "fr": "La demande de {name} est acceptée",
    "en": "The application of {name} is accepted",
    "zgh": "ⵉⵜⵜⵓⵇⴱⵍ {name}",
}

ACCEPTED = NoticeKind(
    name="test-accepted",
    label="Membership",
    subject=lambda data: SUBJECTS[get_language()].format(name=data["name"]),
    text=lambda data: f"[{get_language()}] {isolated(data['name'])} <b>&\n\nSecond paragraph.",
    address=lambda data: reverse("collectivities"),
)
QUIET = NoticeKind(
    name="test-quiet",
    label="Quiet",
    subject=lambda data: f"Quiet {data['number']}",
    text=lambda data: "Only on the site.",
    address=lambda data: "",
    mail=False,
)
INVITED = NoticeKind(
    name="test-invited",
    label="Invitation",
    subject=lambda data: f"[{get_language()}] invitation",
    text=lambda data: "Come in.",
    address=lambda data: f"/{get_language()}/invitation/{data['token']}/",
)
ALL = (ACCEPTED, QUIET, INVITED)


def register() -> None:
    for kind in ALL:
        register_notice_kind(kind)


def forget() -> None:
    for kind in ALL:
        kinds.pop(kind.name, None)


class NoticeKindsConfig(AppConfig):
    name = "tests.notifications.kinds"
    label = "notice_kinds"

    def ready(self) -> None:
        register()

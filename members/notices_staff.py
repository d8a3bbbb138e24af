"""What people are told of their role among the staff."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.enums import StaffRole
from notifications.registry import NoticeKind, register_notice_kind


def role_text(data: dict) -> str:
    if not data["role"]:
        return _("An administrator has taken your role among the staff of the network back.")
    role = StaffRole(data["role"]).label
    return _(
        "An administrator has given you a role among the staff of the network: %(role)s. Set up a "
        "second step for your account before you enter the administration."
    ) % {"role": role}


register_notice_kind(
    NoticeKind(
        name="staff-role",
        label=gettext_lazy("Your role among the staff"),
        subject=lambda data: _("Your role among the staff has changed"),
        text=role_text,
        address=lambda data: reverse("mfa_index"),
    )
)
register_notice_kind(
    NoticeKind(
        name="staff-account",
        label=gettext_lazy("Your account"),
        subject=lambda data: _("Your account on the platform of the network"),
        text=lambda data: (
            _(
                "An account has been made for you, as %(role)s. Choose your password here: write "
                "your e-mail address, and you are sent a link."
            )
            % {"role": StaffRole(data["role"]).label}
        ),
        address=lambda data: reverse("account_reset_password"),
    )
)
register_notice_kind(
    NoticeKind(
        name="second-step-taken",
        label=gettext_lazy("Your account"),
        subject=lambda data: _("The second step of your account was taken away"),
        text=lambda data: _(
            "An administrator has done this, as you said that you lost your phone and your "
            "recovery codes. If you have not asked for it, change your password and write to us. "
            "Set up a new second step in your account."
        ),
        address=lambda data: reverse("mfa_index"),
    )
)

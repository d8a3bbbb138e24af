"""How the messages to the secretariat are treated as data of whoever wrote or answered them."""

from members.registry import OnLeaving, PersonalData, register_personal_data

register_personal_data(
    PersonalData(
        "home.ContactMessage",
        keys=("answered_by",),
        emails=("email",),
        fields=("name", "email", "subject", "text", "page", "created_at", "answered_at"),
        on_leaving=OnLeaving.DELETE,
    )
)

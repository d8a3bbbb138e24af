"""
How the data of people are treated that practices keep: what is exported, and what becomes of it
when a person deletes their account.
"""

from members.registry import OnLeaving, PersonalData, register_personal_data

for one in (
    PersonalData(
        "practices.Award",
        keys=("awarded_by", "withdrawn_by"),
        fields=("practice", "awarded_on", "expires_on", "reasons"),
        on_leaving=OnLeaving.KEEP,
    ),
    PersonalData(
        "practices.AwardReview",
        keys=("reviewer",),
        fields=("award", "collectivity", "met", "words"),
        on_leaving=OnLeaving.KEEP,
    ),
    PersonalData(
        "practices.PartnerWord",
        keys=("answered_by",),
        fields=("practice", "association", "state", "words", "answered_at"),
        on_leaving=OnLeaving.KEEP,
    ),
    PersonalData(
        "practices.Adoption",
        keys=("declared_by",),
        fields=("practice", "collectivity", "state", "declared_at"),
        on_leaving=OnLeaving.KEEP,
    ),
    PersonalData(
        "practices.AdoptionStep",
        keys=("by",),
        fields=("adoption", "state", "words", "at"),
        on_leaving=OnLeaving.KEEP,
    ),
    PersonalData(
        "practices.Freshness",
        keys=("confirmed_by",),
        fields=("practice", "confirmed_at"),
        on_leaving=OnLeaving.KEEP,
    ),
):
    register_personal_data(one)

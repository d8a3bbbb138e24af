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
):
    register_personal_data(one)

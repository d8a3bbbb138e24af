"""
How the data of people are treated that contributions keep: what is exported, and what becomes of it
when a person deletes their account.

A draft is the collectivity's, not the person's: what somebody wrote or said in a review stays, and
names a person who has left.
"""

from members.registry import OnLeaving, PersonalData, register_personal_data

for one in (
    PersonalData(
        "contributions.Contribution",
        keys=("started_by", "saved_by", "reviewer"),
        fields=("kind", "page", "started_at", "saved_at"),
        on_leaving=OnLeaving.KEEP,
    ),
    PersonalData(
        "contributions.Authorship",
        keys=("asked_by", "decided_by"),
        fields=("contribution", "collectivity", "state", "asked_at"),
        on_leaving=OnLeaving.KEEP,
    ),
    PersonalData(
        "contributions.Step",
        keys=("by",),
        fields=("contribution", "kind", "words", "at"),
        on_leaving=OnLeaving.KEEP,
    ),
    PersonalData(
        "contributions.Note",
        keys=("by", "done_by"),
        fields=("contribution", "field", "words", "at"),
        on_leaving=OnLeaving.KEEP,
    ),
    PersonalData(
        "contributions.Opinion",
        keys=("reviewer", "asked_by"),
        fields=("contribution", "question", "verdict", "words", "given_at"),
        on_leaving=OnLeaving.KEEP,
    ),
):
    register_personal_data(one)

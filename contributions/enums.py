from django.db import models
from django.utils.translation import pgettext_lazy


class AuthorState(models.TextChoices):
    """Whether a collectivity writes a contribution."""

    ASKED = "asked", pgettext_lazy("author", "Asked to write along")
    WRITES = "writes", pgettext_lazy("author", "Writes along")
    ENDED = "ended", pgettext_lazy("author", "No longer writes along")


class State(models.TextChoices):
    """
    How far a contribution is. It is never stored: Wagtail's page, revision and workflow tell it
    (`contributions.states`).
    """

    DRAFT = "draft", pgettext_lazy("contribution", "Draft")
    SUBMITTED = "submitted", pgettext_lazy("contribution", "Submitted")
    IN_REVIEW = "in-review", pgettext_lazy("contribution", "Being reviewed")
    CHANGES_ASKED = "changes-asked", pgettext_lazy("contribution", "Changes asked for")
    PUBLISHED = "published", pgettext_lazy("contribution", "Published")
    ARCHIVED = "archived", pgettext_lazy("contribution", "Retired")
    UNPUBLISHED = "unpublished", pgettext_lazy("contribution", "Taken off the site")


class StepKind(models.TextChoices):
    """What was done with a contribution; each is kept with who, when and why."""

    STARTED = "started", pgettext_lazy("step", "Begun")
    SUBMITTED = "submitted", pgettext_lazy("step", "Submitted")
    WITHDRAWN = "withdrawn", pgettext_lazy("step", "Taken back")
    TAKEN = "taken", pgettext_lazy("step", "Review begun")
    RELEASED = "released", pgettext_lazy("step", "Review handed back")
    EDITED = "edited", pgettext_lazy("step", "Edited by the reviewer")
    CHANGES_ASKED = "changes-asked", pgettext_lazy("step", "Changes asked for")
    OPINION_ASKED = "opinion-asked", pgettext_lazy("step", "A thematic reviewer was asked")
    OPINION_GIVEN = "opinion-given", pgettext_lazy("step", "The thematic reviewer answered")
    OPINION_DROPPED = "opinion-dropped", pgettext_lazy("step", "The question was taken back")
    PUBLISHED = "published", pgettext_lazy("step", "Published")
    UNPUBLISHED = "unpublished", pgettext_lazy("step", "Taken off the site")
    ARCHIVED = "archived", pgettext_lazy("step", "Retired")
    BROUGHT_BACK = "brought-back", pgettext_lazy("step", "Brought back")
    RESTORED = "restored", pgettext_lazy("step", "An earlier version was taken up again")
    DISCARDED = "discarded", pgettext_lazy("step", "The changes were dropped")
    AUTHOR_ASKED = "author-asked", pgettext_lazy("step", "A collectivity was asked to write along")
    AUTHOR_JOINED = "author-joined", pgettext_lazy("step", "A collectivity writes along")
    AUTHOR_LEFT = "author-left", pgettext_lazy("step", "A collectivity writes along no more")


class FileRole(models.TextChoices):
    """What a file of a contribution is for."""

    PHOTO = "photo", pgettext_lazy("file", "Photo")
    DOCUMENT = "document", pgettext_lazy("file", "Document")


class Verdict(models.TextChoices):
    """What a thematic reviewer advises."""

    PUBLISH = "publish", pgettext_lazy("verdict", "Publish it")
    CHANGE = "change", pgettext_lazy("verdict", "Ask for changes first")
    REFUSE = "refuse", pgettext_lazy("verdict", "Do not publish it")

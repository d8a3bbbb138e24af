"""
How the data of people are treated that the lower apps, Wagtail and allauth keep, and those of this
app: what is exported, and what becomes of it when a person deletes their account.

Not what Wagtail keeps of a page's life (who wrote which version, who approved): that is the trace
of a publication, and stays. It then names a person who has left.
"""

from django.db.models import Q

from members.enums import ApplicationState
from members.registry import OnLeaving, PersonalData, register_personal_data
from notifications.registry import kinds as notice_kinds

DELETE, UNLINK, KEEP = OnLeaving.DELETE, OnLeaving.UNLINK, OnLeaving.KEEP

OURS = (
    PersonalData(
        "members.User",
        keys=("id",),
        fields=(
            "first_name",
            "last_name",
            "email",
            "phone",
            "language",
            "shows_name",
            "shows_email",
            "shows_phone",
            "groups",
            "date_joined",
            "last_login",
        ),
        on_leaving=KEEP,  # emptied by `members.services.privacy`
    ),
    PersonalData(
        "members.Affiliation",
        keys=("person",),
        fields=("collectivity", "association", "place", "office", "began_at", "ended_at"),
        on_leaving=KEEP,
        clears=("office",),
    ),
    PersonalData(
        "members.Invitation",
        keys=("invited_by", "accepted_by"),
        own_key="accepted_by",
        emails=("email",),
        fields=(
            "email",
            "collectivity",
            "association",
            "place",
            "office",
            "invited_by",
            "created_at",
            "accepted_at",
        ),
        on_leaving=KEEP,
        clears=("email", "office"),
    ),
    PersonalData(
        "members.Application",
        emails=("email",),
        fields=(
            "first_name",
            "last_name",
            "email",
            "phone",
            "office",
            "language",
            "organisation_name",
            "about",
            "message",
            "state",
            "created_at",
        ),
        on_leaving=KEEP,
        clears=("first_name", "last_name", "email", "phone", "office", "message"),
        files=lambda one: [(one.document.name, one.document.file)] if one.document else [],
        # Who sent one that waits for its confirmation has not shown that the address is theirs.
        exported=~Q(state=ApplicationState.UNCONFIRMED),
    ),
    PersonalData(
        "members.ApplicationStep",
        keys=("actor",),
        fields=(
            "application__collectivity",
            "application__association",
            "before",
            "after",
            "reason",
            "at",
        ),
        on_leaving=KEEP,
    ),
    PersonalData(
        "members.Attachment",
        keys=("decided_by",),
        fields=("association", "collectivity", "state", "decided_at", "reason"),
        on_leaving=KEEP,
    ),
    PersonalData(
        "members.CollectivityProfile",
        keys=("updated_by",),
        fields=("collectivity", "updated_at"),
        on_leaving=UNLINK,
    ),
    PersonalData(
        "members.Signature",
        keys=("person",),
        fields=("collectivity", "version", "name", "office", "signed_at"),
        on_leaving=KEEP,
    ),
    PersonalData(
        "members.Statement",
        keys=("person",),
        fields=("collectivity", "year", "commitment", "text", "written_at"),
        on_leaving=KEEP,
    ),
)
OF_LOWER_APPS = (
    PersonalData(
        "notifications.Notice",
        keys=("person",),
        fields=("subject", "text", "created_at", "read_at"),
        on_leaving=DELETE,
        exported=Q(kind__in=notice_kinds),  # of others nobody has the words any more
    ),
    PersonalData("notifications.Letter", emails=("email",), on_leaving=DELETE),
    PersonalData(
        "core.Upload",
        keys=("owner",),
        fields=("name", "content_type", "size", "created_at"),
        on_leaving=UNLINK,
        files=lambda upload: [(upload.name, upload.file)],
    ),
    PersonalData(
        "core.PartialUpload",
        keys=("owner",),
        fields=("name", "size", "created_at"),
        on_leaving=DELETE,
    ),
    PersonalData("core.AuditEntry", keys=("actor",), fields=("label", "at"), on_leaving=KEEP),
    PersonalData(
        "core.SiteImage",
        keys=("uploaded_by_user",),
        fields=("title", "created_at"),
        on_leaving=UNLINK,
    ),
    PersonalData(
        "core.SiteDocument",
        keys=("uploaded_by_user",),
        fields=("title", "created_at"),
        on_leaving=UNLINK,
    ),
)
OF_ALLAUTH = (
    PersonalData(
        "account.EmailAddress",
        keys=("user",),
        fields=("email", "verified", "primary"),
        on_leaving=DELETE,
    ),
    PersonalData(
        "mfa.Authenticator",
        keys=("user",),
        fields=("type", "created_at", "last_used_at"),  # never its secret
        on_leaving=DELETE,
    ),
    PersonalData(
        "usersessions.UserSession",
        keys=("user",),
        fields=("ip", "user_agent", "created_at", "last_seen_at"),
        on_leaving=DELETE,
    ),
)
OF_WAGTAIL = (
    PersonalData(
        "wagtailcore.Page",
        keys=("owner", "locked_by"),
        fields=("title", "live", "first_published_at"),
        on_leaving=KEEP,
    ),
    PersonalData(
        "wagtailcore.Revision",
        keys=("user",),
        fields=("object_str", "created_at"),
        on_leaving=KEEP,
    ),
    PersonalData(
        "wagtailcore.PageLogEntry",
        keys=("user",),
        fields=("label", "action", "timestamp"),
        on_leaving=KEEP,
    ),
    PersonalData(
        "wagtailcore.ModelLogEntry",
        keys=("user",),
        fields=("label", "action", "timestamp"),
        on_leaving=KEEP,
    ),
    PersonalData(
        "wagtailcore.Comment",
        keys=("user", "resolved_by"),
        fields=("page", "text", "created_at"),
        on_leaving=KEEP,
    ),
    PersonalData(
        "wagtailcore.CommentReply",
        keys=("user",),
        fields=("text", "created_at"),
        on_leaving=KEEP,
    ),
    PersonalData(
        "wagtailcore.WorkflowState",
        keys=("requested_by",),
        fields=("status", "created_at"),
        on_leaving=KEEP,
    ),
    PersonalData(
        "wagtailcore.TaskState",
        keys=("finished_by",),
        fields=("status", "comment", "finished_at"),
        on_leaving=KEEP,
    ),
    PersonalData("wagtailcore.PageSubscription", keys=("user",), on_leaving=DELETE),
    PersonalData("wagtailcore.UploadedFile", keys=("uploaded_by_user",), on_leaving=DELETE),
    PersonalData("wagtailadmin.EditingSession", keys=("user",), on_leaving=DELETE),
    PersonalData("wagtailadmin.FormState", keys=("user",), on_leaving=DELETE),
    PersonalData(
        "wagtailusers.UserProfile",
        keys=("user",),
        fields=("preferred_language", "current_time_zone", "theme"),
        on_leaving=DELETE,
        files=lambda profile: [("picture", profile.avatar)] if profile.avatar else [],
    ),
    # The site has models of its own in their place; their tables are there and stay empty.
    PersonalData("wagtailimages.Image", keys=("uploaded_by_user",), on_leaving=UNLINK),
    PersonalData("wagtaildocs.Document", keys=("uploaded_by_user",), on_leaving=UNLINK),
    PersonalData(
        "wagtail_localize.StringTranslation",
        keys=("last_translated_by",),
        fields=("data", "updated_at"),
        on_leaving=KEEP,
    ),
    PersonalData("wagtail_localize.SegmentOverride", keys=("last_translated_by",), on_leaving=KEEP),
)

for one in (*OURS, *OF_LOWER_APPS, *OF_ALLAUTH, *OF_WAGTAIL):
    register_personal_data(one)

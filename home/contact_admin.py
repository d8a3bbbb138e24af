"""Messages in the administration: read, answered by mail, marked as answered, deleted."""

from urllib.parse import quote, urlencode

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy
from django.views.decorators.http import require_POST
from django_filters import ChoiceFilter
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, DateColumn
from wagtail.admin.views.generic import InspectView
from wagtail.admin.viewsets.model import ModelViewSet

from core import languages
from core.admin import OwnPolicy
from home.contact import set_answered
from home.models import ContactMessage


class MessagePolicy(OwnPolicy):
    """Nobody writes or rewrites what a visitor wrote. Who may "change" may mark it as answered."""

    def user_has_permission(self, user, action: str) -> bool:
        return action not in {"add", "change"} and super().user_has_permission(user, action)


def may_answer(user) -> bool:
    return user.has_perm("home.change_contactmessage")


def state(message: ContactMessage) -> str:
    if message.answered_at:
        return pgettext("message", "Answered")
    return pgettext("message", "Open")


class MessageFilterSet(WagtailFilterSet):
    state = ChoiceFilter(
        label=pgettext_lazy("message", "State"),
        choices=[
            ("open", pgettext_lazy("message", "Open")),
            ("answered", pgettext_lazy("message", "Answered")),
        ],
        method="filter_state",
    )

    class Meta:
        model = ContactMessage
        fields = ()

    def filter_state(self, queryset, name: str, value: str):
        if value == "open":
            return queryset.open_messages()
        return queryset.exclude(answered_at=None)


class MessageInspectView(InspectView):
    page_title = gettext_lazy("Message")

    def get_context_data(self, **kwargs):
        subject = urlencode({"subject": f"Re: {self.object.subject}"}, quote_via=quote)
        return super().get_context_data(
            reply_url=f"mailto:{quote(self.object.email, safe='@')}?{subject}",
            may_answer=may_answer(self.request.user),
            answered_url=reverse("contact_messages:answered", args=[self.object.pk]),
            message_direction=languages.direction(self.object.language),
            **kwargs,
        )


@require_POST
def answered(request, pk: int):
    """Mark a message as answered, or as open again."""
    if not may_answer(request.user):
        raise PermissionDenied
    message = get_object_or_404(ContactMessage, pk=pk)
    done = request.POST.get("answered") == "yes"
    set_answered(message=message, user=request.user, answered=done)
    words = _("“%(subject)s” is answered.") if done else _("“%(subject)s” is open again.")
    messages.success(request, words % {"subject": message.subject})
    return redirect("contact_messages:index")


class MessageViewSet(ModelViewSet):
    model = ContactMessage
    icon = "mail"
    menu_label = pgettext_lazy("contact form", "Messages")
    menu_name = "contact-messages"
    menu_order = 160
    add_to_admin_menu = True
    copy_view_enabled = False
    add_to_reference_index = False  # nothing refers to a message
    inspect_view_enabled = True
    inspect_view_class = MessageInspectView
    inspect_template_name = "home/admin/contact_message.html"
    list_display = (
        "subject",
        DateColumn("created_at", label=gettext_lazy("Date"), sort_key="created_at", width="15%"),
        "name",
        Column("state", label=pgettext_lazy("message", "State"), accessor=state, width="12%"),
    )
    filterset_class = MessageFilterSet
    search_fields = ("subject", "name", "email")
    search_backend_name = None
    ordering = ("-created_at", "-pk")
    list_per_page = 50
    form_fields = ()

    @property
    def permission_policy(self) -> MessagePolicy:
        return MessagePolicy(self.model)

    def get_urlpatterns(self):
        return [*super().get_urlpatterns(), path("answered/<int:pk>/", answered, name="answered")]


message_viewset = MessageViewSet("contact_messages")

"""The contact form for everybody. Why it needs no cookie: decision 0010."""

from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from core import languages
from core.clients import client_address
from core.open_forms import comes_from_another_site
from home.contact import TooManyMessages, send_message
from home.contact_form import ContactForm


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
def contact(request):
    """
    Show the form, or take a message. Whatever is refused, the form comes back filled.

    A form that a machine has filled in is answered like any other, and dropped.
    """
    if request.method != "POST":
        return _show(request, ContactForm(initial={"about": request.GET.get("about", "")}))
    form = ContactForm(request.POST)
    if comes_from_another_site(request):
        form.add_problem(_("This form was sent from another site. Send it from here."))
        return _show(request, form, status=403)
    if form.caught_a_machine:
        return redirect("contact_sent")
    if not form.is_valid():
        return _show(request, form, status=422)
    try:
        send_message(
            **{field.name: form.cleaned_data[field.name] for field in form.typed_fields},
            language=languages.current(),
            page=form.page,
            address=client_address(request),
        )
    except TooManyMessages as error:
        form.add_problem(
            _("Too many messages have come within this hour. Send yours again in the next one.")
        )
        response = _show(request, form, status=429)
        response["Retry-After"] = str(error.retry_after)
        return response
    return redirect("contact_sent")


def _show(request, form: ContactForm, status: int = 200):
    return render(request, "home/contact.html", {"form": form}, status=status)


@require_safe
def contact_sent(request):
    """Say that the message has arrived. A page of its own, so that a reload sends nothing."""
    return render(request, "home/contact_sent.html")

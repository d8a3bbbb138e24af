"""What a person has been told. Looking changes nothing; reading is marked by a form."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST, require_safe

from notifications.models import Notice
from notifications.services import mark_all_read, mark_read

PAGE_SIZE = 20

not_kept = cache_control(private=True, no_store=True)


@require_safe
@not_kept
@login_required
def notice_list(request):
    """All notices of the person, the newest first."""
    mine = Notice.objects.visible_to(request.user)
    return render(
        request,
        "notifications/list.html",
        {
            "notices": Paginator(mine, PAGE_SIZE).get_page(request.GET.get("page")),
            "unread": mine.unread().count(),
        },
    )


@require_safe
@not_kept
@login_required
def notice(request, number: int):
    """One notice."""
    mine = Notice.objects.visible_to(request.user)
    return render(
        request, "notifications/notice.html", {"notice": get_object_or_404(mine, pk=number)}
    )


@require_POST
@not_kept
@login_required
def read(request, number: int):
    """Mark a notice as read, and lead back to the page of the list that it stood on."""
    mark_read(notice=get_object_or_404(Notice.objects.visible_to(request.user), pk=number))
    page = request.POST.get("page", "")
    known = page.isascii() and page.isdecimal() and page != "1"
    return redirect(reverse("notices") + (f"?page={page}" if known else ""))


@require_POST
@not_kept
@login_required
def read_all(request):
    """Mark all notices of the person as read."""
    mark_all_read(person=request.user)
    return redirect("notices")

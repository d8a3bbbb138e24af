"""
Noticing what changes in pages, so that an app need only name its kinds of page.

What Wagtail tells of by signals is noticed here: publishing, withdrawing, deleting, moving, a new
address, a restriction. What is written past them (rows of a page changed in bulk) its service
tells with `search.documents.changed`.
"""

from collections import defaultdict
from datetime import timedelta

from django.db import connection
from django.db.models.signals import post_delete, post_save, pre_save
from django.utils import timezone
from wagtail.models import Page, PageViewRestriction
from wagtail.signals import page_slug_changed, page_unpublished, post_page_move

from core.pages import REVISION_COLUMNS
from search.documents import changed, withdraw, withdraw_all

# Where a page is saved outside a transaction, its job is written before it, for later, and brought
# forward after it: a crash between the two leaves the job.
AFTER_A_CRASH = timedelta(seconds=10)

kind_of_page: dict[type[Page], str] = {}


def watch_pages(kind: str, *models: type[Page]) -> None:
    """
    Have a kind follow the changes of pages; its groups are their translation keys.

    :param models: the pages' classes
    """
    for model in models:
        kind_of_page[model] = kind
        pre_save.connect(_before_save, sender=model, dispatch_uid=f"search-{kind}-before")
        post_save.connect(_changed, sender=model, dispatch_uid=f"search-{kind}-saved")
        post_delete.connect(_withdrawn, sender=model, dispatch_uid=f"search-{kind}-deleted")


def connect() -> None:
    """Connect what concerns pages of any kind."""
    page_unpublished.connect(_withdrawn)
    pre_save.connect(_before_address)
    post_save.connect(_after_address)
    page_slug_changed.connect(_readdressed)
    post_page_move.connect(_tree_withdrawn)
    post_save.connect(_restricted, sender=PageViewRestriction)
    post_delete.connect(_unrestricted, sender=PageViewRestriction)


def _is_of_a_draft(columns: frozenset[str] | None) -> bool:
    """Whether a page is saved only to note that there is a newer draft of it."""
    return columns is not None and columns <= REVISION_COLUMNS


def _before_save(sender, instance, raw=False, update_fields=None, **kwargs) -> None:
    if raw or _is_of_a_draft(update_fields):
        return
    if not connection.in_atomic_block and (instance.live or instance.pk):
        later = timezone.now() + AFTER_A_CRASH
        changed(kind_of_page[sender], [str(instance.translation_key)], due_at=later)


def _before_address(sender, instance, raw=False, **kwargs) -> None:
    """
    Note a new slug of a page with pages below it.

    Wagtail tells of it after the commit only: a crash in between would lose their addresses.
    """
    if isinstance(instance, Page) and instance.pk and instance.numchild and not raw:
        slugs = Page.objects.filter(pk=instance.pk).values_list("slug", flat=True)
        instance.has_new_address = slugs.first() not in (instance.slug, None)


def _after_address(sender, instance, **kwargs) -> None:
    if isinstance(instance, Page) and instance.__dict__.pop("has_new_address", False):
        _readdressed(sender, instance)


def _changed(sender, instance, raw=False, update_fields=None, **kwargs) -> None:
    kind = kind_of_page.get(type(instance))
    if not kind or raw or _is_of_a_draft(update_fields):
        return
    if instance.live:
        changed(kind, [str(instance.translation_key)])
    else:
        withdraw(kind, [str(instance.translation_key)])


def _withdrawn(sender, instance, **kwargs) -> None:
    if kind := kind_of_page.get(type(instance)):
        withdraw(kind, [str(instance.translation_key)])


def _groups_below(page: Page) -> dict[str, list[str]]:
    """Return the groups of a page and of all below it, by kind."""
    groups: dict[str, list[str]] = defaultdict(list)
    for model, kind in kind_of_page.items():
        below = model.objects.descendant_of(page, inclusive=True).order_by()
        groups[kind] += map(str, below.values_list("translation_key", flat=True))
    return groups


def _tree_withdrawn(sender, instance, **kwargs) -> None:
    withdraw_all(_groups_below(instance))


def _readdressed(sender, instance, **kwargs) -> None:
    for kind, groups in _groups_below(instance).items():
        changed(kind, groups)


def _restricted(sender, instance, **kwargs) -> None:
    _tree_withdrawn(sender, instance.page)


def _unrestricted(sender, instance, **kwargs) -> None:
    _readdressed(sender, instance.page)

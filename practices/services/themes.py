"""What is written about practices: the themes that they carry."""

from collections.abc import Iterable, Sequence

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import log
from wagtail.models import ReferenceIndex

from core.vocabularies import Theme
from members.models import User
from practices.models import PracticePage, PracticeTheme
from practices.search import practices_changed

RETIRED, BROUGHT_BACK = "practices.retire_theme", "practices.bring_back_theme"


@transaction.atomic
def merge_themes(*, themes: Sequence[Theme], into: Theme, user: User | None) -> int:
    """
    Retire themes in favour of another. See `retire_theme` for what else happens.

    :param themes: current or retired ones; `into` may stand among them and is passed over, as who
        merges two themes ticks both
    :returns: how many practices carried one of them
    :raises ValidationError: where nothing is left to merge, or `into` is retired itself
    """
    merged = [theme for theme in themes if theme.pk != into.pk]
    if not merged:
        raise ValidationError(_("Choose another theme: these cannot be merged into themselves."))
    return _retire(merged, into, user)


@transaction.atomic
def retire_theme(*, theme: Theme, in_favour_of: Theme | None = None, user: User | None) -> int:
    """
    Retire a theme: it is offered no more, and its address leads to its successor.

    Practices that carry it, live ones and drafts, in all languages, carry the successor instead,
    once; without a successor they lose it. Their pages' references are written anew. No revision
    is made: old ones are read with the themes of today (`PracticePage.from_serializable_data`).
    The log tells who did it.

    :param theme: of one that is retired already, the successor is changed
    :returns: how many practices carried it, language versions counted once
    :raises ValidationError: where the successor is the theme itself, or is retired
    """
    return _retire([theme], in_favour_of, user)


def _retire(themes: Sequence[Theme], into: Theme | None, user: User | None) -> int:
    """Retire themes. Locked, they cannot be retired in favour of each other at the same time."""
    keys = {theme.pk for theme in themes}
    involved = keys | {into.pk} if into else keys
    locked = Theme.objects.select_for_update().order_by("pk").in_bulk(involved)
    if into and into.pk in keys:
        raise ValidationError(_("A theme cannot be retired in favour of itself."))
    if into and locked[into.pk].retired_at:
        raise ValidationError(
            _("“%(theme)s” is retired itself. Choose a theme that is in use.")
            % {"theme": into.label}
        )
    numbers = practices_with(keys)
    _move_links(keys, into)
    for pk in sorted(keys):
        theme = locked[pk]
        theme.retired_at = theme.retired_at or timezone.now()
        theme.successor = into
        theme.save(update_fields=["retired_at", "successor"])
        log(
            instance=theme,
            action=RETIRED,
            user=user,
            data={"into": into.slug if into else "", "title": into.label if into else ""},
        )
    return numbers


def _move_links(keys: set[int], into: Theme | None) -> None:
    """
    Take themes off the practices that carry them, and put another on.

    The practices are indexed anew.
    """
    links = PracticeTheme.objects.filter(tag__in=keys)
    pages = set(links.values_list("content_object", flat=True))
    links.delete()
    if into:
        have = PracticeTheme.objects.filter(tag=into, content_object__in=pages)
        missing = pages.difference(have.values_list("content_object", flat=True))
        PracticeTheme.objects.bulk_create(
            PracticeTheme(tag=into, content_object_id=pk) for pk in sorted(missing)
        )
    for page in PracticePage.objects.filter(pk__in=pages):
        ReferenceIndex.create_or_update_for_object(page)
    practices_changed(pages)


def practices_with(keys: Iterable[int]) -> int:
    """Return how many practices carry one of several themes, language versions counted once."""
    versions = PracticePage.objects.filter(theme_links__tag__in=keys)
    return versions.order_by().values("translation_key").distinct().count()


@transaction.atomic
def bring_back_theme(*, theme: Theme, user: User | None) -> None:
    """
    Offer a retired theme again. Practices do not get it back. The log tells who did it.

    :raises ValidationError: where a current theme has taken its label
    """
    theme = Theme.objects.select_for_update().get(pk=theme.pk)
    theme.retired_at = theme.successor = None
    theme.clean()
    theme.save(update_fields=["retired_at", "successor"])
    log(instance=theme, action=BROUGHT_BACK, user=user)


@transaction.atomic
def add_theme(*, practices: Iterable[PracticePage], theme: Theme, user: User) -> int:
    """
    Put a theme on practices, in all their languages: on what is live and on their drafts.

    Makes a revision of each version that changes, in the name of the user. A version that is live
    and has no draft is published with it; of one with a draft the live page gets the theme, and
    the draft waits on.

    :param theme: a current one
    :returns: how many practices did not carry it everywhere
    """
    return _change_theme(practices, theme, user, carried=True)


@transaction.atomic
def remove_theme(*, practices: Iterable[PracticePage], theme: Theme, user: User) -> int:
    """Take a theme off practices. The reverse of `add_theme`; the same happens otherwise."""
    return _change_theme(practices, theme, user, carried=False)


def _change_theme(
    practices: Iterable[PracticePage], theme: Theme, user: User, *, carried: bool
) -> int:
    changed = set()
    keys = {practice.translation_key for practice in practices}
    for page in PracticePage.objects.filter(translation_key__in=keys).order_by("pk"):
        draft = page.get_latest_revision_as_object()
        in_draft = theme in draft.themes.all()
        links = PracticeTheme.objects.filter(content_object=page, tag=theme)
        if in_draft == carried and links.exists() == carried:
            continue
        changed.add(page.translation_key)
        publish = page.live and not page.has_unpublished_changes
        if not publish:
            if carried:
                PracticeTheme.objects.get_or_create(content_object=page, tag=theme)
            else:
                links.delete()
            ReferenceIndex.create_or_update_for_object(page)
            practices_changed([page.pk])
        if carried:
            draft.themes.add(theme)
        else:
            draft.themes.remove(theme.name)
        # A draft may lack what publishing asks for.
        revision = draft.save_revision(user=user, log_action=True, clean=False)
        if publish:
            revision.publish(user=user)
    return len(changed)

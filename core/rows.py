"""
Saving a page's child rows in a number of queries that does not grow with them.

modelcluster saves row after row, and Wagtail reads the whole page anew after each one, to note what
it refers to. Here what is gone of a relation is deleted at once, what is new is written at once,
and of the rest what differs from the database. References are noted once, from what is in memory.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import models, transaction
from modelcluster.models import ClusterableModel, get_all_child_relations
from wagtail.models import ReferenceIndex, TranslatableMixin
from wagtail.signal_handlers import (
    disable_reference_index_auto_update,
    reference_index_auto_update_disabled,
)

Relation = models.ManyToOneRel


def save_rows(page: ClusterableModel, *, is_new: bool) -> None:
    """
    Write the rows that a page holds in memory, as modelcluster's `commit` does, and note what the
    page refers to.

    No signal is sent for a row: what follows rows follows their page. A row keeps its key, also one
    of an old revision that was deleted since, so that the page's revisions go on naming it. Left
    to modelcluster are rows that save themselves in their own way, and those that others point at.

    :param page: a page that was written to the database just now
    :param is_new: whether it was not there before, so that there are no rows of it either
    """
    deferred = [
        relation
        for relation in get_all_child_relations(page)
        if getattr(page, relation.get_accessor_name()).is_deferring
        and _is_plain(relation.related_model)
    ]
    known = set() if is_new else _with_rows(page, deferred)
    for relation in deferred:
        rows = getattr(page, relation.get_accessor_name()).get_object_list()
        _write(relation, page, rows, is_new=relation not in known)
    names = [relation.get_accessor_name() for relation in deferred]
    held = page.__dict__.pop("_cluster_related_objects", {})
    # What is left to modelcluster is not in the database yet, and has no keys to be noted by.
    page._cluster_related_objects = {name: held.pop(name) for name in names}
    _note_references(page)
    # As after a commit: of what was written, what is asked for now comes from the database.
    page._cluster_related_objects = held
    for name in names:
        getattr(page, "_prefetched_objects_cache", {}).pop(name, None)


def _with_rows(page: ClusterableModel, relations: list[Relation]) -> set[Relation]:
    """Return the relations of which there are rows, asked for at once: a new draft has few."""
    if not relations:
        return set()
    first, *others = (
        _rows_of(page, relation).order_by().values_list(models.Value(place))
        for place, relation in enumerate(relations)
    )
    return {relations[place] for (place,) in first.union(*others)}


def _rows_of(page: ClusterableModel, relation: Relation) -> models.QuerySet:
    return relation.related_model._base_manager.filter(**{relation.field.name: page})


def _is_plain(model: type[models.Model]) -> bool:
    pointed_at = any(
        field.auto_created and not field.concrete
        for field in model._meta.get_fields(include_hidden=True)
    )
    own_way = model.save is not models.Model.save or model.delete is not models.Model.delete
    return not (pointed_at or own_way or model._meta.parents)


def _write(
    relation: Relation, page: ClusterableModel, rows: list[models.Model], *, is_new: bool
) -> None:
    table = relation.related_model._base_manager
    for row in rows:
        setattr(row, relation.field.name, page)
        if isinstance(row, TranslatableMixin) and row.locale_id is None:
            row.locale = page.locale
    there: dict = {}
    if not is_new and any(row.pk for row in rows):
        there = {row.pk: row for row in _rows_of(page, relation)}
    elif not is_new:
        _rows_of(page, relation)._raw_delete(table.db)
    changes = {row.pk: _changed_fields(row, there[row.pk]) for row in rows if row.pk in there}

    # Two rows may change places in what must be unique: both go before either comes back.
    unique = _unique_fields(relation.related_model)
    replaced = {pk for pk, fields in changes.items() if fields & unique}
    gone = (there.keys() - changes.keys()) | replaced
    if gone:
        table.filter(pk__in=gone)._raw_delete(table.db)
    updated = [row for row in rows if changes.get(row.pk) and row.pk not in replaced]
    if updated:
        table.bulk_update(updated, set().union(*(changes[row.pk] for row in updated)))
    added = [row for row in rows if row.pk not in changes or row.pk in replaced]
    _leave_to_others(table, [row for row in added if row.pk and row.pk not in there])
    table.bulk_create(added)


def _changed_fields(row: models.Model, saved: models.Model) -> set[str]:
    return {
        field.name
        for field in row._meta.concrete_fields
        if field.pre_save(row, add=False) != getattr(saved, field.attname)
    }


def _unique_fields(model: type[models.Model]) -> set[str]:
    """Return the names of the fields that are unique, alone or together."""
    options = model._meta
    alone = {field.name for field in options.concrete_fields if field.unique}
    together = (constraint.fields for constraint in options.total_unique_constraints)
    return alone.union(*options.unique_together, *together)


def _leave_to_others(table: models.Manager, rows: list[models.Model]) -> None:
    """Take from rows the keys that rows of other pages have by now."""
    if rows:
        taken = table.in_bulk([row.pk for row in rows])
        for row in rows:
            if row.pk in taken:
                row.pk = None


def _note_references(page: ClusterableModel) -> None:
    if ReferenceIndex.is_indexed(type(page)) and not _are_references_off():
        with transaction.atomic(savepoint=False):
            ReferenceIndex.create_or_update_for_object(page)


@contextmanager
def without_references() -> Iterator[None]:
    """Have Wagtail not note what is referred to by what is saved meanwhile."""
    if _are_references_off():
        yield
    else:
        with disable_reference_index_auto_update():
            yield


def _are_references_off() -> bool:
    return getattr(reference_index_auto_update_disabled, "value", False)

"""
Reading a page's revision in a number of queries that does not grow with its rows.

modelcluster asks for each key of each row whether what it names is still there. Here all keys to
one model are asked for at once; what becomes of those that are gone is the same, but that a
protected thing (it can be deleted where only a draft names it) takes its row along, not the page.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from django.db import models
from modelcluster.models import get_all_child_relations

Data = dict[str, Any]


def _keys(model: type[models.Model], data: Data) -> Iterator[tuple[models.ForeignKey, Any]]:
    """Give the keys of a page or a row that name something, but for the one to its own page."""
    for field in model._meta.concrete_fields:
        if not isinstance(field, models.ForeignKey) or field.remote_field.parent_link:
            continue
        if data.get(field.name) is not None:
            yield field, data[field.name]


def without_missing(model: type[models.Model], data: Data) -> Data:
    """
    Return a revision's content without keys to what is gone.

    A row whose key may be empty stays without it; another one is left out. One query for each model
    that is named.

    :param model: the page's class
    :param data: what `serializable_data` gave
    """
    relations = {
        relation.get_accessor_name(): (relation.related_model, relation.field.name)
        for relation in get_all_child_relations(model)
    }
    rows = [
        (row_model, {name: value for name, value in row.items() if name != parent})
        for name, (row_model, parent) in relations.items()
        for row in data.get(name, ())
    ]
    named: dict[models.Field, set] = defaultdict(set)
    for one, content in [(model, data), *rows]:
        for field, key in _keys(one, content):
            named[field.target_field].add(key)
    there = {
        target: {
            str(key)
            for key in target.model._base_manager.filter(
                **{f"{target.attname}__in": keys}
            ).values_list(target.attname, flat=True)
        }
        for target, keys in named.items()
    }

    def gone(one: type[models.Model], content: Data) -> list[models.ForeignKey]:
        return [
            field for field, key in _keys(one, content) if str(key) not in there[field.target_field]
        ]

    kept = {**data, **{field.name: None for field in gone(model, data)}}
    for name, (row_model, parent) in relations.items():
        if name not in data:
            continue
        kept[name] = []
        for row in data[name]:
            content = {field: value for field, value in row.items() if field != parent}
            missing = gone(row_model, content)
            if all(field.null for field in missing):
                kept[name].append({**row, **{field.name: None for field in missing}})
    return kept

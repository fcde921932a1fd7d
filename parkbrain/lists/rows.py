"""The rows of a list: narrowed, ordered, counted, summed; a page of them costs the same at the end as at the start."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.core.paginator import Paginator
from django.db import models
from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.expressions import OrderBy
from django.utils import timezone

from parkbrain.kernel.reading import among
from parkbrain.ui.table import Column, Filter, Span, State

from .reading import read_rows
from .spec import Ask, ListSpec, sums_of

#: Rows that are loaded together when a whole list is read.
CHUNK = 500


@dataclass(frozen=True)
class Found:
    """The rows that the filters keep, in their order, not yet read."""

    spec: ListSpec
    ask: Ask
    rows: QuerySet[Any]
    order: Sequence[Any]
    filters: Sequence[Filter]
    #: The sort where a column of it is in no field of the database; the rows are then ordered in memory.
    outside: Sequence[tuple[Column, bool]] = ()

    @property
    def is_narrowed(self) -> bool:
        """Whether a filter holds."""
        return any(one.key in self.ask.values for one in self.filters)

    def narrowed(self, rows: Any) -> Any:
        """Return other rows of the same kind, narrowed by the same filters."""
        for one in self.filters:
            if one.key in self.ask.values:
                value = self.ask.values[one.key]
                rows = one.keep(rows, value) if one.keep else _kept(rows, one, value)
        return rows

    def count_and_totals(self, state: State) -> tuple[int, dict[str, tuple[Any, int]]]:
        """Return how many rows there are, and by column the sum with the number of rows that do not know theirs."""
        sums = sums_of(state.all_columns)
        if not sums and not self.is_narrowed and self.spec.count:
            count, totals = self.spec.count(self.ask), {}
        else:
            asked: dict[str, Any] = {f"sum_{key}": Sum(name) for key, name in sums.items()}
            asked |= {f"known_{key}": Count(name) for key, name in sums.items()}
            answer = self.rows.order_by().aggregate(count=Count("pk"), **asked)
            count = answer["count"]
            totals = {key: (answer[f"sum_{key}"], count - answer[f"known_{key}"]) for key in sums}
        for column in state.columns:
            if column.key in self.spec.totals:
                totals[column.key] = self.spec.totals[column.key](self, count)
        return count, totals

    def page(self, *, number: Any, per: int, count: int) -> tuple[Any, list[Any], list[Any]]:
        """Return the page, the keys of its rows and the rows: first the keys are found, then only theirs are read."""
        keys: Any = self.ordered_keys()
        pages = Paginator(keys, per)
        pages.count = count
        page = pages.get_page(number)
        first = (page.number - 1) * per
        if first > count // 2 and not self.outside:
            # Nearer to the end: the database walks from there, and never over more than half of the rows.
            after = max(0, count - first - per)
            shown = list(keys.reverse()[after : count - first])[::-1]
        else:
            shown = list(page.object_list)
        return page, shown, self.load(shown)

    def ordered_keys(self) -> Any:
        """Return the keys of the rows in their order: a query, or a list where a column's values are outside."""
        if not self.outside:
            return self.rows.order_by(*self.order).values_list("pk", flat=True)
        names = list(dict.fromkeys(name for column, _down in self.outside for name in _keyed_by(column)))
        read = list(self.rows.order_by("pk").values_list("pk", *names))
        keys = [pk for pk, *_rest in read]
        # The last key first: every further sort keeps the order of equal rows.
        for column, down in reversed(self.outside):
            for name in reversed(_keyed_by(column)):
                place = names.index(name) + 1
                values = {row[0]: row[place] for row in read}
                if column.outside:
                    elsewhere = column.outside[1]()
                    values = {key: elsewhere.get(other) for key, other in values.items()}
                known = [key for key in keys if values[key] is not None]
                unknown = [key for key in keys if values[key] is None]
                keys = sorted(known, key=values.__getitem__, reverse=down) + unknown
        return keys

    def load(self, keys: Sequence[Any]) -> list[Any]:
        """Return the rows of these keys in their order, as the columns read them."""
        found = self.rows.model._default_manager.filter(pk__in=among(keys))
        spec = self.spec
        by_key = {r.pk: r for r in read_rows(found, related=spec.related, defer=spec.defer, only=spec.only)}
        rows = [by_key[key] for key in keys if key in by_key]
        return list(self.spec.prepare(rows, self.ask)) if self.spec.prepare else rows

    def every(self) -> Iterator[Any]:
        """Read all rows, some hundred at a time."""
        keys = list(self.ordered_keys())
        for start in range(0, len(keys), CHUNK):
            yield from self.load(keys[start : start + CHUNK])


def _keyed_by(column: Column) -> Sequence[str]:
    """Return the fields that a column is ordered by, or that its values elsewhere are found by."""
    return (column.outside[0],) if column.outside else column.order_by


def find_rows(spec: ListSpec, ask: Ask, filters: Sequence[Filter], state: State) -> Found:
    """Return the rows that the filters keep, in the order that is asked for."""
    rows = spec.rows(ask)
    order = [_last_where_unknown(rows.model, name) for name in state.order or [*spec.default_sort, "pk"]]
    outside = _sort_outside(spec, state)
    found = Found(spec, ask, rows, order, filters, outside)
    return replace(found, rows=found.narrowed(rows))


def _sort_outside(spec: ListSpec, state: State) -> Sequence[tuple[Column, bool]]:
    """Return the sort that is asked for, or the list's own, where a column of it is outside the database."""
    own = [
        (column, name.startswith("-"))
        for name in spec.default_sort
        for column in state.all_columns
        if column.outside and column.order_by and column.order_by[0] == name.lstrip("-")
    ]
    sort = state.sort or own
    return sort if any(column.outside for column, _down in sort) else ()


def _kept(rows: QuerySet[Any], one: Filter, value: Any) -> QuerySet[Any]:
    if isinstance(value, Span):
        return rows.filter(reduce(or_, [_between(rows, name, value) for name in one.fields]))
    if one.kind == "flag" and value is None:
        return rows.filter(**{f"{one.fields[0]}__isnull": True})
    lookup = {"text": "__icontains", "choices": "__in"}.get(one.kind, "")
    return rows.filter(reduce(or_, [Q(**{f"{name}{lookup}": value}) for name in one.fields]))


def _between(rows: QuerySet[Any], name: str, span: Span) -> Q:
    least, most, end = span.least, span.most, "lte"
    if isinstance(_field(rows.model, name), models.DateTimeField):
        # A moment is held against days: the last day counts whole.
        least, most, end = _midnight(least), _midnight(most and most + timedelta(days=1)), "lt"
    kept = Q()
    if least is not None:
        kept &= Q(**{f"{name}__gte": least})
    if most is not None:
        kept &= Q(**{f"{name}__{end}": most})
    return kept


def _midnight(day: date | None) -> datetime | None:
    return None if day is None else timezone.make_aware(datetime.combine(day, time.min))


def _field(model: type[models.Model], name: str) -> Any:
    """Return the column a lookup ends in, or None where it ends in something else (an annotation, a key of JSON)."""
    found: Any = None
    for part in name.split("__"):
        if part == "pk":
            return model._meta.pk
        try:
            found = model._meta.get_field(part)
        except Exception:
            return None
        if isinstance(found, models.JSONField):
            return found
        if found.is_relation and found.related_model:
            model = found.related_model
    return found


def _last_where_unknown(model: type[models.Model], name: str) -> str | OrderBy:
    """Return the order by a field: rows that do not know it stand last, whichever way it goes."""
    plain = name.lstrip("-")
    field = _field(model, plain)
    if field is None or not (getattr(field, "null", False) or isinstance(field, models.JSONField)):
        return name
    expression = F(plain)
    return expression.desc(nulls_last=True) if name.startswith("-") else expression.asc(nulls_last=True)

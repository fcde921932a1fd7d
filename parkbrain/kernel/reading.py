"""Questions that facts ask: answered once where many facts are gathered together, and of thousands of parks at once."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, TypeVar, cast

from django.db.models import Expression, IntegerField, Model, QuerySet

Answer = TypeVar("Answer", bound=Callable[..., Any])
Row = TypeVar("Row", bound=Model)

#: Up to so many keys stand in a query one by one.
_MOST_LISTED = 100

_answers: ContextVar[dict[Hashable, Any] | None] = ContextVar("shared_answers", default=None)


@contextmanager
def read_once() -> Iterator[None]:
    """Keep what shared questions are answered inside the block; nothing may be written meanwhile.

    A block within another one shares its answers.
    """
    if _answers.get() is not None:
        yield
        return
    token = _answers.set({})
    try:
        yield
    finally:
        _answers.reset(token)


def shared(function: Answer) -> Answer:
    """Let the function answer the same question only once inside `read_once`; nobody may change what it returns."""

    @wraps(function)
    def ask(**asked: Any) -> Any:
        answers = _answers.get()
        if answers is None:
            return function(**asked)
        key = (
            function.__module__,
            function.__qualname__,
            *((name, _frozen(value)) for name, value in sorted(asked.items())),
        )
        if key not in answers:
            answers[key] = function(**asked)
        return answers[key]

    return cast(Answer, ask)


def _frozen(value: Any) -> Hashable:
    if isinstance(value, set | frozenset):
        return frozenset(value)
    return tuple(value) if isinstance(value, list | tuple) else cast(Hashable, value)


class _Keys(Expression):
    """Many keys as one parameter of a query."""

    output_field = IntegerField()

    def __init__(self, keys: Collection[int]) -> None:
        super().__init__()
        self.keys = list(keys)

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        return "(SELECT value FROM json_each(%s))", (json.dumps(self.keys),)

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        return "(SELECT unnest(%s::bigint[]))", (self.keys,)


def among(keys: Collection[int]) -> Any:
    """Return keys as the right side of `__in`: of thousands, as a list, Django looks at each several times a query."""
    return keys if len(keys) <= _MOST_LISTED else _Keys(keys)


def first_found(rows: QuerySet[Row], *, limit: int) -> QuerySet[Row]:
    """Return the first of the rows, in their order, as rows of their own that may join what is shown with them.

    The keys are asked first: where nothing is found, as in most kinds that a search goes through, no more is asked.
    """
    keys = list(rows.values_list("pk", flat=True)[:limit])
    manager = rows.model._default_manager
    return manager.filter(pk__in=keys).order_by(*rows.query.order_by) if keys else manager.none()

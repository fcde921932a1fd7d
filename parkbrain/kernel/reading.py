"""Questions that several facts ask: answered once where many facts are gathered together."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, TypeVar, cast

Answer = TypeVar("Answer", bound=Callable[..., Any])

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

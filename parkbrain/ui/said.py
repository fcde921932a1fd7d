"""A sentence that is kept as the key of its translation with its values: each reader has it in their own language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext, override


@dataclass(frozen=True)
class Said:
    """A sentence to be said in the language in force; a value of it may be such a sentence, or several."""

    key: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return say(key=self.key, values=self.values)

    def as_json(self) -> dict[str, Any]:
        """Return the sentence as it is stored."""
        return {"key": self.key, "values": stored(values=self.values)}


def say(*, key: str, values: Mapping[str, Any]) -> str:
    """Return a sentence that was kept, in the language in force.

    >>> say(key="There are %(count)s.", values={"count": 3})
    'There are 3.'
    """
    text = gettext(key) if key else ""
    return text % {name: _in_words(value) for name, value in values.items()} if values else text


def stored(*, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a sentence as they are stored."""
    return {name: _plain(value) for name, value in values.items()}


def key_of(*, label: str | Promise) -> str:
    """Return the key of a label that is translated only when it is read."""
    with override(None):
        return str(label)


def _plain(value: Any) -> Any:
    if isinstance(value, Said):
        return value.as_json()
    return [_plain(one) for one in value] if isinstance(value, (list, tuple)) else value


def _in_words(value: Any) -> str:
    if isinstance(value, Mapping):
        return say(key=str(value.get("key", "")), values=value.get("values") or {})
    return " ".join(_in_words(one) for one in value) if isinstance(value, (list, tuple)) else str(value)

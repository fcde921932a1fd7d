"""Stored plain values as people read them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from .drawings import get_geometry_text


def get_value_text(*, value: Any, labels: Mapping[str, str] | None = None) -> str:
    """Return a plain value in words: the label of a choice, yes or no, a number in full without idle zeros."""
    if value is None or value == "":
        return "—"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if labels and str(value) in labels:
        return labels[str(value)]
    if isinstance(value, float):
        # In full: a difference in the last digit is what the reader looks for.
        return f"{Decimal(repr(value)).normalize():f}"
    if isinstance(value, dict):
        return get_geometry_text(geometry=value)
    if isinstance(value, list | tuple):
        return ", ".join(str(v) for v in value)
    return str(value)

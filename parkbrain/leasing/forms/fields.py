"""Fields that several forms of leasing share."""

from __future__ import annotations

from typing import Any

from django import forms


def day(label: Any, help_text: Any = "", *, required: bool = True) -> forms.DateField:
    """Return a day as the browser's date field."""
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return forms.DateField(label=label, required=required, widget=widget, help_text=help_text)


def text(label: Any, longest: int, help_text: Any = "", *, required: bool = True) -> forms.CharField:
    """Return a line of text."""
    return forms.CharField(label=label, max_length=longest, required=required, help_text=help_text)

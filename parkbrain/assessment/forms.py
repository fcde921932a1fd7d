"""Forms about facts and ratings."""

from __future__ import annotations

from datetime import date

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _


class FileWithinLimit(forms.FileField):
    """A file no larger than the installation takes."""

    def clean(self, data: object, initial: object = None) -> object:
        """Refuse a file that is too large, naming both sizes."""
        file = super().clean(data, initial)
        if file is not None and getattr(file, "size", 0) > settings.UPLOAD_MAX_BYTES:
            raise forms.ValidationError(
                _("The file has %(size)s MB; at most %(limit)s MB are taken."),
                params={"size": file.size // 1_000_000, "limit": settings.UPLOAD_MAX_BYTES // 1_000_000},
            )
        return file


class FactForm(forms.Form):
    """A fact as the operator states it, or as the assessor finds it."""

    value = forms.FloatField(label=_("Value"))
    note = forms.CharField(label=_("Note"), max_length=300, required=False)
    evidence = FileWithinLimit(label=_("Evidence (file)"), required=False)


class FreezeForm(forms.Form):
    """A rating to keep."""

    cut_off_on = forms.DateField(
        label=_("Cut-off date"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )
    title = forms.CharField(label=_("Title"), max_length=120)


def read_day(*, typed: str, today: date) -> date | None:
    """Return the day of `?on=` (today where none is given), None for what is no day or lies ahead."""
    try:
        day = date.fromisoformat(typed) if typed else today
    except ValueError:
        return None
    return day if day <= today else None

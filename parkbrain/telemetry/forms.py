"""Forms about sources, tokens and typed-in readings."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .drivers import DRIVERS, Driver

DAYS = ((365, _("one year")), (730, _("two years")), (1825, _("five years")), (90, _("90 days")), (0, _("no end")))
PHOTO_ENDINGS = ("jpg", "jpeg", "png", "webp", "heic")


class SourceForm(forms.Form):
    """A new source."""

    code = forms.CharField(
        label=_("Source code"), max_length=40, help_text=_("Stands once in the park, for example GW-1.")
    )
    name_zh_hans = forms.CharField(label=_("Name"), max_length=160, required=False)
    driver = forms.ChoiceField(label=_("Driver"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["driver"].choices = [(d.key, d.label) for d in DRIVERS.values()]  # type: ignore[attr-defined]


def _checked_by(check: Callable[[str], str]) -> Callable[[Any], None]:
    def validate(value: Any) -> None:
        if wrong := check(str(value)):
            raise forms.ValidationError(wrong)

    return validate


class SettingsForm(forms.Form):
    """Name, state and the settings that the source's driver declares."""

    name_zh_hans = forms.CharField(label=_("Name"), max_length=160, required=False)
    is_active = forms.BooleanField(label=_("Active"), required=False)

    def __init__(self, *args: Any, driver: Driver, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._keys = [s.key for s in driver.settings]
        for setting in driver.settings:
            common: dict[str, Any] = {"label": setting.label, "required": setting.required, "help_text": setting.note}
            if setting.choices is not None:
                field: forms.Field = forms.ChoiceField(choices=list(setting.choices.items()), **common)
            elif setting.kind == "boolean":
                field = forms.BooleanField(**{**common, "required": False})
            elif setting.kind in {"integer", "number"}:
                kind: Any = forms.IntegerField if setting.kind == "integer" else forms.FloatField
                field = kind(min_value=setting.minimum, max_value=setting.maximum, **common)
            elif setting.kind == "secret":
                field = forms.CharField(widget=forms.PasswordInput(render_value=False), **{**common, "required": False})
            elif setting.kind == "table":
                field = forms.CharField(
                    max_length=200_000,
                    widget=forms.Textarea(attrs={"rows": 12, "class": "mono", "wrap": "off"}),
                    **common,
                )
            else:
                field = forms.CharField(max_length=500, **common)
            if setting.check is not None:
                field.validators.append(_checked_by(setting.check))
            self.fields[f"set_{setting.key}"] = field

    @property
    def settings(self) -> dict[str, Any]:
        """The settings that were given."""
        values = {key: self.cleaned_data.get(f"set_{key}") for key in self._keys}
        return {key: value for key, value in values.items() if value not in (None, "")}


class DeviceTokenForm(forms.Form):
    """A new token of a device."""

    name = forms.CharField(label=_("Which device"), max_length=80)
    days = forms.TypedChoiceField(label=_("Valid for"), choices=DAYS, coerce=int, initial=365)

    def expires_at(self, now: datetime) -> datetime | None:
        """Return when the token ends, None where it has no end."""
        days = self.cleaned_data["days"]
        return now + timedelta(days=days) if days else None


class ReadingForm(forms.Form):
    """A reading that a person took at the meter."""

    value = forms.FloatField(
        label=_("Reading"), widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"})
    )
    read_at = forms.DateTimeField(
        label=_("Read at"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    photo = forms.FileField(
        label=_("Photo of the meter"),
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/*", "capture": "environment"}),
    )
    note = forms.CharField(label=_("Note"), max_length=300, required=False)
    is_confirmed = forms.BooleanField(label=_("I have looked again: the reading is right"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["read_at"].initial = timezone.localtime().strftime("%Y-%m-%dT%H:%M")
        self.doubts: tuple[str, ...] = ()

    def clean_photo(self) -> Any:
        """Refuse what is no picture or too large."""
        photo = self.cleaned_data["photo"]
        if photo and photo.name.rpartition(".")[2].lower() not in PHOTO_ENDINGS:
            raise forms.ValidationError(_("A picture, please: JPEG, PNG, WebP or HEIC."))
        if photo and photo.size > 12 * 1024 * 1024:
            raise forms.ValidationError(_("The picture is larger than 12 MB."))
        return photo


class PeriodForm(forms.Form):
    """The days that a page of readings shows."""

    from_on = forms.DateField(
        label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    to_on = forms.DateField(
        label=_("Up to and including"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


class ReadingsFileForm(forms.Form):
    """A file of readings."""

    file = forms.FileField(
        label=_("CSV or Excel file"), widget=forms.FileInput(attrs={"accept": ".csv,.txt,.xlsx,.xls"})
    )

    def clean_file(self) -> Any:
        """Refuse what is too large before it is read."""
        file = self.cleaned_data["file"]
        if file.size > settings.UPLOAD_MAX_BYTES:
            raise forms.ValidationError(_("The file is too large."))
        return file

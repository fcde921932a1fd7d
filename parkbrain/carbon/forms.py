"""What the address of a statement says, and the forms for what is typed in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .models import ActivityData, EmissionFactor, ExchangeOffer, GreenPower, RefrigerantEvent
from .queries import get_refrigerants, list_carriers, list_kind_choices


def _day(label: Any, help_text: Any = "", *, required: bool = True) -> forms.DateField:
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return forms.DateField(label=label, required=required, widget=widget, help_text=help_text)


def _text(label: Any, longest: int, *, required: bool = False, help_text: Any = "") -> forms.CharField:
    return forms.CharField(label=label, max_length=longest, required=required, help_text=help_text)


def _end() -> forms.DateField:
    return _day(gettext_lazy("To"), gettext_lazy("The first day that is not counted."))


def _building() -> forms.CharField:
    return _text(gettext_lazy("Building code"), 40, help_text=gettext_lazy("Empty: the whole park."))


def _firm(*, required: bool = False) -> forms.CharField:
    return _text(gettext_lazy("Unified social credit code"), 18, required=required)


def _uncertainty() -> forms.FloatField:
    return forms.FloatField(
        label=gettext_lazy("Uncertainty (±%)"),
        min_value=0,
        max_value=500,
        required=False,
        help_text=gettext_lazy("Half of the 95 % interval, in percent of the value; empty where nobody knows."),
    )


def _file() -> forms.FileField:
    return forms.FileField(
        label=gettext_lazy("Source document"), required=False, help_text=gettext_lazy("At most 30 MB.")
    )


class BetweenForm(forms.Form):
    """Which pairs of parks are shown."""

    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"), required=False, choices=[("", gettext_lazy("All")), *ExchangeOffer.Kind.choices]
    )


class PeriodForm(forms.Form):
    """A form with a period, and maybe an uncertainty in percent or a file; the end lies after the beginning."""

    def clean_uncertainty(self) -> float | None:
        """Return the uncertainty as a share."""
        percent = self.cleaned_data["uncertainty"]
        return None if percent is None else percent / 100

    def clean_file(self) -> Any:
        """Refuse a file that is too large to keep."""
        file = self.cleaned_data["file"]
        if file and file.size > 30 * 1024 * 1024:
            raise forms.ValidationError(_("At most 30 MB."))
        return file

    def clean(self) -> dict[str, Any]:
        """Refuse a period that runs backwards."""
        values = super().clean() or {}
        start, end = values.get("starts_on"), values.get("ends_on")
        if start and end and end <= start:
            self.add_error("ends_on", _("The end has to lie after the beginning."))
        return values


class ActivityForm(PeriodForm):
    """A row of activity data."""

    reference = _text(
        gettext_lazy("Reference"),
        60,
        required=True,
        help_text=gettext_lazy("Number of the bill or line of the ledger."),
    )
    kind = forms.ChoiceField(label=gettext_lazy("Activity"), choices=list_kind_choices)
    quantity = forms.FloatField(
        label=gettext_lazy("Quantity"),
        min_value=0,
        required=False,
        help_text=gettext_lazy("In the unit of the activity; empty where it is not known yet: never zero."),
    )
    starts_on = _day(gettext_lazy("From"))
    ends_on = _end()
    building_code = _building()
    level = forms.IntegerField(label=gettext_lazy("Storey (level)"), required=False)
    uscc = _firm()
    equipment_code = _text(gettext_lazy("Equipment code"), 40)
    is_breakdown = forms.BooleanField(
        label=gettext_lazy("Part of another row"),
        required=False,
        help_text=gettext_lazy("A sub-meter behind the park's bill: it divides the total and is not added to it."),
    )
    source = forms.ChoiceField(label=gettext_lazy("Source"), choices=ActivityData.Source.choices, initial="BILL")
    uncertainty = _uncertainty()
    file = _file()
    note = _text(gettext_lazy("Note"), 300)


class RefrigerantForm(PeriodForm):
    """An entry of the refrigerant log."""

    reference = _text(gettext_lazy("Reference"), 60, required=True)
    happened_on = _day(gettext_lazy("On"))
    refrigerant = forms.ChoiceField(label=gettext_lazy("Refrigerant"), choices=lambda: list(get_refrigerants().items()))
    kind = forms.ChoiceField(label=gettext_lazy("What was done"), choices=RefrigerantEvent.Kind.choices)
    mass_kg = forms.FloatField(label=gettext_lazy("Mass (kg)"), min_value=0, required=False)
    building_code = _building()
    equipment_code = _text(gettext_lazy("Equipment code"), 40)
    uscc = _firm()
    uncertainty = _uncertainty()
    file = _file()
    note = _text(gettext_lazy("Note"), 300)


class GreenPowerForm(PeriodForm):
    """Certificates or a contract."""

    number = _text(gettext_lazy("Number"), 60, required=True)
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=GreenPower.Kind.choices)
    quantity_kwh = forms.FloatField(label=gettext_lazy("Quantity (kWh)"), min_value=0.001)
    starts_on = _day(gettext_lazy("From"))
    ends_on = _end()
    retired_on = _day(
        gettext_lazy("Retired on"), gettext_lazy("Certificates cover use once they are retired."), required=False
    )
    issuer = _text(gettext_lazy("Issuer or seller"), 160)
    uscc = _firm()


class FactorForm(PeriodForm):
    """An own factor with its dates and source."""

    carrier = forms.ChoiceField(
        label=gettext_lazy("Carrier"), choices=lambda: [(c, f"{c} ({unit})") for c, unit in list_carriers().items()]
    )
    of = forms.ChoiceField(label=gettext_lazy("Turned into"), choices=EmissionFactor.Of.choices)
    basis = forms.ChoiceField(
        label=gettext_lazy("Basis"),
        choices=[("", "—"), *EmissionFactor.Basis.choices],
        required=False,
        help_text=gettext_lazy("For power: location or market; for standard coal: how power is counted."),
    )
    value = forms.FloatField(label=gettext_lazy("Value"), min_value=0)
    uncertainty = _uncertainty()
    starts_on = _day(gettext_lazy("Valid from"))
    ends_on = _day(gettext_lazy("Valid to"), gettext_lazy("Empty where it has no end."), required=False)
    source = _text(gettext_lazy("Source"), 300, required=True)


class EndForm(forms.Form):
    """The day on which something ends."""

    ends_on = _day(gettext_lazy("Ends on"), gettext_lazy("The first day on which it no longer holds."))


class OfferForm(PeriodForm):
    """An offer or a need."""

    uscc = _firm(required=True)
    direction = forms.ChoiceField(label=gettext_lazy("Direction"), choices=ExchangeOffer.Direction.choices)
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=ExchangeOffer.Kind.choices)
    substance = _text(gettext_lazy("What exactly"), 80, required=True)
    quality = _text(gettext_lazy("Quality"), 200)
    temperature_c = forms.FloatField(label=gettext_lazy("Temperature (°C)"), required=False)
    per_month = forms.FloatField(label=gettext_lazy("Amount a month"), min_value=0.001, required=False)
    unit = forms.ChoiceField(label=gettext_lazy("Unit"), choices=[(u, u) for u in ExchangeOffer.UNITS])
    building_code = _text(gettext_lazy("Building code"), 40)
    starts_on = _day(gettext_lazy("From"))
    ends_on = _day(gettext_lazy("To"), gettext_lazy("Empty where it has no end."), required=False)
    contact = _text(
        gettext_lazy("Contact"),
        120,
        help_text=gettext_lazy("Everybody who sees the park reads it: name and telephone."),
    )


class UnitsForm(forms.Form):
    """How much of a product left the premises in the period."""

    made = forms.FloatField(label=gettext_lazy("Products made in the period"), min_value=0.001, required=False)
    unit_name = _text(gettext_lazy("Unit of the product"), 30)

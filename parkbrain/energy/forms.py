"""What the pages of meters ask for: which time is shown, exchanges, repairs, calibrations, what a meter serves."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from parkbrain.kernel.models import Park, User
from parkbrain.telemetry.models import Point

from .models import AllocationRule, Calibration, EnergyBaseline, EnergyDriver, EnergyKind, Meter, MeterUse
from .queries import DAY, HOUR, MONTH, STEPS
from .services import CannotRecordTariff, check_rates, rates_of, read_shares

#: Days that are shown unless others are asked for, by step.
SHOWN_DAYS = {HOUR: 7, DAY: 31, MONTH: 366}
MOST_DAYS = {HOUR: 31, DAY: 400, MONTH: 4000}


def _day(label: Any, *, required: bool = True, help_text: Any = "") -> forms.DateField:
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return forms.DateField(label=label, required=required, widget=widget, help_text=help_text)


def _moment(label: Any) -> forms.DateTimeField:
    widget = forms.DateTimeInput(format="%Y-%m-%dT%H:%M:%S", attrs={"type": "datetime-local", "step": "1"})
    return forms.DateTimeField(label=label, widget=widget)


def read_time(params: QueryDict, *, on: date) -> tuple[str, date, date]:
    """Return the step and the time [first, end) that the address asks for, or what is shown without."""
    step = params.get("step", DAY)
    step = step if step in STEPS else DAY
    end = _parsed(params.get("to", "")) or on + timedelta(days=1)
    start = _parsed(params.get("from", "")) or end - timedelta(days=SHOWN_DAYS[step])
    if start >= end:
        start = end - timedelta(days=1)
    return step, max(start, end - timedelta(days=MOST_DAYS[step])), end


def read_month(params: QueryDict, *, default: date) -> date:
    """Return the month that the address asks for (2026-05), or the default."""
    return _parsed(f"{params.get('month', '')}-01") or default


def _parsed(text: str) -> date | None:
    try:
        found = date.fromisoformat(text[:10])
    except ValueError:
        return None
    return found if 1990 <= found.year <= 2200 else None


class SwapForm(forms.Form):
    """An exchange of a meter."""

    swapped_at = _moment(gettext_lazy("Exchanged at"))
    end_reading = forms.FloatField(label=gettext_lazy("Last reading of the old one"), min_value=0)
    start_reading = forms.FloatField(label=gettext_lazy("First reading of the new one"), min_value=0)
    old_serial_number = forms.CharField(label=gettext_lazy("Old serial number"), max_length=60, required=False)
    new_serial_number = forms.CharField(label=gettext_lazy("New serial number"), max_length=60, required=False)
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200, required=False)


class RepairForm(forms.Form):
    """A reading that was wrong."""

    read_at = _moment(gettext_lazy("Time of the reading"))
    value = forms.FloatField(
        label=gettext_lazy("What counts instead"),
        required=False,
        help_text=gettext_lazy("As the register shows it. Empty: the reading is left out."),
    )
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200)


class CalibrationForm(forms.Form):
    """A calibration."""

    done_on = _day(pgettext_lazy("calibration", "Done on"))
    due_on = _day(gettext_lazy("Next due on"), required=False)
    certificate = forms.CharField(label=gettext_lazy("Certificate number"), max_length=60, required=False)
    result = forms.ChoiceField(label=gettext_lazy("Result"), choices=Calibration.Result.choices)

    def clean(self) -> dict[str, Any]:
        """Refuse a next calibration before this one."""
        values = super().clean() or {}
        if values.get("due_on") and values.get("done_on") and values["due_on"] <= values["done_on"]:
            self.add_error("due_on", _("The next calibration is due after this one."))
        return values


class ServeForm(forms.Form):
    """What a meter serves from a day on."""

    kind = forms.ChoiceField(label=gettext_lazy("Serves"), choices=MeterUse.Kind.choices)
    code = forms.CharField(
        label=gettext_lazy("Code or name"),
        max_length=80,
        help_text=gettext_lazy(
            "Building or premises code; storey as building and level (T1 3); credit code of a firm; a use in words."
        ),
    )
    share = forms.DecimalField(
        label=gettext_lazy("Share (%)"), min_value=0.001, max_value=100, initial=100, decimal_places=3
    )
    starts_on = _day(gettext_lazy("From"))
    ends_on = _day(gettext_lazy("Up to"), required=False)


class YearForm(forms.Form):
    """Twelve amounts; a month that is left empty is not known."""

    def __init__(self, *args: Any, year: int, unit: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._year = year
        for number in range(1, 13):
            label = f"{year}-{number:02d} ({unit})" if unit else f"{year}-{number:02d}"
            self.fields[f"m{number}"] = forms.FloatField(label=label, required=False, min_value=0, max_value=1e12)

    @classmethod
    def initial_of(cls, months: Mapping[date, float | None]) -> dict[str, float | None]:
        """Return what the fields hold for amounts by month."""
        return {f"m{month.month}": value for month, value in months.items()}

    @property
    def months(self) -> dict[date, float | None]:
        """The amounts by month."""
        return {date(self._year, number, 1): self.cleaned_data[f"m{number}"] for number in range(1, 13)}


class DriverForm(forms.Form):
    """Something that drives use."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    unit = forms.CharField(label=gettext_lazy("Unit"), max_length=40)


class BaselineForm(forms.Form):
    """A baseline: which meters, which time, which drivers."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    meters = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Meters"),
        queryset=Meter.objects.none(),
        help_text=gettext_lazy("Of one energy kind; what is given away counts less."),
    )
    step = forms.ChoiceField(label=gettext_lazy("Compared"), choices=EnergyBaseline.Step.choices)
    starts_on = _day(gettext_lazy("Baseline from"))
    ends_on = _day(
        gettext_lazy("Baseline up to"), help_text=gettext_lazy("The first day that no longer belongs to it.")
    )
    reports_from = _day(
        gettext_lazy("Compared from"), help_text=gettext_lazy("The first day after what was changed was in place.")
    )
    temperature = forms.ModelChoiceField(
        label=gettext_lazy("Outside temperature"), queryset=Point.objects.none(), required=False
    )
    counts_workdays = forms.BooleanField(label=gettext_lazy("Working days drive use"), required=False, initial=True)
    drivers = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Drivers"),
        queryset=EnergyDriver.objects.none(),
        required=False,
        help_text=gettext_lazy("Only where it is compared by month."),
    )
    note = forms.CharField(
        label=gettext_lazy("What stays the same"),
        max_length=400,
        required=False,
        help_text=gettext_lazy("Area, shifts, set points: what has to be so for the comparison to hold."),
    )

    def __init__(self, *args: Any, user: User, park: Park, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices: dict[str, Any] = {
            "meters": Meter.objects.visible_to(user).filter(park=park).order_by("energy_kind", "level", "code"),
            "temperature": Point.objects.visible_to(user).filter(
                park=park, brick_class="Outside_Air_Temperature_Sensor"
            ),
            "drivers": EnergyDriver.objects.visible_to(user).filter(park=park),
        }
        for name, queryset in choices.items():
            self.fields[name].queryset = queryset  # type: ignore[attr-defined]
        self.fields["meters"].widget.attrs["size"] = 12
        if not choices["drivers"].exists():
            del self.fields["drivers"]

    def clean(self) -> dict[str, Any]:
        """Refuse an end before the beginning at the field that is wrong."""
        values = super().clean() or {}
        start, end, since = (values.get(name) for name in ("starts_on", "ends_on", "reports_from"))
        if start and end and end <= start:
            self.add_error("ends_on", _("The end has to lie after the beginning."))
        elif end and since and since < end:
            self.add_error("reports_from", _("What is compared begins when the baseline has ended, not before."))
        return values


class NeedForm(forms.Form):
    """A place that the standard wants metered."""

    code = forms.CharField(label=gettext_lazy("Place code"), max_length=60)
    name_zh_hans = forms.CharField(label=gettext_lazy("Place (Chinese)"), max_length=160, required=False)
    name_en = forms.CharField(label=gettext_lazy("Place (English)"), max_length=200, required=False)
    energy_kind = forms.ChoiceField(label=gettext_lazy("Energy kind"), choices=EnergyKind.choices)
    level = forms.TypedChoiceField(label=gettext_lazy("Level"), choices=Meter.Level.choices, coerce=int)
    rated_load = forms.FloatField(label=gettext_lazy("Rated load"), min_value=0.001, required=False)
    meter_code = forms.CharField(
        label=gettext_lazy("Meter that is there"),
        max_length=60,
        required=False,
        help_text=gettext_lazy("Empty: there is none yet."),
    )


class RuleForm(forms.Form):
    """By what common use and loss are shared from a day on."""

    energy_kind = forms.ChoiceField(label=gettext_lazy("Energy kind"), choices=EnergyKind.choices)
    starts_on = _day(gettext_lazy("Rule from"), help_text=gettext_lazy("The rule before it ends there."))
    public_by = forms.ChoiceField(label=gettext_lazy("Common use by"), choices=AllocationRule.By.choices)
    loss_by = forms.ChoiceField(label=gettext_lazy("Loss by"), choices=AllocationRule.By.choices)
    fixed_shares = forms.CharField(
        label=gettext_lazy("Fixed shares"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy(
            "Credit code and weight, where something is shared by fixed shares: 91440300000000001X 60; …"
        ),
    )

    def clean_fixed_shares(self) -> dict[str, str]:
        """Read the weights."""
        try:
            return read_shares(text=self.cleaned_data["fixed_shares"])
        except CannotRecordTariff as refusal:
            raise forms.ValidationError(str(refusal)) from refusal

    def clean(self) -> dict[str, Any]:
        """Ask for the shares where something is shared by them."""
        values = super().clean() or {}
        by = (values.get("public_by"), values.get("loss_by"))
        if AllocationRule.By.FIXED in by and values.get("fixed_shares") == {}:
            self.add_error("fixed_shares", _("State the fixed shares."))
        return values


def _price(label: Any) -> forms.DecimalField:
    return forms.DecimalField(label=label, required=False, min_value=0, max_value=1000, max_digits=10, decimal_places=6)


class TariffForm(forms.Form):
    """What energy costs from a day on: one price, prices by hours of the day, or tiers."""

    energy_kind = forms.ChoiceField(label=gettext_lazy("Energy kind"), choices=EnergyKind.choices)
    code = forms.CharField(
        label=gettext_lazy("Tariff code"),
        required=False,
        max_length=40,
        help_text=gettext_lazy("Empty for the park's own; with a code it prices the firms whose leases name it"),
    )
    name_zh_hans = forms.CharField(label=gettext_lazy("Tariff name"), required=False, max_length=160)
    starts_on = _day(
        gettext_lazy("Tariff from"), help_text=gettext_lazy("The tariff of this code before it ends there.")
    )
    price = _price(gettext_lazy("Price, all hours"))
    bands = forms.CharField(
        label=gettext_lazy("Hours of the bands"),
        required=False,
        max_length=1000,
        help_text=gettext_lazy("peak 10-12 14-19; valley 0-8; critical_peak 11-12 months 7-9"),
    )
    critical_peak = _price(gettext_lazy("Price, critical peak"))
    peak = _price(gettext_lazy("Price, peak"))
    flat = _price(gettext_lazy("Price, flat"))
    valley = _price(gettext_lazy("Price, valley"))
    deep_valley = _price(gettext_lazy("Price, deep valley"))
    tiers = forms.CharField(
        label=gettext_lazy("Tiers"),
        required=False,
        max_length=300,
        help_text=gettext_lazy("Up to a quantity a month at a price, the last one without end: 22: 2.67; 4.01"),
    )
    demand = _price(gettext_lazy("Price of the greatest demand (yuan/kW)"))
    tax_rate = forms.DecimalField(
        label=gettext_lazy("Tax rate"),
        min_value=0,
        max_value=Decimal("0.5"),
        max_digits=5,
        decimal_places=4,
        help_text=gettext_lazy("0.13 for 13 percent; the prices include it."),
    )
    source = forms.CharField(label=gettext_lazy("Source of the tariff"), required=False, max_length=200)

    def clean(self) -> dict[str, Any]:
        """Read the prices as rates."""
        values = super().clean() or {}
        try:
            values["rates"] = rates_of(values=values)
            check_rates(rates=values["rates"])
        except (ValueError, CannotRecordTariff) as refusal:
            self.add_error(
                "tiers" if values.get("tiers") else "bands" if values.get("bands") else "price", str(refusal)
            )
        return values

    @property
    def row(self) -> dict[str, Any]:
        """What is to be recorded."""
        plain = ("energy_kind", "code", "name_zh_hans", "starts_on", "tax_rate", "source", "rates")
        return {name: self.cleaned_data[name] for name in plain}

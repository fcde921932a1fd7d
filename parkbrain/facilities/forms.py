"""The form of a machine and of its running hours."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .models import Equipment


def _day(label: Any, help_text: Any = "", *, required: bool = False) -> forms.DateField:
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return forms.DateField(label=label, required=required, widget=widget, help_text=help_text)


def _text(label: Any, longest: int, *, required: bool = False, help_text: Any = "") -> forms.CharField:
    return forms.CharField(label=label, max_length=longest, required=required, help_text=help_text)


class EquipmentForm(forms.Form):
    """A machine as its nameplate and papers say."""

    code = _text(gettext_lazy("Equipment code"), 40, required=True)
    name_zh_hans = _text(gettext_lazy("Equipment name (Chinese)"), 160)
    name_en = _text(gettext_lazy("Equipment name (English)"), 200)
    kind = forms.ChoiceField(label=gettext_lazy("Kind of equipment"), choices=Equipment.Kind.choices)
    building_code = _text(gettext_lazy("Building of the equipment"), 40)
    level = forms.IntegerField(label=gettext_lazy("Storey of the equipment"), required=False)
    uscc = _text(
        gettext_lazy("Credit code of the owner"),
        18,
        help_text=gettext_lazy("Empty where the machine is the operator's."),
    )
    manufacturer = _text(gettext_lazy("Manufacturer"), 120)
    model = _text(gettext_lazy("Model"), 80)
    serial_number = _text(gettext_lazy("Serial number"), 80)
    rated_kw = forms.FloatField(label=gettext_lazy("Rated power (kW)"), min_value=0.001, required=False)
    rated_kva = forms.FloatField(label=gettext_lazy("Rated capacity (kVA)"), min_value=0.001, required=False)
    ie_class = forms.ChoiceField(
        label=gettext_lazy("IE class"), choices=[("", "—"), *Equipment.IeClass.choices], required=False
    )
    label_grade = forms.TypedChoiceField(
        label=gettext_lazy("Grade on the label"),
        choices=[("", "—"), *Equipment.LabelGrade.choices],
        coerce=int,
        empty_value=None,
        required=False,
    )
    label_standard = _text(gettext_lazy("Standard of the label"), 40)
    made_year = forms.IntegerField(label=gettext_lazy("Year made"), min_value=1950, max_value=2100, required=False)
    commissioned_on = _day(gettext_lazy("In use from"))
    retired_on = _day(gettext_lazy("Out of use from"))
    stop_by_on = _day(
        gettext_lazy("To be stopped by"),
        gettext_lazy("The day that a notice or the replacement plan sets for an obsolete machine."),
    )
    registration_number = _text(gettext_lazy("Registration number"), 60)
    last_inspected_on = _day(gettext_lazy("Last inspected on"))
    inspection_due_on = _day(
        gettext_lazy("Inspection due on"), gettext_lazy("Empty: it follows from the rules of the kind of machine.")
    )

    hours_point_code = _text(
        gettext_lazy("Point of the hour counter"),
        80,
        help_text=gettext_lazy("Code of a register counted in hours among the park's points."),
    )

    def clean(self) -> dict[str, Any]:
        """Refuse a life that runs backwards."""
        values = super().clean() or {}
        start, end = values.get("commissioned_on"), values.get("retired_on")
        if start and end and end <= start:
            self.add_error("retired_on", _("The end has to lie after the beginning."))
        return values


class HoursForm(forms.Form):
    """How long a machine ran in a period."""

    starts_on = _day(gettext_lazy("From"), required=True)
    ends_on = _day(gettext_lazy("To"), gettext_lazy("The first day that is not counted."), required=True)
    hours = forms.FloatField(label=gettext_lazy("Running hours"), min_value=0)

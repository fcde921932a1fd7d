"""Forms of classes, triggers and exits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkbrain.enterprises.models import Occupancy

from ..models import EfficiencyMark, ExitCase, ExitTrigger, InspectionItem, LowEfficiencySpace

#: Minutes, forms and photos are small; larger files are something else.
MAX_BYTES = 20 * 1024 * 1024


def _day(label: Any, *, required: bool = True, help_text: Any = "") -> forms.DateField:
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return forms.DateField(label=label, required=required, widget=widget, help_text=help_text)


def _text(label: Any, *, required: bool = True, help_text: Any = "", longest: int = 300) -> forms.CharField:
    return forms.CharField(label=label, max_length=longest, required=required, help_text=help_text)


def _money(label: Any, *, help_text: Any = "") -> forms.DecimalField:
    return forms.DecimalField(
        label=label, min_value=0, max_digits=12, decimal_places=2, required=False, help_text=help_text
    )


class SmallFile(forms.FileField):
    """A file that is neither empty nor too large; its value is the name with the content."""

    def clean(self, data: Any, initial: Any = None) -> tuple[str, Iterable[bytes]] | None:
        """Return name and content, None where no file was given."""
        file = super().clean(data, initial)
        if not file:
            return None
        if file.size > MAX_BYTES:
            raise forms.ValidationError(_("The file is larger than %(limit)s MB.") % {"limit": MAX_BYTES // 1024**2})
        return file.name, file.chunks()


class ClassifyForm(forms.Form):
    """Which year is classed by which scheme."""

    year = forms.TypedChoiceField(label=gettext_lazy("Year"), coerce=int)
    scheme = forms.ChoiceField(label=gettext_lazy("Scheme"))

    def __init__(self, *args: Any, years: Sequence[int], schemes: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["year"].choices = [(y, y) for y in years]  # type: ignore[attr-defined]
        self.fields["scheme"].choices = list(schemes)  # type: ignore[attr-defined]


class MarkForm(forms.Form):
    """A mark that sets a firm apart in a year."""

    firm = forms.TypedChoiceField(label=gettext_lazy("Enterprise"), coerce=int)
    kind = forms.ChoiceField(label=gettext_lazy("Mark"), choices=EfficiencyMark.Kind.choices)
    note = _text(gettext_lazy("What shows it"))

    def __init__(self, *args: Any, firms: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["firm"].choices = list(firms)  # type: ignore[attr-defined]


class DisposeForm(forms.Form):
    """What was done about low-efficiency space."""

    disposal = forms.ChoiceField(label=gettext_lazy("What was done"), choices=LowEfficiencySpace.Disposal.choices)
    disposed_on = _day(gettext_lazy("Done on"))
    note = _text(gettext_lazy("What shows it"))


class RaiseForm(forms.Form):
    """What a person saw."""

    firm = forms.TypedChoiceField(label=gettext_lazy("Enterprise"), coerce=int)
    kind = forms.ChoiceField(label=gettext_lazy("What was found"))
    note = _text(gettext_lazy("What was seen"))

    def __init__(self, *args: Any, firms: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["firm"].choices = list(firms)  # type: ignore[attr-defined]
        by_hand = [(k, label) for k, label in ExitTrigger.Kind.choices if k not in ExitTrigger.BY_RULE]
        self.fields["kind"].choices = by_hand  # type: ignore[attr-defined]


class DecideForm(forms.Form):
    """A decision on a trigger."""

    decision = forms.ChoiceField(label=gettext_lazy("Decision"), choices=ExitTrigger.Decision.choices)
    reason = _text(gettext_lazy("Reason of the decision"))
    follow_up_on = _day(
        gettext_lazy("Look at it again on"),
        required=False,
        help_text=gettext_lazy("A rectification plan needs it: usually 30 to 90 days ahead."),
    )
    minutes = SmallFile(
        label=gettext_lazy("Minutes"), required=False, help_text=gettext_lazy("A termination needs them.")
    )


class OpenExitForm(forms.Form):
    """The notice: who leaves what, why, and by when."""

    premises = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Premises that are vacated"), coerce=int, widget=forms.CheckboxSelectMultiple
    )
    reason = forms.ChoiceField(label=gettext_lazy("Reason"), choices=ExitCase.Reason.choices)
    notice_on = _day(gettext_lazy("Notice of"))
    planned_on = _day(gettext_lazy("To be vacated by"))
    deposit_days = forms.IntegerField(
        label=gettext_lazy("Deposit to be settled within (days)"), min_value=1, max_value=365, initial=30
    )
    has_hazardous_waste = forms.BooleanField(
        label=gettext_lazy("Hazardous waste was handled"),
        required=False,
        help_text=gettext_lazy("Then its transfer form is asked for before the keys are handed over."),
    )
    note = _text(gettext_lazy("Note"), required=False)
    notice = SmallFile(label=gettext_lazy("Letter of notice"), required=False)

    def __init__(self, *args: Any, stays: Sequence[Occupancy], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(s.premises_id, f"{s.premises.code} · {s.premises.billing_area_m2:g} m²") for s in stays]
        self.fields["premises"].choices = choices  # type: ignore[attr-defined]
        if len(choices) == 1:
            self.fields["premises"].initial = [choices[0][0]]

    def clean(self) -> dict[str, Any]:
        """Refuse a day of vacating before the notice."""
        values = super().clean() or {}
        notice_on, planned_on = values.get("notice_on"), values.get("planned_on")
        if notice_on and planned_on and planned_on < notice_on:
            self.add_error("planned_on", _("The day of vacating lies before the notice."))
        return values


class StepForm(forms.Form):
    """A step of an exit that was done."""

    done_on = _day(gettext_lazy("Done on"))
    note = _text(gettext_lazy("Note"), required=False)
    evidence = SmallFile(label=gettext_lazy("File that shows it"), required=False)


class SettlementForm(StepForm):
    """The settlement with the final readings."""

    readings = _text(
        gettext_lazy("Final readings"),
        help_text=gettext_lazy("Meter by meter, or that there is none: “E-1203: 48 211.6 kWh; W-1203: 932 m³”."),
    )
    field_order = ("done_on", "readings", "note", "evidence")


class DepositForm(StepForm):
    """How the deposit was settled."""

    paid_back_yuan = _money(gettext_lazy("Paid back (yuan)"))
    withheld_yuan = _money(gettext_lazy("Set off or forfeited (yuan)"))
    field_order = ("done_on", "paid_back_yuan", "withheld_yuan", "note", "evidence")


class KeysForm(StepForm):
    """The handover: keys, and whether chemicals and fire systems were looked at."""

    keys = _text(gettext_lazy("Keys and cards"), required=False, longest=120)
    field_order = ("done_on", "keys", "note", "evidence")


class ReasonForm(forms.Form):
    """A reason."""

    reason = _text(gettext_lazy("Reason"))


class ItemForm(forms.Form):
    """A line of the joint inspection."""

    what = _text(gettext_lazy("What was looked at"), longest=120)
    finding = forms.ChoiceField(label=gettext_lazy("Found"), choices=InspectionItem.Finding.choices)
    cost_yuan = _money(gettext_lazy("To be borne by the firm (yuan)"))
    note = _text(gettext_lazy("Note"), required=False)
    photo = SmallFile(label=gettext_lazy("Photo"), required=False)


class CostForm(forms.Form):
    """What the change of tenant cost the owner."""

    cost_yuan = forms.DecimalField(
        label=gettext_lazy("Cost of the change to the owner (yuan)"), min_value=0, max_digits=12, decimal_places=2
    )

"""Forms about facts and ratings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from parkbrain.calc import planning
from parkbrain.ui.fields import FileWithinLimit

from .models import MeasureChange
from .queries import Assumptions


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


class WishForm(forms.Form):
    """What a plan is asked for; the address holds it."""

    #: The certainty that is asked for where nobody chose one [percent].
    CERTAINTY = 80

    rank = forms.TypedChoiceField(label=_("To reach"), coerce=int)
    budget = forms.DecimalField(
        label=_("Budget at most (yuan)"), min_value=0, max_value=10**12, decimal_places=0, required=False
    )
    months = forms.IntegerField(label=_("Months at most"), min_value=1, max_value=240, required=False)
    certainty = forms.IntegerField(label=_("Certainty wanted (%)"), min_value=0, max_value=99, required=False)
    off = forms.MultipleChoiceField(label=_("Not to be taken"), required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, data: Any, *, ranks: Sequence[tuple[int, str]], measures: Sequence[tuple[str, str]]) -> None:
        super().__init__(data, initial={"rank": ranks[0][0], "certainty": self.CERTAINTY})
        self.fields["rank"].choices = ranks  # type: ignore[attr-defined]
        self.fields["off"].choices = measures  # type: ignore[attr-defined]
        self.fields["rank"].required = False
        for name, step in (("budget", "100000"), ("months", "1"), ("certainty", "5")):
            self.fields[name].widget.attrs |= {"step": step, "inputmode": "numeric"}
        # Any amount may be typed; the arrows go by steps.
        self.fields["budget"].widget.attrs |= {"step": "any"}
        self._first = ranks[0][0]

    def wish(self) -> planning.Wish:
        """Return what is asked for as the planner reads it."""
        typed = self.cleaned_data
        budget, certainty = typed["budget"], typed["certainty"]
        return planning.Wish(
            rank=typed["rank"] or self._first,
            budget_yuan=None if budget is None else int(budget),
            most_months=typed["months"],
            certainty=(self.CERTAINTY if certainty is None else certainty) / 100,
            switched_off=frozenset(typed["off"]),
        )


class DoubtForm(forms.Form):
    """Under which assumptions a star is drawn; the address holds them, what is empty is as usual."""

    declared = forms.FloatField(label=_("Declared facts off by (±%)"), min_value=0, max_value=100, required=False)
    computed = forms.FloatField(label=_("Computed facts off by (±%)"), min_value=0, max_value=100, required=False)
    verified = forms.FloatField(label=_("Verified facts off by (±%)"), min_value=0, max_value=100, required=False)
    thresholds = forms.FloatField(label=_("Thresholds moved by (±%)"), min_value=0, max_value=50, required=False)
    weights = forms.IntegerField(
        label=_("Concentration of weights (0 holds them)"), min_value=0, max_value=1_000_000, required=False
    )
    filled = forms.FloatField(label=_("Unknowns filled in (%)"), min_value=0, max_value=100, required=False)
    draws = forms.IntegerField(label=_("Draws"), min_value=64, max_value=20_000, required=False)
    seed = forms.IntegerField(label=_("Seed"), min_value=0, max_value=10**9, required=False)

    def __init__(self, data: Any) -> None:
        usual = asdict(Assumptions())
        super().__init__(data, initial=usual)
        for name, value in usual.items():
            self.fields[name].widget.attrs |= {"step": "any" if isinstance(value, float) else "1"}
            self.fields[name].widget.attrs |= {"placeholder": f"{value:g}"}

    def assumptions(self) -> Assumptions:
        """Return the assumptions; what was left empty is as usual."""
        typed = {key: value for key, value in self.cleaned_data.items() if value is not None}
        return Assumptions(**typed)


def _money(*, required: bool, help_text: Any = "") -> forms.DecimalField:
    return forms.DecimalField(
        label=_("Cost (yuan)"), min_value=0, max_digits=14, decimal_places=2, required=required, help_text=help_text
    )


def _months(*, required: bool) -> forms.IntegerField:
    return forms.IntegerField(label=_("Months until it counts"), min_value=1, max_value=120, required=required)


def _chance(*, required: bool) -> forms.IntegerField:
    return forms.IntegerField(label=_("Chance that it works (%)"), min_value=1, max_value=100, required=required)


class MeasureForm(forms.Form):
    """What a park knows better about a measure; what is empty stays as the catalogue has it."""

    cost_yuan = _money(required=False, help_text=_("Empty: as the catalogue has it."))
    months = _months(required=False)
    success = _chance(required=False)
    is_off = forms.BooleanField(label=_("Never in a plan"), required=False)
    note = forms.CharField(label=_("Note"), max_length=300, required=False)

    @staticmethod
    def of(change: MeasureChange | None) -> dict[str, Any]:
        """Return what the park recorded before."""
        if change is None:
            return {}
        success = None if change.success is None else round(change.success * 100)
        return {
            "cost_yuan": change.cost_yuan,
            "months": change.months,
            "success": success,
            "is_off": change.is_off,
            "note": change.note,
        }

    def terms(self) -> dict[str, Any]:
        """Return the entries as the service takes them."""
        typed = dict(self.cleaned_data)
        typed["success"] = None if typed["success"] is None else typed["success"] / 100
        return typed


class OwnMeasureForm(forms.Form):
    """A measure of the park's own, its effects as lines of `fact = formula`."""

    name = forms.CharField(label=_("Name of the measure"), max_length=120)
    cost_yuan = _money(required=True)
    months = _months(required=True)
    success = _chance(required=True)
    effects = forms.CharField(
        label=_("Effects"),
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_(
            "One line each: fact = formula of its value afterwards, such as leased_area_m2 = leased_area_m2 + 500."
        ),
    )

    def clean_effects(self) -> dict[str, str]:
        """Read the lines; a line that is none is named."""
        found: dict[str, str] = {}
        for number, line in enumerate(self.cleaned_data["effects"].splitlines(), start=1):
            if not line.strip():
                continue
            key, sign, formula = line.partition("=")
            if not sign or not key.strip() or not formula.strip():
                raise forms.ValidationError(_("Line %(number)s is not “fact = formula”."), params={"number": number})
            if key.strip() in found:
                raise forms.ValidationError(
                    _("Line %(number)s names %(fact)s a second time."), params={"number": number, "fact": key.strip()}
                )
            found[key.strip()] = formula.strip()
        return found

    def terms(self) -> dict[str, Any]:
        """Return the entries as the service takes them."""
        typed = dict(self.cleaned_data)
        return {**typed, "cost_yuan": Decimal(typed["cost_yuan"]), "success": typed["success"] / 100}


def read_day(*, typed: str, today: date) -> date | None:
    """Return the day of `?on=` (today where none is given), None for what is no day or lies ahead."""
    try:
        day = date.fromisoformat(typed) if typed else today
    except ValueError:
        return None
    return day if day <= today else None

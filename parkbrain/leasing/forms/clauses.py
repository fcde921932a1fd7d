"""One form per kind of clause, made from what the calculation reads; and the form of the terms of payment."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkbrain.calc import leases as calc

from ..queries import WORDS, problem_sentence

LABELS: Mapping[str, Promise] = {
    "price_yuan_per_m2": gettext_lazy("Price (yuan/m²)"),
    "per": gettext_lazy("Per"),
    "premises": gettext_lazy("Only for premises"),
    "from_on": gettext_lazy("From"),
    "fee": gettext_lazy("Of the fee"),
    "percent": gettext_lazy("Percent"),
    "every_years": gettext_lazy("Every how many years"),
    "first_on": gettext_lazy("First on"),
    "mode": gettext_lazy("Counted"),
    "cap_percent": gettext_lazy("Cap (%)"),
    "cap_price_yuan_per_m2": gettext_lazy("Cap (yuan/m²)"),
    "series": gettext_lazy("Index series"),
    "base_month_on": gettext_lazy("Base month"),
    "lag_months": gettext_lazy("Months before the review"),
    "share_percent": gettext_lazy("Share (%)"),
    "floor_percent": gettext_lazy("Floor (%)"),
    "breakpoint": gettext_lazy("Breakpoint"),
    "breakpoint_yuan_per_year": gettext_lazy("Breakpoint (yuan a year)"),
    "months_per_report": gettext_lazy("Months per report"),
    "starts_on": gettext_lazy("From"),
    "ends_on": gettext_lazy("To"),
    "frees": gettext_lazy("Frees from"),
    "meaning": gettext_lazy("Which months"),
    "months": gettext_lazy("How many months"),
    "calendar_month": gettext_lazy("First calendar month (1 to 12)"),
    "first_year": gettext_lazy("From year"),
    "last_year": gettext_lazy("To year"),
    "rent_free": gettext_lazy("No rent"),
    "property_fee_runs": gettext_lazy("The property fee runs"),
    "supply": gettext_lazy("Supply"),
    "way": gettext_lazy("Charged"),
    "tariff": gettext_lazy("Tariff"),
    "percent_per_day": gettext_lazy("Percent a day"),
    "grace_days": gettext_lazy("Days of grace"),
    "counts_from": gettext_lazy("Counts"),
    "rate_percent": gettext_lazy("Rate (%)"),
    "included": gettext_lazy("Included in the price"),
    "fees": gettext_lazy("On the fees"),
    "programme": gettext_lazy("Programme"),
    "amount_yuan_per_m2_month": gettext_lazy("Amount off (yuan/m² and month)"),
    "limit_yuan": gettext_lazy("Limit in all (yuan)"),
    "limit_yuan_per_m2": gettext_lazy("Limit (yuan/m²)"),
    "limit_months": gettext_lazy("Limit (months)"),
    "cycle": gettext_lazy("Months are"),
    "months_per_bill": gettext_lazy("Months per bill (1, 2, 3, 6, 12)"),
    "in_advance": gettext_lazy("In advance"),
    "due_rule": gettext_lazy("Due"),
    "due_days": gettext_lazy("Days, or day of the month"),
    "day_count": gettext_lazy("Part months count by"),
    "round_to_yuan": gettext_lazy("Amounts rounded to (yuan)"),
    "round_at": gettext_lazy("Rounded"),
    "price_to_yuan": gettext_lazy("Prices rounded to (yuan)"),
}
HELP: Mapping[str, Promise] = {
    "premises": gettext_lazy("Codes with commas; empty for all premises of the lease."),
    "ends_on": gettext_lazy("The first day that is not counted."),
    "calendar_month": gettext_lazy("Only for months of the calendar year."),
    "first_on": gettext_lazy("Empty: so many years after the term begins."),
    "starts_on": gettext_lazy("The first day."),
    "due_days": gettext_lazy("After the first day of the period, or after its end in arrears; negative: before."),
}
OPTIONS: Mapping[tuple[str, str], Promise] = {
    ("cycle", "NATURAL"): gettext_lazy("natural months"),
    ("cycle", "ANNIVERSARY"): gettext_lazy("months of the contract"),
    ("due_rule", "OFFSET"): gettext_lazy("so many days after"),
    ("due_rule", "DAY_OF_MONTH"): gettext_lazy("on a day of the month"),
    ("day_count", "ACTUAL"): gettext_lazy("actual days of the month"),
    ("day_count", "THIRTY_360"): gettext_lazy("30/360"),
    ("day_count", "ACTUAL_365"): gettext_lazy("actual days of 365"),
    ("round_at", "LINE"): gettext_lazy("per line"),
    ("round_at", "PIECE"): gettext_lazy("per piece"),
}


class SpecForm(forms.Form):
    """A form whose fields are those of a class of the calculation, which also checks them."""

    kind = ""

    def values(self) -> dict[str, Any]:
        """Return what was typed as the calculation reads it: texts, and yes or no."""
        given: dict[str, Any] = {}
        for name, field in self.fields.items():
            if name in {"source", "remark"}:
                continue
            if isinstance(field, forms.BooleanField):
                given[name] = self.cleaned_data.get(name, False)
            else:
                given[name] = self.cleaned_data.get(name)
        return {name: value for name, value in given.items() if value not in (None, "", [])}

    def clean(self) -> dict[str, Any]:
        """Ask the calculation what is wrong, and say it beside the field."""
        cleaned = super().clean() or {}
        try:
            if self.kind == "TERMS":
                calc.parse_terms(self.values())
            else:
                calc.parse_clause(self.kind, self.values())
        except calc.ClauseProblems as wrong:
            for problem in wrong.problems:
                name = problem.field if problem.field in self.fields else None
                if name is None or name not in self.errors:
                    self.add_error(name, problem_sentence(problem=problem))
        return cleaned


@cache
def clause_form(kind: str) -> type[SpecForm]:
    """Return the form of a kind of clause."""
    fields = _fields_of(calc.CLAUSES[kind])
    fields["source"] = forms.CharField(label=gettext_lazy("Clause in the document"), max_length=60, required=False)
    fields["remark"] = forms.CharField(label=gettext_lazy("Remark"), max_length=300, required=False)
    return type(f"{kind.title().replace('_', '')}Form", (SpecForm,), {**fields, "kind": kind})


@cache
def terms_form() -> type[SpecForm]:
    """Return the form of the terms of payment."""
    return type("TermsForm", (SpecForm,), {**_fields_of(calc.Terms), "kind": "TERMS"})


def _fields_of(cls: type) -> dict[str, forms.Field]:
    return {name: _field_of(name, spec, getattr(cls, name, None)) for name, spec in calc.specs_of(cls).items()}


def _field_of(name: str, spec: calc.Spec, default: Any) -> forms.Field:
    shared: dict[str, Any] = {
        "label": LABELS[name],
        "help_text": HELP.get(name, ""),
        "required": spec.required,
        "initial": default if default is not None and not hasattr(default, "__get__") else None,
    }
    if spec.holds == "flag":
        return forms.BooleanField(**{**shared, "required": False})
    if spec.holds == "choice":
        return forms.ChoiceField(**shared, choices=[(o, OPTIONS.get((name, o)) or WORDS[o]) for o in spec.options])
    if spec.holds == "choices":
        widget = forms.CheckboxSelectMultiple
        return forms.MultipleChoiceField(**shared, choices=[(o, WORDS[o]) for o in spec.options], widget=widget)
    if spec.holds == "day":
        # The calculation reads days itself: what was typed stays, with the reason beside it.
        return forms.CharField(**shared, max_length=20, widget=forms.DateInput(attrs={"type": "date"}))
    if spec.holds in {"price", "money", "percent", "count"}:
        kind = "numeric" if spec.holds == "count" else "decimal"
        return forms.CharField(**shared, max_length=20, widget=forms.TextInput(attrs={"inputmode": kind}))
    return forms.CharField(**shared, max_length=200)


def initial_of(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return stored values as a form begins with them."""
    return {k: ", ".join(v) if k == "premises" else v for k, v in values.items()}


def kind_label(kind: str) -> str:
    """Return what a kind of line is called at the head of a column."""
    return {"RENT": _("Rent"), "PROPERTY_FEE": _("Property fee"), "TURNOVER_RENT": _("Turnover rent")}[kind]

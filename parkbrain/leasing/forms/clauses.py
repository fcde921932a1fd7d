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

from ..queries import LABELS, OPTIONS, WORDS, problem_sentence

HELP: Mapping[str, Promise] = {
    "premises": gettext_lazy("Codes with commas; empty for all premises of the lease."),
    "ends_on": gettext_lazy("The first day that is not counted."),
    "calendar_month": gettext_lazy("Only for months of the calendar year."),
    "first_on": gettext_lazy("Empty: so many years after the term begins."),
    "starts_on": gettext_lazy("The first day."),
    "due_days": gettext_lazy("After the first day of the period, or after its end in arrears; negative: before."),
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

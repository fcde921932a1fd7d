"""The forms of leads: the record with its need, a stage, a visit, a quote, a review, and the search for space."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkbrain.calc import uscc as credit_code
from parkbrain.enterprises.models import EnterpriseContact
from parkbrain.enterprises.queries import get_industry
from parkbrain.space.models import Premises

from ..models import AdmissionReview, Lead, ReviewFinding


def _day(label: Any, help_text: Any = "", *, required: bool = False) -> forms.DateField:
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return forms.DateField(label=label, required=required, widget=widget, help_text=help_text)


def _text(label: Any, longest: int, *, required: bool = False, help_text: Any = "") -> forms.CharField:
    return forms.CharField(label=label, max_length=longest, required=required, help_text=help_text)


def _number(label: Any, help_text: Any = "") -> forms.FloatField:
    return forms.FloatField(label=label, required=False, min_value=0.01, help_text=help_text)


def _choice(label: Any, choices: Any, *, empty: bool = False) -> forms.ChoiceField:
    options = [("", "—"), *choices] if empty else choices
    return forms.ChoiceField(label=label, choices=options, required=not empty)


class NeedFields(forms.Form):
    """What a firm needs of its space; an empty field is no demand."""

    area_from_m2 = _number(gettext_lazy("Area from (m²)"))
    area_to_m2 = _number(gettext_lazy("Area to (m²)"))
    use = _choice(gettext_lazy("Use of the space"), Premises.Use.choices, empty=True)
    floor_load_kn_m2 = _number(gettext_lazy("Floor load (kN/m²)"))
    clear_height_m = _number(gettext_lazy("Clear height (m)"))
    goods_lift_load_t = _number(gettext_lazy("Goods-lift load (t)"))
    power_kw = _number(gettext_lazy("Power (kW)"))
    needs_water = forms.BooleanField(label=gettext_lazy("Needs process water"), required=False)
    needs_exhaust = forms.BooleanField(label=gettext_lazy("Needs an exhaust shaft"), required=False)
    fire_class = _choice(gettext_lazy("Fire-hazard class of the production"), Premises.FireClass.choices, empty=True)
    budget_yuan_per_m2_month = forms.DecimalField(
        label=gettext_lazy("Budget (yuan/m²·month)"), required=False, min_value=0.01, max_digits=10, decimal_places=2
    )
    move_in_on = _day(gettext_lazy("Moves in on"))

    def clean(self) -> dict[str, Any]:
        """Refuse areas that run backwards."""
        values = super().clean() or {}
        low, high = values.get("area_from_m2"), values.get("area_to_m2")
        if low and high and high < low:
            self.add_error("area_to_m2", _("The largest area lies below the smallest one."))
        return values


class LeadForm(NeedFields):
    """A lead with what it needs."""

    company_name = _text(gettext_lazy("Company"), 200, required=True)
    uscc = _text(gettext_lazy("Unified social credit code"), 18)
    industry_code = _text(gettext_lazy("Industry code (GB/T 4754)"), 6)
    source = _choice(gettext_lazy("Source of the lead"), Lead.Source.choices)
    received_on = _day(gettext_lazy("Received on"), required=True)
    contact_name = _text(gettext_lazy("Contact person"), 80)
    contact_phone = forms.RegexField(
        EnterpriseContact.PHONE_PATTERN,
        label=gettext_lazy("Telephone"),
        required=False,
        max_length=40,
        error_messages={"invalid": gettext_lazy("A telephone number has 5 to 40 figures, spaces, + - or brackets.")},
    )
    contact_email = forms.EmailField(label=gettext_lazy("E-mail"), required=False)
    next_step = _text(gettext_lazy("Next step"), 200)
    next_step_on = _day(gettext_lazy("Next step on"))
    remark = _text(gettext_lazy("Remark"), 300)

    field_order = (
        "company_name",
        "uscc",
        "industry_code",
        "source",
        "received_on",
        "contact_name",
        "contact_phone",
        "contact_email",
        "next_step",
        "next_step_on",
        "remark",
    )

    def clean_uscc(self) -> str:
        """Refuse a code whose check character is wrong."""
        code = str(self.cleaned_data["uscc"]).strip().upper()
        if code and not credit_code.is_valid(code):
            raise forms.ValidationError(_("This is no unified social credit code: the check character is wrong."))
        return code

    def clean_industry_code(self) -> str:
        """Refuse a code that the standard does not have."""
        code = str(self.cleaned_data["industry_code"]).strip().upper()
        if code and get_industry(code=code) is None:
            raise forms.ValidationError(_("GB/T 4754 has no industry %(code)s.") % {"code": code})
        return code


class StageForm(forms.Form):
    """A lead comes to another stage."""

    stage = _choice(gettext_lazy("Stage"), [s for s in Lead.Stage.choices if s[0] != Lead.Stage.SIGNED])
    moved_on = _day(gettext_lazy("Since"), required=True)
    reason = _choice(gettext_lazy("Reason of the loss"), Lead.LostReason.choices, empty=True)
    note = _text(gettext_lazy("Note"), 300)


class StepForm(forms.Form):
    """What comes next."""

    step = _text(gettext_lazy("Next step"), 200)
    step_on = _day(gettext_lazy("Next step on"))


class PremisesChoice(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Premises of the park, by code with use and area."""

    def label_from_instance(self, obj: Premises) -> str:
        """Return the code, the use and the area."""
        return f"{obj.code} · {obj.get_use_display()} · {obj.billing_area_m2:,.0f} m²"


class _OfPremises(forms.Form):
    def __init__(self, *args: Any, premises: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["premises"]
        field.queryset = premises


class VisitForm(_OfPremises):
    """A visit is planned."""

    visit_on = _day(gettext_lazy("Visit on"), required=True)
    premises = PremisesChoice(None, label=gettext_lazy("Premises to see"), required=False)
    note = _text(gettext_lazy("Note"), 500)


class QuoteForm(_OfPremises):
    """Premises are offered at a price."""

    premises = PremisesChoice(None, label=gettext_lazy("Premises offered"))
    offered_on = _day(gettext_lazy("Offered on"), required=True)
    valid_to_on = _day(
        gettext_lazy("Valid to"), gettext_lazy("The first day on which the offer no longer holds."), required=True
    )
    starts_on = _day(gettext_lazy("Lease from"), required=True)
    term_months = forms.IntegerField(label=gettext_lazy("Term (months)"), min_value=1, max_value=240, initial=36)
    rent_yuan_per_m2_month = forms.DecimalField(
        label=gettext_lazy("Rent (yuan/m²·month)"), min_value=0, max_digits=10, decimal_places=2
    )
    fee_yuan_per_m2_month = forms.DecimalField(
        label=gettext_lazy("Property fee (yuan/m²·month)"), min_value=0, max_digits=10, decimal_places=2, required=False
    )
    rent_free_months = forms.IntegerField(label=gettext_lazy("Rent-free months"), min_value=0, max_value=36, initial=0)
    deposit_months = forms.IntegerField(
        label=gettext_lazy("Deposit (months of rent)"), min_value=0, max_value=12, initial=2
    )
    note = _text(gettext_lazy("Note"), 300)


class ReviewForm(forms.Form):
    """A firm is reviewed before a lease is drafted; a subject that is left open was not looked at."""

    reviewed_on = _day(gettext_lazy("Reviewed on"), required=True)
    outcome = _choice(gettext_lazy("Outcome"), AdmissionReview.Outcome.choices)
    industry_code = _text(gettext_lazy("Industry code (GB/T 4754)"), 6)
    fire_class = _choice(gettext_lazy("Fire-hazard class of the production"), Premises.FireClass.choices, empty=True)
    power_kw = _number(gettext_lazy("Power (kW)"))
    floor_load_kn_m2 = _number(gettext_lazy("Floor load (kN/m²)"))
    output_wan_per_year = forms.DecimalField(
        label=gettext_lazy("Committed output (10k yuan a year)"),
        required=False,
        min_value=0,
        max_digits=14,
        decimal_places=2,
    )
    tax_wan_per_year = forms.DecimalField(
        label=gettext_lazy("Committed tax (10k yuan a year)"),
        required=False,
        min_value=0,
        max_digits=14,
        decimal_places=2,
    )
    note = _text(gettext_lazy("Conditions or reason"), 500)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        answers = [("", _("not looked at")), ("yes", _("in order")), ("no", _("not in order"))]
        for key, label in ReviewFinding.Subject.choices:
            self.fields[f"met_{key}"] = forms.ChoiceField(label=label, choices=answers, required=False)
            self.fields[f"note_{key}"] = forms.CharField(
                label=_("%(subject)s: finding") % {"subject": label}, max_length=300, required=False
            )

    def findings(self) -> dict[str, tuple[bool, str]]:
        """Return what was found on the subjects that were looked at."""
        values = self.cleaned_data
        keys: Sequence[str] = ReviewFinding.Subject.values
        return {key: (values[f"met_{key}"] == "yes", values[f"note_{key}"]) for key in keys if values[f"met_{key}"]}

    def values(self) -> dict[str, Any]:
        """Return what belongs to the review itself."""
        return {k: v for k, v in self.cleaned_data.items() if not k.startswith(("met_", "note_"))}


class DraftForm(forms.Form):
    """A lease is drafted from an accepted quote."""

    number = _text(gettext_lazy("Lease number"), 60, required=True)


class WhatIfForm(forms.Form):
    """What is assumed of the years to come."""

    years = forms.IntegerField(label=gettext_lazy("Years ahead"), min_value=1, max_value=20)
    renewal_percent = forms.IntegerField(label=gettext_lazy("Tenants that stay (%)"), min_value=0, max_value=100)
    vacancy_months = forms.FloatField(label=gettext_lazy("Empty between tenants (months)"), min_value=0, max_value=36)
    price_change_percent = forms.FloatField(
        label=gettext_lazy("Price at each new term (%)"), min_value=-80, max_value=200
    )
    rent_free_months = forms.IntegerField(
        label=gettext_lazy("Rent-free for a new tenant (months)"), min_value=0, max_value=36
    )
    term_months = forms.IntegerField(label=gettext_lazy("Length of a new term (months)"), min_value=6, max_value=240)
    discount_percent = forms.FloatField(label=gettext_lazy("Discount rate (% a year)"), min_value=0, max_value=30)
    seed = forms.IntegerField(label=gettext_lazy("Seed of the draws"), min_value=0, max_value=1_000_000)

    #: Where the page starts; steps of the sliders by field.
    DEFAULTS: dict[str, float] = {
        "years": 5,
        "renewal_percent": 70,
        "vacancy_months": 4,
        "price_change_percent": 3,
        "rent_free_months": 2,
        "term_months": 36,
        "discount_percent": 6,
        "seed": 1,
    }
    #: Fields that are moved rather than typed: from, to, step.
    SLIDERS: dict[str, tuple[float, float, float]] = {
        "years": (1, 20, 1),
        "renewal_percent": (0, 100, 5),
        "vacancy_months": (0, 24, 1),
        "price_change_percent": (-30, 30, 1),
        "rent_free_months": (0, 12, 1),
        "term_months": (12, 120, 6),
        "discount_percent": (0, 15, 0.5),
    }


def quote_defaults(*, on: date) -> dict[str, Any]:
    """Return where the form of a quote starts."""
    return {
        "offered_on": on,
        "valid_to_on": date.fromordinal(on.toordinal() + 30),
        "starts_on": date.fromordinal(on.toordinal() + 60),
        "term_months": 36,
        "rent_free_months": 1,
        "deposit_months": 2,
    }

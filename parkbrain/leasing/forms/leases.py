"""Forms of leases: a draft, its premises, and what happens to it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkbrain.enterprises.models import Enterprise
from parkbrain.kernel.models import Park
from parkbrain.space.models import Premises

from ..models import Guarantee, LeaseDocument, LeasePremises, LeaseVersion
from .fields import day, text


class LeaseForm(forms.Form):
    """A new lease: who, from when to when, which premises."""

    number = text(gettext_lazy("Lease number"), 60)
    uscc = text(gettext_lazy("Credit code of the enterprise"), 18)
    starts_on = day(gettext_lazy("Starts on"))
    ends_on = day(gettext_lazy("Ends on"), gettext_lazy("The first day that is not counted."))
    premises = text(gettext_lazy("Premises"), 400, gettext_lazy("Codes with commas."))
    remark = text(gettext_lazy("Remark"), 300, required=False)

    def __init__(self, *args: Any, park: Park, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.park = park

    def clean_uscc(self) -> Enterprise:
        """Return the enterprise of the code."""
        firm = Enterprise.objects.filter(uscc=self.cleaned_data["uscc"].strip().upper()).first()
        if firm is None:
            raise forms.ValidationError(_("There is no enterprise %(code)s.") % {"code": self.cleaned_data["uscc"]})
        return firm

    def clean_premises(self) -> list[Premises]:
        """Return the premises of the codes."""
        return [find_premises(self.park, code) for code in self.cleaned_data["premises"].replace("，", ",").split(",")]


def find_premises(park: Park, code: str) -> Premises:
    """Return the premises of a code in the park, or say that there are none."""
    found = Premises.objects.filter(park=park, code=code.strip()).first()
    if found is None:
        raise forms.ValidationError(_("There are no premises %(code)s.") % {"code": code.strip()})
    return found


class PlaceForm(forms.Form):
    """Premises for a draft."""

    premises = text(gettext_lazy("Premises"), 40)
    starts_on = day(gettext_lazy("From"), gettext_lazy("Empty: the whole term."), required=False)
    ends_on = day(gettext_lazy("To"), gettext_lazy("The first day that is not counted."), required=False)
    area_basis = forms.ChoiceField(label=gettext_lazy("Area basis"), choices=LeasePremises.AreaBasis.choices)
    area_m2 = forms.DecimalField(
        label=gettext_lazy("Area (m²)"),
        min_value=0.01,
        max_digits=12,
        decimal_places=2,
        required=False,
        help_text=gettext_lazy("Empty: the billing area of the record."),
    )

    def __init__(self, *args: Any, park: Park, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.park = park

    def clean_premises(self) -> Premises:
        """Return the premises of the code."""
        return find_premises(self.park, self.cleaned_data["premises"])


class SignForm(forms.Form):
    """The day of signing, and the signed paper where there is one."""

    signed_on = day(gettext_lazy("Signed on"))
    file = forms.FileField(label=gettext_lazy("Signed lease"), required=False)


class EndForm(forms.Form):
    """The day from which the lease no longer holds, and why."""

    ends_on = day(gettext_lazy("Ends on"), gettext_lazy("The first day that the lease does not cover."))
    reason = text(gettext_lazy("Reason"), 300)


class ChangeForm(forms.Form):
    """A change from a day on, or a correction of what was written wrongly."""

    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"),
        choices=[c for c in LeaseVersion.Kind.choices if c[0] != LeaseVersion.Kind.ORIGINAL],
        help_text=gettext_lazy("A correction holds from where the wrong words held from."),
    )
    effective_on = day(gettext_lazy("In force from"))
    reason = text(gettext_lazy("Reason"), 300)


class RenewForm(forms.Form):
    """The lease that follows."""

    number = text(gettext_lazy("Number of the new lease"), 60)
    ends_on = day(gettext_lazy("Ends on"), gettext_lazy("The first day that is not counted."))


class ReasonForm(forms.Form):
    """Why."""

    reason = text(gettext_lazy("Reason"), 300)


class DecisionForm(forms.Form):
    """What a second person says of leases that were taken over; only a refusal needs words."""

    reason = text(gettext_lazy("What is wrong"), 300, gettext_lazy("For a refusal: what is to mend."), required=False)


class PlainForm(forms.Form):
    """Nothing to fill in: a step that is only confirmed."""


class TermForm(forms.Form):
    """The end of the term of a draft."""

    ends_on = day(gettext_lazy("Ends on"), gettext_lazy("The first day that is not counted."))


class DepositForm(forms.Form):
    """A deposit as agreed."""

    months_of_rent = forms.DecimalField(
        label=gettext_lazy("Months of rent"), min_value=0.01, max_digits=5, decimal_places=2, required=False
    )
    amount_yuan = forms.DecimalField(
        label=gettext_lazy("Or amount (yuan)"), min_value=0.01, max_digits=14, decimal_places=2, required=False
    )
    due_on = day(gettext_lazy("Due on"))
    remark = text(gettext_lazy("Remark"), 300, required=False)


class GuaranteeForm(forms.Form):
    """A guarantee of somebody else."""

    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=Guarantee.Kind.choices)
    guarantor = text(gettext_lazy("Guarantor"), 160)
    amount_yuan = forms.DecimalField(
        label=gettext_lazy("Amount (yuan)"), min_value=0.01, max_digits=14, decimal_places=2, required=False
    )
    valid_from_on = day(gettext_lazy("Valid from"), required=False)
    valid_to_on = day(gettext_lazy("Valid to"), required=False)


class DocumentForm(forms.Form):
    """A document of the lease: a further paper, or the file of one that is listed without."""

    paper = forms.ModelChoiceField(
        label=gettext_lazy("Paper"),
        queryset=LeaseDocument.objects.none(),
        required=False,
        empty_label=gettext_lazy("A further paper"),
        help_text=gettext_lazy("Listed papers keep the kind that the list gives them."),
    )
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=LeaseDocument.Kind.choices)
    file = forms.FileField(label=gettext_lazy("File"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        papers = self.initial.pop("papers", None)
        if papers:
            self.fields["paper"].queryset = papers  # type: ignore[attr-defined]
        else:
            del self.fields["paper"]


class TurnoverForm(forms.Form):
    """Turnover that the tenant reported."""

    starts_on = day(gettext_lazy("From"))
    ends_on = day(gettext_lazy("To"), gettext_lazy("The first day that is not counted."))
    turnover_yuan = forms.DecimalField(
        label=gettext_lazy("Turnover (yuan)"), min_value=0, max_digits=16, decimal_places=2
    )
    source = text(gettext_lazy("Source"), 120, required=False)


class IndexForm(forms.Form):
    """A published index value."""

    series = text(gettext_lazy("Index series"), 40)
    month_on = day(gettext_lazy("Month"), gettext_lazy("Any day of the month."))
    value = forms.DecimalField(label=gettext_lazy("Value"), min_value=0.0001, max_digits=12, decimal_places=4)
    source = text(gettext_lazy("Source"), 120, required=False)


class TesterForm(forms.Form):
    """A lease to be tried out without a draft: term, area, and what the schedule is counted back by."""

    starts_on = day(gettext_lazy("Starts on"))
    ends_on = day(gettext_lazy("Ends on"), gettext_lazy("The first day that is not counted."))
    area_m2 = forms.DecimalField(label=gettext_lazy("Area (m²)"), min_value=0.01, max_digits=12, decimal_places=2)
    price = forms.DecimalField(
        label=gettext_lazy("Rent (yuan/m² and month)"), min_value=0, max_digits=10, decimal_places=2
    )
    fee = forms.DecimalField(
        label=gettext_lazy("Property fee (yuan/m² and month)"),
        min_value=0,
        max_digits=10,
        decimal_places=2,
        required=False,
    )
    rate = forms.DecimalField(
        label=gettext_lazy("Discount rate (% a year)"), min_value=-50, max_value=100, max_digits=6, decimal_places=2
    )

    def clean(self) -> dict[str, Any]:
        """Refuse a term that runs backwards or is longer than 20 years."""
        values = super().clean() or {}
        begin, end = values.get("starts_on"), values.get("ends_on")
        if begin and end and end <= begin:
            self.add_error("ends_on", _("The end has to lie after the beginning."))
        elif begin and end and (end - begin).days > 7306:
            self.add_error("ends_on", _("A lease lasts 20 years at most (Civil Code, article 705)."))
        return values

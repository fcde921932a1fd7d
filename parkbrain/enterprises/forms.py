"""What the address of a page says, and the forms for what is known of a firm and for the park's boundary."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .models import EnterpriseAddress, EnterpriseContact, EnterpriseDocument, Qualification


def _day(label: Any, *, required: bool = False, help_text: Any = "") -> forms.DateField:
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return forms.DateField(label=label, required=required, widget=widget, help_text=help_text)


class PeriodForm(forms.Form):
    """A form with a period: the end, the first day on which it no longer holds, lies after the beginning."""

    #: Names of the first day and of the end.
    period: tuple[str, str] = ("starts_on", "ends_on")

    def clean(self) -> dict[str, Any]:
        """Refuse a period that runs backwards."""
        values = super().clean() or {}
        start, end = (values.get(name) for name in self.period)
        if start and end and end <= start:
            self.add_error(self.period[1], _("The end has to lie after the beginning."))
        return values


class QualificationForm(PeriodForm):
    """A certificate."""

    period = ("valid_from_on", "valid_to_on")
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=Qualification.Kind.choices)
    number = forms.CharField(label=gettext_lazy("Certificate number"), max_length=60, required=False)
    valid_from_on = _day(gettext_lazy("Valid from"), required=True)
    valid_to_on = _day(gettext_lazy("Valid to"), help_text=gettext_lazy("Empty where it has no end."))


class AddressForm(PeriodForm):
    """One of the four addresses."""

    kind = forms.ChoiceField(label=gettext_lazy("Which address"), choices=EnterpriseAddress.Kind.choices)
    text = forms.CharField(label=gettext_lazy("Address"), max_length=200)
    lies_here = forms.BooleanField(label=gettext_lazy("It lies in this park"), required=False)
    starts_on = _day(
        gettext_lazy("From"),
        required=True,
        help_text=gettext_lazy("The address of this kind that holds until then ends on this day."),
    )
    ends_on = _day(gettext_lazy("To"))
    source = forms.ChoiceField(
        label=gettext_lazy("Source"), choices=[("", "—"), *EnterpriseAddress.Source.choices], required=False
    )


class ContactForm(PeriodForm):
    """A contact of the firm."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    position = forms.CharField(label=gettext_lazy("Position"), max_length=80, required=False)
    phone = forms.RegexField(
        label=gettext_lazy("Telephone"),
        regex=f"^{EnterpriseContact.PHONE_PATTERN}$",
        required=False,
        error_messages={"invalid": gettext_lazy("A telephone number has digits, +, - and brackets only.")},
    )
    email = forms.EmailField(label=gettext_lazy("E-mail"), required=False)
    is_main = forms.BooleanField(label=gettext_lazy("Main contact"), required=False)
    starts_on = _day(gettext_lazy("From"), required=True)
    ends_on = _day(gettext_lazy("To"))


class DocumentForm(PeriodForm):
    """A document already filed: its kind and validity."""

    period = ("valid_from_on", "valid_to_on")
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=EnterpriseDocument.Kind.choices)
    valid_from_on = _day(gettext_lazy("Valid from"))
    valid_to_on = _day(gettext_lazy("Valid to"), help_text=gettext_lazy("Empty where it has no end."))


class UploadForm(DocumentForm):
    """A document with its file."""

    file = forms.FileField(label=gettext_lazy("File"), help_text=gettext_lazy("At most 30 MB."))
    field_order = ("file", "kind", "valid_from_on", "valid_to_on")


class ConfidenceForm(forms.Form):
    """What the firm entrusts to the park."""

    legal_representative = forms.CharField(label=gettext_lazy("Legal representative"), max_length=80, required=False)
    representative_id_number = forms.CharField(
        label=gettext_lazy("Identity number of the representative"), max_length=30, required=False
    )
    bank_name = forms.CharField(label=gettext_lazy("Bank"), max_length=120, required=False)
    bank_account = forms.RegexField(
        label=gettext_lazy("Bank account"),
        regex=r"^[0-9 ]{6,40}$",
        required=False,
        error_messages={"invalid": gettext_lazy("A bank account has 6 to 40 digits.")},
    )


class EndForm(forms.Form):
    """The day on which something ends."""

    ends_on = _day(
        gettext_lazy("Ends on"), required=True, help_text=gettext_lazy("The first day on which it no longer holds.")
    )


class ReasonForm(forms.Form):
    """A change of the boundary: from when, and why."""

    changed_on = _day(gettext_lazy("From"), required=True)
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200)


class SplitForm(ReasonForm):
    """The parts that premises are split into, one per line: code and area."""

    parts = forms.CharField(
        label=gettext_lazy("Parts"),
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("One line per part: code, area in m², and * where the occupant stays."),
    )
    field_order = ("parts", "changed_on", "reason")

    def clean_parts(self) -> list[dict[str, Any]]:
        """Return the parts as code, area and whether the occupant stays there."""
        parts = []
        for line in str(self.cleaned_data["parts"]).splitlines():
            words = line.replace(",", " ").replace("，", " ").split()
            if not words:
                continue
            stays = words[-1] == "*"
            words = words[:-1] if stays else words
            try:
                code, area_m2 = words[0], float(words[1])
            except (IndexError, ValueError):
                area_m2 = 0.0
            if len(words) != 2 or not 0 < area_m2 < 1e6:
                raise forms.ValidationError(
                    _("“%(line)s” is not a code and an area."), params={"line": line.strip()[:60]}
                )
            parts.append({"code": code[:40], "gross_area_m2": area_m2, "stays": stays})
        return parts


class MergeForm(ReasonForm):
    """The premises that are merged with the shown ones, and the code of the new ones."""

    others = forms.MultipleChoiceField(label=gettext_lazy("Merged with"))
    code = forms.CharField(label=gettext_lazy("New code"), max_length=40)
    field_order = ("others", "code", "changed_on", "reason")

    def __init__(self, *args: Any, choices: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["others"].choices = choices  # type: ignore[attr-defined]


class RemovalForm(ReasonForm):
    """A building that leaves the park."""

    end_stays = forms.BooleanField(
        label=gettext_lazy("End the stays of the firms that are there on that day"), required=False
    )

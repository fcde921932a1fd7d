"""Forms of a duty: its words and day, what shows it, who answers for it, and how it is settled."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkbrain.kernel.models import User

from ..models import EvidenceKind, PartyKind, RaciRole, Stage
from .subjects import day_field


class DutyForm(forms.Form):
    """What of a duty may be changed."""

    name_zh_hans = forms.CharField(label=gettext_lazy("Duty (Chinese)"), max_length=160, required=False)
    name_en = forms.CharField(label=gettext_lazy("Duty (English)"), max_length=200, required=False)
    stage = forms.ChoiceField(label=gettext_lazy("Stage"), choices=Stage.choices)
    is_gate = forms.BooleanField(label=gettext_lazy("Gates the next stage"), required=False)
    due_on = day_field(gettext_lazy("Due on"))
    every_months = forms.IntegerField(
        label=gettext_lazy("Again every (months)"), min_value=1, max_value=240, required=False
    )
    evidence_kind = forms.ChoiceField(
        label=gettext_lazy("Evidence asked for"), choices=[("", "—"), *EvidenceKind.choices], required=False
    )
    basis = forms.CharField(label=gettext_lazy("Basis"), max_length=300, required=False)

    def clean(self) -> dict[str, Any]:
        """Refuse a duty without a name."""
        values = super().clean() or {}
        if not values.get("name_zh_hans") and not values.get("name_en"):
            self.add_error("name_zh_hans", _("Give a name in Chinese or in English."))
        return values


class OwnDutyForm(DutyForm):
    """A duty that a park adds, with whom it falls to."""

    code = forms.SlugField(label=gettext_lazy("Duty code"), max_length=60)
    responsible = forms.ChoiceField(label=gettext_lazy("Falls to"), choices=PartyKind.choices)
    accountable = forms.ChoiceField(label=gettext_lazy("Answered for by"), choices=PartyKind.choices)
    field_order = ("code",)

    @property
    def values(self) -> dict[str, Any]:
        """The values of the duty, with whom it falls to by role."""
        values = dict(self.cleaned_data)
        values["asked"] = {"R": [values.pop("responsible")], "A": [values.pop("accountable")]}
        return values


class EvidenceForm(forms.Form):
    """A file that shows a duty."""

    file = forms.FileField(label=gettext_lazy("File"))
    number = forms.CharField(label=gettext_lazy("Number of the document"), max_length=80, required=False)
    valid_from_on = day_field(gettext_lazy("Valid from"), required=True)
    valid_to_on = day_field(
        gettext_lazy("Valid to"), gettext_lazy("The first day it is no longer valid; empty if never.")
    )
    note = forms.CharField(label=gettext_lazy("Note"), max_length=300, required=False)
    finishes = forms.BooleanField(label=gettext_lazy("With this the duty is done"), required=False, initial=True)

    def clean(self) -> dict[str, Any]:
        """Refuse a validity that runs backwards."""
        values = super().clean() or {}
        start, end = values.get("valid_from_on"), values.get("valid_to_on")
        if start and end and end <= start:
            self.add_error("valid_to_on", _("The end has to lie after the beginning."))
        return values


class FinishForm(forms.Form):
    """The day from which a duty is done."""

    on = day_field(gettext_lazy("Done on"), required=True)
    note = forms.CharField(label=gettext_lazy("Note"), max_length=300, required=False)


class ReasonForm(forms.Form):
    """A day and why."""

    on = day_field(gettext_lazy("From"), required=True)
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=300)


class AssignForm(forms.Form):
    """Who has which role in a duty, from when to when."""

    role = forms.ChoiceField(label=gettext_lazy("Role"), choices=RaciRole.choices)
    party_kind = forms.ChoiceField(label=gettext_lazy("Kind of party"), choices=PartyKind.choices)
    body = forms.CharField(label=gettext_lazy("Body"), max_length=160, required=False)
    uscc = forms.CharField(
        label=gettext_lazy("or firm, by its credit code"),
        max_length=18,
        required=False,
        help_text=gettext_lazy("A firm of this park: its people then see the duty as theirs."),
    )
    person = forms.ModelChoiceField(label=gettext_lazy("Person"), queryset=User.objects.none(), required=False)
    starts_on = day_field(gettext_lazy("From"), required=True)
    ends_on = day_field(gettext_lazy("To"), gettext_lazy("The first day it no longer holds; empty if open."))
    letter = forms.FileField(label=gettext_lazy("Letter of appointment"), required=False)

    def __init__(self, *args: Any, people: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = people  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Refuse nobody, two bodies, and a period that runs backwards."""
        values = super().clean() or {}
        if not (values.get("body") or values.get("uscc") or values.get("person")) and "person" not in self.errors:
            self.add_error("body", _("Name a firm, a body or a person."))
        if values.get("body") and values.get("uscc"):
            self.add_error("uscc", _("Either a body by its name or a firm by its code."))
        start, end = values.get("starts_on"), values.get("ends_on")
        if start and end and end <= start:
            self.add_error("ends_on", _("The end has to lie after the beginning."))
        return values

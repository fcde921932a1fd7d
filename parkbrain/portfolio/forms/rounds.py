"""What is typed into the pages of data rounds."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from parkbrain.assessment.queries import get_catalogue
from parkbrain.calc.cells import CellError, CellType, parse_cell
from parkbrain.intake.queries import get_sentence
from parkbrain.kernel.models import Branch, Park, User
from parkbrain.kernel.names import name_fields
from parkbrain.ui.fields import FileWithinLimit
from parkbrain.ui.formats import unit

from ..models import DataRound
from ..queries import SubmissionSheet, list_branches, list_operators
from ..services import Given


class TypedNumber(forms.Field):
    """A number as people type it, in cells of a table too: with separators, full-width digits, 万, or a unit beside it."""

    widget = forms.TextInput

    def __init__(self, *, unit: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.kind = CellType("number", unit=unit)

    def to_python(self, value: Any) -> float | None:
        """Return the number in the field's unit; what is none is named."""
        try:
            number = parse_cell(str(value or "").strip(), self.kind)
        except CellError as refusal:
            raise forms.ValidationError(get_sentence(code=refusal.code, params=refusal.params)) from refusal
        return None if number is None else float(number)


def _yes_no() -> list[tuple[str, Any]]:
    return [("", "—"), ("1", _("yes")), ("0", _("no"))]


class EntryForm(forms.Form):
    """The facts of an answer: for each a value, a remark and a file, named `value-KEY`, `remark-KEY` and `file-KEY`."""

    def __init__(self, data: Any = None, files: Any = None, *, sheet: SubmissionSheet) -> None:
        super().__init__(data, files)
        self.sheet = sheet
        for line in sheet.lines:
            self._add(line)

    def _add(self, line: Any) -> None:
        fact, entry = line.fact, line.entry
        key, about = fact.key, {"aria-describedby": f"unit-{fact.key}"}
        if fact.kind == "boolean":
            initial: Any = "" if line.value is None else str(int(line.value))
            value: forms.Field = forms.TypedChoiceField(
                choices=_yes_no(), coerce=float, empty_value=None, required=False, initial=initial, label=fact.name
            )
        else:
            initial = "" if line.value is None else f"{line.value:.15g}"
            widget = forms.TextInput(attrs={"inputmode": "decimal", "size": 14, "autocomplete": "off", **about})
            value = TypedNumber(unit=fact.unit, required=False, initial=initial, widget=widget, label=fact.name)
        self.fields[f"value-{key}"] = value
        self.fields[f"remark-{key}"] = forms.CharField(
            label=_("Remark on %(fact)s") % {"fact": fact.name},
            max_length=300,
            required=False,
            initial=entry.remark if entry else "",
        )
        self.fields[f"file-{key}"] = FileWithinLimit(
            label=_("Evidence for %(fact)s") % {"fact": fact.name}, required=False
        )

    @property
    def rows(self) -> list[tuple[Any, Any, Any, Any]]:
        """Every line with its three fields."""
        return [
            (one, self[f"value-{one.fact.key}"], self[f"remark-{one.fact.key}"], self[f"file-{one.fact.key}"])
            for one in self.sheet.lines
        ]

    def name_problems(self, problems: dict[str, str]) -> None:
        """Set what a service refused beside the fields it is about."""
        for key, text in problems.items():
            field = f"value-{key}"
            self.add_error(field if field in self.fields else None, text)

    def given(self, *, taken: str, documents: dict[str, Any]) -> dict[str, Given]:
        """Return what is given; of the fact `taken` the computed number is."""
        found = {}
        for line in self.sheet.lines:
            key = line.fact.key
            value = line.computed if taken == key else self.cleaned_data[f"value-{key}"]
            found[key] = Given(value, self.cleaned_data[f"remark-{key}"], documents.get(key))
        return found


class RoundForm(forms.Form):
    """A round: what is asked, of whom, and by when."""

    branch = forms.ModelChoiceField(label=gettext_lazy("Branch"), queryset=Branch.objects.none(), empty_label=None)
    name_zh_hans = forms.CharField(label=gettext_lazy("Name (Chinese)"), max_length=160)
    name_en = forms.CharField(label=gettext_lazy("Name (English)"), max_length=200, required=False)
    cut_off_on = forms.DateField(
        label=gettext_lazy("As of"),
        help_text=gettext_lazy("States are asked as of this day, yearly figures for the last full year before it."),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    opens_on = forms.DateField(
        label=gettext_lazy("Opens on"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )
    due_on = forms.DateField(
        label=pgettext_lazy("data round", "Due on"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )
    note = forms.CharField(
        label=gettext_lazy("Note to the parks"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    kinds = forms.MultipleChoiceField(
        label=gettext_lazy("Kinds of park"),
        choices=Park.Kind.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None chosen: all kinds."),
    )
    operator = forms.ChoiceField(label=gettext_lazy("Operator"), required=False)
    area_from = forms.FloatField(label=gettext_lazy("Gross floor area from (m²)"), min_value=0, required=False)
    area_to = forms.FloatField(label=gettext_lazy("Gross floor area below (m²)"), min_value=0, required=False)
    band_percent = forms.IntegerField(
        label=gettext_lazy("Change that asks for a remark (%)"), min_value=1, max_value=1000, initial=30
    )
    remind_before_days = forms.IntegerField(
        label=gettext_lazy("Remind so many days before"), min_value=0, max_value=60, initial=7
    )
    remind_every_days = forms.IntegerField(
        label=gettext_lazy("Then, once late, every so many days"), min_value=1, max_value=60, initial=3
    )
    least_parks = forms.IntegerField(
        label=gettext_lazy("Parks that a published cell needs"), min_value=2, max_value=100, initial=3
    )
    dominance_percent = forms.IntegerField(
        label=gettext_lazy("Largest share of one park in a cell (%)"), min_value=50, max_value=100, initial=85
    )

    def __init__(self, data: Any = None, *, user: User, data_round: DataRound | None = None) -> None:
        initial: dict[str, Any] = {}
        if data_round is not None:
            initial = {name: getattr(data_round, name, None) for name in self.base_fields}
            initial |= {name: value for name, value in data_round.asked.items() if value is not None}
        super().__init__(data, initial=initial)
        branches: Any = self.fields["branch"]
        branches.queryset = list_branches(user=user)
        operators: Any = self.fields["operator"]
        operators.choices = [("", _("All operators")), *((b.code, b.name) for b in list_operators(user=user))]
        chosen = set(data.getlist("facts")) if data is not None else set(data_round.fact_keys if data_round else ())
        self.chosen = chosen

    @property
    def facts(self) -> list[tuple[str, str, str, bool]]:
        """Every fact that can be asked: key, name, unit, whether it is chosen."""
        return [
            (fact.key, fact.name, "" if fact.kind == "boolean" else unit(fact.unit), fact.key in self.chosen)
            for fact in get_catalogue().values()
        ]

    def clean(self) -> dict[str, Any]:
        """Refuse sizes that run backwards, and a round without a fact."""
        typed = super().clean() or {}
        low, high = typed.get("area_from"), typed.get("area_to")
        if low is not None and high is not None and high <= low:
            self.add_error("area_to", _("The upper bound is not above the lower one."))
        if not self.chosen:
            self.add_error(None, _("Choose at least one fact."))
        return typed

    def values(self) -> dict[str, Any]:
        """Return the fields of the round."""
        typed = dict(self.cleaned_data)
        names = name_fields(zh_hans=typed.pop("name_zh_hans"), en=typed.pop("name_en"))
        del typed["branch"]
        asked = {name: typed.pop(name) for name in ("kinds", "operator", "area_from", "area_to")}
        keys = [key for key in get_catalogue() if key in self.chosen]
        return {**typed, **names, "asked": asked, "fact_keys": keys}


class ExtendForm(forms.Form):
    """A later last day."""

    due_on = forms.DateField(
        label=pgettext_lazy("data round", "Due on"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )

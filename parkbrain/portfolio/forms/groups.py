"""What is typed into the pages of operator groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkbrain.kernel.models import User
from parkbrain.kernel.names import name_fields, to_traditional

from ..models import LineService, OperatorGroup, ProductLine
from ..queries import PlacedPark, list_addable_operators

NAME_ZH, NAME_EN = gettext_lazy("Name (Chinese)"), gettext_lazy("Name (English)")
HANT = gettext_lazy("Empty: written in Traditional characters from the Chinese name.")


class GroupForm(forms.Form):
    """A group: its names and its operators."""

    code = forms.SlugField(label=gettext_lazy("Code"), max_length=40)
    name_zh_hans = forms.CharField(label=NAME_ZH, max_length=160)
    name_zh_hant = forms.CharField(
        label=gettext_lazy("Name (Traditional Chinese)"), max_length=160, required=False, help_text=HANT
    )
    name_en = forms.CharField(label=NAME_EN, max_length=200, required=False)
    operators = forms.MultipleChoiceField(
        label=gettext_lazy("Operators"),
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Operators of your branches that are in no other group."),
    )

    def __init__(self, data: Any = None, *, user: User, group: OperatorGroup | None = None) -> None:
        initial: dict[str, Any] = {}
        if group is not None:
            initial = {name: getattr(group, name) for name in ("code", "name_zh_hans", "name_zh_hant", "name_en")}
            initial["operators"] = [str(pk) for pk in group.operators.values_list("operator_id", flat=True)]
        super().__init__(data, initial=initial)
        self.branches = {str(branch.pk): branch for branch in list_addable_operators(user=user, group=group)}
        operators: Any = self.fields["operators"]
        operators.choices = [(pk, branch.name) for pk, branch in self.branches.items()]

    def values(self) -> dict[str, Any]:
        """Return the fields of the group."""
        typed = self.cleaned_data
        names = name_fields(zh_hans=typed["name_zh_hans"], zh_hant=typed["name_zh_hant"], en=typed["name_en"])
        return {"code": typed["code"], **names}

    def chosen(self) -> list[Any]:
        """Return the operators that were chosen."""
        return [self.branches[pk] for pk in self.cleaned_data["operators"]]


def _promise(label: Any, longest: int = 300, help_text: Any = "") -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": 2})
    return forms.CharField(label=label, max_length=longest, required=False, widget=widget, help_text=help_text)


class LineForm(forms.Form):
    """A product line: its names, its promise and its place among the lines."""

    code = forms.SlugField(label=gettext_lazy("Code"), max_length=40)
    position = forms.IntegerField(label=gettext_lazy("Place in the order"), min_value=0, max_value=99, initial=0)
    name_zh_hans = forms.CharField(label=NAME_ZH, max_length=160)
    name_zh_hant = forms.CharField(
        label=gettext_lazy("Name (Traditional Chinese)"), max_length=160, required=False, help_text=HANT
    )
    name_en = forms.CharField(label=NAME_EN, max_length=200, required=False)
    promise_zh_hans = _promise(gettext_lazy("What it promises (Chinese)"))
    promise_zh_hant = _promise(
        gettext_lazy("What it promises (Traditional Chinese)"),
        help_text=gettext_lazy("Empty: written in Traditional characters from the Chinese text."),
    )
    promise_en = _promise(gettext_lazy("What it promises (English)"), 400)

    def __init__(self, data: Any = None, *, line: ProductLine | None = None) -> None:
        initial = {name: getattr(line, name) for name in self.base_fields} if line else {}
        super().__init__(data, initial=initial)

    def values(self) -> dict[str, Any]:
        """Return the fields of the line."""
        typed = self.cleaned_data
        promise = typed["promise_zh_hans"]
        return {
            "code": typed["code"],
            "position": typed["position"],
            **name_fields(zh_hans=typed["name_zh_hans"], zh_hant=typed["name_zh_hant"], en=typed["name_en"]),
            "promise_zh_hans": promise,
            "promise_zh_hant": typed["promise_zh_hant"] or to_traditional(promise),
            "promise_en": typed["promise_en"],
        }


class ServiceForm(forms.Form):
    """A service of a line; a row without a name is none."""

    name_zh_hans = forms.CharField(label=NAME_ZH, max_length=160, required=False)
    name_en = forms.CharField(label=NAME_EN, max_length=200, required=False)
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=LineService.Kind.choices)
    for_startup = forms.BooleanField(label=gettext_lazy("Start-ups"), required=False)
    for_growth = forms.BooleanField(label=gettext_lazy("Growing firms"), required=False)
    for_leading = forms.BooleanField(label=gettext_lazy("Leading firms"), required=False)
    is_standard = forms.BooleanField(label=gettext_lazy("Standard"), required=False)

    def clean(self) -> dict[str, Any]:
        """Ask for the name and the firms of a row that says anything."""
        typed = super().clean() or {}
        says_something = typed.get("name_en") or any(typed.get(field) for _s, field in LineService.SEGMENTS)
        if not typed.get("name_zh_hans") and says_something:
            self.add_error("name_zh_hans", _("A service needs a name."))
        if typed.get("name_zh_hans") and not any(typed.get(field) for _s, field in LineService.SEGMENTS):
            self.add_error("for_startup", _("Say for which firms it is."))
        return typed


#: Empty rows below those that are there; more come after saving.
SPARE_ROWS = 4
_ServiceSet = forms.formset_factory(ServiceForm, extra=SPARE_ROWS, max_num=60)
FIELDS = ("name_zh_hans", "name_en", "kind", "for_startup", "for_growth", "for_leading", "is_standard")


def service_rows(data: Any = None, *, services: Sequence[LineService] = ()) -> Any:
    """Return the rows of a line's services as a form set."""
    initial = [{name: getattr(row, name) for name in FIELDS} for row in services]
    return _ServiceSet(data, initial=initial, prefix="s")


def typed_services(rows: Any) -> list[Mapping[str, Any]]:
    """Return the services that were typed, in their order; a row whose name was emptied is gone."""
    typed = [form.cleaned_data for form in rows.forms if form.cleaned_data.get("name_zh_hans")]
    return [
        {**{k: v for k, v in one.items() if k in FIELDS}, **name_fields(zh_hans=one["name_zh_hans"], en=one["name_en"])}
        for one in typed
    ]


class PlaceForm(forms.Form):
    """Which parks go into which line, from when on."""

    line = forms.ChoiceField(label=gettext_lazy("Product line"), required=False)
    starts_on = forms.DateField(
        label=gettext_lazy("From"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )
    parks = forms.MultipleChoiceField(
        label=gettext_lazy("Parks"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one park.")},
    )

    def __init__(
        self, data: Any = None, *, lines: Sequence[ProductLine], parks: Sequence[PlacedPark], initial: Any = None
    ) -> None:
        super().__init__(data, initial=initial)
        self.lines, self.rows = {str(line.pk): line for line in lines}, {str(one.pk): one for one in parks}
        line: Any = self.fields["line"]
        line.choices = [*((str(one.pk), one.name) for one in lines), ("", _("In no line"))]
        chosen: Any = self.fields["parks"]
        chosen.choices = [(pk, _said(one)) for pk, one in self.rows.items()]

    def line_chosen(self) -> ProductLine | None:
        """Return the line that was chosen."""
        return self.lines.get(self.cleaned_data["line"])

    def parks_chosen(self) -> list[Any]:
        """Return the parks that were chosen."""
        return [self.rows[pk].park for pk in self.cleaned_data["parks"]]


def _said(one: PlacedPark) -> str:
    where = one.line.name if one.line else _("in no line")
    return f"{one.park.name} · {where}"

"""Forms of projects and of the stages of a subject."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..models import STAGES, Project, Stage


def day_field(label: Any, help_text: Any = "", *, required: bool = False) -> forms.DateField:
    """Return a field for a day."""
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return forms.DateField(label=label, required=required, widget=widget, help_text=help_text)


class ProjectForm(forms.Form):
    """A renovation project."""

    code = forms.CharField(label=gettext_lazy("Project code"), max_length=40)
    name_zh_hans = forms.CharField(label=gettext_lazy("Project name (Chinese)"), max_length=160, required=False)
    name_en = forms.CharField(label=gettext_lazy("Project name (English)"), max_length=200, required=False)
    kind = forms.ChoiceField(label=gettext_lazy("Kind of project"), choices=Project.Kind.choices)
    building_code = forms.CharField(
        label=gettext_lazy("Building of the project"),
        max_length=40,
        required=False,
        help_text=gettext_lazy("The code of the building; empty where the project is not about one."),
    )
    planned_area_m2 = forms.FloatField(label=gettext_lazy("Planned area (m²)"), min_value=0.01, required=False)
    starts_on = day_field(gettext_lazy("Begins on"))
    ends_on = day_field(gettext_lazy("To be finished by"))
    note = forms.CharField(label=gettext_lazy("Note"), max_length=300, required=False)

    def clean(self) -> dict[str, Any]:
        """Refuse a project without a name, or one that ends before it begins."""
        values = super().clean() or {}
        if not values.get("name_zh_hans") and not values.get("name_en"):
            self.add_error("name_zh_hans", _("Give a name in Chinese or in English."))
        start, end = values.get("starts_on"), values.get("ends_on")
        if start and end and end <= start:
            self.add_error("ends_on", _("The end has to lie after the beginning."))
        return values


class BeginForm(forms.Form):
    """The stages that something has been through, with the day it entered each; the last one is the present one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for stage in STAGES:
            label = _("Entered %(stage)s on") % {"stage": Stage(stage).label}
            self.fields[stage] = day_field(label)

    def clean(self) -> dict[str, Any]:
        """Refuse days that do not follow on each other."""
        values = super().clean() or {}
        last: date | None = None
        for stage in STAGES:
            day = values.get(stage)
            if day and last and day <= last:
                self.add_error(stage, _("The day has to lie after that of the stage before."))
            last = day or last
        if last is None and not self.errors:
            self.add_error(None, _("Give the day of at least one stage."))
        return values

    @property
    def stages(self) -> list[tuple[str, date]]:
        """The stages with their days, in order."""
        return [(stage, self.cleaned_data[stage]) for stage in STAGES if self.cleaned_data.get(stage)]


class MoveForm(forms.Form):
    """The day from which a subject is in its next stage."""

    starts_on = day_field(gettext_lazy("From"), required=True)
    note = forms.CharField(label=gettext_lazy("Note"), max_length=300, required=False)

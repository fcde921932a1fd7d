"""When a report is sent, as which file, and to whom."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils import dates, timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from parkbrain.kernel.models import User

from ..models import ReportSchedule


class ReportForm(forms.Form):
    """A report on a schedule; the people are those who may see it."""

    name = forms.CharField(label=_("Name"), max_length=120)
    kind = forms.ChoiceField(label=_("File"), choices=ReportSchedule.Kind.choices)
    period = forms.ChoiceField(label=_("Speaks of"), choices=ReportSchedule.Period.choices)
    every = forms.ChoiceField(label=_("How often"), choices=ReportSchedule.Every.choices)
    hour = forms.IntegerField(label=_("Hour"), min_value=0, max_value=23, initial=7)
    weekday = forms.TypedChoiceField(
        label=_("Weekday, where it is every week"), choices=list(dates.WEEKDAYS.items()), coerce=int, initial=0
    )
    month_day = forms.IntegerField(
        label=_("Day of the month, where it is every month"), min_value=1, max_value=28, initial=1
    )
    people = forms.MultipleChoiceField(
        label=_("Also to"), required=False, widget=forms.CheckboxSelectMultiple, choices=()
    )

    def __init__(
        self, data: Any = None, *, people: Sequence[User], kinds: Sequence[str], periods: Sequence[str], **rest: Any
    ) -> None:
        super().__init__(data, **rest)
        self._people = {str(one.pk): one for one in people}
        offered: Any = self.fields["people"]
        offered.choices = [(key, str(one)) for key, one in self._people.items()]
        if not people:
            del self.fields["people"]
        for name, wanted, labels in (("kind", kinds, ReportSchedule.Kind), ("period", periods, ReportSchedule.Period)):
            field: Any = self.fields[name]
            field.choices = [(key, labels(key).label) for key in wanted]
        if not periods:
            del self.fields["period"]
        zone = timezone.get_default_timezone()
        self.fields["hour"].help_text = gettext("By the clock of this installation: %(zone)s, UTC%(offset)s.") % {
            "zone": zone,
            "offset": f"{timezone.localtime():%z}"[:3],
        }

    def values(self) -> dict[str, Any]:
        """Return what was typed as the service takes it."""
        chosen = [self._people[key] for key in self.cleaned_data.get("people", ())]
        return {**self.cleaned_data, "people": chosen}

"""Forms about tokens and webhooks."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from parkbrain.kernel.models import Branch, User
from parkbrain.kernel.roles import Permission
from parkbrain.kernel.scope import branches_q

from .queries import list_areas, list_event_groups

DAYS = ((30, _("30 days")), (90, _("90 days")), (180, _("180 days")), (365, _("one year")))
NOTHING, READ, WRITE = "", "read", "write"


class TokenForm(forms.Form):
    """A new token: what for, until when, and for each area nothing, reading, or reading and changing."""

    name = forms.CharField(label=_("What it is for"), max_length=80)
    days = forms.TypedChoiceField(label=_("Valid for"), choices=DAYS, coerce=int, initial=90)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = ((NOTHING, _("not opened")), (READ, _("read")), (WRITE, _("read and change")))
        for area in list_areas():
            self.fields[f"area_{area.key}"] = forms.ChoiceField(
                label=area.label, choices=choices, required=False, initial=NOTHING
            )

    @property
    def area_fields(self) -> list[forms.BoundField]:
        """The fields of the areas, in their order."""
        return [self[name] for name in self.fields if name.startswith("area_")]

    @property
    def scopes(self) -> list[str]:
        """The scopes that were chosen."""
        chosen = {name[5:]: kind for name, kind in self.cleaned_data.items() if name.startswith("area_") and kind}
        return [f"{area}:{kind}" for area, kind in chosen.items()]

    def expires_at(self, now: datetime) -> datetime:
        """Return the end of the last local day on which the token is valid."""
        day = timezone.localdate(now) + timedelta(days=self.cleaned_data["days"])
        return timezone.make_aware(datetime.combine(day, time(0, 0)))


class WebhookForm(forms.Form):
    """A new webhook; the picker of branches offers only those whose events the person may see."""

    url = forms.URLField(label=_("Address"), max_length=500, assume_scheme="https")
    events = forms.MultipleChoiceField(
        label=_("Events"),
        widget=forms.SelectMultiple(attrs={"size": 10}),
        help_text=_("All events, all about one kind of thing (ending in a dot), or single ones."),
    )
    branch = forms.ModelChoiceField(
        label=_("Branch"), queryset=Branch.objects.none(), required=False, empty_label=_("All that I may see")
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        within = Branch.objects.filter(branches_q(user, Permission.VIEW_AUDIT, field="path"))
        # A city has thousands of parks: the picker offers what stands above them, and a small scope's parks.
        above = within.exclude(kind=Branch.Kind.PARK)
        self.fields["branch"].queryset = above if above.exists() else within  # type: ignore[attr-defined]
        choices: list[Any] = [("*", _("All events"))]
        for group in list_event_groups():
            choices.append((group.prefix, [(group.prefix, group.prefix), *((code, code) for code in group.codes)]))
        self.fields["events"].choices = choices  # type: ignore[attr-defined]

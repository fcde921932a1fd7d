"""What a wall shows: which screens, of which parks, for how long each, in which colours, at which hour."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from parkbrain.kernel.models import Park

CITY, PARK, ENERGY, SPACE, STARS = SCREENS = ("city", "park", "energy", "space", "stars")
SECONDS, LEAST_SECONDS, MOST_SECONDS = 20, 5, 600
SCREEN_NAMES = {
    CITY: _("City"),
    PARK: _("Park in 3-D"),
    ENERGY: _("Energy and carbon"),
    SPACE: _("Space and firms"),
    STARS: _("Stars"),
}


class WallForm(forms.Form):
    """The address of a wall; everything may be left out."""

    screens = forms.MultipleChoiceField(
        label=_("Screens"), required=False, choices=list(SCREEN_NAMES.items()), widget=forms.CheckboxSelectMultiple
    )
    park = forms.ModelMultipleChoiceField(
        label=_("Parks"), required=False, queryset=Park.objects.none(), widget=forms.CheckboxSelectMultiple
    )
    seconds = forms.IntegerField(
        label=_("Seconds for each screen"), required=False, min_value=LEAST_SECONDS, max_value=MOST_SECONDS
    )
    colour = forms.ChoiceField(label=_("Colour"), required=False)
    hour = forms.IntegerField(label=_("Hour"), required=False, min_value=0, max_value=23)

    def __init__(self, data: Any, *, parks: Any, offered: Sequence[Park], colours: Sequence[tuple[str, str]]) -> None:
        super().__init__(data)
        self.fields["colour"].choices = [("", _("As it comes")), *colours]  # type: ignore[attr-defined]
        field: Any = self.fields["park"]
        # Any park the person may see is taken from the address; only a few are offered to tick.
        field.queryset = parks
        field.widget.choices = [(park.pk, park.name) for park in offered]

    def wanted(self, key: str, default: Any) -> Any:
        """Return what was asked for, or the default where nothing or something impossible was."""
        self.is_valid()
        value = self.cleaned_data.get(key)
        return default if value in (None, "", []) else value

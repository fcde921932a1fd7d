"""What a city asks of its money."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class BudgetForm(forms.Form):
    """A budget and what is fair between districts; the address holds it."""

    budget = forms.DecimalField(
        label=_("Budget of the city (yuan)"), min_value=0, max_value=10**13, decimal_places=0, required=False
    )
    least = forms.IntegerField(
        label=_("At least so many parks in each district"), min_value=0, max_value=5000, required=False
    )
    most = forms.IntegerField(
        label=_("At most so many parks in each district"), min_value=0, max_value=5000, required=False
    )

    def clean(self) -> dict[str, object]:
        """Refuse a least number above the most."""
        typed: dict[str, object] = super().clean() or {}
        least, most = typed.get("least"), typed.get("most")
        if isinstance(least, int) and isinstance(most, int) and least > most:
            self.add_error("least", _("The least number is above the most."))
        return typed

"""What is typed into the page that takes a park's set-up elsewhere."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkbrain.kernel.models import Park, User
from parkbrain.kernel.taking import SetupPart
from parkbrain.ui.fields import FileWithinLimit

from ..queries import ADD, REPLACE, find_managed_parks

MOST_PARKS = 200
#: A set-up file is read, looked at and sent back with the form, so it is as short as a form may be [bytes].
MOST_FILE_BYTES = 1_000_000


class _PartsForm(forms.Form):
    """Which parts are taken over, each in which way, and from when on what differs is replaced."""

    keys: Sequence[str] = ()

    def add_parts(self, parts: Sequence[SetupPart]) -> None:
        """Add a choice for each part: left, only what is missing, or what differs too."""
        self.keys = [part.key for part in parts]
        modes = [("", _("Leave")), (ADD, _("Add what is missing")), (REPLACE, _("Add, and replace what differs"))]
        for part in parts:
            self.fields[f"part-{part.key}"] = forms.ChoiceField(label=str(part.label), choices=modes, required=False)

    def modes(self) -> dict[str, str]:
        """Return what is done with each part that is not left."""
        typed = {key: self.cleaned_data.get(f"part-{key}", "") for key in self.keys}
        return {key: mode for key, mode in typed.items() if mode}


class SetupForm(_PartsForm):
    """Into which parks, which parts, and from when on what differs is replaced."""

    parks = forms.MultipleChoiceField(label=gettext_lazy("Parks"), required=False, widget=forms.CheckboxSelectMultiple)
    codes = forms.CharField(
        label=gettext_lazy("Other parks"),
        required=False,
        max_length=4000,
        help_text=gettext_lazy("Codes of parks whose record you keep, with commas."),
    )
    starts_on = forms.DateField(
        label=gettext_lazy("From"),
        help_text=gettext_lazy("Tariffs and lines begin on this day; what is not dated is written at once."),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )

    def __init__(
        self, data: Any = None, *, user: User, park: Park, near: Sequence[Park], parts: Sequence[SetupPart], on: Any
    ) -> None:
        super().__init__(data, initial={"starts_on": on})
        self.user, self.park, self.near = user, park, {str(one.pk): one for one in near}
        self._targets: list[Park] | None = None
        parks: Any = self.fields["parks"]
        parks.choices = [(pk, f"{one.name} · {one.code}") for pk, one in self.near.items()]
        self.add_parts(parts)

    def clean_codes(self) -> list[Park]:
        """Return the parks of the codes; one that the person does not keep is named."""
        codes = [code for code in re.split(r"[\s,，、;；]+", self.cleaned_data["codes"]) if code]
        found = find_managed_parks(user=self.user, codes=codes)
        missing = next((code for code in codes if code not in found), None)
        if missing is not None:
            raise forms.ValidationError(
                _("There is no park %(code)s whose record you keep."), params={"code": missing[:40]}
            )
        if self.park.code in found:
            raise forms.ValidationError(_("A park does not take over its own set-up."))
        return list(found.values())

    def clean(self) -> dict[str, Any]:
        """Ask for a park and a part."""
        typed = super().clean() or {}
        if not self.errors and not self.targets():
            self.add_error("parks", _("Choose at least one park."))
        if not self.errors and len(self.targets()) > MOST_PARKS:
            self.add_error("codes", _("At most %(most)s parks at once.") % {"most": MOST_PARKS})
        if not self.errors and not self.modes():
            self.add_error(None, _("Choose at least one part."))
        return typed

    def targets(self) -> list[Park]:
        """Return the parks that were chosen, each once."""
        if self._targets is None:
            codes = [self.near[pk].code for pk in self.cleaned_data.get("parks", [])]
            chosen = find_managed_parks(user=self.user, codes=codes) if codes else {}
            typed = {one.code: one for one in self.cleaned_data.get("codes", [])}
            self._targets = list({**chosen, **typed}.values())
        return self._targets


class SetupFileForm(forms.Form):
    """A set-up as `setup-export` or the page of a park writes it."""

    file = FileWithinLimit(
        label=gettext_lazy("File"),
        widget=forms.ClearableFileInput(attrs={"accept": ".yaml,.yml"}),
        help_text=gettext_lazy("A set-up that a park of this or another installation handed out (.yaml)."),
        error_messages={"empty": gettext_lazy("The file is empty.")},
    )

    def clean_file(self) -> tuple[str, str]:
        """Return the name and the text of the file."""
        file = self.cleaned_data["file"]
        if file.size > MOST_FILE_BYTES:
            raise forms.ValidationError(_("The file is too large to be a set-up."))
        try:
            return str(file.name)[:200], file.read().decode("utf-8-sig")
        except UnicodeDecodeError:
            raise forms.ValidationError(_("The file is no text in UTF-8, so it is no set-up.")) from None


class SetupFilePartsForm(_PartsForm):
    """What is taken of a set-up file that was read, which comes back with the form; nothing is kept meanwhile."""

    name = forms.CharField(max_length=200, widget=forms.HiddenInput)
    text = forms.CharField(max_length=MOST_FILE_BYTES, strip=False, widget=forms.HiddenInput)
    starts_on = forms.DateField(
        label=gettext_lazy("From"),
        help_text=gettext_lazy("Tariffs and lines begin on this day; what is not dated is written at once."),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )

    def __init__(self, data: Any, *, parts: Sequence[SetupPart]) -> None:
        super().__init__(data)
        self.add_parts(parts)

    def clean(self) -> dict[str, Any]:
        """Ask for a part."""
        typed = super().clean() or {}
        if not self.errors and not self.modes():
            self.add_error(None, _("Choose at least one part."))
        return typed

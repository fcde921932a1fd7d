"""The form to upload a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkbrain.kernel.models import Park, User

from .queries import find_importable_parks
from .services import KINDS, ColumnPlan, Reading, SheetPlan, SheetProposal


class UploadForm(forms.Form):
    """A file, and the park it is about; the picker offers only parks whose record the person may change."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        widget=forms.ClearableFileInput(attrs={"accept": ",".join(f".{kind}" for kind in KINDS)}),
        error_messages={"empty": gettext_lazy("The file is empty.")},
    )
    park = forms.ModelChoiceField(
        label=gettext_lazy("Park"),
        queryset=Park.objects.none(),
        required=False,
        empty_label=gettext_lazy("The park that the file names, or a new one"),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["park"].queryset = find_importable_parks(user=user)  # type: ignore[attr-defined]

    def clean_file(self) -> UploadedFile[bytes]:
        """Refuse what cannot be read before it is kept."""
        file: UploadedFile[bytes] = self.cleaned_data["file"]
        if (file.size or 0) > settings.UPLOAD_MAX_BYTES:
            limit = settings.UPLOAD_MAX_BYTES // 1_048_576
            raise forms.ValidationError(_("The file is too large: at most %(limit)s MB are taken.") % {"limit": limit})
        kind = PurePath(file.name or "").suffix.lstrip(".").lower()
        if kind not in KINDS:
            raise forms.ValidationError(
                _("Files of the kind “%(kind)s” cannot be read: use .xlsx, .xls, .ods, .csv, .ifc or .geojson.")
                % {"kind": kind or "?"}
            )
        return file


def read_mapping(*, data: Mapping[str, str], proposals: Sequence[SheetProposal]) -> Reading:
    """Return what a person says about the sheets and columns of a file."""
    sheets = {}
    for sheet in proposals:
        columns = {
            c.index: ColumnPlan(
                data.get(f"s{sheet.index}-c{c.index}-field", ""),
                data.get(f"s{sheet.index}-c{c.index}-unit", ""),
                data.get(f"s{sheet.index}-c{c.index}-dates", "") if data.get(f"s{sheet.index}-c{c.index}-dates") in
                {"dmy", "mdy"} else "",
                bool(data.get(f"s{sheet.index}-c{c.index}-fill")),
            )
            for c in sheet.columns
        }  # fmt: skip
        sheets[sheet.name] = SheetPlan(data.get(f"s{sheet.index}-taker", ""), sheet.heading_row, columns)
    code, name = data.get("park_code", "").strip()[:40], data.get("park_name", "").strip()[:160]
    leave_out = bool(data.get("leave_out"))
    return Reading(sheets, new_park=(code, name) if code and name else None, leave_out=leave_out)

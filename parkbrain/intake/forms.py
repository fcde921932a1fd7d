"""The form to upload a file."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkbrain.kernel.models import Park, User

from .queries import find_importable_parks
from .services import KINDS


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

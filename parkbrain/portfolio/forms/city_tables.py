"""What is typed beside a bureau's own table."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkbrain.intake.services import DRAWN_KINDS, KINDS
from parkbrain.kernel.models import Branch, User
from parkbrain.ui.fields import FileWithinLimit

from ..models import DataRound
from ..queries import list_branches

TABLE_KINDS = tuple(kind for kind in KINDS if kind not in DRAWN_KINDS)


class TableForm(forms.Form):
    """A table and where it comes from; outside a round also whose parks it is about, and on which day."""

    file = FileWithinLimit(
        label=gettext_lazy("File"),
        widget=forms.ClearableFileInput(attrs={"accept": ",".join(f".{kind}" for kind in TABLE_KINDS)}),
        error_messages={"empty": gettext_lazy("The file is empty.")},
    )
    source = forms.CharField(
        label=gettext_lazy("Source of the table"),
        max_length=120,
        help_text=gettext_lazy("It stands beside every value, for example “Statistics bureau, half-year list 2026”."),
    )
    branch = forms.ModelChoiceField(label=gettext_lazy("Branch"), queryset=Branch.objects.none(), empty_label=None)
    cut_off_on = forms.DateField(
        label=gettext_lazy("As of"),
        help_text=gettext_lazy("States are asked as of this day, yearly figures for the last full year before it."),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )

    def __init__(self, data: Any = None, files: Any = None, *, user: User, data_round: DataRound | None) -> None:
        super().__init__(data, files)
        if data_round is not None:
            del self.fields["branch"], self.fields["cut_off_on"]
        else:
            branches: Any = self.fields["branch"]
            branches.queryset = list_branches(user=user)

    def clean_file(self) -> UploadedFile[bytes]:
        """Refuse what is no table before it is kept."""
        file: UploadedFile[bytes] = self.cleaned_data["file"]
        kind = PurePath(file.name or "").suffix.lstrip(".").lower()
        if kind not in TABLE_KINDS:
            message = _("Files of the kind “%(kind)s” cannot be read: use .xlsx, .xls, .ods or .csv.")
            raise forms.ValidationError(message % {"kind": kind or "?"})
        return file

"""Fields of forms that several modules use."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _


class FileWithinLimit(forms.FileField):
    """A file no larger than the installation takes."""

    def clean(self, data: object, initial: object = None) -> object:
        """Refuse a file that is too large, naming both sizes."""
        file = super().clean(data, initial)
        if file is not None and getattr(file, "size", 0) > settings.UPLOAD_MAX_BYTES:
            raise forms.ValidationError(
                _("The file has %(size)s MB; at most %(limit)s MB are taken."),
                params={"size": file.size // 1_000_000, "limit": settings.UPLOAD_MAX_BYTES // 1_000_000},
            )
        return file

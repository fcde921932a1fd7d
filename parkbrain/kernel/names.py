"""Names in the three languages of the product."""

from __future__ import annotations

from functools import lru_cache

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

#: Where OpenCC cuts words wrongly ("机器人|制造" gives 制, "机制|造" too): what is always right.
CORRECTIONS = {"制造": "製造"}


@lru_cache(maxsize=1)
def _converter():  # type: ignore[no-untyped-def]
    import opencc

    return opencc.OpenCC("s2hk")


def to_traditional(text: str) -> str:
    """Return Simplified Chinese text in Traditional characters (OpenCC s2hk, corrected)."""
    if not text:
        return ""
    text = _converter().convert(text)
    for wrong, right in CORRECTIONS.items():
        text = text.replace(wrong, right)
    return str(text)


def localized(*, zh_hans: str, zh_hant: str, en: str) -> str:
    """Return the name in the active language, falling back to the name that exists."""
    language = (get_language() or "zh-hans").lower()
    if language.startswith("en"):
        return en or zh_hans or zh_hant
    if language in {"zh-hant", "zh-hk", "zh-tw"}:
        return zh_hant or zh_hans or en
    return zh_hans or zh_hant or en


class Named(models.Model):
    """A thing with a name in Simplified Chinese and, where given, in Traditional Chinese and English."""

    name_zh_hans = models.CharField(_("name (Simplified Chinese)"), max_length=160, blank=True)
    name_zh_hant = models.CharField(_("name (Traditional Chinese)"), max_length=160, blank=True)
    name_en = models.CharField(_("name (English)"), max_length=200, blank=True)

    class Meta:
        abstract = True

    @property
    def name(self) -> str:
        """The name in the active language."""
        return localized(zh_hans=self.name_zh_hans, zh_hant=self.name_zh_hant, en=self.name_en)

    def __str__(self) -> str:
        return self.name


def name_fields(*, zh_hans: str = "", zh_hant: str = "", en: str = "") -> dict[str, str]:
    """Return the three name columns, with Traditional Chinese derived where it is not given."""
    return {
        "name_zh_hans": zh_hans,
        "name_zh_hant": zh_hant or to_traditional(zh_hans),
        "name_en": en,
    }

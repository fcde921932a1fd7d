"""Items of an energy bill, and the reasons of its charges, in words."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from parkbrain.kernel.names import localized, to_traditional
from parkbrain.ui import formats

from ..models import AllocationRule, EnergyKind

#: Values of a reason that are numbers, with how many places they are said.
_PLACES = {
    "quantity": 2, "amount": 2, "metered": 2, "whole": 2, "supply": 2, "public": 2, "loss": 2, "bill": 2, "tax": 2,
    "gross": 2, "weight": 2, "weights": 2, "price": None, "coefficient": None,
}  # fmt: skip


def item_label(*, item: str) -> str:
    """Return a band, tier or shared item of a bill in words."""
    if item.startswith("tier_"):
        return _("tier %(number)s") % {"number": item.removeprefix("tier_")}
    words = {
        "critical_peak": _("critical peak"),
        "peak": _("peak"),
        "flat": _("flat"),
        "valley": _("valley"),
        "deep_valley": _("deep valley"),
        "demand": _("greatest hour (kW)"),
        "public": _("common use"),
        "loss": _("loss"),
        "share": _("share of the park's bill"),
    }
    return words.get(item, item)


def say_values(*, values: Mapping[str, Any]) -> dict[str, str]:
    """Return the values of a reason as the active language says them."""
    said = {}
    for name, places in _PLACES.items():
        if name in values:
            text = str(values[name])
            said[name] = formats.number(Decimal(text), places) if text else _("unknown")
    if "item" in values:
        said["item"] = item_label(item=str(values["item"]))
    if "energy" in values:
        said["energy"] = str(EnergyKind(values["energy"]).label)
    if "by" in values:
        said["by"] = str(AllocationRule.By(values["by"]).label) if values["by"] else ""
    if "of" in values:
        said["of"] = _("the park's whole supply") if values["of"] == "WHOLE" else _("the park's common use")
    for name in ("rate", "share"):
        if name in values:
            said[name] = f"{Decimal(str(values[name])) * 100:.2f}".rstrip("0").rstrip(".") + "%"
    for name in ("firm", "name"):
        if f"{name}_zh" in values:
            chinese = str(values[f"{name}_zh"])
            said[name] = localized(zh_hans=chinese, zh_hant=to_traditional(chinese), en=str(values[f"{name}_en"]))
    return said

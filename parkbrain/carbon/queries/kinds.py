"""What a park can record, with names in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkbrain import schemes
from parkbrain.calc.carbon import SCOPE_1, SCOPE_2_LOCATION, SCOPE_2_MARKET, SCOPE_3
from parkbrain.calc.inventory import NO_AMOUNT, NO_DATA, NO_FACTOR
from parkbrain.kernel.names import localized

#: What a kind's carrier is called when only the way to the park is counted (grid losses, extraction, refining).
UPSTREAM = "_upstream"
#: Names of the scopes.
SCOPE_NAMES: dict[str, str | Promise] = {
    SCOPE_1: gettext_lazy("Scope 1"),
    SCOPE_2_LOCATION: gettext_lazy("Scope 2, location-based"),
    SCOPE_2_MARKET: gettext_lazy("Scope 2, market-based"),
    SCOPE_3: gettext_lazy("Scope 3"),
}
#: Why a line is not assessed, in words.
REASON_WORDS: dict[str, str | Promise] = {
    NO_DATA: gettext_lazy("nothing is recorded"),
    NO_AMOUNT: gettext_lazy("the amount is not known"),
    NO_FACTOR: gettext_lazy("no factor is in force for the day and place"),
}


@dataclass(frozen=True)
class Kind:
    """Something that can be recorded: its carrier, unit, scope and category."""

    key: str
    carrier: str
    unit: str
    scope: int
    group: str
    category: str
    is_energy: bool
    has_upstream: bool
    names: tuple[str, str, str]

    @property
    def name(self) -> str:
        """The name in the active language."""
        en, zh_hans, zh_hant = self.names
        return localized(zh_hans=zh_hans, zh_hant=zh_hant, en=en)


def _names(row: Mapping[str, Mapping[str, str]]) -> tuple[str, str, str]:
    return row["name"]["en"], row["name"]["zh-Hans"], row["name"]["zh-Hant"]


@lru_cache(maxsize=1)
def get_kinds() -> dict[str, Kind]:
    """Return everything that can be recorded, by key."""
    return {
        row["key"]: Kind(
            row["key"],
            row["carrier"],
            row["unit"],
            row["scope"],
            row["group"],
            row["category"],
            bool(row.get("is_energy")),
            bool(row.get("upstream")),
            _names(row),
        )
        for row in schemes.shipped("activity_kinds.yaml")["kinds"]
    }


@lru_cache(maxsize=1)
def _category_names() -> dict[str, tuple[int, tuple[str, str, str]]]:
    return {
        row["key"]: (row["scope_3_number"], _names(row)) for row in schemes.shipped("activity_kinds.yaml")["categories"]
    }


def get_category_name(*, key: str, numbered: bool = True) -> str:
    """Return the name of a category, with its number among the fifteen of scope 3 where it has one."""
    number, (en, zh_hans, zh_hant) = _category_names()[key]
    name = localized(zh_hans=zh_hans, zh_hant=zh_hant, en=en)
    return f"{number} · {name}" if number and numbered else name


@lru_cache(maxsize=1)
def get_refrigerants() -> dict[str, str]:
    """Return the refrigerants with the names people know them by."""
    return {row["key"]: row["name"] for row in schemes.shipped("activity_kinds.yaml")["refrigerants"]}


def get_kind_name(*, key: str) -> str:
    """Return the name of what was recorded, derived lines too."""
    kinds = get_kinds()
    if key in kinds:
        return kinds[key].name
    if key in get_refrigerants():
        return get_refrigerants()[key]
    if key.endswith(UPSTREAM) and key.removesuffix(UPSTREAM) in kinds:
        return _("%(name)s, upstream") % {"name": kinds[key.removesuffix(UPSTREAM)].name}
    return key


def list_kind_choices() -> list[tuple[str, str]]:
    """Return what can be recorded as choices, each with its unit."""
    return [(kind.key, f"{kind.name} ({kind.unit})") for kind in get_kinds().values()]


def list_carriers() -> dict[str, str]:
    """Return the carriers that factors are for, with the unit of each."""
    carriers: dict[str, str] = {}
    for kind in get_kinds().values():
        if kind.carrier:
            carriers.setdefault(kind.carrier, kind.unit)
            if kind.has_upstream:
                carriers.setdefault(kind.carrier + UPSTREAM, kind.unit)
    return {**carriers, **dict.fromkeys(get_refrigerants(), "kg")}

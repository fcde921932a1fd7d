"""What the address of a page says: the as-of date and the filters of the lists."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.http import QueryDict

from parkbrain.kernel.models import Park, User

from .queries import EnterpriseFilter, OccupancyFilter, PremisesFilter


@dataclass(frozen=True)
class AsOf:
    """The day a page shows; `refused` is what was typed instead of a day."""

    on: date
    refused: str = ""


def as_of(*, params: QueryDict, today: date) -> AsOf:
    """Return the day of `?on=`, or today where none or no day is given."""
    typed = params.get("on", "").strip()
    if not typed:
        return AsOf(today)
    try:
        return AsOf(date.fromisoformat(typed))
    except ValueError:
        return AsOf(today, typed)


def chosen_park(*, params: QueryDict, user: User) -> Park | None:
    """Return the park of `?park=` if the person may see it."""
    typed = params.get("park", "")
    return Park.objects.visible_to(user).filter(pk=int(typed)).first() if typed.isdecimal() else None


def _number(params: QueryDict, name: str) -> float | None:
    try:
        value = float(params.get(name, ""))
    except ValueError:
        return None
    return value if 0 <= value < 1e9 else None


def enterprise_filter(*, params: QueryDict, park: Park | None) -> EnterpriseFilter:
    """Return the filter of the list of enterprises."""
    return EnterpriseFilter(
        text=params.get("q", "").strip(),
        section=params.get("section", "")[:1],
        size=params.get("size", ""),
        qualification=params.get("qualification", ""),
        park=park,
    )


def premises_filter(*, params: QueryDict, park: Park | None) -> PremisesFilter:
    """Return the filter of the list of premises."""
    return PremisesFilter(
        text=params.get("q", "").strip(),
        park=park,
        use=params.get("use", ""),
        state=params.get("state", ""),
        fire_class=params.get("fire_class", ""),
        min_load_kn_m2=_number(params, "load"),
        min_height_m=_number(params, "height"),
        min_power_w_m2=_number(params, "power"),
        min_lift_t=_number(params, "lift"),
        min_area_m2=_number(params, "area"),
    )


def occupancy_filter(*, params: QueryDict, park: Park | None) -> OccupancyFilter:
    """Return the filter of the list of occupancies; without a choice, those that hold on the day."""
    return OccupancyFilter(text=params.get("q", "").strip(), park=park, state=params.get("state") or "current")

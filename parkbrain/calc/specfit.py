"""Do premises suit a sub-industry? A constraint check with reasons, not a similarity score."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

#: Vibration criteria from the coarsest to the finest (rms velocity 50, 25, 12.5, 6.25, 3.12 µm/s).
VIBRATION_ORDER = ("VC-A", "VC-B", "VC-C", "VC-D", "VC-E")


@dataclass(frozen=True)
class SpaceProfile:
    """What a sub-industry needs of its premises; None is no demand."""

    id: str
    industries: tuple[str, ...]
    name: Mapping[str, str]
    floor_load_ground_kn_m2: float | None = None
    floor_load_upper_kn_m2: float | None = None
    clear_height_m: float | None = None
    goods_lift_load_t: float | None = None
    power_density_w_m2: float | None = None
    vibration_class: str | None = None
    needs_exhaust: bool = False
    needs_water: bool = False


@dataclass(frozen=True)
class PremisesSpec:
    """Technical properties of premises; None is unknown. `lowest_level` 1 or below stands on the ground."""

    lowest_level: int | None = None
    floor_load_kn_m2: float | None = None
    clear_height_m: float | None = None
    goods_lift_load_t: float | None = None
    power_density_w_m2: float | None = None
    vibration_class: str | None = None
    has_exhaust: bool | None = None
    has_water: bool | None = None


@dataclass(frozen=True)
class FitReason:
    """One demand: the property, what is needed, what is there, and whether it is met (None: unknown)."""

    property: str
    needed: float | str | bool
    found: float | str | bool | None
    met: bool | None


@dataclass(frozen=True)
class SpecFit:
    """The outcome: fits only when every demand is known to be met."""

    profile: SpaceProfile
    reasons: tuple[FitReason, ...]

    @property
    def fits(self) -> bool:
        """True when every demand is met; an unknown property counts as not fitting."""
        return all(r.met for r in self.reasons)


def profiles_from(document: Mapping[str, Any]) -> tuple[SpaceProfile, ...]:
    """Return the profiles of a parsed profile file.

    Raises
    ------
    TypeError
        If an entry has a field that a profile does not know.
    """
    return tuple(
        SpaceProfile(**{**entry, "industries": tuple(str(c) for c in entry["industries"])})
        for entry in document["profiles"]
    )


def profile_for(industry_code: str, profiles: Sequence[SpaceProfile]) -> SpaceProfile | None:
    """Return the profile whose longest code prefix fits the GB/T 4754 code, or None.

    Examples
    --------
    >>> profile_for("3973", [SpaceProfile("e", ("39",), {}), SpaceProfile("chips", ("397",), {})]).id
    'chips'
    """
    matches = [(len(c), p) for p in profiles for c in p.industries if industry_code and industry_code.startswith(c)]
    return max(matches, key=lambda m: m[0])[1] if matches else None


def fit(spec: PremisesSpec, profile: SpaceProfile) -> SpecFit:
    """Check premises against a profile and say for each demand whether it is met.

    Parameters
    ----------
    spec
        Loads [kN/m²], heights [m], lift load [t], power [W/m²]; None is unknown.
    profile
        The demands of the sub-industry in the same units; ground and upper storeys have their own floor load.

    Examples
    --------
    >>> fit(PremisesSpec(lowest_level=3, floor_load_kn_m2=6.0), SpaceProfile("x", ("34",), {}, 15, 8)).reasons[0].met
    False
    """
    on_ground = spec.lowest_level is not None and spec.lowest_level <= 1
    load = profile.floor_load_ground_kn_m2 if on_ground else profile.floor_load_upper_kn_m2
    reasons = [
        _at_least("floor_load_kn_m2", load, spec.floor_load_kn_m2),
        _at_least("clear_height_m", profile.clear_height_m, spec.clear_height_m),
        _at_least("goods_lift_load_t", profile.goods_lift_load_t, spec.goods_lift_load_t),
        _at_least("power_density_w_m2", profile.power_density_w_m2, spec.power_density_w_m2),
        _vibration(profile.vibration_class, spec.vibration_class),
        _has("has_exhaust", profile.needs_exhaust, spec.has_exhaust),
        _has("has_water", profile.needs_water, spec.has_water),
    ]
    return SpecFit(profile, tuple(r for r in reasons if r is not None))


def _at_least(name: str, needed: float | None, found: float | None) -> FitReason | None:
    if needed is None:
        return None
    return FitReason(name, needed, found, None if found is None else found >= needed)


def _vibration(needed: str | None, found: str | None) -> FitReason | None:
    if not needed:
        return None
    met = VIBRATION_ORDER.index(found) >= VIBRATION_ORDER.index(needed) if found else None
    return FitReason("vibration_class", needed, found or None, met)


def _has(name: str, needed: bool, found: bool | None) -> FitReason | None:
    return FitReason(name, True, found, found) if needed else None

"""How premises meet the space profile of an industry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib.resources import files

import yaml
from django.db.models import Min

from parkbrain.calc.specfit import PremisesSpec, SpaceProfile, SpecFit, fit, profile_for, profiles_from
from parkbrain.kernel.names import localized
from parkbrain.kernel.reading import among, shared

from ..models import Premises


@lru_cache(maxsize=1)
def _profiles() -> tuple[SpaceProfile, ...]:
    text = files("parkbrain.schemes").joinpath("space_profiles.yaml").read_text(encoding="utf-8")
    return profiles_from(yaml.safe_load(text))


@dataclass(frozen=True)
class FittedPremises:
    """Premises with a designated industry and the outcome of the check against its profile."""

    premises: Premises
    fit: SpecFit


@shared
def list_fitted_premises(*, park_ids: Sequence[int], on: date) -> list[FittedPremises]:
    """Return the lettable industrial premises whose designated industry has a profile, checked against it."""
    premises = (
        Premises.objects.filter(park__in=among(park_ids), lettable=True, use__in=Premises.INDUSTRIAL_USES)
        .exclude(designated_industry="")
        .lettable_on(on)
        .annotate(lowest_level=Min("spaces__storey__level"))
        .order_by("code")
    )
    fitted = []
    for item in premises:
        profile = profile_for(item.designated_industry, _profiles())
        level: int | None = item.lowest_level  # type: ignore[attr-defined]
        if profile is not None:
            fitted.append(FittedPremises(item, fit(spec_of(premises=item, lowest_level=level), profile)))
    return fitted


def spec_of(*, premises: Premises, lowest_level: int | None) -> PremisesSpec:
    """Return the technical properties of premises as the check takes them."""
    return PremisesSpec(
        lowest_level=lowest_level,
        floor_load_kn_m2=premises.floor_load_kn_m2,
        clear_height_m=premises.clear_height_m,
        goods_lift_load_t=premises.goods_lift_load_t,
        power_density_w_m2=premises.power_density_w_m2,
        vibration_class=premises.vibration_class or None,
        has_exhaust=premises.has_exhaust,
        has_water=premises.has_water,
    )


def check_fit(*, premises: Premises, lowest_level: int | None, industry_code: str) -> SpecFit | None:
    """Return how premises meet the profile of an industry, or None where the industry has no profile."""
    profile = profile_for(industry_code, _profiles())
    return fit(spec_of(premises=premises, lowest_level=lowest_level), profile) if profile else None


def profile_name(*, profile: SpaceProfile) -> str:
    """Return the name of a profile in the active language."""
    names = profile.name
    return localized(zh_hans=names["zh-Hans"], zh_hant=names["zh-Hant"], en=names["en"])

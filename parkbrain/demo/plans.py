"""What the living park knows better about measures, and the plans of a small city; a large one is planned by the worker."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from parkbrain.assessment import services
from parkbrain.kernel.models import Park, User

#: Up to so many parks are planned while the demo loads; the nightly planning does a whole city.
AT_ONCE = 100


def give_terms(*, park: Park, actor: User, at: datetime) -> None:
    """Record two quotes, one measure the park will not take, and one of its own."""
    quotes = (
        ("inspections", Decimal(36_500), None, False, "维保单位报价（示例）"),
        ("rooftop_pv", Decimal(2_180_000), 7, False, "三家比选均价（示例）"),
        ("compute_dedicated", None, None, True, "近三年不建（示例）"),
    )
    for measure_id, cost_yuan, months, is_off, note in quotes:
        services.change_measure(
            park=park,
            measure_id=measure_id,
            cost_yuan=cost_yuan,
            months=months,
            success=None,
            is_off=is_off,
            note=note,
            actor=actor,
            at=at,
        )
    services.add_own_measure(
        park=park,
        name="连廊加装屋顶绿化",
        cost_yuan=Decimal(260_000),
        months=5,
        success=0.9,
        effects={"green_cover_m2": "green_cover_m2 + 800"},
        actor=actor,
        at=at,
    )


def plan_small_city(*, at: datetime) -> None:
    """Plan every park and draw how sure its star is, where that takes a moment."""
    if Park.objects.count() <= AT_ONCE:
        services.refresh_star_plans(at=at)
        services.refresh_certainty(at=at)

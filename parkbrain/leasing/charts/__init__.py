"""Drawings of leasing."""

from .lettings import (
    STANDING_FILL,
    board_section,
    board_twin,
    expiry_chart,
    forecast_chart,
    funnel_chart,
    offer_section,
    segment_chart,
    standing_labels,
    what_if_chart,
)
from .schedules import kind_name, readings_chart, schedule_chart

__all__ = [
    "STANDING_FILL",
    "board_section",
    "board_twin",
    "expiry_chart",
    "forecast_chart",
    "funnel_chart",
    "kind_name",
    "offer_section",
    "readings_chart",
    "schedule_chart",
    "segment_chart",
    "standing_labels",
    "what_if_chart",
]

"""What may change in carbon: activity data, refrigerants, green power, factors, offers between firms."""

from .activities import record_activities, record_green_power, record_refrigerant_events
from .exchange import CannotRecordOffer, end_offer, record_offers
from .factors import CannotRecordFactor, end_factor, load_shipped_factors, record_factor
from .places import CannotRecordActivity

__all__ = [
    "CannotRecordActivity",
    "CannotRecordFactor",
    "CannotRecordOffer",
    "end_factor",
    "end_offer",
    "load_shipped_factors",
    "record_activities",
    "record_factor",
    "record_green_power",
    "record_offers",
    "record_refrigerant_events",
]

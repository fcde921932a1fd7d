"""Lists of leasing."""

from .leads import (
    LEADS,
    RENT_ROLL,
    stage_badge,
)
from .leases import (
    LEASES,
    due_columns,
    lease_columns,
    schedule_columns,
    state_badge,
)

LISTS = (LEASES, LEADS, RENT_ROLL)

__all__ = [
    "LEADS",
    "LEASES",
    "LISTS",
    "RENT_ROLL",
    "due_columns",
    "lease_columns",
    "schedule_columns",
    "stage_badge",
    "state_badge",
]

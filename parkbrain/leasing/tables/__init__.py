"""Lists of leasing."""

from .leases import LEASES, lease_columns, schedule_columns, state_badge

LISTS = (LEASES,)

__all__ = ["LEASES", "LISTS", "lease_columns", "schedule_columns", "state_badge"]

"""What may change: leases from the draft to the end."""

from .common import CannotChangeLease
from .ending import CannotEndLease, close_leases, end_lease
from .lets import CannotLetPremises

__all__ = ["CannotChangeLease", "CannotEndLease", "CannotLetPremises", "close_leases", "end_lease"]

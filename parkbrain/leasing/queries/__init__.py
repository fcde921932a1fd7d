"""What is so: leases, their schedules and what needs a person."""

from .leases import get_lease, list_leases

__all__ = ["get_lease", "list_leases"]

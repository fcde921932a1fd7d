"""What every decision on a lease asks first: may this person, is the lease in the right state."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from parkbrain.kernel.models import Park, User
from parkbrain.kernel.roles import Permission

from ..models import Lease


class CannotChangeLease(Exception):
    """The lease cannot be drafted, approved, signed, changed or ended like this."""


def check_may_lease(*, park: Park, actor: User | None) -> None:
    """Refuse a person who does not work on the leases of the park; nobody at all stands for the system itself."""
    if actor is not None and not actor.may(Permission.MANAGE_LEASES, park.branch.path):
        raise CannotChangeLease(_("You may not change the leases of this park."))


def check_state(*, lease: Lease, allowed: Sequence[str], message: str) -> None:
    """Refuse with the message where the lease is in another state."""
    if lease.state not in allowed:
        raise CannotChangeLease(message % {"number": lease.number, "state": lease.get_state_display()})

"""What every decision about money checks first."""

from __future__ import annotations

from django.utils.translation import gettext as _

from parkbrain.enterprises.models import Enterprise
from parkbrain.enterprises.queries import firms_of_park
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.roles import Permission


class CannotBill(Exception):
    """A charge, a run or a bill cannot be made or changed like this."""


class CannotBook(Exception):
    """Money cannot be booked like this."""


class CannotDun(Exception):
    """A step for an unpaid bill cannot be taken like this."""


def check_may(*, park: Park, actor: User | None, refusal: type[Exception]) -> None:
    """Refuse a person who may not work on money in the park.

    :raises CannotBill, CannotBook, CannotDun: as `refusal` says.
    """
    if actor is not None and not actor.may(Permission.MANAGE_MONEY, park.branch.path):
        raise refusal(_("You may not work on bills and payments of this park."))


def check_firm(*, park: Park, enterprise: Enterprise, refusal: type[Exception]) -> None:
    """Refuse a firm that was never in the park and has no lease of it: money of another park's firm is a mistake.

    :raises CannotBill, CannotBook, CannotDun: as `refusal` says.
    """
    if not firms_of_park(park=park).filter(pk=enterprise.pk).exists():
        raise refusal(_("%(firm)s was never in this park.") % {"firm": enterprise.name})


def checked_reason(*, reason: str, refusal: type[Exception]) -> str:
    """Return the reason as it is stored.

    :raises CannotBill, CannotBook, CannotDun: nothing was given.
    """
    text = reason.strip()[:300]
    if not text:
        raise refusal(_("Say why: the reason stays beside the amount."))
    return text


def lock_park(*, park: Park) -> None:
    """Let changes of a park's money follow one another; call it inside the transaction.

    SQLite's transactions take the right to write when they begin; PostgreSQL holds the park's row.
    """
    Park.objects.select_for_update().filter(pk=park.pk).order_by().first()

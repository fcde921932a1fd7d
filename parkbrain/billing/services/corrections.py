"""Amounts set by hand and charges entered by hand: each with a reason, an actor, and a way back."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from parkbrain.enterprises.models import Enterprise
from parkbrain.kernel import audit
from parkbrain.kernel.models import Park, User
from parkbrain.space.models import Premises

from ..models import Charge, ChargeOverride, ManualCharge
from ..models.charges import SetByHand
from .common import CannotBill, check_firm, check_may, checked_reason, lock_park


@transaction.atomic
def override_charge(
    *, charge: Charge, amount_yuan: Decimal, reason: str, actor: User | None, at: datetime
) -> ChargeOverride:
    """Set what is to be paid for a charge (tax included); every later calculation keeps it.

    A charge of a preview has it at once when previewed again; one that was billed is corrected by the next run.

    :raises CannotBill: it is a correction itself, nothing would change, no reason is given, or the actor may not.
    """
    check_may(park=charge.park, actor=actor, refusal=CannotBill)
    lock_park(park=charge.park)
    if charge.adjusts_id is not None:
        raise CannotBill(_("This is a correction; set the amount of the charge that it corrects."))
    if amount_yuan != amount_yuan.quantize(Decimal("0.01")):
        raise CannotBill(_("Money has two places after the point."))
    current = ChargeOverride.objects.filter(park=charge.park, key=charge.key, undone_at__isnull=True).first()
    if current is not None and current.amount_yuan == amount_yuan:
        raise CannotBill(_("The charge is set to this amount already."))
    rule = current.replaces_yuan if current is not None else charge.gross_yuan
    if current is not None:
        _undo(current, _("another amount was set"), actor, at)
    override = ChargeOverride.objects.create(
        park=charge.park,
        enterprise_id=charge.enterprise_id,
        key=charge.key,
        kind=charge.kind,
        month_on=charge.month_on,
        amount_yuan=amount_yuan,
        replaces_yuan=rule,
        reason=checked_reason(reason=reason, refusal=CannotBill),
        set_by=actor,
        set_at=at,
    )
    audit.record(
        "billing.charge.overridden",
        target=override,
        actor=actor,
        at=at,
        park=charge.park,
        amount=str(amount_yuan),
        before=str(rule),
        reason=override.reason,
    )
    return override


def _undo(row: SetByHand, reason: str, actor: User | None, at: datetime) -> None:
    row.undone_by, row.undone_at, row.undo_reason = actor, at, reason
    row.save(update_fields=["undone_by", "undone_at", "undo_reason"])


@transaction.atomic
def undo_override(*, override: ChargeOverride, reason: str, actor: User | None, at: datetime) -> None:
    """Let the rule say again what is owed; what was billed is corrected by the next run of its month.

    :raises CannotBill: it was taken back already, no reason is given, or the actor may not.
    """
    check_may(park=override.park, actor=actor, refusal=CannotBill)
    lock_park(park=override.park)
    override = ChargeOverride.objects.select_for_update().select_related("park").get(pk=override.pk)
    if not override.holds:
        raise CannotBill(_("This was taken back already."))
    _undo(override, checked_reason(reason=reason, refusal=CannotBill), actor, at)
    audit.record(
        "billing.override.undone", target=override, actor=actor, at=at, park=override.park, reason=override.undo_reason
    )


@transaction.atomic
def add_charge(
    *,
    park: Park,
    enterprise: Enterprise,
    kind: str,
    starts_on: date,
    ends_on: date,
    due_on: date,
    net_yuan: Decimal,
    reason: str,
    actor: User | None,
    at: datetime,
    tax_rate: Decimal = Decimal(0),
    premises: Premises | None = None,
    quantity: Decimal | None = None,
    unit: str = "",
    unit_price_yuan: Decimal | None = None,
) -> ManualCharge:
    """Enter a charge, or with a negative amount a credit, that no rule gives; the run of its month bills it.

    :raises CannotBill: the firm was never in the park, the period runs backward, it comes to nothing, or the actor may not.
    """
    check_may(park=park, actor=actor, refusal=CannotBill)
    check_firm(park=park, enterprise=enterprise, refusal=CannotBill)
    _check_charge(park, premises, starts_on, ends_on, net_yuan, tax_rate)
    charge = ManualCharge.objects.create(
        park=park,
        enterprise=enterprise,
        premises=premises,
        kind=kind,
        starts_on=starts_on,
        ends_on=ends_on,
        due_on=due_on,
        quantity=quantity,
        unit=unit,
        unit_price_yuan=unit_price_yuan,
        net_yuan=net_yuan,
        tax_rate=tax_rate,
        reason=checked_reason(reason=reason, refusal=CannotBill),
        set_by=actor,
        set_at=at,
    )
    audit.record(
        "billing.charge.entered", target=charge, actor=actor, at=at, park=park, amount=str(net_yuan),
        reason=charge.reason,
    )  # fmt: skip
    return charge


def _check_charge(
    park: Park, premises: Premises | None, starts_on: date, ends_on: date, net_yuan: Decimal, tax_rate: Decimal
) -> None:
    if ends_on <= starts_on:
        raise CannotBill(_("The end has to lie after the beginning."))
    if net_yuan == 0 or net_yuan != net_yuan.quantize(Decimal("0.01")):
        raise CannotBill(_("A charge has an amount other than zero, in yuan with at most two places."))
    if not 0 <= tax_rate < 1:
        raise CannotBill(_("The tax rate lies between 0 and 1."))
    if premises is not None and premises.park_id != park.pk:
        raise CannotBill(_("These premises are in another park."))


@transaction.atomic
def undo_charge(*, charge: ManualCharge, reason: str, actor: User | None, at: datetime) -> None:
    """Take a charge entered by hand back; where it was billed, the next run credits it.

    :raises CannotBill: it was taken back already, no reason is given, or the actor may not.
    """
    check_may(park=charge.park, actor=actor, refusal=CannotBill)
    lock_park(park=charge.park)
    charge = ManualCharge.objects.select_for_update().select_related("park").get(pk=charge.pk)
    if not charge.holds:
        raise CannotBill(_("This was taken back already."))
    _undo(charge, checked_reason(reason=reason, refusal=CannotBill), actor, at)
    audit.record(
        "billing.charge.taken_back", target=charge, actor=actor, at=at, park=charge.park, reason=charge.undo_reason
    )

"""Deposits and guarantees as agreed, and the papers of a lease."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from parkbrain.billing.services import CannotBook, ask_deposit
from parkbrain.calc import leases as calc
from parkbrain.kernel import audit
from parkbrain.kernel.models import Document, User

from ..models import DepositTerm, Guarantee, Lease, LeaseDocument, LeaseVersion
from ..queries import first_rents
from .common import CannotChangeLease, check_may_lease

#: States in which the books say what a lease asks as deposit: the firm is in by it, or was.
ASKED_IN = (Lease.State.ACTIVE, Lease.State.ENDED)


def _next_number(lease: Lease, model: type[DepositTerm] | type[Guarantee] | type[LeaseDocument]) -> int:
    """Return the next number within the lease; the lease is held, so that nobody else gets the same."""
    Lease.objects.select_for_update(of=("self",)).get(pk=lease.pk)
    last = model._default_manager.filter(lease=lease).aggregate(last=Max("number"))["last"]
    return (last or 0) + 1


@transaction.atomic
def agree_deposit(
    *,
    lease: Lease,
    due_on: date,
    actor: User | None,
    at: datetime,
    months_of_rent: Decimal | None = None,
    amount_yuan: Decimal | None = None,
    remark: str = "",
) -> DepositTerm:
    """Agree a deposit: so many months of the first rent, or an amount; of a lease in force it is due at once.

    :raises CannotChangeLease: both or neither is given, or the actor may not.
    """
    check_may_lease(park=lease.park, actor=actor)
    if (months_of_rent is None) == (amount_yuan is None):
        raise CannotChangeLease(_("A deposit is so many months of rent or an amount: give one of the two."))
    term = DepositTerm.objects.create(
        lease=lease,
        number=_next_number(lease, DepositTerm),
        due_on=due_on,
        months_of_rent=months_of_rent,
        amount_yuan=amount_yuan,
        remark=remark,
    )
    audit.record("leasing.deposit.agreed", target=lease, actor=actor, at=at, park=lease.park, due_on=due_on.isoformat())
    if lease.state in ASKED_IN:
        ask_deposits(lease=lease, actor=actor, at=at)
    return term


@transaction.atomic
def record_guarantee(
    *,
    lease: Lease,
    kind: str,
    guarantor: str,
    actor: User | None,
    at: datetime,
    amount_yuan: Decimal | None = None,
    valid_from_on: date | None = None,
    valid_to_on: date | None = None,
) -> Guarantee:
    """Record a guarantee that somebody gave for a lease.

    :raises CannotChangeLease: it ends before it begins, or the actor may not change the leases of the park.
    """
    check_may_lease(park=lease.park, actor=actor)
    if valid_from_on and valid_to_on and valid_to_on <= valid_from_on:
        raise CannotChangeLease(_("The end has to lie after the beginning."))
    given = Guarantee.objects.create(
        lease=lease,
        number=_next_number(lease, Guarantee),
        kind=kind,
        guarantor=guarantor,
        amount_yuan=amount_yuan,
        valid_from_on=valid_from_on,
        valid_to_on=valid_to_on,
    )
    audit.record("leasing.guarantee.recorded", target=lease, actor=actor, at=at, park=lease.park, guarantor=guarantor)
    return given


@transaction.atomic
def file_document(
    *,
    lease: Lease,
    document: Document,
    kind: str,
    actor: User | None,
    at: datetime,
    version: LeaseVersion | None = None,
    paper: LeaseDocument | None = None,
) -> LeaseDocument:
    """File a document with a lease: a further paper, or the file of one that a register listed.

    :raises CannotChangeLease: the paper has its file already, is one of another lease, or the actor may not change the
        leases of the park.
    """
    check_may_lease(park=lease.park, actor=actor)
    number = _next_number(lease, LeaseDocument)
    if paper is None:
        filed = LeaseDocument.objects.create(
            lease=lease, number=number, version=version, document=document, kind=kind, name=document.name
        )
    else:
        filed = LeaseDocument.objects.get(pk=paper.pk)
        if filed.lease_id != lease.pk or filed.document_id is not None:
            raise CannotChangeLease(_("This paper has its file already."))
        filed.document, filed.name = document, filed.name or document.name
        filed.save(update_fields=["document", "name"])
    audit.record(
        "leasing.document.filed",
        target=lease,
        actor=actor,
        at=at,
        park=lease.park,
        document=document.name,
        kind=filed.kind,
    )
    return filed


def ask_deposits(*, lease: Lease, actor: User | None, at: datetime) -> None:
    """Note in the books what the firm has to deposit; what is noted already stays as it is.

    :raises CannotChangeLease: the actor may not book money in the park.
    """
    terms = list(lease.deposit_terms.all())
    rent = sum(first_rents(lease=lease).values(), Decimal(0)) if terms else Decimal(0)
    for term in terms:
        amount = term.amount_yuan if term.amount_yuan is not None else rent * (term.months_of_rent or Decimal(0))
        if amount <= 0:
            continue
        try:
            ask_deposit(
                park=lease.park,
                enterprise=lease.enterprise,
                amount_yuan=calc.round_to(amount, Decimal("0.01")),
                due_on=term.due_on,
                reference=f"lease:{lease.pk}:{term.pk}",
                actor=actor,
                at=at,
            )
        except CannotBook as refusal:
            raise CannotChangeLease(str(refusal)) from refusal

"""One enterprise with all that the record knows of it, as of a day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from parkbrain.calc.intervals import period_of
from parkbrain.kernel import audit
from parkbrain.kernel.models import AuditEvent, Park, User

from ..models import (
    Enterprise,
    EnterpriseAddress,
    EnterpriseDocument,
    EnterpriseReturn,
    Occupancy,
    Qualification,
)
from .lists import SOON
from .segments import reason_text, segment_text
from .tenants import list_segmented_tenants


@dataclass(frozen=True)
class Certificate:
    """A certificate with its state on a day: VALID, SOON, EXPIRED or FUTURE."""

    qualification: Qualification
    state: str
    days_left: int | None


@dataclass(frozen=True)
class Placement:
    """The segment of a firm in one park and the rule that placed it there."""

    park: Park
    segment: str
    segment_name: str
    reason: str
    certain: bool


@dataclass(frozen=True)
class AddressLine:
    """One of the four addresses on a day; `agrees` compares it with where the firm in fact is (None: unknown)."""

    kind: str
    label: str
    address: EnterpriseAddress | None
    agrees: bool | None


@dataclass(frozen=True)
class Event:
    """One line of the history."""

    at: object
    text: str
    actor: str


@dataclass(frozen=True)
class EnterpriseProfile:
    """Everything the page of an enterprise shows."""

    enterprise: Enterprise
    stays: Sequence[Occupancy]
    current: Sequence[Occupancy]
    placements: Sequence[Placement]
    returns: Sequence[EnterpriseReturn]
    certificates: Sequence[Certificate]
    addresses: Sequence[AddressLine]
    documents: Sequence[EnterpriseDocument]
    history: Sequence[Event]

    @property
    def area_m2(self) -> float:
        """Area the firm occupies on the day."""
        return sum(s.premises.billing_area_m2 for s in self.current)

    @property
    def disagreeing(self) -> list[AddressLine]:
        """The addresses that lie elsewhere than where the firm in fact is."""
        return [a for a in self.addresses if a.agrees is False]


def get_profile(*, enterprise: Enterprise, user: User, on: date) -> EnterpriseProfile:
    """Return what the record knows of an enterprise, within what the person may see."""
    stays = list(
        Occupancy.objects.visible_to(user)
        .filter(enterprise=enterprise)
        .select_related("premises__park__branch", "premises__building", "enterprise")
        .order_by("-starts_on")
    )
    current = [s for s in stays if s.starts_on <= on and (s.ends_on is None or s.ends_on > on)]
    qualifications = enterprise.qualifications.order_by("kind", "-valid_from_on")
    return EnterpriseProfile(
        enterprise=enterprise,
        stays=stays,
        current=current,
        placements=_placements(enterprise, [s.premises.park for s in current], on),
        returns=list(enterprise.returns.order_by("-year")),
        certificates=[certificate_on(qualification=q, on=on) for q in qualifications],
        addresses=_addresses(enterprise, current, on),
        documents=list(enterprise.documents.select_related("document")),
        history=_history(enterprise),
    )


def certificate_on(*, qualification: Qualification, on: date) -> Certificate:
    """Return a certificate with its state on a day."""
    if qualification.valid_from_on > on:
        return Certificate(qualification, "FUTURE", None)
    if qualification.valid_to_on is None:
        return Certificate(qualification, "VALID", None)
    days = (qualification.valid_to_on - on).days
    state = "EXPIRED" if days <= 0 else "SOON" if days <= SOON.days else "VALID"
    return Certificate(qualification, state, days)


def _placements(enterprise: Enterprise, parks: Sequence[Park], on: date) -> list[Placement]:
    by_pk = {park.pk: park for park in parks}
    year = period_of("fy", on).starts_on.year
    placements = []
    for tenant in list_segmented_tenants(park_ids=list(by_pk), on=on, year=year):
        if tenant.enterprise_id == enterprise.pk and tenant.segment is not None:
            segment = tenant.segment
            names = (segment_text(segment=segment.segment), reason_text(reason=segment.reason))
            placements.append(Placement(by_pk[tenant.park_id], segment.segment, *names, segment.certain))
    return placements


def _addresses(enterprise: Enterprise, current: Sequence[Occupancy], on: date) -> list[AddressLine]:
    held = {
        a.kind: a
        for a in enterprise.addresses.select_related("park")
        .filter(Q(ends_on__isnull=True) | Q(ends_on__gt=on), starts_on__lte=on)
        .order_by("starts_on")
    }
    here = {s.premises.park_id for s in current}
    actual = held.get(EnterpriseAddress.Kind.ACTUAL)
    if actual is not None and actual.park_id:
        here.add(actual.park_id)
    lines = []
    for kind, label in EnterpriseAddress.Kind.choices:
        address = held.get(kind)
        known = address is not None and bool(here) and kind != EnterpriseAddress.Kind.ACTUAL
        lines.append(AddressLine(kind, str(label), address, (address.park_id in here) if known and address else None))
    return lines


def _history(enterprise: Enterprise) -> list[Event]:
    occupancies = [str(pk) for pk in enterprise.occupancies.values_list("pk", flat=True)]
    events = AuditEvent.objects.filter(
        Q(target_label="enterprises.enterprise", target_id=str(enterprise.pk))
        | Q(target_label="enterprises.occupancy", target_id__in=occupancies)
    ).select_related("actor")
    return [Event(e.at, audit.sentence(e), str(e.actor or "")) for e in events[:30]]

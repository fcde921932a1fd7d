"""One enterprise with all that the record knows of it, as of a day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from parkbrain.calc.intervals import period_of
from parkbrain.kernel import scope
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.roles import Permission
from parkbrain.kernel.scope import masked

from ..models import (
    Enterprise,
    EnterpriseAddress,
    EnterpriseConfidence,
    EnterpriseContact,
    EnterpriseDocument,
    EnterpriseReturn,
    Occupancy,
    Qualification,
)
from .history import Event, event_line, list_history
from .lists import SOON
from .segments import reason_text, segment_text
from .tenants import list_segmented_tenants

#: So many events stand on the page of the firm; all of them have a page of their own.
HISTORY_LINES = 8


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
    """One of the four addresses on a day; `agrees` compares it with where the firm in fact is (None: unknown).

    `elsewhere_since_on` is the day from which the firm was here and this address was not.
    """

    kind: str
    label: str
    address: EnterpriseAddress | None
    agrees: bool | None
    elsewhere_since_on: date | None = None
    others: Sequence[EnterpriseAddress] = ()


@dataclass(frozen=True)
class ContactLine:
    """A contact as the person may see it: telephone and e-mail in full or masked."""

    contact: EnterpriseContact
    phone: str
    email: str
    holds: bool


@dataclass(frozen=True)
class ConfidenceLine:
    """What the firm entrusts to one park, as the person may see it."""

    park: Park
    legal_representative: str
    representative_id_number: str
    bank_name: str
    bank_account: str


@dataclass(frozen=True)
class Paper:
    """A document of the firm with its state on a day: VALID, SOON, EXPIRED, FUTURE, or empty without a validity."""

    attached: EnterpriseDocument
    state: str
    days_left: int | None


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
    papers: Sequence[Paper]
    contacts: Sequence[ContactLine]
    confidences: Sequence[ConfidenceLine]
    history: Sequence[Event]
    editing_park: Park | None

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
    stays = list_visible_stays(enterprise=enterprise, user=user)
    current = [s for s in stays if s.starts_on <= on and (s.ends_on is None or s.ends_on > on)]
    papers = EnterpriseDocument.objects.visible_to(user).filter(enterprise=enterprise).select_related("document__park")
    return EnterpriseProfile(
        enterprise=enterprise,
        stays=stays,
        current=current,
        placements=_placements(enterprise, [s.premises.park for s in current], on),
        # What a firm reports of a year is known once the year has closed.
        returns=list(enterprise.returns.filter(year__lte=period_of("fy", on).starts_on.year).order_by("-year")),
        certificates=[
            certificate_on(qualification=q, on=on) for q in enterprise.qualifications.order_by("kind", "-valid_from_on")
        ],
        addresses=_addresses(enterprise, current, on),
        papers=[paper_on(attached=p, on=on) for p in papers.order_by("kind", "-id")],
        contacts=_contacts(enterprise, user, on),
        confidences=_confidences(enterprise, user),
        history=[event_line(event=e) for e in list_history(enterprise=enterprise, user=user)[:HISTORY_LINES]],
        editing_park=editing_park(stays=stays, user=user, on=on),
    )


def editing_park(*, stays: Sequence[Occupancy], user: User, on: date) -> Park | None:
    """Return the park for which the person may change what is known of a firm: one it is in, else one it was in."""
    ordered = sorted(stays, key=lambda s: (s.starts_on <= on and (s.ends_on is None or s.ends_on > on), s.starts_on))
    parks = dict.fromkeys(stay.premises.park for stay in reversed(ordered))
    return next((park for park in parks if user.may(Permission.EDIT_RECORD, park.branch.path)), None)


def list_visible_stays(*, enterprise: Enterprise, user: User) -> list[Occupancy]:
    """Return where a firm is and was, the latest first, within what the person may see."""
    found = Occupancy.objects.visible_to(user).filter(enterprise=enterprise)
    related = ("premises__park__branch", "premises__building", "enterprise")
    return list(found.select_related(*related).order_by("-starts_on"))


def _contacts(enterprise: Enterprise, user: User, on: date) -> list[ContactLine]:
    found = EnterpriseContact.objects.visible_to(user).filter(enterprise=enterprise).select_related("park__branch")
    lines = []
    for contact in found.order_by("-is_main", "name", "-starts_on"):
        holds = contact.starts_on <= on and (contact.ends_on is None or contact.ends_on > on)
        phone, email = (_shown(value, enterprise, contact.park, user) for value in (contact.phone, contact.email))
        lines.append(ContactLine(contact, phone, email, holds))
    return lines


def _confidences(enterprise: Enterprise, user: User) -> list[ConfidenceLine]:
    found = EnterpriseConfidence.objects.visible_to(user).filter(enterprise=enterprise).select_related("park__branch")
    return [
        ConfidenceLine(
            park=row.park,
            legal_representative=row.legal_representative,
            representative_id_number=_shown(row.representative_id_number, enterprise, row.park, user),
            bank_name=row.bank_name,
            bank_account=_shown(row.bank_account, enterprise, row.park, user),
        )
        for row in found
    ]


def _shown(value: str, enterprise: Enterprise, park: Park, user: User) -> str:
    """Return a sensitive value in full to the firm itself and to whoever may see it in that park, else masked."""
    if enterprise.uscc in scope.own_enterprise_codes(user):
        return value
    return masked(value, user=user, permission=Permission.VIEW_SENSITIVE, path=park.branch.path)


def certificate_on(*, qualification: Qualification, on: date) -> Certificate:
    """Return a certificate with its state on a day."""
    if qualification.valid_from_on > on:
        return Certificate(qualification, "FUTURE", None)
    if qualification.valid_to_on is None:
        return Certificate(qualification, "VALID", None)
    return Certificate(qualification, *_state_of(qualification.valid_to_on, on))


def paper_on(*, attached: EnterpriseDocument, on: date) -> Paper:
    """Return a document with its state on a day."""
    if attached.valid_from_on is not None and attached.valid_from_on > on:
        return Paper(attached, "FUTURE", None)
    if attached.valid_to_on is None:
        return Paper(attached, "VALID" if attached.valid_from_on else "", None)
    return Paper(attached, *_state_of(attached.valid_to_on, on))


def _state_of(valid_to_on: date, on: date) -> tuple[str, int]:
    days = (valid_to_on - on).days
    return "EXPIRED" if days <= 0 else "SOON" if days <= SOON.days else "VALID", days


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
    every = list(enterprise.addresses.select_related("park").order_by("-starts_on"))
    held = {a.kind: a for a in every if a.starts_on <= on and (a.ends_on is None or a.ends_on > on)}
    here_since: dict[int, date] = {}
    for stay in current:
        park_id = stay.premises.park_id
        here_since[park_id] = min(stay.starts_on, here_since.get(park_id, stay.starts_on))
    actual = held.get(EnterpriseAddress.Kind.ACTUAL)
    if actual is not None and actual.park_id:
        here_since.setdefault(actual.park_id, actual.starts_on)
    lines = []
    for kind, label in EnterpriseAddress.Kind.choices:
        address = held.get(kind)
        others = [a for a in every if a.kind == kind and a is not address]
        agrees = _agrees(address, here_since) if kind != EnterpriseAddress.Kind.ACTUAL else None
        since = None
        if agrees is False and address is not None:
            since = max(address.starts_on, min(here_since.values()))
        lines.append(AddressLine(kind, str(label), address, agrees, since, others))
    return lines


def _agrees(address: EnterpriseAddress | None, here_since: Mapping[int, date]) -> bool | None:
    """Tell whether an address lies where the firm is; None where either is unknown."""
    if address is None or not here_since or (address.park_id is None and not address.text):
        return None
    return address.park_id in here_since

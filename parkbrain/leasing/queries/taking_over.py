"""Leases that were taken over from a register: which wait for a second person, what each says, where it came from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count, QuerySet

from parkbrain.intake.queries import Source, find_sources
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.roles import Permission

from ..models import Lease, LeasePremises, LeaseVersion, TakenOver
from .agreements import rents_of
from .leases import let_areas

State = TakenOver.State


@dataclass(frozen=True)
class TakenOverLine:
    """A lease that was taken over, as a second person looks at it."""

    row: TakenOver
    #: Codes of its premises, by its first version.
    premises: Sequence[str]
    area_m2: Decimal | None
    #: Rents per m² and month on the day, each once; None where one is not known.
    rents: Sequence[Decimal | None]
    #: The import that brought it; None where it was not a file.
    source: Source | None
    is_own: bool


def list_taken_over(*, park: Park, state: str) -> QuerySet[TakenOver]:
    """Return the leases of a park that were taken over and are in the state, by number."""
    rows = TakenOver.objects.filter(lease__park=park, state=state)
    return rows.select_related("lease__enterprise", "taken_by", "decided_by").order_by("lease__number")


def count_taken_over(*, park: Park) -> Mapping[str, int]:
    """Return how many leases of a park were taken over, by what a second person said."""
    rows = TakenOver.objects.filter(lease__park=park).order_by().values_list("state").annotate(n=Count("pk"))
    return {**dict.fromkeys(State.values, 0), **dict(rows)}


def taken_over_lines(*, rows: Sequence[TakenOver], user: User, on: date) -> list[TakenOverLine]:
    """Return rows of a page with premises, rents and the import that brought each, in a handful of queries for all."""
    leases = [row.lease for row in rows]
    codes: dict[int, list[str]] = {}
    places = LeasePremises.objects.filter(version__lease__in=leases, version__number=1)
    for lease_id, code in places.values_list("version__lease", "premises__code").order_by("premises__code"):
        codes.setdefault(lease_id, []).append(code)
    areas, rents = let_areas(leases=leases), rents_of(leases=leases, on=on)
    sources = find_sources(user=user, target_label="leasing.lease", target_ids=[x.pk for x in leases])
    return [
        TakenOverLine(
            row,
            list(dict.fromkeys(codes.get(row.lease_id, ()))),
            areas.get(row.lease_id),
            list(dict.fromkeys(rents.get(row.lease_id, {}).values())),
            sources.get(row.lease_id),
            row.taken_by_id == user.pk,
        )
        for row in rows
    ]


@dataclass(frozen=True)
class TakenOverNote:
    """How a lease was taken over, what a second person said, and the import that brought it."""

    row: TakenOver
    source: Source | None
    is_own: bool


def get_taken_over(*, user: User, lease: Lease) -> TakenOverNote | None:
    """Return how a lease was taken over; None where it was approved here, or the person does not see the park's money."""
    if not user.may(Permission.VIEW_MONEY, lease.park.branch.path):
        return None
    row = TakenOver.objects.filter(lease=lease).select_related("taken_by", "decided_by").first()
    if row is None:
        return None
    sources = find_sources(user=user, target_label="leasing.lease", target_ids=[lease.pk])
    return TakenOverNote(row, sources.get(lease.pk), row.taken_by_id == user.pk)


def versions_taken_over(*, rows: Sequence[TakenOver]) -> QuerySet[LeaseVersion]:
    """Return the versions that came with leases that were taken over: those of the very same work."""
    moments = {row.lease_id: row.taken_at for row in rows}
    found = LeaseVersion.objects.filter(lease__in=moments, made_at__in=set(moments.values()))
    same = [pk for pk, lease, at in found.values_list("pk", "lease", "made_at") if moments[lease] == at]
    return LeaseVersion.objects.filter(pk__in=same)

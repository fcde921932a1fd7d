"""Points and their dated factors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from parkbrain.kernel import audit, bulk
from parkbrain.kernel.models import Park, User
from parkbrain.space.services import Recorded, upsert

from ..models import Point, PointFactor
from .sources import may_change

#: What a row about a point may say of its present factor, beside the point itself.
FACTOR_FIELDS = ("multiplier", "ct_ratio", "pt_ratio")


class CannotRecordPoint(Exception):
    """The point cannot be recorded."""


class CannotSetFactor(Exception):
    """The factor cannot be set."""


@transaction.atomic
def record_points(
    *, park: Park, rows: Sequence[Mapping[str, Any]], actor: User | None, at: datetime
) -> list[Recorded[Point]]:
    """Record points by their code; `source_code` names the source, and `address` is the point's code unless given.

    :raises CannotRecordPoint: a source is unknown, an address is taken, or the actor may not change the record.
    """
    if not may_change(park=park, actor=actor):
        raise CannotRecordPoint(_("You may not change the record of this park."))
    sources = {s.code: s for s in park.sources.all()}
    codes = [str(row["code"]) for row in rows]
    found = {p.code: p for p in park.points.select_related("source").filter(code__in=codes)}
    wanted = []
    for row in rows:
        code = str(row["code"])
        values = {k: v for k, v in row.items() if k not in {*FACTOR_FIELDS, "source_code"}}
        if "source_code" in row:
            source = sources.get(str(row["source_code"])) if row["source_code"] else None
            if row["source_code"] and source is None:
                raise CannotRecordPoint(_("There is no source %(code)s.") % {"code": row["source_code"]})
            values["source"] = source
            if source is not None and not values.get("address") and (code not in found or not found[code].address):
                values["address"] = code
        if code not in found:
            values["changed_at"] = at
        wanted.append((code, {**values, "park": park}))
    _check_addresses(found, wanted)
    recorded = upsert(model=Point, found=found, rows=wanted)
    _touch(recorded, at)
    added: list[tuple[Point, dict[str, Any]]] = [(r.row, {}) for r in recorded if r.action == "create"]
    audit.record_many("telemetry.point.added", targets=added, actor=actor, at=at, park=park)
    changed = [(r.row, r.details()) for r in recorded if r.action == "update"]
    audit.record_many("telemetry.point.changed", targets=changed, actor=actor, at=at, park=park)
    return recorded


def _check_addresses(found: Mapping[str, Point], wanted: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
    """Refuse two points of one address at one source before the database does, and say which."""
    given: dict[tuple[int, str], str] = {}
    for code, values in wanted:
        known = found.get(code)
        source = values.get("source", known.source if known else None)
        address = values.get("address") or (known.address if known else "")
        if source is not None and address and given.setdefault((source.pk, str(address)), code) != code:
            raise CannotRecordPoint(_("Two points have the address %(address)s.") % {"address": address})
    sources, addresses = {source for source, _address in given}, {address for _source, address in given}
    for point in Point.objects.filter(source__in=sources, address__in=addresses):
        code = given.get((point.source_id or 0, point.address), point.code)
        if point.code != code and point.code not in found:
            raise CannotRecordPoint(
                _("The point %(code)s has the address %(address)s already.")
                % {"code": point.code, "address": point.address}
            )


def _touch(recorded: Sequence[Recorded[Point]], at: datetime) -> None:
    """Note when points changed, so that the ways in see it: only of those that did."""
    changes = {}
    for outcome in recorded:
        if outcome.action == "update" and outcome.row.changed_at != at:
            changes[outcome.row.pk] = (outcome.row, {"changed_at": outcome.row.changed_at})
            outcome.row.changed_at = at
    bulk.update_rows(model=Point, changes=list(changes.values()))


def create_point(*, park: Park, code: str, actor: User | None, at: datetime, **values: Any) -> Point:
    """Make a point; its code stands once in the park.

    :raises CannotRecordPoint: the code or the address is taken, the source is unknown, or the actor may not.
    """
    if park.points.filter(code=code).exists():
        raise CannotRecordPoint(_("There is a point %(code)s already.") % {"code": code})
    return record_points(park=park, rows=[{**values, "code": code}], actor=actor, at=at)[0].row


@transaction.atomic
def set_factor(
    *,
    point: Point,
    start_at: datetime,
    actor: User | None,
    at: datetime,
    multiplier: float = 1.0,
    ct_ratio: float = 1.0,
    pt_ratio: float = 1.0,
) -> PointFactor:
    """Let a factor hold from a moment on; the one that held then ends at that moment.

    A moment before later factors: it holds up to the next one.

    :raises CannotSetFactor: it is zero or the actor may not change the record.
    """
    return set_factors(
        park=point.park,
        rows=[(point, start_at, {"multiplier": multiplier, "ct_ratio": ct_ratio, "pt_ratio": pt_ratio})],
        actor=actor,
        at=at,
    )[0]


def changes_by_factors(
    *, rows: Sequence[tuple[Point, datetime, Mapping[str, float]]]
) -> list[dict[str, tuple[float, float]]]:
    """Return per row what its factor changes against the one that holds at its moment: the field, old and new value."""
    known: dict[int, list[PointFactor]] = {}
    for factor in PointFactor.objects.filter(point__in={p.pk for p, *_rest in rows}).order_by("-start_at"):
        known.setdefault(factor.point_id, []).append(factor)
    found = []
    for point, start_at, values in rows:
        held = next((f for f in known.get(point.pk, ()) if f.start_at <= start_at), None)
        old = {name: float(getattr(held, name)) if held else 1.0 for name in FACTOR_FIELDS}
        found.append({n: (old[n], values.get(n, 1.0)) for n in FACTOR_FIELDS if old[n] != values.get(n, 1.0)})
    return found


@transaction.atomic
def set_factors(
    *,
    park: Park,
    rows: Sequence[tuple[Point, datetime, Mapping[str, float]]],
    actor: User | None,
    at: datetime,
) -> list[PointFactor]:
    """Let the factor of each row hold for its point from its moment on.

    :raises CannotSetFactor: one is zero or the actor may not change the record.
    """
    if not may_change(park=park, actor=actor):
        raise CannotSetFactor(_("You may not change the record of this park."))
    known: dict[int, list[PointFactor]] = {}
    for factor in PointFactor.objects.filter(point__in={p.pk for p, *_rest in rows}).order_by("start_at"):
        known.setdefault(factor.point_id, []).append(factor)
    new, changed, outcome, events = [], [], [], []
    for point, start_at, values in rows:
        if not values.get("multiplier", 1.0) or min(values.get("ct_ratio", 1.0), values.get("pt_ratio", 1.0)) <= 0:
            raise CannotSetFactor(_("A factor cannot be zero."))
        factors = known.setdefault(point.pk, [])
        same = next((f for f in factors if f.start_at == start_at), None)
        if same is not None:
            old = {name: getattr(same, name) for name, value in values.items() if getattr(same, name) != value}
            for name in old:
                setattr(same, name, values[name])
            factor = same
            if not old:
                outcome.append(factor)
                continue
            changed.append((same, old))
        else:
            before = next((f for f in reversed(factors) if f.start_at < start_at), None)
            after = next((f for f in factors if f.start_at > start_at), None)
            if before is not None and (before.end_at is None or before.end_at > start_at):
                changed.append((before, {"end_at": before.end_at}))
                before.end_at = start_at
            factor = PointFactor(point=point, start_at=start_at, end_at=after.start_at if after else None, **values)
            new.append(factor)
            factors.append(factor)
            factors.sort(key=lambda f: f.start_at)
        outcome.append(factor)
        events.append((point, {"factor": factor.factor, "start_at": start_at.isoformat()}))
    # The old ones end first: the database lets no two hold at once.
    bulk.update_rows(model=PointFactor, changes=changed)
    bulk.insert_rows(model=PointFactor, rows=new)
    audit.record_many("telemetry.factor.set", targets=events, actor=actor, at=at, park=park)
    return outcome

"""Meters: recorded with what they read, stand below and serve; calibrations; places that a standard wants metered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any

from django.db import DatabaseError, transaction
from django.utils.translation import gettext as _

from parkbrain.calc.metering import MeterFormula, MeteringError, order_formulas, parse_meter_formula
from parkbrain.kernel import audit, bulk
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.roles import Permission
from parkbrain.space.models import Building
from parkbrain.space.services import Recorded, upsert
from parkbrain.space.services.upsert import created, updated
from parkbrain.telemetry.models import Point

from ..models import Calibration, Meter, MeteringNeed, MeterParent, MeterPoint
from ..models.meters import UNIT_OF_KIND
from ..queries.basis import unit_factor
from ..queries.packed import park_zone

#: Columns of a row that are no columns of the meter.
LINKS = frozenset({"point_code", "parent_code", "building_code", "linked_from_on"})
#: From when a first binding holds where the row does not say: before anything was measured.
LONG_AGO = date(2000, 1, 1)


class CannotRecordMeter(Exception):
    """The meter cannot be recorded."""


class CannotBindPoint(CannotRecordMeter):
    """The point cannot show what this meter counts."""


class CannotPlaceMeter(CannotRecordMeter):
    """The meter cannot stand there."""


def check_may_edit(*, park: Park, actor: User | None) -> None:
    """Refuse a person who may not change the record of the park; None is the program itself."""
    if actor is not None and not actor.may(Permission.EDIT_RECORD, park.branch.path):
        raise CannotRecordMeter(_("You may not change the record of this park."))


@transaction.atomic
def record_meters(
    *, park: Park, rows: Sequence[Mapping[str, Any]], actor: User | None, at: datetime
) -> list[Recorded[Meter]]:
    """Record meters by their code and return per row what happened.

    A row may name its point (`point_code`), the meter above it (`parent_code`) and its building (`building_code`), from
    `linked_from_on` on; a link that is there already stays as it is, another one takes its place from that day.

    :raises CannotRecordMeter: a code is unknown, the unit does not fit, a formula does not read, or the actor may not.
    """
    check_may_edit(park=park, actor=actor)
    known = {m.code: m for m in park.meters.filter(code__in={r["code"] for r in rows})}
    buildings = {b.code: b for b in Building.objects.filter(site__park=park)}
    values = [(row["code"], _values(park, row, known.get(row["code"]), buildings, at)) for row in rows]
    _check_formulas(park, {code: str(v["formula"]) for code, v in values if v.get("formula")}, [c for c, _v in values])
    before = {m.pk: m.changed_at for m in known.values()}
    recorded = upsert(model=Meter, found=known, rows=values)
    named = _read_named(park, rows, recorded)
    linked = [
        _with_links(outcome, _link(outcome.row, row, named, actor, at))
        for outcome, row in zip(recorded, rows, strict=True)
    ]
    # The time of a change alone is no change.
    _touch([r.row for r in recorded if r.action == "update"], before, at)
    audit.record_many("energy.meter.added", targets=created(recorded=recorded), actor=actor, at=at, park=park)
    audit.record_many("energy.meter.changed", targets=updated(recorded=recorded), actor=actor, at=at, park=park)
    return linked


def _touch(meters: Sequence[Meter], before: Mapping[int, datetime], at: datetime) -> None:
    changes = []
    for meter in meters:
        if (changed_at := before[meter.pk]) != at:
            meter.changed_at = at
            changes.append((meter, {"changed_at": changed_at}))
    bulk.update_rows(model=Meter, changes=changes)


def _values(
    park: Park, row: Mapping[str, Any], current: Meter | None, buildings: Mapping[str, Building], at: datetime
) -> dict[str, Any]:
    values = {name: value for name, value in row.items() if name not in LINKS}
    if building_code := row.get("building_code"):
        if building_code not in buildings:
            raise CannotRecordMeter(_("There is no building %(code)s.") % {"code": building_code})
        values["building"] = buildings[building_code]
    kind = values.get("energy_kind") or (current.energy_kind if current else "")
    if kind not in UNIT_OF_KIND:
        raise CannotRecordMeter(_("The meter %(code)s needs an energy kind.") % {"code": row["code"]})
    if current is not None and kind != current.energy_kind:
        raise CannotRecordMeter(
            _("The meter %(code)s counts another energy kind; take it out and record a new one.")
            % {"code": row["code"]}
        )
    unit = values.get("unit") or (current.unit if current else UNIT_OF_KIND[kind])
    if unit_factor(of=unit, into=UNIT_OF_KIND[kind]) is None:
        raise CannotRecordMeter(_("%(unit)s is no unit of this energy kind.") % {"unit": unit})
    # All meters of a kind are kept in one unit: sums and balances then need no conversion.
    values["unit"] = UNIT_OF_KIND[kind]
    return {**values, "park": park} if current else {"changed_at": at, **values, "park": park}


def _check_formulas(park: Park, formulas: Mapping[str, str], incoming: Sequence[str]) -> None:
    if not formulas:
        return
    others = park.meters.exclude(formula="").exclude(code__in=incoming)
    every = {**dict(others.values_list("code", "formula")), **formulas}
    codes = set(park.meters.values_list("code", flat=True)) | set(incoming)
    parsed: dict[str, MeterFormula] = {}
    try:
        for code, text in every.items():
            parsed[code] = parse_meter_formula(text)
        order_formulas(parsed)
    except MeteringError as error:
        raise CannotRecordMeter(formula_message(error=error)) from error
    for code in formulas:
        if missing := sorted(set(parsed[code].meters) - codes):
            raise CannotRecordMeter(
                _("The formula of %(code)s names %(missing)s, which is no meter here.")
                % {"code": code, "missing": ", ".join(missing)}
            )


def formula_message(*, error: MeteringError) -> str:
    """Return in words what is wrong with a formula."""
    params = error.params
    if error.code == "formula_cycle":
        return _("The formulas read each other in a circle: %(meters)s.") % {"meters": " → ".join(params["meters"])}
    if error.code == "formula_not_allowed":
        return _("A formula has meters, numbers, + - * / and brackets only; found: %(found)s.") % {
            "found": params["found"]
        }
    if error.code in {"formula_not_linear", "formula_constant_alone"}:
        return _("A formula adds and weighs meters; it does not multiply them, and no number stands alone.")
    if error.code == "formula_without_meter":
        return _("The formula names no meter.")
    return _("The formula cannot be read.")


def _with_links(outcome: Recorded[Meter], links: Mapping[str, tuple[str, str]]) -> Recorded[Meter]:
    """Return what happened to a meter with its new links: who looks before it is written has to see them too."""
    if not links or outcome.action == "create":
        return outcome
    return replace(outcome, action="update", fields={**outcome.fields, **links})


@dataclass(frozen=True)
class _Named:
    """The points and meters that rows name, by their codes, and the keys of meters that nothing is linked to yet."""

    points: Mapping[str, Point]
    meters: Mapping[str, Meter]
    unlinked: set[int]


def _read_named(park: Park, rows: Sequence[Mapping[str, Any]], recorded: Sequence[Recorded[Meter]]) -> _Named:
    points = {code for row in rows if (code := row.get("point_code"))}
    parents = {code for row in rows if (code := row.get("parent_code"))}
    return _Named(
        {p.code: p for p in Point.objects.filter(park=park, code__in=points)} if points else {},
        {m.code: m for m in park.meters.filter(code__in=parents)} if parents else {},
        {one.row.pk for one in recorded if one.action == "create"},
    )


def _link(
    meter: Meter, row: Mapping[str, Any], named: _Named, actor: User | None, at: datetime
) -> dict[str, tuple[str, str]]:
    """Bind and place the meter as its row says, and return which links changed, with the old and the new code."""
    is_new = meter.pk in named.unlinked
    named.unlinked.discard(meter.pk)
    from_on = row.get("linked_from_on") or row.get("installed_on") or LONG_AGO
    links = {}
    if code := row.get("point_code"):
        point = named.points.get(code)
        if point is None:
            raise CannotBindPoint(_("There is no point %(code)s.") % {"code": code})
        start_at = datetime.combine(from_on, time(), park_zone())
        current = None if is_new else meter.points.filter(end_at=None).select_related("point").first()
        if current is None or current.point_id != point.pk:
            bind_point(meter=meter, point=point, start_at=start_at, actor=actor, at=at)
            links["point_code"] = (current.point.code if current else "", point.code)
    if code := row.get("parent_code"):
        parent = named.meters.get(code)
        if parent is None:
            raise CannotPlaceMeter(_("There is no meter %(code)s.") % {"code": code})
        held = None if is_new else meter.parents.filter(ends_on=None).select_related("parent").first()
        if held is None or held.parent_id != parent.pk:
            place_meter(meter=meter, parent=parent, starts_on=from_on, actor=actor, at=at)
            links["parent_code"] = (held.parent.code if held else "", parent.code)
    return links


def _end_rows(rows: Sequence[MeterPoint] | Sequence[MeterParent], field: str, end: date | datetime) -> None:
    """End what held without an end; an import that did so can be rolled back."""
    for row in rows:
        setattr(row, field, end)
        bulk.update_rows(model=type(row), changes=[(row, {field: None})])


@transaction.atomic
def bind_point(
    *,
    meter: Meter,
    point: Point,
    start_at: datetime,
    actor: User | None,
    at: datetime,
    end_at: datetime | None = None,
) -> MeterPoint:
    """Let a point show what the meter counts from a moment on; the one that did until then ends there.

    :raises CannotBindPoint: the units do not fit, the point shows another meter, or the moment lies before a binding.
    """
    check_may_edit(park=meter.park, actor=actor)
    if point.park_id != meter.park_id:
        raise CannotBindPoint(_("There is no point %(code)s.") % {"code": point.code})
    if meter.is_virtual:
        raise CannotBindPoint(_("%(meter)s follows from a formula and reads no point.") % {"meter": meter})
    if point.kind == Point.Kind.GAUGE:
        raise CannotBindPoint(_("%(point)s shows a momentary value; a meter needs a register.") % {"point": point})
    if unit_factor(of=point.unit, into=meter.unit) is None:
        raise CannotBindPoint(
            _("%(point)s shows %(unit)s, the meter counts %(wanted)s.")
            % {"point": point, "unit": point.unit, "wanted": meter.unit_label}
        )
    try:
        with transaction.atomic():
            held = list(MeterPoint.objects.filter(meter=meter, end_at=None, start_at__lt=start_at))
            _end_rows(held, "end_at", start_at)
            binding = MeterPoint(meter=meter, point=point, start_at=start_at, end_at=end_at)
            bulk.insert_rows(model=MeterPoint, rows=[binding])
    except DatabaseError as error:
        raise CannotBindPoint(_("At that time the meter or the point is bound otherwise.")) from error
    audit.record(
        "energy.meter.point_bound",
        target=meter,
        actor=actor,
        at=at,
        park=meter.park,
        point=point.code,
        start_at=start_at.isoformat(),
    )
    return binding


@transaction.atomic
def place_meter(
    *, meter: Meter, parent: Meter, starts_on: date, actor: User | None, at: datetime, ends_on: date | None = None
) -> MeterParent:
    """Put a meter below another from a day on; where it stood until then ends that day.

    :raises CannotPlaceMeter: another energy kind or park, a circle, or another place at that time.
    """
    check_may_edit(park=meter.park, actor=actor)
    if parent.park_id != meter.park_id or parent.energy_kind != meter.energy_kind:
        raise CannotPlaceMeter(_("A meter stands below one of the same energy kind in the same park."))
    above, path = parent, [meter.code, parent.code]
    while above.pk != meter.pk:
        held = above.parents.overlapping(starts_on, ends_on or date.max).select_related("parent").first()
        if held is None:
            break
        above = held.parent
        path.append(above.code)
    if above.pk == meter.pk:
        raise CannotPlaceMeter(_("That would be a circle: %(path)s.") % {"path": " → ".join(path)})
    try:
        with transaction.atomic():
            _end_rows(list(meter.parents.filter(ends_on=None, starts_on__lt=starts_on)), "ends_on", starts_on)
            placed = MeterParent(meter=meter, parent=parent, starts_on=starts_on, ends_on=ends_on)
            bulk.insert_rows(model=MeterParent, rows=[placed])
    except DatabaseError as error:
        raise CannotPlaceMeter(_("At that time the meter stands below another one.")) from error
    audit.record(
        "energy.meter.placed",
        target=meter,
        actor=actor,
        at=at,
        park=meter.park,
        parent=parent.code,
        starts_on=starts_on.isoformat(),
    )
    return placed


@transaction.atomic
def record_calibration(
    *, meter: Meter, values: Mapping[str, Any], actor: User | None, at: datetime
) -> Recorded[Calibration]:
    """Record a calibration by its day (`done_on`, `due_on`, `certificate`, `result`); the latest one holds.

    A failed calibration leaves the meter without a valid one.

    :raises CannotRecordMeter: the next one is not due after this one, or the actor may not.
    """
    check_may_edit(park=meter.park, actor=actor)
    if values.get("due_on") and values["due_on"] <= values["done_on"]:
        raise CannotRecordMeter(_("The next calibration is due after this one."))
    found = {c.done_on: c for c in meter.calibrations.filter(done_on=values["done_on"])}
    recorded = upsert(model=Calibration, found=found, rows=[(values["done_on"], {**values, "meter": meter})])[0]
    latest = meter.calibrations.order_by("-done_on").first()
    passed = latest is not None and latest.result == Calibration.Result.PASSED
    meter.calibrated_on = latest.done_on if latest and passed else None
    meter.calibration_due_on = latest.due_on if latest and passed else None
    meter.save(update_fields=["calibrated_on", "calibration_due_on"])
    audit.record(
        "energy.meter.calibrated",
        target=meter,
        actor=actor,
        at=at,
        park=meter.park,
        done_on=values["done_on"].isoformat(),
        result=recorded.row.result,
    )
    return recorded


@transaction.atomic
def record_needs(
    *, park: Park, rows: Sequence[Mapping[str, Any]], actor: User | None, at: datetime
) -> list[Recorded[MeteringNeed]]:
    """Record the places that the standard wants metered, by their code; `meter_code` names the meter that is there.

    :raises CannotRecordMeter: a meter is unknown or of another kind, or the actor may not.
    """
    check_may_edit(park=park, actor=actor)
    meters = {m.code: m for m in park.meters.all()}
    found = {n.code: n for n in park.metering_needs.filter(code__in={r["code"] for r in rows})}
    wanted = []
    for row in rows:
        values = {name: value for name, value in row.items() if name != "meter_code"}
        if "meter_code" in row:
            values["meter"] = meters.get(row["meter_code"]) if row["meter_code"] else None
            if row["meter_code"] and values["meter"] is None:
                raise CannotRecordMeter(_("There is no meter %(code)s.") % {"code": row["meter_code"]})
        wanted.append((row["code"], {**values, "park": park}))
    recorded = upsert(model=MeteringNeed, found=found, rows=wanted)
    audit.record_many("energy.need.added", targets=created(recorded=recorded), actor=actor, at=at, park=park)
    audit.record_many("energy.need.changed", targets=updated(recorded=recorded), actor=actor, at=at, park=park)
    return recorded

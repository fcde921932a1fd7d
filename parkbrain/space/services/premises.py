"""Premises and the spaces they consist of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from parkbrain.kernel import audit, bulk, registry
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.roles import Permission

from ..models import Building, Premises, Space, Storey
from .upsert import CREATE, NOTHING, UPDATE, Recorded, created, updated, upsert

#: Fields of a row that belong to the space on its storey; all others belong to the premises.
SPACE_FIELDS = frozenset({"level", "space_code", "gross_area_m2", "net_internal_area_m2"})


class CannotRecordPremises(Exception):
    """The premises cannot be recorded."""


@transaction.atomic
def record_premises_rows(
    *, park: Park, rows: Sequence[Mapping[str, Any]], actor: User | None, at: datetime
) -> list[Recorded[Premises]]:
    """Record premises from one row per space and return per row what happened.

    A row gives the premises (`code`, `building_code`, `use`, …) and one space (`level`, `gross_area_m2`, …). Premises
    that the rows name consist afterwards of exactly the spaces of those rows. Without a billing area, new premises are
    let by the sum of their gross areas. A storey that is not there yet is recorded with its level alone.

    :raises CannotRecordPremises: a building is not there, a row lacks what new premises need, or the actor may not.
    """
    if actor is not None and not actor.may(Permission.EDIT_RECORD, park.branch.path):
        raise CannotRecordPremises(_("You may not change the record of this park."))
    buildings = {b.code: b for b in Building.objects.filter(site__park=park)}
    found = {p.code: p for p in park.premises.filter(code__in={r["code"] for r in rows}).select_related("building")}
    recorded = upsert(model=Premises, found=found, rows=_premises_values(park, rows, found, buildings))
    by_code = {r.row.code: r.row for r in recorded}
    spaces, removed = _record_spaces(rows, by_code, _storeys(park, rows, by_code, actor, at))
    merged = [_merged(premises, space) for premises, space in zip(recorded, spaces, strict=True)]
    audit.record_many("space.premises.added", targets=created(recorded=recorded), actor=actor, at=at, park=park)
    changed = {r.row.pk: r for r in merged if r.action == UPDATE}.values()
    audit.record_many("space.premises.changed", targets=updated(recorded=changed), actor=actor, at=at, park=park)
    audit.record_many(
        "space.space.removed",
        targets=[(s.premises, {"space": s.code}) for s in removed if s.premises],
        actor=actor,
        at=at,
        park=park,
    )
    return merged


@transaction.atomic
def record_premises(
    *, park: Park, rows: Sequence[Mapping[str, Any]], actor: User | None, at: datetime
) -> list[Recorded[Premises]]:
    """Record premises and let what follows from them follow.

    :raises CannotRecordPremises: see `record_premises_rows`.
    """
    recorded = record_premises_rows(park=park, rows=rows, actor=actor, at=at)
    registry.park_changed(park_ids=[park.pk], at=at)
    return recorded


def _premises_values(
    park: Park, rows: Sequence[Mapping[str, Any]], found: Mapping[str, Premises], buildings: Mapping[str, Building]
) -> list[tuple[str, dict[str, Any]]]:
    gross_m2: dict[str, float] = {}
    given: set[str] = set()
    for row in rows:
        gross_m2[row["code"]] = gross_m2.get(row["code"], 0.0) + (row.get("gross_area_m2") or 0.0)
        if row.get("billing_area_m2") is not None:
            given.add(row["code"])
    wanted = []
    for row in rows:
        values = {k: v for k, v in row.items() if k not in SPACE_FIELDS and k != "building_code"}
        # An empty billing area on the second row of premises says nothing about the first.
        if values.get("billing_area_m2") is None:
            values.pop("billing_area_m2", None)
            if row["code"] not in found and row["code"] not in given:
                values["billing_area_m2"] = gross_m2[row["code"]] or None
        if row.get("building_code"):
            if row["building_code"] not in buildings:
                raise CannotRecordPremises(_("There is no building %(code)s.") % {"code": row["building_code"]})
            values["building"] = buildings[row["building_code"]]
        wanted.append((row["code"], {**values, "park": park}))
    _check_complete(wanted, found)
    return wanted


def _check_complete(wanted: Sequence[tuple[str, Mapping[str, Any]]], found: Mapping[str, Premises]) -> None:
    together: dict[str, dict[str, Any]] = {}
    for code, values in wanted:
        together.setdefault(code, {}).update(values)
    for code, values in together.items():
        if code in found:
            continue
        for field in ("building", "use", "billing_area_m2"):
            if not values.get(field):
                raise CannotRecordPremises(
                    _("The new premises %(code)s need their building, use and area.") % {"code": code}
                )


def _storeys(
    park: Park, rows: Sequence[Mapping[str, Any]], by_code: Mapping[str, Premises], actor: User | None, at: datetime
) -> dict[tuple[int, int], Storey]:
    storeys = {(s.building_id, s.level): s for s in Storey.objects.filter(building__site__park=park)}
    buildings = {b.pk: b for b in Building.objects.filter(site__park=park)}
    needed = {(by_code[r["code"]].building_id, r["level"]) for r in rows if r.get("level")}
    missing = sorted(needed - set(storeys))
    new = [(key, {"building": buildings[key[0]], "level": key[1]}) for key in missing]
    recorded = upsert(model=Storey, found={}, rows=new)
    audit.record_many("space.storey.added", targets=created(recorded=recorded), actor=actor, at=at, park=park)
    return {**storeys, **{(r.row.building_id, r.row.level): r.row for r in recorded}}


def _record_spaces(
    rows: Sequence[Mapping[str, Any]], by_code: Mapping[str, Premises], storeys: Mapping[tuple[int, int], Storey]
) -> tuple[list[Recorded[Space] | None], list[Space]]:
    """Record the space of each row that has one; remove what the premises no longer consist of."""
    placed = {r["code"] for r in rows if r.get("level")}
    existing = Space.objects.filter(premises__in=[by_code[c] for c in placed]).select_related("premises", "storey")
    found: dict[Any, Space] = {(s.premises_id, s.storey_id, s.code): s for s in existing}
    # A space that a drawing brought before anybody said whose it is.
    free = Space.objects.filter(premises=None, storey__in=storeys.values()).select_related("storey")
    unclaimed = {(s.storey_id, s.code): s for s in free}
    wanted: list[tuple[Any, dict[str, Any]]] = []
    for row in rows:
        if not row.get("level"):
            continue
        premises = by_code[row["code"]]
        storey = storeys[premises.building_id, row["level"]]
        code = row.get("space_code") or premises.code
        values = {k: row[k] for k in ("gross_area_m2", "net_internal_area_m2") if k in row}
        if values.get("gross_area_m2") is None:
            # Premises on one storey with a billing area alone: what is billed is what is known of the space.
            values["gross_area_m2"] = premises.billing_area_m2
        key = (premises.pk, storey.pk, code)
        if key not in found and (storey.pk, code) in unclaimed:
            found[key] = unclaimed[storey.pk, code]
        wanted.append((key, {**values, "premises": premises, "storey": storey, "code": code}))
    keep = {key for key, _values in wanted}
    gone = [space for key, space in found.items() if key not in keep]
    bulk.delete_rows(model=Space, rows=gone)
    recorded = iter(upsert(model=Space, found=found, rows=wanted))
    return [next(recorded) if row.get("level") else None for row in rows], gone


def _merged(premises: Recorded[Premises], space: Recorded[Space] | None) -> Recorded[Premises]:
    """Return what happened to the premises and their space as one change of the row."""
    if space is None or premises.action == CREATE:
        return premises
    fields = dict(premises.fields)
    if space.action == UPDATE:
        fields.update(space.fields)
    elif space.action == CREATE:
        fields["gross_area_m2"] = (None, space.row.gross_area_m2)
    return Recorded(premises.row, UPDATE if fields else NOTHING, fields)

"""What drawings say of buildings, storeys and spaces, brought together with what the record has of them already."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.db import models, transaction
from django.utils.translation import gettext as _

from parkbrain.calc.drawings import Candidate, Match, match_candidates
from parkbrain.kernel import audit
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.roles import Permission
from parkbrain.kernel.taking import Applied

from ..models import Building, Premises, Space, Storey
from .buildings import record_buildings, record_storeys
from .upsert import Recorded, created, updated, upsert

M = TypeVar("M", bound=models.Model)
Rows = Sequence[Mapping[str, Any]]
#: Areas are measured: a storey that is fuller than this is one whose spaces were drawn beside those of the tables.
AREA_TOLERANCE = 1.01


class CannotRecordDrawing(Exception):
    """What the drawing says cannot be recorded."""


@dataclass(frozen=True)
class Matched(Generic[M]):
    """A row of a drawing after it was recorded, and by what it was matched ("new" where it was not)."""

    recorded: Recorded[M]
    why: str

    def applied(self) -> Applied:
        """Return the outcome in the words of an import."""
        return self.recorded.applied(why=self.why)


def _check_may_edit(park: Park, actor: User | None) -> None:
    if actor is not None and not actor.may(Permission.EDIT_RECORD, park.branch.path):
        raise CannotRecordDrawing(_("You may not change the record of this park."))


def _matched(recorded: Sequence[Recorded[M]], matches: Sequence[Match]) -> list[Matched[M]]:
    return [Matched(r, m.why or "new") for r, m in zip(recorded, matches, strict=True)]


def _building_candidates(park: Park) -> list[Candidate]:
    return [
        Candidate(b.code, b.source_guid, [b.code], [b.name_zh_hans, b.name_zh_hant, b.name_en])
        for b in Building.objects.filter(site__park=park).order_by("code")
    ]


@transaction.atomic
def record_drawn_buildings(*, park: Park, rows: Rows, actor: User | None, at: datetime) -> list[Matched[Building]]:
    """Record the buildings of an IFC file (`source_guid`, `name`, `long_name`) by GlobalId, code or name.

    A building that matches nothing is new, its code is its name. Names that the record has stay as they are.

    :raises CannotRecordDrawing: the actor may not change the park.
    """
    _check_may_edit(park, actor)
    drawn = [
        Candidate(r["source_guid"], r["source_guid"], _given(r, "name", "long_name"), _given(r, "name", "long_name"))
        for r in rows
    ]
    matches = match_candidates(drawn, _building_candidates(park))
    wanted = []
    for row, match in zip(rows, matches, strict=True):
        values = {"source_guid": row["source_guid"]}
        if match.key is None:
            names = [*_given(row, "name", "long_name"), row["source_guid"]]
            wanted.append({**values, "code": names[0][:40], "name_zh_hans": names[-2 if len(names) > 1 else 0]})
        else:
            wanted.append({**values, "code": match.key})
    _check_once([w["code"] for w in wanted])
    return _matched(record_buildings(park=park, rows=wanted, actor=actor, at=at), matches)


@transaction.atomic
def record_footprints(*, park: Park, rows: Rows, actor: User | None, at: datetime) -> list[Matched[Building]]:
    """Record footprints (`code` or `name`, `footprint`, `footprint_area_m2`, `height_m`, `storeys`) of buildings.

    A building that the record has no storeys of gets as many as the drawing says, of unknown height and area.

    :raises CannotRecordDrawing: the actor may not change the park, or a footprint is of no building that can be named.
    """
    _check_may_edit(park, actor)
    drawn = [Candidate(i, "", _given(r, "code"), _given(r, "name", "code")) for i, r in enumerate(rows)]
    matches = match_candidates(drawn, _building_candidates(park))
    wanted = []
    for row, match in zip(rows, matches, strict=True):
        values = {f: row[f] for f in ("footprint", "footprint_area_m2", "height_m") if row.get(f) is not None}
        if match.key is None:
            names = _given(row, "code", "name")
            if not names:
                raise CannotRecordDrawing(_("%(feature)s has neither a code nor a name.") % {"feature": row["feature"]})
            values |= {"code": names[0][:40], "name_zh_hans": names[-1][:200]}
        else:
            values["code"] = match.key
        wanted.append(values)
    _check_once([w["code"] for w in wanted])
    recorded = record_buildings(park=park, rows=wanted, actor=actor, at=at)
    built = set(Storey.objects.filter(building__site__park=park).values_list("building__code", flat=True))
    storeys = [
        {"building_code": r.row.code, "level": level}
        for r, row in zip(recorded, rows, strict=True)
        if r.row.code not in built
        for level in range(1, (row.get("storeys") or 0) + 1)
    ]
    record_storeys(park=park, rows=storeys, actor=actor, at=at)
    return _matched(recorded, matches)


@transaction.atomic
def record_drawn_storeys(*, park: Park, rows: Rows, actor: User | None, at: datetime) -> list[Matched[Storey]]:
    """Record the storeys of an IFC file by GlobalId, name, elevation or level; their buildings are recorded before.

    :raises CannotRecordDrawing: a building is not there, a level is taken, or the actor may not change the park.
    """
    _check_may_edit(park, actor)
    buildings = {b.source_guid: b for b in Building.objects.filter(site__park=park).exclude(source_guid="")}
    own: dict[str, list[Storey]] = defaultdict(list)
    for storey in Storey.objects.filter(building__in=buildings.values()).select_related("building").order_by("level"):
        own[storey.building.source_guid].append(storey)
    by_pk: dict[Hashable, Storey] = {s.pk: s for storeys in own.values() for s in storeys}
    matches = _match_within(rows, "building_guid", {g: _storey_candidates(s) for g, s in own.items()}, _drawn_storey)
    wanted, taken = [], {(s.building_id, s.level) for s in by_pk.values()}
    for row, match in zip(rows, matches, strict=True):
        building = buildings.get(row["building_guid"])
        if building is None:
            raise CannotRecordDrawing(_("There is no building %(code)s.") % {"code": row["building_guid"]})
        values = {f: row[f] for f in ("elevation_m", "height_m", "gross_floor_area_m2") if row.get(f) is not None}
        values |= {"source_guid": row["source_guid"], "building": building}
        if match.key is None:
            if (building.pk, row["level"]) in taken:
                words = {"storey": row.get("label") or row["source_guid"], "level": row["level"]}
                raise CannotRecordDrawing(_("The storey %(storey)s would be level %(level)s, which is taken.") % words)
            taken.add((building.pk, row["level"]))
            values |= {"level": row["level"], "label": row.get("label") or ""}
        wanted.append((row["source_guid"], values))
    found = {r["source_guid"]: by_pk[m.key] for r, m in zip(rows, matches, strict=True) if m.key is not None}
    recorded = upsert(model=Storey, found=found, rows=wanted)
    audit.record_many("space.storey.added", targets=created(recorded=recorded), actor=actor, at=at, park=park)
    audit.record_many("space.storey.changed", targets=updated(recorded=recorded), actor=actor, at=at, park=park)
    return _matched(recorded, matches)


@transaction.atomic
def record_drawn_spaces(*, park: Park, rows: Rows, actor: User | None, at: datetime) -> list[Matched[Space]]:
    """Record the spaces of an IFC file by GlobalId, code or name on their storey; storeys are recorded before.

    A new space belongs to the premises whose code is its number or its zone, where those have no space on the storey
    yet; otherwise to none, and its zone says what premises it may become.

    :raises CannotRecordDrawing: a storey is not there, the spaces are larger than their storey, or the actor may not.
    """
    _check_may_edit(park, actor)
    storeys = {
        s.source_guid: s
        for s in Storey.objects.filter(building__site__park=park).exclude(source_guid="").select_related("building")
    }
    missing = {r["storey_guid"] for r in rows} - set(storeys)
    if missing:
        raise CannotRecordDrawing(_("There is no storey %(storey)s.") % {"storey": min(missing)})
    own: dict[str, list[Space]] = defaultdict(list)
    for space in (
        Space.objects.filter(storey__in=storeys.values()).select_related("storey", "premises").order_by("code")
    ):
        own[space.storey.source_guid].append(space)
    by_pk: dict[Hashable, Space] = {s.pk: s for spaces in own.values() for s in spaces}
    candidates = {
        g: [Candidate(s.pk, s.source_guid, [s.code], [s.name] if s.name else []) for s in spaces]
        for g, spaces in own.items()
    }
    zones = Counter((r["storey_guid"], r.get("zone")) for r in rows)
    matches = _match_within(rows, "storey_guid", candidates, lambda r: _drawn_space(r, storeys, zones))
    found = {r["source_guid"]: by_pk[m.key] for r, m in zip(rows, matches, strict=True) if m.key is not None}
    recorded = upsert(model=Space, found=found, rows=_space_values(park, rows, found, storeys, own))
    _check_room(storeys.values())
    audit.record_many("space.space.added", targets=created(recorded=recorded), actor=actor, at=at, park=park)
    audit.record_many("space.space.changed", targets=updated(recorded=recorded), actor=actor, at=at, park=park)
    return _matched(recorded, matches)


def _given(row: Mapping[str, Any], *fields: str) -> list[str]:
    return [str(row[f]) for f in fields if row.get(f)]


def _check_once(codes: Sequence[Hashable]) -> None:
    twice = [str(code) for code, count in Counter(codes).items() if count > 1]
    if twice:
        raise CannotRecordDrawing(_("Two objects of the drawing are the building %(code)s.") % {"code": twice[0]})


def _match_within(rows: Rows, parent: str, recorded: Mapping[str, list[Candidate]], make: Any) -> list[Match]:
    """Match the rows of each parent among what the record has below it, and return the matches in the rows' order."""
    found: dict[int, Match] = {}
    groups: dict[str, list[int]] = defaultdict(list)
    for index, row in enumerate(rows):
        groups[row[parent]].append(index)
    for guid, indexes in groups.items():
        matches = match_candidates([make(rows[i]) for i in indexes], recorded.get(guid, []))
        found |= dict(zip(indexes, matches, strict=True))
    return [found[i] for i in range(len(rows))]


def _drawn_storey(row: Mapping[str, Any]) -> Candidate:
    return Candidate(
        row["source_guid"], row["source_guid"], [], _given(row, "label"), row.get("elevation_m"), row["level"]
    )


def _storey_candidates(storeys: Sequence[Storey]) -> list[Candidate]:
    """Return the storeys with their floors: as drawn, or stacked from the heights as far as all of them are known."""
    floors: dict[int, float] = {}
    floor: float | None = 0.0
    for storey in (s for s in storeys if s.level > 0):
        if floor is not None and storey.level == len(floors) + 1:
            floors[storey.level] = floor
            floor = floor + storey.height_m if storey.height_m else None
    return [
        Candidate(
            s.pk, s.source_guid, [], [s.short_label],
            floors.get(s.level) if s.elevation_m is None else s.elevation_m, s.level,
        )
        for s in storeys
    ]  # fmt: skip


def _drawn_space(row: Mapping[str, Any], storeys: Mapping[str, Storey], zones: Mapping[Any, int]) -> Candidate:
    building = storeys[row["storey_guid"]].building.code
    codes = [*_given(row, "number"), *(f"{building}{n}" for n in _given(row, "number"))]
    # A zone of one space on the storey is as good as a code.
    if zones[row["storey_guid"], row.get("zone")] == 1:
        codes += _given(row, "zone")
    return Candidate(row["source_guid"], row["source_guid"], codes, _given(row, "name"))


def _space_values(
    park: Park,
    rows: Rows,
    found: Mapping[str, Space],
    storeys: Mapping[str, Storey],
    own: Mapping[str, Sequence[Space]],
) -> list[tuple[str, dict[str, Any]]]:
    premises = {(p.building_id, p.code): p for p in Premises.objects.filter(park=park)}
    codes = {(g, s.code) for g, spaces in own.items() for s in spaces}
    housed = {(g, s.premises_id) for g, spaces in own.items() for s in spaces}
    fields = ("gross_area_m2", "net_internal_area_m2", "name", "clear_height_m", "zone", "plan")
    wanted = []
    for row in rows:
        guid, storey = row["storey_guid"], storeys[row["storey_guid"]]
        values = {f: row[f] for f in fields if row.get(f) is not None} | {"source_guid": row["source_guid"]}
        before = found.get(row["source_guid"])
        if before is None:
            code = _free_code(guid, row, codes)
            codes.add((guid, code))
            keys = [row.get("number"), f"{storey.building.code}-{row.get('number')}", row.get("zone")]
            home = next((p for k in keys if (p := premises.get((storey.building_id, k or "")))), None)
            if home is not None and (guid, home.pk) not in housed:
                values["premises"] = home
            values |= {"storey": storey, "code": code}
        elif (
            before.net_internal_area_m2
            and (values.get("net_internal_area_m2") or before.net_internal_area_m2) > (values["gross_area_m2"])
        ):
            words = {"space": before.code, "gross": values["gross_area_m2"], "net": before.net_internal_area_m2}
            raise CannotRecordDrawing(
                _("The gross area of %(space)s would be %(gross)s m², less than its net area of %(net)s m².") % words
            )
        wanted.append((row["source_guid"], values))
    return wanted


def _free_code(guid: str, row: Mapping[str, Any], taken: set[tuple[str, str]]) -> str:
    """Return the number of a space, or its name, with a count behind it where the storey has that code already."""
    code = (_given(row, "number", "name") or [row["source_guid"]])[0][:36]
    free, count = code, 2
    while (guid, free) in taken:
        free, count = f"{code}-{count}", count + 1
    return free


def _check_room(storeys: Any) -> None:
    """Refuse spaces that together are larger than their storey: the same room would be there twice."""
    used: dict[int, float] = defaultdict(float)
    for storey_id, area_m2 in Space.objects.filter(storey__in=storeys).values_list("storey_id", "gross_area_m2"):
        used[storey_id] += area_m2
    for storey in storeys:
        limit = storey.gross_floor_area_m2
        if limit and used[storey.pk] > limit * AREA_TOLERANCE:
            words = {"building": storey.building.code, "storey": storey.short_label}
            words |= {"used": f"{used[storey.pk]:,.1f}", "limit": f"{limit:,.1f}"}
            raise CannotRecordDrawing(
                _("%(building)s %(storey)s: its spaces would be %(used)s m², more than its %(limit)s m².") % words
            )

"""Sites, buildings and storeys of a park."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from parkbrain.kernel import audit, registry
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.roles import Permission

from ..models import Building, Site, Storey
from .upsert import Recorded, created, updated, upsert

#: Code of the site that is made where a building comes without one.
ONLY_SITE = "1"


class CannotRecordBuilding(Exception):
    """The site, building or storey cannot be recorded."""


def _check_may_edit(park: Park, actor: User | None) -> None:
    if actor is not None and not actor.may(Permission.EDIT_RECORD, park.branch.path):
        raise CannotRecordBuilding(_("You may not change the record of this park."))


@transaction.atomic
def record_sites(
    *, park: Park, rows: Sequence[Mapping[str, Any]], actor: User | None, at: datetime
) -> list[Recorded[Site]]:
    """Record sites by their code.

    :raises CannotRecordBuilding: the actor may not change the record of the park.
    """
    _check_may_edit(park, actor)
    found = {s.code: s for s in park.sites.all()}
    recorded = upsert(model=Site, found=found, rows=[(r["code"], {**r, "park": park}) for r in rows])
    audit.record_many("space.site.added", targets=created(recorded=recorded), actor=actor, at=at, park=park)
    audit.record_many("space.site.changed", targets=updated(recorded=recorded), actor=actor, at=at, park=park)
    return recorded


@transaction.atomic
def record_buildings(
    *, park: Park, rows: Sequence[Mapping[str, Any]], actor: User | None, at: datetime
) -> list[Recorded[Building]]:
    """Record buildings by their code, on the site of `site_code` or, without one, on the park's first site.

    :raises CannotRecordBuilding: the actor may not change the record of the park.
    """
    _check_may_edit(park, actor)
    sites = {s.code: s for s in park.sites.all()}
    default = next(iter(sites), ONLY_SITE)
    missing = {r.get("site_code") or default for r in rows} - set(sites)
    new_sites = [{"code": c, "name_zh_hans": park.name_zh_hans, "name_en": park.name_en} for c in sorted(missing)]
    sites.update({r.row.code: r.row for r in record_sites(park=park, rows=new_sites, actor=actor, at=at)})
    found = {b.code: b for b in Building.objects.filter(site__park=park).select_related("site")}
    wanted = []
    for row in rows:
        values = {k: v for k, v in row.items() if k != "site_code"}
        if row.get("site_code") or row["code"] not in found:
            values["site"] = sites[row.get("site_code") or default]
        wanted.append((row["code"], values))
    recorded = upsert(model=Building, found=found, rows=wanted)
    audit.record_many("space.building.added", targets=created(recorded=recorded), actor=actor, at=at, park=park)
    audit.record_many("space.building.changed", targets=updated(recorded=recorded), actor=actor, at=at, park=park)
    return recorded


@transaction.atomic
def record_storeys(
    *, park: Park, rows: Sequence[Mapping[str, Any]], actor: User | None, at: datetime
) -> list[Recorded[Storey]]:
    """Record storeys by `building_code` and level.

    :raises CannotRecordBuilding: the building is not there, a level is 0, or the actor may not change the record.
    """
    _check_may_edit(park, actor)
    buildings = {b.code: b for b in Building.objects.filter(site__park=park)}
    storeys = Storey.objects.filter(building__site__park=park).select_related("building")
    found = {(s.building.code, s.level): s for s in storeys}
    wanted = []
    for row in rows:
        building = buildings.get(row["building_code"])
        if building is None:
            raise CannotRecordBuilding(_("There is no building %(code)s.") % {"code": row["building_code"]})
        if row["level"] == 0:
            raise CannotRecordBuilding(_("Level 0 does not exist: the ground storey is 1, the basement is -1."))
        values = {k: v for k, v in row.items() if k != "building_code"}
        wanted.append(((building.code, row["level"]), {**values, "building": building}))
    recorded = upsert(model=Storey, found=found, rows=wanted)
    audit.record_many("space.storey.added", targets=created(recorded=recorded), actor=actor, at=at, park=park)
    audit.record_many("space.storey.changed", targets=updated(recorded=recorded), actor=actor, at=at, park=park)
    return recorded


@transaction.atomic
def record_site(*, park: Park, values: Mapping[str, Any], actor: User | None, at: datetime) -> Recorded[Site]:
    """Record one site and let what follows from it follow.

    :raises CannotRecordBuilding: see `record_sites`.
    """
    recorded = record_sites(park=park, rows=[values], actor=actor, at=at)[0]
    registry.park_changed(park_ids=[park.pk], at=at)
    return recorded


@transaction.atomic
def record_building(*, park: Park, values: Mapping[str, Any], actor: User | None, at: datetime) -> Recorded[Building]:
    """Record one building and let what follows from it follow.

    :raises CannotRecordBuilding: see `record_buildings`.
    """
    recorded = record_buildings(park=park, rows=[values], actor=actor, at=at)[0]
    registry.park_changed(park_ids=[park.pk], at=at)
    return recorded


@transaction.atomic
def record_storey(*, park: Park, values: Mapping[str, Any], actor: User | None, at: datetime) -> Recorded[Storey]:
    """Record one storey and let what follows from it follow.

    :raises CannotRecordBuilding: see `record_storeys`.
    """
    recorded = record_storeys(park=park, rows=[values], actor=actor, at=at)[0]
    registry.park_changed(park_ids=[park.pk], at=at)
    return recorded

"""What rows of every kind refer to, by the codes that people and sheets use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from parkbrain.enterprises.models import Enterprise
from parkbrain.facilities.models import Equipment
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.roles import Permission
from parkbrain.space.models import Building

#: Fields of a row that name something by its code.
CODES = frozenset({"building_code", "level", "uscc", "equipment_code"})


class CannotRecordActivity(Exception):
    """Activity data, a refrigerant event or green power cannot be recorded."""


def check_may_edit(*, park: Park, actor: User | None) -> None:
    """Refuse an actor who may not change the record of the park.

    :raises CannotRecordActivity: the actor may not.
    """
    if actor is not None and not actor.may(Permission.EDIT_RECORD, park.branch.path):
        raise CannotRecordActivity(_("You may not change the record of this park."))


@dataclass(frozen=True)
class Register:
    """Buildings, firms and machines of a park by their codes."""

    buildings: Mapping[str, Building]
    firms: Mapping[str, Enterprise]
    machines: Mapping[str, Equipment]

    def place(self, *, row: Mapping[str, Any], current: Any = None) -> dict[str, Any]:
        """Return the values of a row with things in the place of their codes.

        :raises CannotRecordActivity: a code names nothing.
        """
        values = {name: value for name, value in row.items() if name not in CODES}
        if "building_code" in row:
            values["building"] = self._find(self.buildings, row["building_code"], _("There is no building %(code)s."))
        if "level" in row:
            building = values.get("building", getattr(current, "building", None))
            storeys = {s.level: s for s in building.storeys.all()} if building else {}
            if row["level"] is not None and row["level"] not in storeys:
                raise CannotRecordActivity(_("The building has no storey %(level)s.") % {"level": row["level"]})
            values["storey"] = storeys.get(row["level"])
        if "uscc" in row:
            values["enterprise"] = self._find(self.firms, row["uscc"], _("There is no enterprise %(code)s."))
        if "equipment_code" in row:
            values["equipment"] = self._find(self.machines, row["equipment_code"], _("There is no equipment %(code)s."))
        return values

    @staticmethod
    def _find(things: Mapping[str, Any], code: Any, refusal: str) -> Any:
        if not code:
            return None
        if code not in things:
            raise CannotRecordActivity(refusal % {"code": code})
        return things[code]


def read_register(*, park: Park, rows: Sequence[Mapping[str, Any]]) -> Register:
    """Return what the rows may refer to."""
    codes = {r["uscc"] for r in rows if r.get("uscc")}
    machines = {r["equipment_code"] for r in rows if r.get("equipment_code")}
    return Register(
        {b.code: b for b in Building.objects.filter(site__park=park).prefetch_related("storeys")},
        {e.uscc: e for e in Enterprise.objects.filter(uscc__in=codes)},
        {e.code: e for e in Equipment.objects.filter(park=park, code__in=machines)},
    )

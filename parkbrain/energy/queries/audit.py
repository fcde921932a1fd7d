"""The metering audit: places that must be metered, meters that are there, their class and calibration (GB 17167)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

import yaml
from django.urls import reverse
from django.utils.translation import ngettext

from parkbrain import schemes
from parkbrain.calc.metering_standard import Edition, InForce, Provision, edition_on, is_accurate_enough, read_editions
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.reading import among, shared
from parkbrain.kernel.registry import Attention
from parkbrain.kernel.roles import Permission

from ..models import EnergyKind, Meter, MeteringNeed

#: Calibrations are announced this long before they are due.
AHEAD_DAYS = 60


@lru_cache(maxsize=1)
def list_editions() -> list[Edition]:
    """Return the shipped editions of the standard."""
    text = schemes.path("metering_standards.yaml").read_text(encoding="utf-8")
    rows: list[dict[str, Any]] = yaml.safe_load(text)["standards"]
    return read_editions(rows)


def get_edition(*, on: date) -> InForce | None:
    """Return the edition in force on a day, with the table that stands in where its own is not known."""
    return edition_on(list_editions(), on)


@dataclass(frozen=True)
class NeedLine:
    """A place with its meter, whether that counts, and whether it is accurate enough (None: not known or not asked)."""

    need: MeteringNeed
    is_fitted: bool
    is_accurate: bool | None
    wanted_class: str


@dataclass(frozen=True)
class KindLine:
    """Provision of one energy kind at one level, with its places."""

    energy_kind: str
    level: int
    provision: Provision
    needs: tuple[NeedLine, ...]

    @property
    def kind_label(self) -> str:
        """The energy kind in words."""
        return str(EnergyKind(self.energy_kind).label)

    @property
    def level_label(self) -> str:
        """The level in words."""
        return str(Meter.Level(self.level).label)

    @property
    def inaccurate(self) -> int:
        """Meters that are not accurate enough."""
        return sum(n.is_accurate is False for n in self.needs)


@shared
def list_provisions(*, park_ids: Collection[int], on: date) -> dict[int, list[KindLine]]:
    """Return the provision by kind and level of each park that has a list of places."""
    in_force = get_edition(on=on)
    if in_force is None:
        return {}
    table = in_force.table
    needs = MeteringNeed.objects.filter(park__in=among(park_ids)).select_related("meter")
    groups: dict[tuple[int, str, int], list[MeteringNeed]] = defaultdict(list)
    for need in needs.order_by("park", "energy_kind", "level", "code"):
        groups[need.park_id, need.energy_kind, need.level].append(need)
    found: dict[int, list[KindLine]] = defaultdict(list)
    for (park_id, kind, level), group in groups.items():
        rate = (table.rates or {}).get(kind)
        if rate is None:
            continue
        wanted = ((table.classes or {}).get(kind) or ("", "", ""))[level - 1]
        lines = tuple(_need_line(n, wanted, on) for n in group)
        provision = Provision(len(lines), sum(n.is_fitted for n in lines), float(rate[level - 1]))
        found[park_id].append(KindLine(kind, level, provision, lines))
    return dict(found)


def _need_line(need: MeteringNeed, wanted: str, on: date) -> NeedLine:
    meter = need.meter
    fitted = (
        meter is not None
        and (meter.installed_on is None or meter.installed_on <= on)
        and (meter.removed_on is None or meter.removed_on > on)
    )
    accurate = is_accurate_enough(meter.accuracy_class, wanted) if fitted and meter and wanted else None
    return NeedLine(need, fitted, accurate, wanted)


@dataclass(frozen=True)
class AuditSheet:
    """What the audit page shows."""

    in_force: InForce | None
    lines: tuple[KindLine, ...]
    due: tuple[Meter, ...]
    meters: int
    calibrated: int


def get_audit(*, park: Park, on: date) -> AuditSheet:
    """Return the metering audit of a park on a day."""
    meters = list(Meter.objects.filter(park=park, formula="").in_use_on(on))
    due = sorted(
        (m for m in meters if m.calibration_due_on is None or m.calibration_due_on <= on + timedelta(days=AHEAD_DAYS)),
        key=lambda m: (m.calibration_due_on or date.min, m.code),
    )
    valid = sum(m.calibration_due_on is not None and m.calibration_due_on > on for m in meters)
    lines = list_provisions(park_ids=[park.pk], on=on).get(park.pk, [])
    return AuditSheet(get_edition(on=on), tuple(lines), tuple(due), len(meters), valid)


def list_calibration_attention(*, user: User, park: Park, on: date) -> list[Attention]:
    """Return that meters of a park are due for calibration, as one matter."""
    if not user.may(Permission.VIEW_TELEMETRY, park.branch.path):
        return []
    found = Meter.objects.filter(park=park, formula="", calibration_due_on__lte=on).in_use_on(on)
    count, first = found.count(), found.order_by("calibration_due_on").first()
    if first is None:
        return []
    title = ngettext("%(n)s meter is due for calibration", "%(n)s meters are due for calibration", count) % {"n": count}
    url = reverse("metering_audit", args=[park.pk])
    return [Attention(title, str(first), url, first.calibration_due_on, weight=float(count))]

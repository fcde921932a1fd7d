"""Output per area: schemes that may be used, the figures of a year, runs, and what they say of a firm."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import yaml
from django.conf import settings
from django.db.models import Min
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from parkbrain import schemes as shipped
from parkbrain.calc.land_efficiency import INPUTS, Firm, LandScheme, land_share_mu, read_scheme
from parkbrain.enterprises.models import Enterprise, EnterpriseReturn, Occupancy, Qualification
from parkbrain.enterprises.queries import list_tenants, list_valid_kinds
from parkbrain.kernel.models import Park
from parkbrain.kernel.registry import Registry
from parkbrain.space.models import Building

from ..models import EfficiencyMark, EfficiencyResult, EfficiencyRun

FILE = "land_efficiency.yaml"
#: Months of a whole year.
MONTHS = 12
#: Figures that come from a firm's yearly return.
FROM_RETURN = {
    "tax_wan": "tax_wan",
    "value_added_wan": "value_added_wan",
    "revenue_wan": "revenue_wan",
    "output_wan": "output_wan",
    "staff_count": "staff_count",
    "rd_spend_wan": "rd_spend_wan",
}


@dataclass(frozen=True)
class MeteredEnergy:
    """What a firm used in a time: standard coal [tce] and power [kWh], None where a month of it is unknown.

    `known_months` of `months` in which the firm was there are known; `url` opens them.
    """

    energy_tce: float | None
    electricity_kwh: float | None
    known_months: int
    months: int
    url: str = ""


#: Who knows energy: `(*, park, enterprise_ids, starts_on, ends_on) -> {enterprise: MeteredEnergy}`; it is a higher module.
energy_sources: Registry[Callable[..., Mapping[int, MeteredEnergy]]] = Registry("source of a firm's energy")


@dataclass(frozen=True)
class SchemeEntry:
    """A scheme that may be used, with its row in the file."""

    scheme: LandScheme
    row: Mapping[str, Any]
    is_own: bool

    @property
    def key(self) -> str:
        """Its key."""
        return self.scheme.key

    @property
    def name(self) -> str:
        """Its name in the active language."""
        return scheme_name(row=self.row)


def scheme_name(*, row: Mapping[str, Any]) -> str:
    """Return the name of a scheme in the active language."""
    names, language = row.get("names", {}), (get_language() or "").lower()
    key = "en" if language.startswith("en") else "zh-Hant" if "hant" in language else "zh-Hans"
    return str(names.get(key) or names.get("zh-Hans") or names.get("en") or row.get("id", ""))


def _own_files() -> list[Path]:
    return sorted((Path(settings.HOME_DIR) / "land_efficiency").glob("*.yaml"))


@lru_cache(maxsize=16)
def _read_own(path: str, changed_at: float) -> list[dict[str, Any]]:
    rows = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    jsonschema.validate(rows, json.loads(shipped.path("land_efficiency.schema.json").read_text(encoding="utf-8")))
    found: list[dict[str, Any]] = rows["schemes"]
    for row in found:
        read_scheme(row)
    return found


def list_schemes() -> tuple[list[SchemeEntry], list[str]]:
    """Return the schemes that may be used, the installation's own last, and what is wrong with files that cannot be."""
    rows = {row["id"]: (row, False) for row in shipped.shipped(FILE)["schemes"]}
    problems = []
    for path in _own_files():
        try:
            rows |= {row["id"]: (row, True) for row in _read_own(str(path), path.stat().st_mtime)}
        except (yaml.YAMLError, jsonschema.ValidationError, ValueError, OSError) as error:
            why = error.message if isinstance(error, jsonschema.ValidationError) else str(error)
            problems.append(_("%(file)s cannot be used: %(why)s") % {"file": path.name, "why": why[:200]})
    return [SchemeEntry(read_scheme(row), row, own) for row, own in rows.values()], problems


def find_scheme(*, key: str) -> SchemeEntry | None:
    """Return a scheme by its key."""
    return next((entry for entry in list_schemes()[0] if entry.key == key), None)


@dataclass(frozen=True)
class FirmInputs:
    """A firm's figures of a year: by name of `calc.land_efficiency.INPUTS`, and where each came from."""

    firm: Firm
    floor_m2: float
    land_mu: float | None
    values: Mapping[str, float | None]
    sources: Mapping[str, Mapping[str, Any]]
    marks: tuple[str, ...]


@dataclass(frozen=True)
class YearInputs:
    """The figures of a park's firms for a year."""

    park_land_m2: float | None
    park_floor_m2: float | None
    firms: Sequence[FirmInputs] = field(default_factory=list)

    def columns(self) -> dict[str, np.ndarray[Any, Any]]:
        """Return the figures by name, one value per firm, ``nan`` where unknown."""
        return {
            name: np.array([np.nan if f.values.get(name) is None else f.values[name] for f in self.firms], dtype=float)
            for name in INPUTS
        }

    def hash_with(self, row: Mapping[str, Any]) -> str:
        """Return what tells these figures under this scheme from any others."""
        content: list[Any] = [row, self.park_land_m2, self.park_floor_m2]
        content += [[f.firm.key, f.firm.above_scale, f.firm.full_year, f.values, f.marks] for f in self.firms]
        text = json.dumps(content, sort_keys=True, ensure_ascii=False, default=str)
        return hashlib.sha256(text.encode()).hexdigest()


def _park_floor_m2(park: Park) -> float | None:
    if park.gross_floor_area_m2:
        return park.gross_floor_area_m2
    areas = Building.objects.filter(site__park=park).values_list("gross_floor_area_m2", flat=True)
    return sum(a for a in areas if a) or None


def get_year_inputs(*, park: Park, year: int) -> YearInputs:
    """Return the figures of the firms that were tenants at the end of a year."""
    last_on = date(year, 12, 31)
    tenants = sorted(list_tenants(park_ids=[park.pk], on=last_on), key=lambda t: t.enterprise_id)
    ids = [t.enterprise_id for t in tenants]
    land_m2, floor_m2 = park.land_area_m2, _park_floor_m2(park)
    shares = (
        land_share_mu([t.area_m2 for t in tenants], park_floor_m2=floor_m2, park_land_m2=land_m2)
        if land_m2 and floor_m2
        else np.full(len(tenants), np.nan)
    )
    returns = {r.enterprise_id: r for r in EnterpriseReturn.objects.filter(enterprise__in=ids, year=year)}
    held = list_valid_kinds(enterprise_ids=ids, on=last_on)
    stays = Occupancy.objects.filter(premises__park=park, enterprise__in=ids).order_by().values("enterprise")
    first = dict(stays.annotate(first=Min("starts_on")).values_list("enterprise", "first"))
    marks: dict[int, set[str]] = {}
    for pk, kind in EfficiencyMark.objects.filter(park=park, year=year).values_list("enterprise", "kind"):
        marks.setdefault(pk, set()).add(kind)
    energy = get_metered_energy(park=park, enterprise_ids=ids, starts_on=date(year, 1, 1), ends_on=date(year + 1, 1, 1))
    firms = []
    for tenant, share in zip(tenants, shares, strict=True):
        pk = tenant.enterprise_id
        own = tuple(sorted(marks.get(pk, ())))
        above = Qualification.Kind.ABOVE_SCALE in held.get(pk, frozenset())
        firm = Firm(pk, above, first[pk] <= date(year, 1, 1), frozenset(own))
        land = None if np.isnan(share) else float(share)
        values, sources = _figures(returns.get(pk), energy.get(pk))
        values |= {"floor_m2": tenant.area_m2, "land_mu": land}
        firms.append(FirmInputs(firm, tenant.area_m2, land, values, sources, own))
    return YearInputs(land_m2, floor_m2, firms)


def get_metered_energy(
    *, park: Park, enterprise_ids: Collection[int], starts_on: date, ends_on: date
) -> dict[int, MeteredEnergy]:
    """Return what firms used in [starts_on, ends_on), by whoever knows their meters."""
    found: dict[int, MeteredEnergy] = {}
    for source in energy_sources:
        found |= source(park=park, enterprise_ids=enterprise_ids, starts_on=starts_on, ends_on=ends_on)
    return found


def get_recent_intensity(*, park: Park, on: date) -> tuple[date, dict[int, float]]:
    """Return the first of the last twelve whole months, and the energy of the tenants in them [kgce/m² of floor]."""
    ends_on = on.replace(day=1)
    starts_on = ends_on.replace(year=ends_on.year - 1)
    tenants = {t.enterprise_id: t.area_m2 for t in list_tenants(park_ids=[park.pk], on=on)}
    used = get_metered_energy(park=park, enterprise_ids=tenants, starts_on=starts_on, ends_on=ends_on)
    known = {
        firm: one.energy_tce * 1000 / tenants[firm]
        for firm, one in used.items()
        # Of who came within the year, less than a year's energy is known.
        if one.energy_tce is not None and one.months == MONTHS and tenants[firm]
    }
    return starts_on, known


def _figures(
    row: EnterpriseReturn | None, energy: MeteredEnergy | None
) -> tuple[dict[str, float | None], dict[str, dict[str, Any]]]:
    values: dict[str, float | None] = dict.fromkeys(INPUTS)
    sources: dict[str, dict[str, Any]] = {}
    if row is not None:
        for name, column in FROM_RETURN.items():
            given = getattr(row, column)
            if given is not None:
                values[name] = float(given)
                sources[name] = {"kind": "return", "label": f"{row.year} {row.source}"}
    if energy is not None:
        values |= {"energy_tce": energy.energy_tce, "electricity_kwh": energy.electricity_kwh}
        told: dict[str, Any] = {"known": energy.known_months, "months": energy.months, "url": energy.url}
        sources |= {name: {"kind": "energy", **told} for name in ("energy_tce", "electricity_kwh")}
    return values, sources


def list_runs(*, park: Park) -> list[EfficiencyRun]:
    """Return the runs of a park, the newest year and run first."""
    return list(park.efficiency_runs.select_related("made_by", "locked_by").order_by("-year", "-pk"))


def counting_run(*, park: Park, year: int | None = None, before: int | None = None) -> EfficiencyRun | None:
    """Return the run that counts: of the year (or the newest one before a year) the locked one, else the latest made."""
    runs = park.efficiency_runs.all()
    if year is not None:
        runs = runs.filter(year=year)
    if before is not None:
        runs = runs.filter(year__lt=before)
    newest = runs.order_by("-year").values_list("year", flat=True).first()
    if newest is None:
        return None
    of_year = runs.filter(year=newest).order_by("-pk")
    return of_year.filter(locked_at__isnull=False).first() or of_year.first()


def list_results(*, run: EfficiencyRun) -> list[EfficiencyResult]:
    """Return the firms of a run, the best first, firms without a rank last."""
    rows = list(run.results.select_related("enterprise"))
    order = {"A": 0, "B": 1, "C": 2, "D": 3, "": 4}
    return sorted(rows, key=lambda r: (order[r.klass], r.rank is None, r.group, r.rank or 0, r.pk))


@dataclass(frozen=True)
class ClassChange:
    """A firm's class in two runs; empty where it was not in one of them or had none."""

    enterprise_id: int
    before: str
    now: str


def compare_runs(*, run: EfficiencyRun, other: EfficiencyRun) -> dict[int, ClassChange]:
    """Return per firm of either run its class in both."""
    now = dict(run.results.values_list("enterprise", "klass"))
    before = dict(other.results.values_list("enterprise", "klass"))
    return {pk: ClassChange(pk, before.get(pk, ""), now.get(pk, "")) for pk in {*now, *before}}


def list_firm_results(*, enterprise: Enterprise) -> list[EfficiencyResult]:
    """Return what the runs that count say of a firm, the newest year first."""
    rows = EfficiencyResult.objects.filter(enterprise=enterprise)
    rows = rows.select_related("run__park").order_by("-run__year", "-run__locked_at", "-run")
    found: dict[tuple[int, int], EfficiencyResult] = {}
    for row in rows:
        key = (row.run.park_id, row.run.year)
        if key not in found or (row.run.locked_at and not found[key].run.locked_at):
            found[key] = row
    return list(found.values())

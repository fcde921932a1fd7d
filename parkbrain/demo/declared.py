"""What the living park declares of itself, with files that show it, what the assessor found, and the ratings kept."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import numpy as np

from parkbrain.assessment import services
from parkbrain.assessment.queries import MAIN_SCHEME, gather_facts, get_scheme
from parkbrain.kernel import registry
from parkbrain.kernel.documents import store_document
from parkbrain.kernel.models import Document, Park, User
from parkbrain.schemes import catalogue

from . import measures
from .draws import data, rng
from .living import moment

#: What each dimension should score about today; D is the weak one, and earlier ratings lay below by `climb`.
TARGETS = {"A": 88.0, "B": 86.0, "C": 84.0, "D": 80.0, "E": 88.0, "F": 88.0}
#: Nobody has filled these in yet: what "what is missing" has to show.
MISSING = frozenset(
    {
        "satisfaction_score",
        "online_transactions_12m",
        "reused_water_m3",
        "plan_measures_done_on_time",
        "talents_delivered_12m",
        "low_altitude",
        "facility_accessible",
    }
)
#: Groups of facts whose files were handed in; the others are declared without one.
WITH_EVIDENCE = ("safety", "energy", "carbon", "water_waste", "leasing", "finance", "smart", "veto")
#: A value of the operator that the rows contradict: the page shows both and takes the computed one.
CONTRADICTED = {"staff_total": 1.06}


def cut_offs(*, on: date) -> list[date]:
    """Return the last two half-years' ends before the day, oldest first."""
    ends = [date(year, month, day) for year in (on.year - 1, on.year) for month, day in ((6, 30), (12, 31))]
    return [end for end in ends if end < on][-2:]


def declare(*, seed: int, on: date, park: Park, actor: User) -> None:
    """Declare the park's facts for both kept cut-offs and for today; freeze the two ratings."""
    half_years = cut_offs(on=on)
    for climb, cut_off_on in ((14.0, half_years[0]), (4.0, half_years[1]), (0.0, on)):
        _declare_at(seed, park, cut_off_on, climb, actor)
        if cut_off_on in half_years:
            half = 1 if cut_off_on.month == 6 else 2
            services.freeze_rating(
                park=park,
                scheme_id=MAIN_SCHEME,
                cut_off_on=cut_off_on,
                title=f"{cut_off_on.year} H{half}",
                actor=actor,
                at=moment(cut_off_on + timedelta(days=15)),
            )


def _declare_at(seed: int, park: Park, cut_off_on: date, climb: float, actor: User) -> None:
    scheme, entries = get_scheme(scheme_id=MAIN_SCHEME), catalogue()
    keys = sorted(scheme.facts)
    row = gather_facts(park_ids=[park.pk], cut_off_on=cut_off_on, keys=keys)
    computed = {k: float(v) for k, v, s in zip(keys, row.values[0], row.standing[0], strict=True) if s > 1}
    # The same draws at every cut-off: what differs between two ratings is what the operator improved.
    draw = np.random.default_rng(seed + 5)
    columns = measures.draw_columns(
        scheme=scheme,
        draw=draw,
        targets={key: np.array([value - climb]) for key, value in TARGETS.items()},
        size_m2=np.array([park.gross_floor_area_m2 or 1.0]),
        quality=np.array([0.85]),
        fixed={key: np.array([value]) for key, value in {**_supplies(park), **computed}.items()},
        units={key: entry["unit"] for key, entry in entries.items()},
        flaws=False,
    )
    values = {k: float(columns[k][0]) for k in keys if k in columns and k not in computed and k not in MISSING}
    values.update({k: round(computed[k] * factor) for k, factor in CONTRADICTED.items() if k in computed})
    values = _within(values, computed, entries)
    values.update(_national(columns, computed) if climb == 0 else {})
    papers = _store_papers(park, values, cut_off_on, actor)
    stated = [
        services.FactEntry(key, value, evidence=papers.get(entries[key]["group"])) for key, value in values.items()
    ]
    services.declare_facts(
        park=park, entries=stated, cut_off_on=cut_off_on, actor=actor, at=moment(cut_off_on, 6), follow=False
    )


def _supplies(park: Park) -> dict[str, float]:
    """Return energy, emissions and water of a tower of this size with this many people."""
    area_m2 = park.gross_floor_area_m2 or 0.0
    kwh = round(area_m2 * 118)
    return {
        "total_kwh": kwh,
        "energy_tce_total": round(kwh * measures.TCE_PER_KWH * 1.06, 1),
        "co2_scope12_t": round(kwh * measures.KG_PER_KWH / 1000 / 0.93, 1),
        "fresh_water_m3": round(area_m2 * 1.7),
    }


def _national(columns: measures.Columns, computed: Mapping[str, float]) -> dict[str, float]:
    """Return what the national schemes ask for beyond the reference model, scaled to the park where it is a share."""
    found: dict[str, float] = {}
    for key, value in data("national.yaml")["facts"].items():
        if isinstance(value, list):
            share, whole = value
            base = found.get(whole, computed.get(whole, float(columns[whole][0]) if whole in columns else 0.0))
            value = round(share * base, 2)
        found[key] = float(value)
    return found


def _within(values: dict[str, float], computed: Mapping[str, float], entries: Mapping[str, Any]) -> dict[str, float]:
    """Return the values inside the catalogue's limits; a part is never larger than its whole."""
    known = {**computed, **values}
    for key, value in values.items():
        entry = entries[key]
        value = min(max(value, entry.get("min", value)), entry.get("max", value))
        whole = known.get(entry.get("part_of", ""))
        if whole is not None and key not in CONTRADICTED:
            value = min(value, whole)
        values[key] = round(value) if entry["kind"] in {"count", "boolean", "level"} else value
    return values


def _store_papers(park: Park, values: Mapping[str, float], cut_off_on: date, actor: User) -> dict[str, Document]:
    """Store one file per group of facts that lists what it shows, in Chinese and English."""
    entries, papers = catalogue(), {}
    for group in WITH_EVIDENCE:
        lines = [
            f"{entries[key]['name']['zh-Hans']} / {entries[key]['name']['en']}\t{value:g}\t{entries[key]['unit']}"
            for key, value in values.items()
            if entries[key]["group"] == group
        ]
        if not lines:
            continue
        head = [
            f"{park.name_zh_hans} {park.name_en}",
            f"{group} {cut_off_on}",
            "演示生成的佐证材料",
            "",
        ]
        papers[group] = store_document(
            name=f"{group}-{cut_off_on}.txt",
            chunks=["\n".join([*head, *lines, ""]).encode()],
            actor=actor,
            at=moment(cut_off_on, 5),
            park=park,
        )
    return papers


def verify(*, seed: int, on: date, park: Park, assessor: User) -> None:
    """Record the assessor's findings on some declared facts; one differs, with its reason."""
    keys = ["hazards_closed_on_time", "hazards_due", "inspections_valid", "inspections_required", "total_kwh"]
    keys += ["renewable_kwh", "meters_installed_capped", "meters_required_std", "level1_electricity_meter_rate"]
    keys += ["drills_training_done", "drills_training_planned", *measures.VETOES]
    row = gather_facts(park_ids=[park.pk], cut_off_on=on, keys=keys).values[0]
    lowered = rng(seed, "finding").choice(["hazards_closed_on_time", "inspections_valid"])
    for key, value in zip(keys, row, strict=True):
        if value != value:
            continue
        found = float(value) - 1 if key == lowered and value > 1 else float(value)
        services.verify_fact(
            park=park,
            fact_key=key,
            value=found,
            cut_off_on=on,
            actor=assessor,
            at=moment(on, 7),
            reason="抽查记录一项缺复查签字" if found != value else "",
        )


def follow(*, park: Park, on: date) -> None:
    """Let what follows from the park's rows follow."""
    registry.park_changed(park_ids=[park.pk], at=moment(on, 8))

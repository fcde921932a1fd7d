"""The report of a rating: typeset by typst from the sheet of the stars, in three languages."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import typst
from django.utils import translation
from django.utils.translation import gettext as _

from parkbrain.calc.rating import OutcomeClass
from parkbrain.ui import chart
from parkbrain.ui.charts_ssr import render_svg
from parkbrain.ui.formats import moment, number, percent, with_unit

from ..queries.lists import list_evidence
from ..queries.schemes import describe
from ..queries.sheets import NodeRow, StarSheet, TestRow

TEMPLATE = Path(__file__).resolve().parents[1] / "templates" / "assessment" / "report.typ"
CHINESE, LATIN = "Noto Sans SC", "Libertinus Serif"
#: The longest list of what to fill in; the workbook has all of it.
MOST_GAPS = 24


def render_pdf(*, sheet: StarSheet, language: str) -> bytes:
    """Return the report of a rating in a language."""
    with translation.override(language):
        data = {**_head(sheet), **_result(sheet), **_tables(sheet), "words": _words(), "lang": _lang(language)}
        radar = _radar(sheet)
    content: bytes = _compiler().compile(
        format="pdf", sys_inputs={"data": json.dumps(data, ensure_ascii=False), "radar": radar}
    )
    return content


@lru_cache(maxsize=1)
def _compiler() -> Any:
    """Return the compiler: loading the fonts takes longer than setting twenty pages."""
    import pylopdf_fonts_zh_cn

    font = Path(str(pylopdf_fonts_zh_cn.sans_path())).parent
    return typst.Compiler(str(TEMPLATE), root=str(TEMPLATE.parent), font_paths=[str(font)], ignore_system_fonts=True)


def _lang(language: str) -> dict[str, str]:
    if language.lower().startswith("en"):
        return {"lang": "en", "region": "US"}
    return {"lang": "zh", "region": "HK" if "hant" in language.lower() else "CN"}


def _radar(sheet: StarSheet) -> str:
    rows = sheet.dimensions
    if len(rows) < 3:
        return ""
    option = chart.radar(
        [row.name for row in rows],
        [(_("Proven"), [row.proven for row in rows]), (_("Reachable"), [row.reachable for row in rows])],
    )
    return render_svg(option, width=460, height=330, font=CHINESE)


def _head(sheet: StarSheet) -> dict[str, Any]:
    row, scheme = sheet.rating, sheet.scheme
    frozen = row.state == "FROZEN"
    return {
        "park": sheet.park.name,
        "park_code": sheet.park.code,
        "fictional": sheet.park.standing == "FICTIONAL",
        "title": row.title or describe(value=scheme.name),
        "scheme": describe(value=scheme.name),
        "notice": describe(value=scheme.notice),
        "facts": [
            [_("Park"), f"{sheet.park.name} ({sheet.park.code})"],
            [_("Scheme"), f"{describe(value=scheme.name)} · {scheme.version}"],
            [_("Cut-off date"), row.cut_off_on.isoformat()],
            [_("Computed at"), moment(row.computed_at)],
            [_("State"), _("Frozen by %(name)s") % {"name": row.frozen_by or "—"} if frozen else _("Current, follows the data")],
        ],
        "hashes": [[_("Rating"), row.result_hash or "—"], [_("Scheme"), scheme.hash]],
    }


def _result(sheet: StarSheet) -> dict[str, Any]:
    unit, outcome = sheet.unit, sheet.scheme.outcome
    best = max((one.rank for one in outcome.classes), default=0)
    return {
        "kind": outcome.kind,
        "stars": {"proven": unit.class_proven, "reachable": unit.class_reachable, "most": best},
        "class_proven": _class_name(outcome.classes, unit.class_proven),
        "class_reachable": _class_name(outcome.classes, unit.class_reachable),
        "total": [_number(unit.total_proven, 2), _number(unit.total_reachable, 2)],
        "total_raw": [unit.total_proven or 0.0, unit.total_reachable or 0.0],
        "coverage": percent(unit.coverage, 0),
        "unknown_count": sheet.unknown_count,
        "sentence": sheet.sentence,
        "next_step": list(sheet.next_step),
        "dimensions": [_bar(row) for row in sheet.dimensions],
    }


def _class_name(classes: Sequence[OutcomeClass], rank: int) -> str:
    return next((describe(value=one.name) for one in classes if one.rank == rank), _("none"))


def _number(value: float | None, decimals: int) -> str:
    return _("unknown") if value is None else number(value, decimals)


def _bar(row: NodeRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "weight": number(row.weight, 1),
        "proven": row.proven or 0.0,
        "reachable": row.reachable or 0.0,
        "shown": [_number(row.proven, 1), _number(row.reachable, 1)],
        "points": [number(row.points, 2), number(row.reachable_points, 2)],
    }


def _tables(sheet: StarSheet) -> dict[str, Any]:
    taken = set(sheet.inputs)
    return {
        "rows": [_line(row) for row in sheet.rows],
        "gates": [_test(one, raised_is_bad=False) for one in sheet.gates],
        "vetoes": [_test(one, raised_is_bad=True) for one in sheet.vetoes],
        "gaps": [
            {
                "facts": "; ".join(fact.name for fact in gap.facts),
                "subject": gap.subject_name,
                "points": _("decides") if gap.kind != "indicator" else f"+{number(gap.points, 2)}",
            }
            for gap in sheet.gaps[:MOST_GAPS]
        ],
        "gaps_left": max(0, len(sheet.gaps) - MOST_GAPS),
        "inputs": [
            {
                "name": one.fact.name,
                "value": with_unit(one.value, one.fact.unit),
                "standing": one.standing,
                "standing_name": _standings().get(one.standing, ""),
            }
            for one in sheet.facts
            if one.value is not None
        ],
        "evidence": [
            [line.fact.name, line.document.name, line.document.sha256[:16], line.ends_on.isoformat()]
            for line in list_evidence(park=sheet.park)
            if line.fact.key in taken
        ],
        "thresholds": [
            [
                describe(value=one.name),
                f"≥ {one.min_total:g}",
                ", ".join(f"≥ {floor:g}" for floor in one.min_nodes.values()) or "—",
                ", ".join(one.gates) or "—",
            ]
            for one in sheet.scheme.outcome.classes
        ],
    }


def _standings() -> dict[str, str]:
    return {"c": _("computed"), "d": _("declared"), "v": _("verified")}


def _line(row: NodeRow) -> dict[str, Any]:
    states = {
        "unknown": _("unknown"),
        "partial": _("partly known"),
        "not_applicable": _("not applicable"),
        "scored": _standings().get(row.standing, _("scored")),
    }
    return {
        "id": row.id,
        "name": row.name,
        "depth": row.depth,
        "leaf": row.is_indicator,
        "value": "" if row.value is None else with_unit(round(row.value, 2), row.unit),
        "weight": number(row.weight, 2),
        "score": "" if row.proven is None else number(row.proven, 1),
        "reachable": "" if row.reachable is None else number(row.reachable, 1),
        "points": number(row.points, 2),
        "state": states.get(row.state, ""),
        "known": row.state == "scored",
    }


def _test(one: TestRow, *, raised_is_bad: bool) -> dict[str, Any]:
    if one.holds is None:
        state, tone = _("unknown"), "unknown"
    elif raised_is_bad:
        state, tone = (_("raised"), "bad") if one.holds else (_("not raised"), "ok")
    else:
        state, tone = (_("met"), "ok") if one.holds else (_("not met"), "bad")
    return {"id": one.id, "name": one.name, "state": state, "tone": tone, "effect": one.effect}


def _words() -> dict[str, str]:
    """Return the fixed words of the report."""
    return {
        "report": _("Rating report"),
        "fictional": _("Demo: this park, its firms and all figures are fictional."),
        "summary": _("Summary"),
        "proven": _("Proven"),
        "reachable": _("Reachable"),
        "points": _("Points"),
        "total": _("Total"),
        "coverage": _("Known weight"),
        "dimension": _("Dimension"),
        "weight": _("Weight"),
        "score": _("Score"),
        "value": _("Value"),
        "state": _("State"),
        "indicator": _("Indicator"),
        "indicators": _("Indicators"),
        "next": _("What stands between this result and the next class"),
        "top": _("Nothing: this is the highest class of the scheme."),
        "gates": _("Gates"),
        "vetoes": _("Vetoes"),
        "effect": _("Effect"),
        "missing": _("What is not known"),
        "facts": _("Facts"),
        "serves": _("Serves"),
        "gain": _("Gain at most"),
        "more": _("Further entries stand in the workbook of this rating."),
        "known": _("Every fact of the scheme is known."),
        "inputs": _("Facts of this rating"),
        "standing": _("Standing"),
        "evidence": _("Evidence"),
        "file": _("File"),
        "until": _("Period ends"),
        "no_evidence": _("No file was attached to the facts of this rating."),
        "method": _("Method"),
        "method_text": _(
            "Every indicator's formula takes facts of the park; its value becomes a score between 0 and 100, and scores "
            "come together by their weights. What is not known scores nothing on the proven side and everything on the "
            "reachable side, so the true result lies between the two. A fact is computed from the park's own rows, "
            "declared by its operator, or verified by an assessor; verified goes before computed, computed before declared."
        ),
        "thresholds": _("Classes"),
        "class": _("Class"),
        "from": _("Total from"),
        "floors": _("Every dimension"),
        "hashes": _("Hashes"),
        "hash_text": _(
            "The hash of the rating covers the scheme, every fact and every result: the same facts rated again by the "
            "same scheme give the same hash."
        ),
        "page": _("Page"),
    }

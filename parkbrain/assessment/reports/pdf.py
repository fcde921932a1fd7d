"""The report of a rating: typeset by typst from the sheet of the stars, in three languages."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkbrain.calc.rating import OutcomeClass
from parkbrain.ui import chart
from parkbrain.ui.charts_ssr import render_svg
from parkbrain.ui.formats import moment, number, percent, with_unit
from parkbrain.ui.typesetting import typeset

from ..queries.lists import list_evidence_of
from ..queries.schemes import describe
from ..queries.sheets import NodeRow, StarSheet, TestRow

TEMPLATE = Path(__file__).resolve().parents[1] / "templates" / "assessment" / "report.typ"
FONT = "Noto Sans SC"


#: The fixed words of the report.
WORDS = {
    "report": gettext_lazy("Rating report"),
    "summary": gettext_lazy("Summary"),
    "proven": gettext_lazy("Proven"),
    "reachable": gettext_lazy("Reachable"),
    "points": gettext_lazy("Points"),
    "total": gettext_lazy("Total"),
    "coverage": gettext_lazy("Known weight"),
    "dimension": gettext_lazy("Dimension"),
    "weight": gettext_lazy("Weight"),
    "score": gettext_lazy("Score"),
    "value": gettext_lazy("Value"),
    "state": gettext_lazy("State"),
    "indicator": gettext_lazy("Indicator"),
    "indicators": gettext_lazy("Indicators"),
    "next": gettext_lazy("What stands between this result and the next class"),
    "top": gettext_lazy("Nothing: this is the highest class of the scheme."),
    "gates": gettext_lazy("Gates"),
    "vetoes": gettext_lazy("Vetoes"),
    "effect": gettext_lazy("Effect"),
    "missing": gettext_lazy("What is not known"),
    "facts": gettext_lazy("Facts"),
    "serves": gettext_lazy("Serves"),
    "gain": gettext_lazy("Gain at most"),
    "known": gettext_lazy("Every fact of the scheme is known."),
    "inputs": gettext_lazy("Facts of this rating"),
    "standing": gettext_lazy("Standing"),
    "evidence": gettext_lazy("Evidence"),
    "file": gettext_lazy("File"),
    "until": gettext_lazy("Period ends"),
    "no_evidence": gettext_lazy("No file was attached to the facts of this rating."),
    "method": gettext_lazy("Method"),
    "method_text": gettext_lazy(
        "Every indicator's formula takes facts of the park; its value becomes a score between 0 and 100, and scores "
        "come together by their weights. What is not known scores nothing on the proven side and everything on the "
        "reachable side, so the true result lies between the two. A fact is computed from the park's own rows, "
        "declared by its operator, or verified by an assessor; verified goes before computed, computed before declared."
    ),
    "thresholds": gettext_lazy("Classes"),
    "class": gettext_lazy("Class"),
    "from": gettext_lazy("Total from"),
    "floors": gettext_lazy("Every dimension"),
    "hashes": gettext_lazy("Hashes"),
    "hash_text": gettext_lazy(
        "The hash of the rating covers the scheme, every fact and every result: the same facts rated again by the "
        "same scheme give the same hash."
    ),
    "page": gettext_lazy("Page"),
}


def render_pdf(*, sheet: StarSheet, language: str) -> bytes:
    """Return the report of a rating in a language."""
    with translation.override(language):
        data = {
            **_head(sheet),
            **_result(sheet),
            **_tables(sheet),
            "words": {key: str(text) for key, text in WORDS.items()},
        }
        radar = _radar(sheet)
    return typeset(template=TEMPLATE, data=data, language=language, radar=radar)


def _radar(sheet: StarSheet) -> str:
    rows = sheet.dimensions
    if len(rows) < 3:
        return ""
    option = chart.radar(
        [row.name for row in rows],
        [(_("Proven"), [row.proven for row in rows]), (_("Reachable"), [row.reachable for row in rows])],
    )
    return render_svg(option, width=500, height=330, font=FONT)


def _head(sheet: StarSheet) -> dict[str, Any]:
    row, scheme = sheet.rating, sheet.scheme
    state = _("Current, follows the data")
    if row.pk is None:
        state = _("Drawn from the record for that day, kept nowhere")
    elif row.state == row.State.FROZEN:
        state = _("Frozen by %(name)s") % {"name": row.frozen_by or "—"}
    return {
        "park": sheet.park.name,
        "park_code": sheet.park.code,
        "fictional": sheet.park.demo_notice,
        "title": row.title or describe(value=scheme.name),
        "scheme": describe(value=scheme.name),
        "notice": describe(value=scheme.notice),
        "facts": [
            [_("Park"), f"{sheet.park.name} ({sheet.park.code})"],
            [_("Scheme"), f"{describe(value=scheme.name)} · {scheme.version}"],
            [_("Cut-off date"), row.cut_off_on.isoformat()],
            [_("Computed at"), moment(row.computed_at)],
            [_("State"), state],
        ],
        "hashes": [[_("Rating"), sheet.hash], [_("Scheme"), scheme.hash]],
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
            for gap in sheet.gaps
        ],
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
        "evidence": _evidence(sheet),
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


def _evidence(sheet: StarSheet) -> list[list[str]]:
    """Return a row for each file: the facts that it shows, its name, hash and the end of the period."""
    files: dict[tuple[str, str, str], list[str]] = {}
    for line in list_evidence_of(sheet=sheet):
        place = (line.document.name, line.document.sha256, line.ends_on.isoformat())
        files.setdefault(place, []).append(line.fact.name)
    return [["; ".join(facts), name, sha256[:16], until] for (name, sha256, until), facts in files.items()]


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

"""The sheet of what firms promised by year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkbrain.enterprises.models import Enterprise
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.taking import Applied, Column, RowProblem, TakenRow, Taker

from ..models import Commitment
from ..services.efficiency import record_commitments

COLUMNS = (
    Column("uscc", gettext_lazy("Unified social credit code"), "uscc", required=True, max_length=18,
           synonyms=("承诺企业信用代码",), example="91440300MA5DEM0006"),
    Column("year", gettext_lazy("Year of the commitment"), "integer", required=True, minimum=1980, maximum=2100,
           synonyms=("承诺年度", "承諾年度"), example=2025),
    Column("output_wan", gettext_lazy("Committed output"), "money", unit="10k yuan", minimum=0,
           synonyms=("承诺产值", "承諾產值", "committed output"), example=8000),
    Column("tax_wan", gettext_lazy("Committed tax"), "money", unit="10k yuan", minimum=0,
           synonyms=("承诺税收", "承諾稅收", "committed tax"), example=300),
    Column("agreement", gettext_lazy("Supervision agreement"), max_length=80,
           synonyms=("监管协议", "产业监管协议", "監管協議"), example="JG-2023-018"),
)  # fmt: skip


def check(
    *, park: Park | None, rows: Sequence[TakenRow], context: Mapping[str, Sequence[TakenRow]]
) -> dict[int, list[RowProblem]]:
    """Find commitments of unknown firms, and such that promise nothing."""
    codes = {str(r.values["uscc"]) for r in rows if r.values.get("uscc")}
    firms = set(Enterprise.objects.filter(uscc__in=codes).values_list("uscc", flat=True))
    firms |= {str(r.values.get("uscc")) for r in context.get("enterprises", ())}
    kept = set(Commitment.objects.filter(park=park).values_list("enterprise__uscc", "year")) if park else set()
    problems: dict[int, list[RowProblem]] = {}
    for row in rows:
        code = row.values.get("uscc")
        if code and code not in firms:
            message = _("There is no enterprise %(code)s.") % {"code": code}
            problems[row.number] = [RowProblem("uscc", "unknown_enterprise", message, str(code))]
        elif (code, row.values.get("year")) not in kept and all(
            row.values.get(name) is None for name in ("output_wan", "tax_wan")
        ):
            message = _("A commitment names an output or a tax.")
            problems[row.number] = [RowProblem("output_wan", "nothing_promised", message)]
    return problems


def apply(*, park: Park, rows: Sequence[TakenRow], actor: User, at: datetime) -> dict[int, Applied]:
    """Record the commitment of each row."""
    recorded = record_commitments(park=park, rows=[dict(r.values) for r in rows], actor=actor, at=at)
    return {row.number: outcome.applied() for row, outcome in zip(rows, recorded, strict=True)}


def export(*, park: Park) -> list[dict[str, Any]]:
    """Return the park's commitments as the sheet has them."""
    found = Commitment.objects.filter(park=park).select_related("enterprise").order_by("enterprise__uscc", "year")
    fields = [c.field for c in COLUMNS if c.field != "uscc"]
    return [{"uscc": c.enterprise.uscc, **{f: getattr(c, f) for f in fields}} for c in found]


COMMITMENTS = Taker(
    key="commitments",
    label=gettext_lazy("Commitments of supervision agreements"),
    order=96,
    columns=COLUMNS,
    identity=("uscc", "year"),
    check=check,
    apply=apply,
    note=gettext_lazy("One row per firm and year: the output and the tax that it promised."),
    synonyms=("承诺", "监管协议承诺", "履约承诺", "commitments"),
    export=export,
)

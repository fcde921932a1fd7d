"""What stands in a report, before it is set: head, tables, notes. Both PDF and workbook are made of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from parkbrain.calc.carbon import SCOPES
from parkbrain.calc.inventory import Assessed
from parkbrain.ui.chart import Option
from parkbrain.ui.formats import number, percent, unit
from parkbrain.ui.sources import cited

from ..queries import OPERATOR, REASON_WORDS, SCOPE_NAMES, Footprint, Statement, StatementLine

Cell = str | float | None


@dataclass(frozen=True)
class Sheet:
    """A table of a report; `numeric` names the columns that stand right."""

    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    numeric: frozenset[int] = frozenset()
    widths: Sequence[int] = ()
    note: str = ""


@dataclass(frozen=True)
class Paper:
    """A report."""

    title: str
    subtitle: str
    facts: Sequence[tuple[str, str]]
    sheets: Sequence[Sheet]
    notes: Sequence[str]
    drawing: Option | None = None
    demo_notice: str = ""
    file_name: str = field(default="carbon")


def _assessed(total: Assessed) -> list[Cell]:
    uncertainty = "—" if total.uncertainty is None else f"±{percent(total.uncertainty)}"
    return [
        _("not assessed") if total.tco2e is None else round(total.tco2e, 3),
        uncertainty,
        "—" if total.coverage is None else percent(total.coverage, 0),
        total.unknown,
    ]


def _totals(rows: Sequence[tuple[str, Assessed]]) -> Sheet:
    return Sheet(
        _("Emissions by scope"),
        [_("Scope"), "tCO₂e", _("Uncertainty"), _("Coverage"), _("Lines not assessed")],
        [[name, *_assessed(total)] for name, total in rows],
        frozenset({1, 2, 3, 4}),
        (34, 16, 14, 12, 20),
    )


def _line_rows(lines: Sequence[StatementLine]) -> list[list[Cell]]:
    return [
        [
            str(SCOPE_NAMES[line.scope]),
            line.category_name,
            line.name,
            _("unknown") if line.amount is None else round(line.amount, 3),
            unit(line.unit),
            None if line.factor is None else line.factor.value,
            "" if line.factor is None else f"{unit(line.factor.of)}/{unit(line.factor.unit)}",
            _("not assessed") if line.reason else round(line.tco2e or 0.0, 3),
            "—" if line.uncertainty is None else f"±{percent(line.uncertainty)}",
            "—" if line.coverage is None else percent(line.coverage, 0),
            _source(line),
        ]
        for line in lines
    ]


def _source(line: StatementLine) -> str:
    if line.reason:
        return str(REASON_WORDS[line.reason])
    if line.factor is None:
        return ""
    since = line.factor.starts_on.isoformat()
    text = f"{cited(line.factor.source)} ({since})"
    return _("%(source)s; the latest published value, carried on") % {"source": text} if line.is_carried_on else text


def _lines(title: str, lines: Sequence[StatementLine]) -> Sheet:
    heads = [
        _("Scope"), _("Category"), _("Activity"), _("Amount"), _("Unit"), _("Factor"), _("Unit"), "tCO₂e",
        _("Uncertainty"), _("Coverage"), _("Source of the factor"),
    ]  # fmt: skip
    return Sheet(
        title, heads, _line_rows(lines), frozenset({3, 5, 7, 8, 9}), (16, 22, 24, 14, 8, 11, 14, 15, 15, 12, 52)
    )


def _figure(value: float | None, per: str, decimals: int = 1) -> str:
    return _("not assessed") if value is None else f"{number(value, decimals)} {per}"


def statement_paper(*, statement: Statement, drawing: Option | None = None) -> Paper:
    """Return the report of a park's statement."""
    park, period = statement.park, statement.period
    boundary = (
        _("operational control of the operator") if statement.boundary == OPERATOR else _("everything in the park")
    )
    facts = [
        (_("Park"), f"{park.name} ({park.code})"),
        (_("Period"), f"{period.starts_on} … {period.last_on}"),
        (_("Boundary"), boundary),
        (_("Scopes 1 and 2, location-based"), _figure(statement.scope_12, "tCO₂e")),
        (_("Scopes 1 and 2, market-based"), _figure(statement.scope_12_market, "tCO₂e")),
        (_("Energy, power at its heat value"), _figure(statement.tce, "tce")),
        (_("Energy, power at the coal burnt for it"), _figure(statement.tce_burnt, "tce")),
    ]
    words = intensity_words()
    facts += [
        (
            str(words[i.key][0]),
            percent(i.value) if words[i.key][1] == "%" else _figure(i.value, str(words[i.key][1]), 4),
        )
        for i in statement.intensities
    ]
    green = Sheet(
        _("Green power"),
        [_("Number"), _("Kind"), "kWh"],
        [[row.number, row.get_kind_display(), round(kwh, 1)] for row, kwh in statement.green],
        frozenset({2}),
        (30, 24, 16),
    )
    return Paper(
        _("Carbon statement"),
        f"{park.name}, {period.starts_on} … {period.last_on}",
        facts,
        [
            _totals([(str(SCOPE_NAMES[s]), statement.totals[s]) for s in SCOPES]),
            _lines(_("Activities, factors and emissions"), statement.lines),
            *([green] if statement.green else []),
        ],
        method_notes(boundary=statement.boundary),
        drawing,
        park.demo_notice,
        f"{park.code}-carbon-{period.starts_on}-{period.last_on}",
    )


def intensity_words() -> dict[str, tuple[str, str]]:
    """Return the names and units of a statement's figures per something."""
    per_wan = _("tCO₂/10k yuan")
    return {
        "co2_per_output": (_("Per output of the tenants"), per_wan),
        "co2_per_value_added": (_("Per value added of the tenants"), per_wan),
        "water_reuse": (_("Share of water used again"), "%"),
        "waste_reuse": (_("Share of solid waste utilized"), "%"),
    }


def method_notes(*, boundary: str) -> list[str]:
    """Return the rules that a statement was made by."""
    whose = (
        _(
            "Boundary: what the operator controls. Fuels and power that tenants use stand in scope 3, category 13 "
            "(downstream leased assets)."
        )
        if boundary == OPERATOR
        else _("Boundary: everything used in the park. Tenants' fuels and power stand in scopes 1 and 2.")
    )
    return [
        whose,
        _(
            "GHG Protocol Corporate Standard and Scope 2 Guidance; warming potentials of AR5; standard coal by GB/T 2589-2020."
        ),
        _(
            "A row that crosses the edge of the period counts by its days. A year without a factor of its own takes the "
            "latest published one, and says so."
        ),
        _(
            "Uncertainty is half the 95 % interval, by propagation of errors (2006 IPCC Guidelines); a factor that nobody "
            "published an uncertainty for adds none. Coverage is the share of days that rows cover."
        ),
        _("What is not recorded is not assessed; it is never taken as zero."),
    ]


def footprint_paper(
    *, footprint: Footprint, made: float | None = None, unit_name: str = "", drawing: Option | None = None
) -> Paper:
    """Return the sheet that a firm gives its customers; `made` is how much of a product left the premises."""
    park, period = footprint.park, footprint.period
    facts = [
        (_("Enterprise"), f"{footprint.enterprise.name} ({footprint.enterprise.uscc})"),
        (_("Park"), park.name),
        (_("Period"), f"{period.starts_on} … {period.last_on}"),
        (_("Scopes 1 and 2, location-based"), _figure(footprint.total, "tCO₂e", 3)),
        (_("Own premises, mean of the period"), _figure(footprint.area_m2, "m²")),
        (_("Share of public use, by area"), percent(footprint.share, 2)),
        (_("Per output"), _figure(footprint.per_output, _("tCO₂/10k yuan"), 4)),
    ]
    if made and footprint.total is not None:
        each = f"kgCO₂e/{unit_name}" if unit_name else "kgCO₂e"
        facts.append((_("Per product"), _figure(1000 * footprint.total / made, each, 4)))
    notes = method_notes(boundary="park")[1:]
    notes.insert(0, _("Cradle of this sheet: energy of the firm's own premises and its share of public use in the park; "
                      "bought materials and transport are not in it."))  # fmt: skip
    if footprint.misses_power:
        notes.insert(0, _("No electricity of the firm's own premises is recorded: the sheet is not whole."))
    return Paper(
        _("Footprint sheet"),
        f"{footprint.enterprise.name}, {period.starts_on} … {period.last_on}",
        facts,
        [
            _totals([(str(SCOPE_NAMES[s]), total) for s, total in footprint.totals.items()]),
            _lines(_("Own premises"), footprint.own),
            _lines(_("Share of public use"), footprint.public),
        ],
        notes,
        drawing,
        park.demo_notice,
        f"{footprint.enterprise.uscc}-footprint-{period.starts_on.year}",
    )

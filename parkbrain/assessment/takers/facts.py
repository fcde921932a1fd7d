"""What can be imported: the facts an operator declares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkbrain.calc.intervals import period_of
from parkbrain.kernel import registry
from parkbrain.kernel.models import Document, Park, User
from parkbrain.kernel.taking import Applied, Change, Column, RowProblem, TakenRow, Taker

from ..models import Declaration
from ..queries.schemes import get_catalogue
from ..services.facts import FactEntry, declare_facts, find_entry_problems

Context = Mapping[str, Sequence[TakenRow]]


def _cut_off(row: TakenRow) -> date:
    """Return the cut-off date of a row: its own, or today."""
    given: date | None = row.values.get("cut_off_on")
    return given or timezone.localdate()


def _check(*, park: Park | None, rows: Sequence[TakenRow], context: Context) -> dict[int, list[RowProblem]]:
    """Find facts that do not exist, impossible values, parts larger than their whole, and files that are not stored."""
    problems: dict[int, list[RowProblem]] = {}
    files = _stored_files(park, rows)
    by_date: dict[date, list[TakenRow]] = {}
    for row in rows:
        by_date.setdefault(_cut_off(row), []).append(row)
    for cut_off_on, together in by_date.items():
        # Facts of one day are held against each other, whatever other days the file brings.
        values = {row.values["fact_key"]: _value(row) for row in together}
        known = {key: value for key, value in values.items() if value is not None}
        wrong = find_entry_problems(park=park, values=known, cut_off_on=cut_off_on)
        for row in together:
            found = list(_row_problems(row, wrong, files))
            if found:
                problems[row.number] = found
    return problems


def _value(row: TakenRow) -> float | None:
    value = row.values.get("value")
    return None if value is None else float(value)


def _row_problems(row: TakenRow, wrong: Mapping[str, str], files: Mapping[str, Document]) -> Iterator[RowProblem]:
    key, value, name = row.values["fact_key"], _value(row), str(row.values.get("evidence") or "")
    if key not in get_catalogue():
        message = _("There is no fact “%(key)s” in the catalogue.") % {"key": key}
        yield RowProblem("fact_key", "unknown_fact", message, str(key))
    elif value is not None and key in wrong:
        yield RowProblem("value", "implausible_fact", wrong[key], str(value))
    elif value is not None and _cut_off(row) > timezone.localdate():
        yield RowProblem("cut_off_on", "date_ahead", _("The cut-off date lies ahead."), str(_cut_off(row)))
    if name and name not in files:
        message = _("No file “%(name)s” is stored with this park.") % {"name": name}
        yield RowProblem("evidence", "unknown_file", message, name)


def _stored_files(park: Park | None, rows: Sequence[TakenRow]) -> dict[str, Document]:
    """Return the park's stored files that the rows name; of several of one name the newest."""
    names = {str(row.values["evidence"]) for row in rows if row.values.get("evidence")}
    if park is None or not names:
        return {}
    return {one.name: one for one in Document.objects.filter(park=park, name__in=names).order_by("uploaded_at", "pk")}


def _apply(*, park: Park, rows: Sequence[TakenRow], actor: User, at: datetime) -> dict[int, Applied]:
    """Declare the facts that have a value; an empty value says nothing and changes nothing."""
    catalogue = get_catalogue()
    stated = [row for row in rows if row.values.get("value") is not None]
    before = _stated(park, stated)
    files = _stored_files(park, stated)
    by_date: dict[date, list[FactEntry]] = {}
    for row in stated:
        evidence = files.get(str(row.values.get("evidence") or ""))
        entry = FactEntry(
            row.values["fact_key"], float(row.values["value"]), str(row.values.get("note") or ""), evidence
        )
        by_date.setdefault(_cut_off(row), []).append(entry)
    for cut_off_on, entries in by_date.items():
        # The ratings follow once, when the whole file is in.
        declare_facts(park=park, entries=entries, cut_off_on=cut_off_on, actor=actor, at=at, follow=False)
    after = _stated(park, stated)
    applied = {}
    for row in stated:
        period = period_of(catalogue[row.values["fact_key"]].period, _cut_off(row))
        place = (row.values["fact_key"], period.starts_on, period.ends_on)
        applied[row.number] = Applied(
            _change(before.get(place), after[place]), "assessment.declaration", after[place].pk
        )
    return applied


def _stated(park: Park, rows: Sequence[TakenRow]) -> dict[tuple[str, date, date], Declaration]:
    """Return what is declared of the rows' facts, by fact and period."""
    keys = {row.values["fact_key"] for row in rows}
    found = Declaration.objects.filter(park=park, fact_key__in=keys).select_related("evidence")
    return {(one.fact_key, one.starts_on, one.ends_on): one for one in found}


def _change(old: Declaration | None, new: Declaration) -> Change:
    name = get_catalogue()[new.fact_key].name
    if old is None:
        return Change("create", name, {"value": (None, new.value)})
    said = [{"value": one.value, "note": one.note, "evidence": _file_name(one)} for one in (old, new)]
    fields = {field: (said[0][field], said[1][field]) for field in said[0] if said[0][field] != said[1][field]}
    return Change("update" if fields else "nothing", name, fields)


def _file_name(one: Declaration) -> str:
    return one.evidence.name if one.evidence else ""


def _prefilled() -> list[dict[str, Any]]:
    """Return a row for every fact of the catalogue, saying which are computed and may stay empty."""
    computed = registry.facts.keys()
    return [
        {
            "fact_key": fact.key,
            "fact_name": fact.name,
            "unit": "" if fact.unit == "boolean" else fact.unit,
            "origin": _("computed from your rows; leave empty") if fact.key in computed else fact.record,
        }
        for fact in get_catalogue().values()
    ]


def _export(*, park: Park) -> list[dict[str, Any]]:
    """Return what is declared now, in the columns of the sheet."""
    catalogue = get_catalogue()
    rows = []
    stated = Declaration.objects.filter(park=park).select_related("evidence")
    for one in stated.order_by("fact_key", "ends_on"):
        fact = catalogue.get(one.fact_key)
        if fact is not None:
            rows.append(
                {
                    "fact_key": one.fact_key,
                    "fact_name": fact.name,
                    "unit": "" if fact.unit == "boolean" else fact.unit,
                    "value": one.value,
                    # The last day of the period is a cut-off date that gives this very period.
                    "cut_off_on": date.fromordinal(one.ends_on.toordinal() - 1),
                    "note": one.note,
                    "evidence": _file_name(one),
                }
            )
    return rows


FACTS = Taker(
    key="facts",
    label=gettext_lazy("Facts"),
    order=90,
    note=gettext_lazy("One row for each fact. Leave the value empty where it is not known: unknown is not zero."),
    synonyms=("事实数据", "指标数据", "指標數據", "indicator data"),
    identity=("fact_key", "cut_off_on"),
    # The same period may be given by any of its days.
    named_by=("fact_key",),
    columns=(
        Column(
            "fact_key",
            gettext_lazy("Fact key"),
            required=True,
            max_length=60,
            note=gettext_lazy("The fact's key in the catalogue; do not change it."),
            synonyms=("指标编码", "事实编码"),
            example="green_cover_m2",
        ),
        Column("fact_name", gettext_lazy("Fact"), max_length=300, synonyms=("指标名称",), example="绿化覆盖面积"),
        Column("unit", gettext_lazy("Unit of measure"), max_length=60, synonyms=("计量单位",), example="m2"),
        Column(
            "value",
            gettext_lazy("Value"),
            "number",
            note=gettext_lazy("A number; yes is 1 and no is 0. Empty means not known."),
            synonyms=("数值", "指标值", "數值"),
            example=1200,
        ),
        Column(
            "cut_off_on",
            gettext_lazy("Cut-off date"),
            "date",
            note=gettext_lazy("The day the value looks at; today where it is empty."),
            synonyms=("截止日期", "统计截止日", "數據截止日"),
            example=date(2026, 6, 30),
        ),
        Column("note", gettext_lazy("Note"), max_length=300, synonyms=("备注", "說明"), example=""),
        Column(
            "evidence",
            gettext_lazy("Evidence (file)"),
            max_length=200,
            note=gettext_lazy("The name of a file that is stored with the park already."),
            synonyms=("佐证材料", "佐證材料", "证明文件", "evidence"),
            example="",
        ),
        Column("origin", gettext_lazy("Record it comes from"), max_length=200, synonyms=("来源台账",), example=""),
    ),
    check=_check,
    apply=_apply,
    prefilled=_prefilled,
    export=_export,
)

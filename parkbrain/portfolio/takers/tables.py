"""What a bureau can import: tables of its own about the parks of its branch, wide (a column for each fact) or long."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from django.utils.functional import Promise, SimpleLazyObject, lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkbrain.assessment.queries import CatalogueFact, get_catalogue
from parkbrain.calc import units
from parkbrain.calc.matching import Entity
from parkbrain.kernel.models import Branch, Park, User
from parkbrain.kernel.taking import Applied, Area, Change, Column, Known, Matching, RowProblem, TakenRow, Taker

from .. import queries, services
from ..services import TableRow, TakenFact, find_table_problems

Context = Mapping[str, Sequence[TakenRow]]
#: What a district may be called beside its name: 南山, 南山区, Nanshan, Nanshan District.
_DISTRICT = re.compile(r"(新区|新區|[区區县縣市]|\s*district)$", re.IGNORECASE)
_KINDS = {"count": "integer", "level": "integer", "boolean": "boolean"}


def _district_names(text: Any) -> frozenset[str]:
    said = str(text or "").strip().casefold()
    return frozenset({said, _DISTRICT.sub("", said)} - {""})


def entity_of(values: Mapping[str, Any]) -> Entity:
    """Return what a row tells of a park, as it is compared."""
    return Entity(
        name=str(values.get("park_name") or ""),
        address=str(values.get("address") or ""),
        keys={"park_code": str(values["park_code"])} if values.get("park_code") else {},
        districts=_district_names(values.get("district")),
    )


def known_parks(*, area: Area, actor: User) -> list[Known]:
    """Return the parks of the branch, as rows are held against them; those known from print alone are left out."""
    districts = {
        code: frozenset().union(*map(_district_names, (code, *names)))
        for code, *names in Branch.objects.filter(kind=Branch.Kind.DISTRICT).values_list(
            "code", "name_zh_hans", "name_zh_hant", "name_en"
        )
    }
    parks = Park.objects.in_branch(area.branch).exclude(standing=Park.Standing.AS_STATED).order_by("pk")
    fields = ("code", "name_zh_hans", "name_en", "street", "address", "district_code")
    return [
        Known(
            {"park_code": code},
            zh_hans or en or code,
            Entity(
                name=zh_hans or en,
                address=address or street,
                keys={"park_code": code},
                districts=districts.get(district) or _district_names(district),
            ),
        )
        for code, zh_hans, en, street, address, district in parks.values_list(*fields)
    ]


def _no_new_park(*, values: Mapping[str, Any], taken: set[str]) -> None:
    """A table makes no park."""


_MATCHING: dict[str, Any] = {
    "records": known_parks,
    "entity": entity_of,
    "relaxed": ("park_code",),
    "one_of": ("park_code", "park_name"),
    "identify": _no_new_park,
    "is_closed": True,
}


def _wide_facts(row: TakenRow) -> list[TakenFact]:
    """Return the facts of a row that has a column for each; an empty cell says nothing."""
    note = str(row.values.get("note") or "")
    catalogue = get_catalogue()
    return [
        TakenFact(key, float(value), note, key)
        for key, value in row.values.items()
        if key in catalogue and value is not None
    ]


def _long_facts(row: TakenRow) -> list[TakenFact]:
    """Return the one fact of a row, in the unit of the catalogue."""
    value = row.values.get("value")
    if value is None:
        return []
    factor = _factor(row, get_catalogue()[row.values["fact_key"]])
    return [
        TakenFact(row.values["fact_key"], float(value) * (factor or 1.0), str(row.values.get("note") or ""), "value")
    ]


def _factor(row: TakenRow, fact: CatalogueFact) -> float | None:
    """Return by what the value of a row is multiplied; None where its unit is not one of the fact's."""
    said = str(row.values.get("unit") or "").strip()
    if not said or said == fact.unit:
        return 1.0
    factor = units.factor(said, fact.unit)
    return None if factor is None else float(factor)


def _rows(rows: Sequence[TakenRow], facts_of: Any) -> list[TableRow]:
    return [TableRow(row.number, str(row.values.get("park_code") or ""), facts_of(row)) for row in rows]


def _problems(area: Area, rows: Sequence[TableRow]) -> dict[int, list[RowProblem]]:
    found: dict[int, list[RowProblem]] = {}
    for one in find_table_problems(area=area, rows=rows):
        problem = RowProblem(one.field, one.code, one.message, one.value, refuses=one.refuses)
        found.setdefault(one.number, []).append(problem)
    return found


def check_wide(*, area: Area, rows: Sequence[TakenRow], context: Context) -> dict[int, list[RowProblem]]:
    """Find parks that cannot take the values, impossible values, and facts that the round does not ask for."""
    return _problems(area, _rows(rows, _wide_facts))


def check_long(*, area: Area, rows: Sequence[TakenRow], context: Context) -> dict[int, list[RowProblem]]:
    """Find the same where each row gives one fact, and units that are not the fact's."""
    wrong = {}
    catalogue = get_catalogue()
    for row in rows:
        fact = catalogue[row.values["fact_key"]]
        if _factor(row, fact) is None:
            said = str(row.values["unit"])
            message = _("“%(fact)s” is not measured in “%(unit)s”.") % {"fact": fact.name, "unit": said}
            wrong[row.number] = [RowProblem("unit", "unit_other", message, said)]
    return {**_problems(area, _rows([r for r in rows if r.number not in wrong], _long_facts)), **wrong}


def apply_wide(*, area: Area, rows: Sequence[TakenRow], actor: User, at: datetime) -> dict[int, Applied]:
    """Take the values of each row into the round, or state them as facts."""
    return _apply(area, _rows(rows, _wide_facts), actor, at)


def apply_long(*, area: Area, rows: Sequence[TakenRow], actor: User, at: datetime) -> dict[int, Applied]:
    """Take the one value of each row."""
    return _apply(area, _rows(rows, _long_facts), actor, at)


def _apply(area: Area, rows: Sequence[TableRow], actor: User, at: datetime) -> dict[int, Applied]:
    done: dict[int, Applied] = {}
    for row, park, taken in services.take_table(area=area, rows=rows, actor=actor, at=at):
        changed = {one.column: (one.old, one.new) for one in taken if one.old != one.new or one.is_new}
        action = "nothing" if not changed else "create" if all(one.is_new for one in taken) else "update"
        parts = {one.column: (one.label, one.pk) for one in taken if one.column in changed}
        name = str(park)
        if len(taken) == 1 and taken[0].column == "value":
            name = f"{park} · {get_catalogue()[taken[0].key].name}"
        done[row.number] = Applied(Change(action, name, changed), "kernel.park", park.pk, parts)
    return done


def _about(note: Any) -> tuple[Column, ...]:
    """Return the columns that say which park a row is about."""
    return (
        Column(
            "park_code", gettext_lazy("Park code"), required=True, max_length=40, note=note, example="SZ-0001",
            synonyms=("园区编码", "园区编号", "园区代码", "編碼", "园区序号"),
        ),
        Column(
            "park_name", gettext_lazy("Park name"), max_length=160, example="示例产业园",
            synonyms=("园区", "园区名称", "園區名稱", "产业园名称", "产业园区", "名称"),
        ),
        Column("district", gettext_lazy("District"), max_length=80, example="南山区",
               synonyms=("所在区", "区", "行政区", "所属区", "辖区", "區")),
        Column("address", gettext_lazy("Address"), max_length=200, example="科技路 1 号",
               synonyms=("地址", "园区地址", "详细地址", "街道", "位置")),
    )  # fmt: skip


def _name_of(key: str) -> str:
    return get_catalogue()[key].name


_fact_name = lazy(_name_of, str)


def _fact_column(fact: CatalogueFact) -> Column:
    return Column(
        fact.key,
        cast(Promise, _fact_name(fact.key)),
        _KINDS.get(fact.kind, "number"),
        unit="" if fact.kind == "boolean" else fact.unit,
        minimum=fact.minimum,
        maximum=fact.maximum,
    )


_NOTE = Column("note", gettext_lazy("Note"), max_length=200, synonyms=("备注", "說明", "说明"), example="")
_BY = gettext_lazy("The park's code; without it rows are matched by name, district and address.")


def _wide_columns() -> tuple[Column, ...]:
    return (*_about(_BY), *(_fact_column(fact) for fact in get_catalogue().values()), _NOTE)


def _fact_choices() -> dict[str, str]:
    return {key: fact.name for key, fact in get_catalogue().items()}


TABLE = Taker(
    key="city_table",
    label=gettext_lazy("Table of parks"),
    order=10,
    note=gettext_lazy(
        "One row for each park, a column for each fact. An empty cell says nothing: unknown is not zero."
    ),
    synonyms=("园区总表", "园区宽表"),
    identity=("park_code",),
    # The catalogue has some two hundred facts: they are read when a table is, not when the program starts.
    columns=cast("Sequence[Column]", SimpleLazyObject(_wide_columns)),
    check=check_wide,
    apply=apply_wide,
    matching=Matching(**_MATCHING),
    about_parks=True,
    title=queries.get_table_target,
)
LIST = Taker(
    key="city_list",
    label=gettext_lazy("List of values of parks"),
    order=20,
    note=gettext_lazy("One row for each value: park, fact, value. An empty value says nothing: unknown is not zero."),
    synonyms=("园区长表", "园区指标清单"),
    identity=("park_code", "fact_key"),
    columns=(
        *_about(_BY),
        Column(
            "fact_key", gettext_lazy("Fact"), "choice", required=True, choices=_fact_choices, max_length=300,
            note=gettext_lazy("The fact's name or its key in the catalogue."),
            synonyms=("指标", "指标名称", "事实", "指標", "指标编码", "item", "indicator"),
        ),
        Column("value", gettext_lazy("Value"), "number", required=True, synonyms=("数值", "值", "指标值", "數值"),
               note=gettext_lazy("A number; yes is 1 and no is 0."), example=1200),
        Column("unit", gettext_lazy("Unit of measure"), max_length=40, synonyms=("单位", "计量单位", "單位"), example="m2",
               note=gettext_lazy("Where it is not the fact's own; the value is converted.")),
        _NOTE,
    ),
    check=check_long,
    apply=apply_long,
    matching=Matching(**_MATCHING, has_many=True),
    about_parks=True,
    title=queries.get_table_target,
)  # fmt: skip

"""Real parks as a public article states them: their names, their cities, and nothing that nobody said."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from parkbrain.assessment import services as assessment
from parkbrain.kernel.models import Branch
from parkbrain.kernel.names import name_fields
from parkbrain.portfolio.queries import get_article
from parkbrain.space import services as space

from .city import CITY


def _operator_rows(article: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the operators that the article names, each in the city of its park."""
    cities = {park["operator"]: park["city"]["code"] for park in article["parks"] if park["operator"]}
    return [
        {
            "code": one["id"],
            "kind": Branch.Kind.OPERATOR,
            "parent_code": cities[one["id"]],
            **name_fields(zh_hans=one["name"]["zh-Hans"], zh_hant=one["name"]["zh-Hant"], en=one["name"]["en"]),
        }
        for one in article["operators"]
        if one["id"] in cities
    ]


def load(*, at: datetime) -> int:
    """Record the real parks under their own cities and return how many of them lie in Shenzhen."""
    article = get_article()
    root = Branch.objects.filter(parent=None)[0]
    cities = {park["city"]["code"]: park["city"]["name"] for park in article["parks"]}
    rows = [
        {
            "code": code,
            "kind": Branch.Kind.CITY,
            "parent_code": root.code,
            **name_fields(zh_hans=name["zh-Hans"], zh_hant=name["zh-Hant"], en=name["en"]),
        }
        for code, name in cities.items()
        if code != CITY
    ]
    branches = space.record_branches(rows=rows, actor=None, at=at)
    branches[CITY] = Branch.objects.get(code=CITY)
    branches.update(space.record_branches(rows=_operator_rows(article), actor=None, at=at))
    parks = [
        {
            "code": park["id"],
            **name_fields(zh_hans=park["name"]["zh-Hans"], zh_hant=park["name"]["zh-Hant"], en=park["name"]["en"]),
            "standing": "AS_STATED",
            "parent": branches[park["operator"] or park["city"]["code"]],
        }
        for park in article["parks"]
    ]
    recorded = {r.row.code: r.row for r in space.record_parks(rows=parks, actor=None, at=at)}
    # Only what the article says in the catalogue's own definition becomes a fact, for the year it names.
    facts = [
        (
            recorded[park["id"]].pk,
            said["fact"],
            date(said["year"], 1, 1),
            date(said["year"] + 1, 1, 1),
            float(said["value"]),
            "as stated: article",
        )
        for park in article["parks"]
        for said in park["statements"]
        if said.get("fact") and said.get("year")
    ]
    assessment.declare_facts_bulk(rows=facts, actor=None, at=at)
    return sum(park["city"]["code"] == CITY for park in article["parks"])

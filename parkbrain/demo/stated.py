"""Real parks that a public article names: they appear with those statements only, never with operating data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import yaml

from parkbrain import schemes
from parkbrain.kernel.models import Park
from parkbrain.kernel.names import name_fields
from parkbrain.space import services as space

from .city import CITY, branch_rows


@dataclass(frozen=True)
class StatedSummary:
    """How many real parks were recorded, and how many of them lie in the city."""

    recorded: int
    in_city: int


def _names(text: dict[str, str]) -> dict[str, str]:
    return name_fields(zh_hans=text["zh-Hans"], zh_hant=text["zh-Hant"], en=text["en"])


def record_stated_parks(*, at: datetime) -> StatedSummary:
    """Record the city's branch and the real parks, each below its own city and, where one is named, its operator."""
    document = yaml.safe_load(schemes.path("article_parks.yaml").read_text(encoding="utf-8"))
    operators = {one["id"]: one for one in document["operators"]}
    branches: dict[str, dict[str, Any]] = {CITY: branch_rows()[0]}
    for park in document["parks"]:
        home = park["city"]
        branches.setdefault(home["code"], {"code": home["code"], "kind": "CITY", **_names(home["name"])})
        code = _operator_code(park)
        if park["operator"]:
            branches[code] = {
                "code": code,
                "kind": "OPERATOR",
                "parent_code": home["code"],
                **_names(operators[park["operator"]]["name"]),
            }
    known = space.record_branches(rows=list(branches.values()), actor=None, at=at)
    space.record_parks(
        rows=[
            {
                "code": f"stated-{park['id']}",
                **_names(park["name"]),
                "standing": Park.Standing.AS_STATED,
                "parent": known[_operator_code(park)],
            }
            for park in document["parks"]
        ],
        actor=None,
        at=at,
    )
    inside = sum(park["city"]["code"] == CITY for park in document["parks"])
    return StatedSummary(len(document["parks"]), inside)


def _operator_code(park: dict[str, Any]) -> str:
    return f"stated-op-{park['city']['code']}-{park['operator']}" if park["operator"] else str(park["city"]["code"])

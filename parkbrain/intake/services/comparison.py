"""What the record holds and a file does not mention: it is listed, and left as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from parkbrain.kernel.models import Park

from .examination import Examined
from .rows import TypedSheet

#: Things that a page names one by one; the counts are always of all.
LISTED = 500
#: What a thing may be called beside its code.
_NAMES = ("name_zh_hans", "fact_name")


def list_left_out(*, examined: Examined) -> list[dict[str, Any]]:
    """Return for each sheet of the file the things of the record that its rows do not mention, as plain values."""
    if examined.park is None or examined.problems:
        return []
    found = [_left_out(sheet, examined.park) for sheet in examined.sheets if sheet.clean]
    return [one for one in found if one["count"]]


def _left_out(sheet: TypedSheet, park: Park) -> dict[str, Any]:
    assert sheet.mapped.forms is not None
    taker = sheet.mapped.forms.taker
    fields = taker.named_by or taker.identity
    there: dict[tuple[str, ...], Mapping[str, Any]] = {}
    if taker.export is not None and not taker.describes_park:
        there = {_key(row, fields): row for row in taker.export(park=park)}
    for row in sheet.clean:
        there.pop(_key(row.values, fields), None)
    names = [_name(key, row) for key, row in list(there.items())[:LISTED]]
    return {"sheet": sheet.name, "taker": sheet.key, "count": len(there), "names": names}


def _key(values: Mapping[str, Any], fields: Sequence[str]) -> tuple[str, ...]:
    return tuple("" if values.get(f) is None else str(values[f]) for f in fields)


def _name(key: tuple[str, ...], row: Mapping[str, Any]) -> str:
    name = next((str(row[n]) for n in _NAMES if row.get(n)), "")
    return " · ".join(part for part in (*key, name) if part)[:200]

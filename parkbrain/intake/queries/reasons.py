"""Why a row was joined, is new, or was left aside, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from parkbrain.kernel.taking import takers

from ..models import Batch
from .columns import get_field_label


@dataclass(frozen=True)
class AsideLine:
    """A row that does not become a row of the record by itself: what it is, why, and what a person may choose."""

    key: str
    sheet: str
    row: int
    name: str
    outcome: str
    why: str
    target: str
    target_label: str
    can_be_new: bool = True


def get_reason(*, reason: Mapping[str, Any], taker: str) -> str:
    """Return the sentence on what became of a row."""
    if not reason:
        return ""
    evidence = _(", ").join(s for s in (_part(p, taker) for p in reason["parts"]) if s)
    words = {"label": reason["with"], "evidence": evidence}
    outcome = reason["outcome"]
    in_file = str(reason["target"]).startswith("row:")
    if outcome == "new":
        return _("new; nearest is %(label)s: %(evidence)s") % words if reason["with"] and evidence else _("new")
    if outcome == "duplicate":
        return _("the same as row %(label)s: %(evidence)s") % words
    if outcome == "joined":
        return _("joined with %(label)s: %(evidence)s") % words
    if in_file:
        return _("may be row %(label)s of the file: %(evidence)s") % words
    return _("may be %(label)s: %(evidence)s") % words if reason["with"] else _("skipped")


def _part(part: Sequence[Any], taker: str) -> str:
    kind, share, difference, detail = part
    words = {"field": get_field_label(key=taker, field=detail) if detail else "", "share": f"{share:.2f}"}
    words["difference"] = "" if difference is None else f"{difference:g}"
    same = {"name": _("same name"), "address": _("same address"), "area": _("same area"), "year": _("same year")}
    if kind in same and share == 1 and not difference:
        return same[kind]
    sentences = {
        "key": _("same %(field)s"),
        "other_key": _("other %(field)s"),
        "keys_disagree": _("%(field)s is that of another"),
        "name": _("name %(share)s similar"),
        "address": _("address %(share)s similar"),
        "area": _("area differs by %(difference)s %%"),
        "year": _("year differs by %(difference)s"),
        "close": _("another one is nearly as close"),
        "taken": _("another row is closer"),
    }
    return sentences[kind] % words


def _can_be_new(key: str) -> bool:
    taker = takers.get(key)
    return taker is None or taker.matching is None or not taker.matching.is_closed


def count_aside(*, batch: Batch) -> int:
    """Return how many rows of a batch wait for a person or were left aside."""
    return len(batch.report.get("aside", ()))


def list_aside_lines(*, batch: Batch, first: int = 0, most: int | None = None) -> list[AsideLine]:
    """Return the rows of a batch that wait for a person or were left aside, with the reason: at `most` those after the `first`."""
    return [
        AsideLine(
            f"{a['sheet']}|{a['row']}", a["sheet"], a["row"], a.get("name", ""), a["outcome"],
            get_reason(reason=a, taker=a["taker"]), a["target"], a["with"], _can_be_new(a["taker"]),
        )
        for a in batch.report.get("aside", ())[first : None if most is None else first + most]
    ]  # fmt: skip

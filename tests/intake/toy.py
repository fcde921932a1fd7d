"""A toy thing to import, beside the real ones: branches by code, with every kind of column."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from parkbrain.kernel import taking
from parkbrain.kernel.models import Branch, Document, Park, User
from parkbrain.kernel.taking import Applied, Change, Column, RowProblem, TakenRow, Taker

COLUMNS = (
    Column("code", "Gadget code", required=True, synonyms=("器物编号",), example="G-1"),
    Column("name", "Gadget name", synonyms=("器物名称",), max_length=20, example="Lathe"),
    Column("mass_t", "Mass", "number", unit="t", minimum=0, maximum=100, synonyms=("质量",), example=2.5),
    Column("count", "How many", "integer", minimum=0, maximum=1000, synonyms=("数量",), example=3),
    Column("price_wan", "Price", "money", unit="10k yuan", synonyms=("价格",), example=12.5),
    Column("bought_on", "Bought on", "date", synonyms=("购置日期",), example="2026-03-31"),
    Column("in_use", "In use", "boolean", synonyms=("在用",), example=True),
    Column("grade", "Grade", "choice", choices={"GOOD": "Good one", "BAD": "Bad one"}, example="GOOD"),
    Column("owner", "Owner code", "uscc", synonyms=("产权单位代码",), example="91440300MA5DEM0006"),
    Column("tags", "Tags", "codes", synonyms=("标签",), example="34, 391"),
)


class CannotKeepGadget(Exception):
    """The toy refuses."""


def check(
    *, park: Park | None, rows: Sequence[TakenRow], context: Mapping[str, Sequence[TakenRow]]
) -> dict[int, list[RowProblem]]:
    """Refuse gadgets of the name "cursed", in the reader's language."""
    return {r.number: [RowProblem("name", "cursed", _("yes"))] for r in rows if r.values.get("name") == "cursed"}


def apply(*, park: Park, rows: Sequence[TakenRow], actor: User, at: datetime) -> dict[int, Applied]:
    """Keep each gadget as a document's name, so that what is written can be seen and rolled back."""
    applied = {}
    for row in rows:
        code, wanted = row.values["code"], str(sorted((k, str(v)) for k, v in row.values.items()))[:200]
        if row.values.get("name") == "refused":
            raise CannotKeepGadget("the toy refuses")
        found = Document.objects.filter(park=park, sha256=code).first()
        if found is None:
            found = Document.objects.create(
                park=park, sha256=code, name=wanted, size_bytes=0, uploaded_by=actor, uploaded_at=at
            )
            change = Change("create", code)
        elif found.name == wanted:
            change = Change("nothing", code)
        else:
            change = Change("update", code, {"name": (found.name, wanted)})
            Document.objects.filter(pk=found.pk).update(name=wanted)
        applied[row.number] = Applied(change, "kernel.document", found.pk)
    return applied


TOY = Taker(
    key="gadgets", label="Gadgets", order=900, columns=COLUMNS, identity=("code",), check=check, apply=apply,
    synonyms=("器物",), prefilled=None,
)  # fmt: skip


@contextmanager
def only_toy(*more: Taker) -> Iterator[None]:
    """Let the toy (and `more`) be all that can be imported."""
    registered = taking.takers._items
    taking.takers._items = {t.key: t for t in (TOY, *more)}
    try:
        yield
    finally:
        taking.takers._items = registered


def gadgets(park: Park) -> dict[str, Any]:
    """Return what the toy wrote."""
    return {d.sha256: d.name for d in Document.objects.filter(park=park) if d.size_bytes == 0}


def operator_branch() -> Branch:
    """Return the branch of an operator."""
    from tests.factories import make_branch

    return make_branch(Branch.Kind.OPERATOR)

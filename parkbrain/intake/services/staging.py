"""What was read of a stored file, kept beside the documents until the file is taken in, so that it is read once.

Two things are kept: the cells of a file, which follow from its content alone; and the rows of a batch as they were read,
matched and checked, which hold only as long as nobody changed anything since. For that they name the newest link of the
audit chain: every change of the record adds one. What is missing, damaged or out of date is worked out anew.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from datetime import time as clock
from decimal import Decimal
from functools import cache
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import msgspec
from django.conf import settings
from django.utils import timezone

from parkbrain.kernel import taking
from parkbrain.kernel.documents import path_of
from parkbrain.kernel.models import Document, Park, User
from parkbrain.kernel.roles import Permission
from parkbrain.kernel.taking import TakenRow

from ..models import Batch
from ..queries import Problem, SheetForms
from .examination import Examined
from .mapped import MappedColumn, MappedSheet
from .raw import RawSheet, RawWorkbook, Remark
from .rows import TypedSheet
from .workbooks import read_workbook

#: What nobody came back for is removed after this long [s].
KEPT_S = 7 * 24 * 3600
_CELLS, _ROWS = "cells", "rows"
_PLAIN = frozenset({str, int, float, bool, type(None)})
#: Values that MessagePack does not know: how each is written, and read again.
_KINDS: Sequence[tuple[type, Callable[[Any], str], Callable[[str], Any]]] = (
    (date, date.isoformat, date.fromisoformat),
    (datetime, datetime.isoformat, datetime.fromisoformat),
    (clock, clock.isoformat, clock.fromisoformat),
    (timedelta, lambda value: json.dumps([value.days, value.seconds, value.microseconds]), lambda t: timedelta(*json.loads(t))),
    (Decimal, str, Decimal),
    (tuple, json.dumps, lambda text: tuple(json.loads(text))),
)  # fmt: skip
_CODES = {kind: code for code, (kind, _write, _read) in enumerate(_KINDS)}


def read_document(*, document: Document, keep: bool = False) -> RawWorkbook:
    """Return a stored file as it was read, reading it only where its cells are not kept; with `keep` they are from now.

    :raises CannotReadFile: with the code of why not.
    """
    asked = [document.name, settings.UPLOAD_MAX_BYTES]
    kept = _find(document, _CELLS, asked)
    if kept is not None:
        sheets = [RawSheet(name, rows, hidden, merged) for name, rows, hidden, merged in kept["sheets"]]
        return RawWorkbook(sheets, [Remark(**remark) for remark in kept["remarks"]])
    workbook = read_workbook(path=path_of(document.sha256), name=document.name)
    if keep and not workbook.drawn:
        sheets_ = [(s.name, [_row(r) for r in s.rows], s.hidden, s.merged) for s in workbook.sheets]
        _keep(document, _CELLS, asked, {"sheets": sheets_, "remarks": [_remark(r) for r in workbook.remarks]})
    return workbook


def keep_rows(*, batch: Batch, examined: Examined, actor: User, head: str) -> None:
    """Keep what was found out about a batch: it holds as long as `head` is the newest link of the audit chain."""
    if examined.problems or any(s.refs for s in (m.raw for m in examined.mapped)):
        return
    found = {
        "park": examined.park.pk if examined.park else None,
        "mapped": [_mapped_as_plain(m) for m in examined.mapped],
        "sheets": [_sheet_as_plain(s) for s in examined.sheets],
        "remarks": [_remark(r) for r in examined.remarks],
        "unread": [p.as_dict() for p in examined.unread],
    }
    _keep(batch.document, f"{_ROWS}-{batch.pk}", _asked(batch, actor, head), found)


def find_rows_kept(*, batch: Batch, actor: User, head: str) -> Examined | None:
    """Return what was found out about a batch, where it was kept and nothing changed since."""
    kept = _find(batch.document, f"{_ROWS}-{batch.pk}", _asked(batch, actor, head))
    if kept is None:
        return None
    park = Park.objects.select_related("branch").filter(pk=kept["park"]).first()
    if park is not None and not actor.may(Permission.EDIT_RECORD, park.branch.path):
        return None
    mapped = [_mapped(plain) for plain in kept["mapped"]]
    return Examined(
        park,
        mapped,
        [_sheet(plain) for plain in kept["sheets"]],
        remarks=[Remark(**remark) for remark in kept["remarks"]],
        unread=[Problem(**problem) for problem in kept["unread"]],
        head=head,
        area=batch.area,
    )


def forget_document(*, document: Document) -> None:
    """Remove what was kept of a file."""
    for path in _folder().glob(f".staged-{document.sha256}-*"):
        path.unlink(missing_ok=True)


def _asked(batch: Batch, actor: User, head: str) -> list[Any]:
    """Return everything that the findings about a batch depend on beside the content of its file."""
    # Some checks know the day: a figure of tomorrow is refused today.
    day = timezone.localdate().isoformat()
    return [
        batch.document.name,
        batch.park_id,
        batch.branch_id,
        batch.subject,
        batch.mapping,
        batch.decisions,
        actor.pk,
        head,
        day,
    ]


def _mapped_as_plain(mapped: MappedSheet) -> dict[str, Any]:
    return {
        "name": mapped.raw.name,
        "state": mapped.state,
        "key": mapped.forms.taker.key if mapped.forms else "",
        "heading_row": mapped.heading_row,
        "columns": [(c.index, c.heading, c.field) for c in mapped.columns],
        "foreign": mapped.foreign,
        "by_profile": mapped.by_profile,
    }


def _mapped(plain: dict[str, Any]) -> MappedSheet:
    taker = taking.takers.get(plain["key"])
    # Nothing is read or recognized any more: which thing it is is all that is asked of the forms.
    forms = SheetForms(taker, frozenset(), (), {}, {}, frozenset()) if taker else None
    return MappedSheet(
        RawSheet(plain["name"], []), plain["state"], forms, plain["heading_row"],
        [MappedColumn(*column) for column in plain["columns"]],
        foreign=plain["foreign"], by_profile=plain["by_profile"],
    )  # fmt: skip


def _sheet_as_plain(sheet: TypedSheet) -> dict[str, Any]:
    return {
        "mapped": _mapped_as_plain(sheet.mapped),
        "all": [row.number for row in sheet.all],
        "clean": [(row.number, *_columns(row)) for row in sheet.clean],
        "reasons": list(sheet.reasons.items()),
        "made": sheet.made,
    }


def _columns(row: TakenRow) -> tuple[list[str], list[Any]]:
    return list(row.values), _row(row.values.values())


def _sheet(plain: dict[str, Any]) -> TypedSheet:
    clean = [TakenRow(number, dict(zip(names, values, strict=True))) for number, names, values in plain["clean"]]
    by_number = {row.number: row for row in clean}
    return TypedSheet(
        _mapped(plain["mapped"]),
        clean=clean,
        all=[by_number.get(number) or TakenRow(number, {}) for number in plain["all"]],
        reasons=dict(plain["reasons"]),
        made=plain["made"],
    )


def _remark(remark: Remark) -> dict[str, Any]:
    return {"code": remark.code, "params": remark.params}


def _row(values: Any) -> list[Any]:
    """Return the values of a row as MessagePack holds them.

    :raises KeyError: a value is of a kind that is not kept.
    """
    return [value if type(value) in _PLAIN else _extended(value) for value in values]


def _extended(value: Any) -> msgspec.msgpack.Ext:
    code = _CODES[type(value)]
    return msgspec.msgpack.Ext(code, _KINDS[code][1](value).encode())


def _restored(code: int, data: memoryview) -> Any:
    return _KINDS[code][2](bytes(data).decode())


def _folder() -> Path:
    # Beside the documents, like the signs of running work: no document lies right here, so no backup takes it along.
    return Path(settings.MEDIA_ROOT)


def _path(document: Document, kind: str) -> Path:
    return _folder() / f".staged-{document.sha256}-{kind}"


def _key(asked: list[Any]) -> str:
    return hashlib.sha256(json.dumps([_program(), asked], sort_keys=True).encode()).hexdigest()


@cache
def _program() -> list[tuple[str, int, int]]:
    """Return what tells one state of the program from another: what an older one found out is not used."""
    files = sorted(settings.PACKAGE_DIR.rglob("*.py"))
    return [(path.name, (stat := path.stat()).st_size, stat.st_mtime_ns) for path in files]


def _keep(document: Document, kind: str, asked: list[Any], found: dict[str, Any]) -> None:
    try:
        data = msgspec.msgpack.encode({"key": _key(asked), **found})
    except (KeyError, TypeError, ValueError, OverflowError):
        # A value of a kind that cannot be kept: the file is read again then.
        return
    _folder().mkdir(parents=True, exist_ok=True)
    _sweep()
    with NamedTemporaryFile(dir=_folder(), prefix=".staged-new-", delete=False) as file:
        file.write(data)
    os.replace(file.name, _path(document, kind))


def _find(document: Document, kind: str, asked: list[Any]) -> dict[str, Any] | None:
    try:
        kept = msgspec.msgpack.decode(_path(document, kind).read_bytes(), ext_hook=_restored)
    except (FileNotFoundError, msgspec.DecodeError, ValueError, LookupError):
        return None
    return kept if isinstance(kept, dict) and kept.get("key") == _key(asked) else None


def _sweep() -> None:
    """Remove what nobody came back for, also of work that died while it wrote."""
    for path in _folder().glob(".staged-*"):
        with suppress(FileNotFoundError):
            if time.time() - path.stat().st_mtime > KEPT_S:
                path.unlink()

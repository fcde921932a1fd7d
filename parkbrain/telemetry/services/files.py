"""Readings from a file of people's own: one reading a row, or one column for each point."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from python_calamine import CalamineError, CalamineWorkbook

from parkbrain import lake
from parkbrain.calc.wire.readings import (
    MessageError,
    Problem,
    RawRow,
    ReadingColumns,
    checked,
    columns_of_rows,
    fields_of,
    read_csv,
)
from parkbrain.kernel import audit
from parkbrain.kernel.documents import path_of, store_document
from parkbrain.kernel.models import Document, Park, User

from ..models import ReadingsBatch
from ..queries import micros_of, moment_of
from .sources import may_change

MOST_ROWS = 2_000_000


class CannotTakeReadings(Exception):
    """The file cannot be taken in."""


@dataclass(frozen=True)
class ReadingsReport:
    """What is in a file: readings of how many points, from when to when, and the rows that cannot be taken."""

    found: ReadingColumns
    numbers: Any
    points: int

    @property
    def readings(self) -> int:
        """How many readings can be taken."""
        return self.found.count

    @property
    def wrong(self) -> int:
        """How many rows cannot."""
        return len(self.found.problems)

    @property
    def first_at(self) -> datetime:
        """The earliest reading."""
        return moment_of(at_us=int(self.found.at_us.min()))

    @property
    def last_at(self) -> datetime:
        """The latest reading."""
        return moment_of(at_us=int(self.found.at_us.max()))


def check_readings_file(*, park: Park, name: str, content: bytes, at: datetime) -> ReadingsReport:
    """Return what a file holds, nothing is written; points are named by their codes.

    :raises CannotTakeReadings: it is neither CSV nor a workbook, or lacks a column.
    """
    now_us = micros_of(at=at)
    try:
        found = checked(_read(name, content, now_us), now_us=now_us)
    except MessageError as error:
        raise CannotTakeReadings(
            _("The file cannot be read: it needs a column for the time, and one for the point and the value.")
        ) from error
    except (CalamineError, OSError) as error:
        raise CannotTakeReadings(_("The file is neither CSV nor an Excel workbook.")) from error
    known = dict(park.points.values_list("code", "pk"))
    numbers = np.array([known.get(str(key), 0) for key in found.keys], dtype=np.int64)
    of_reading = numbers[found.key_index] if found.count else np.empty(0, dtype=np.int64)
    unknown = found.taken(of_reading == 0)
    problems = [
        Problem(
            int(unknown.row[i]), "unknown_address", str(unknown.keys[int(unknown.key_index[i])]), unknown.text_of(i)
        )
        for i in range(unknown.count)
    ]
    left = replace(found.taken(of_reading > 0), problems=(*found.problems, *problems))
    return ReadingsReport(left, of_reading[of_reading > 0], len(set(left.key_index.tolist())))


@transaction.atomic
def take_readings_file(
    *, park: Park, name: str, content: bytes, actor: User | None, at: datetime
) -> tuple[ReadingsBatch | None, ReadingsReport]:
    """Take in the readings of a file and keep the file itself; the same file twice changes nothing (no batch then).

    :raises CannotTakeReadings: nothing in it can be taken, or the actor may not change the record.
    """
    if not may_change(park=park, actor=actor):
        raise CannotTakeReadings(_("You may not change the record of this park."))
    report = check_readings_file(park=park, name=name, content=content, at=at)
    if not report.readings:
        raise CannotTakeReadings(_("Nothing in this file can be taken in."))
    found = report.found
    document = store_document(name=name, chunks=[content], actor=actor, at=at, park=park)
    batch_id = f"file-{park.pk}-{document.sha256[:40]}-{report.readings}"
    table = _last_of_each(lake.readings_table(report.numbers, found.at_us, found.value, found.quality))
    before = _counting_at(table)
    if not lake.append_readings(table, batch_id=batch_id, at=at).is_new:
        return None, report
    batch = ReadingsBatch.objects.create(
        park=park,
        batch_id=batch_id,
        document=document,
        rows=report.readings,
        first_at=report.first_at,
        last_at=report.last_at,
        taken_at=at,
        taken_by=actor,
        kept=store_document(name="readings.arrow", chunks=[_packed(table, before)], actor=actor, at=at, park=park),
    )
    audit.record(
        "telemetry.file.taken",
        target=batch,
        actor=actor,
        at=at,
        park=park,
        readings=report.readings,
        file=document.name,
    )
    return batch, report


@transaction.atomic
def take_back_readings(*, batch: ReadingsBatch, actor: User | None, at: datetime) -> int:
    """Take back what a file brought: what counted before at the same moments counts again; return how many counted.

    :raises CannotTakeReadings: it was taken back already, a later file covers the same moments, or it cannot be now.
    """
    if not may_change(park=batch.park, actor=actor):
        raise CannotTakeReadings(_("You may not change the record of this park."))
    first = ReadingsBatch.objects.filter(pk=batch.pk, taken_back_at=None)
    if not first.update(taken_back_at=at, taken_back_by=actor):
        raise CannotTakeReadings(_("This file was taken back already."))
    if batch.kept is None:
        raise CannotTakeReadings(_("This file is from before files could be taken back."))
    readings, before = _unpacked(batch.kept)
    later = batch.park.readings_batches.filter(
        pk__gt=batch.pk, taken_back_at=None, first_at__lte=batch.last_at, last_at__gte=batch.first_at
    )
    for other in later.select_related("kept", "document"):
        if other.kept is not None and _common(readings, _unpacked(other.kept)[0]).num_rows:
            name = other.document.name if other.document else other.batch_id
            raise CannotTakeReadings(
                _("A later file has readings of the same moments: take back %(file)s first.") % {"file": name}
            )
    try:
        counted = lake.take_back(batch_id=batch.batch_id, readings=readings, before=before, at=at)
    except lake.CannotTakeBack as refusal:
        raise CannotTakeReadings(_WHY_NOT[refusal.code]) from refusal
    # The same file may be taken in again.
    first = ReadingsBatch.objects.filter(pk=batch.pk)
    first.update(batch_id=f"taken-back-{batch.pk}")
    audit.record(
        "telemetry.file.taken_back",
        target=batch,
        actor=actor,
        at=at,
        park=batch.park,
        readings=counted,
        file=batch.document.name if batch.document else "",
    )
    return counted


_WHY_NOT = {
    "busy": gettext_lazy("Readings are being put in order at this moment: try again in a minute."),
    "thinned": gettext_lazy("Of these days only hours are kept by now: they cannot be taken back."),
}


def _last_of_each(table: pa.Table) -> pa.Table:
    """Return the readings with the last of each point and moment, in order of point and moment."""
    order = np.lexsort((table["at_us"].to_numpy(), table["point"].to_numpy()))
    ordered = table.take(pa.array(order))
    point, at_us = ordered["point"].to_numpy(), ordered["at_us"].to_numpy()
    is_last = np.append((point[1:] != point[:-1]) | (at_us[1:] != at_us[:-1]), True)
    return ordered.filter(pa.array(is_last)).combine_chunks()


def _counting_at(table: pa.Table) -> pa.Table:
    """Return what counts by now at the points and moments of a table."""
    at_us = table["at_us"].to_numpy()
    points = sorted(set(table["point"].to_pylist()))
    now = lake.read_readings(points=points, start_us=int(at_us.min()), end_us=int(at_us.max()) + 1)
    return _common(now, table)


def _common(table: pa.Table, other: pa.Table) -> pa.Table:
    keys = ["point", "at_us"]
    return table.join(other.select(keys), keys=keys, join_type="left semi").select(lake.SCHEMA.names).cast(lake.SCHEMA)


def _packed(readings: pa.Table, before: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    both = pa.concat_tables(
        [t.append_column("is_before", pa.array(np.full(t.num_rows, b))) for t, b in ((readings, False), (before, True))]
    )
    with pa.ipc.new_stream(sink, both.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as stream:
        stream.write_table(both)
    return bytes(sink.getvalue().to_pybytes())


def _unpacked(document: Document) -> tuple[pa.Table, pa.Table]:
    with pa.ipc.open_stream(pa.BufferReader(path_of(document.sha256).read_bytes())) as stream:
        both = stream.read_all()
    is_before = both["is_before"]
    readings, before = (both.filter(mask).select(lake.SCHEMA.names) for mask in (pc.invert(is_before), is_before))
    return readings, before


def _read(name: str, content: bytes, now_us: int) -> ReadingColumns:
    zone = settings.TIME_ZONE
    if name.lower().endswith((".xlsx", ".xls", ".xlsm", ".ods")):
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
        rows = sheet.to_python(skip_empty_area=True)
        return _of_cells([[_plain(cell) for cell in row] for row in rows[: MOST_ROWS + 1]], now_us, zone)
    text = _decoded(content)
    try:
        return read_csv(text.encode(), now_us=now_us, zone=zone)
    except MessageError as error:
        if error.code != "missing_column":
            raise
    head = text.partition("\n")[0]
    delimiter = next((d for d in (",", ";", "\t") if d in head), ",")
    return _of_cells(list(csv.reader(io.StringIO(text), delimiter=delimiter)), now_us, zone)


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        # What Excel writes as CSV on a Chinese desktop.
        return content.decode("gb18030", errors="replace")


def _plain(cell: Any) -> Any:
    return cell.isoformat(sep=" ") if isinstance(cell, datetime) else cell


def _of_cells(rows: Sequence[Sequence[Any]], now_us: int, zone: str) -> ReadingColumns:
    """Read rows of cells: long where there is a column of points, else one column for each point."""
    if not rows:
        raise MessageError("empty", row=1)
    headings = [str(cell).strip() for cell in rows[0]]
    try:
        fields = fields_of(headings)
    except MessageError:
        return columns_of_rows(_wide(headings, rows[1:]), now_us=now_us, zone=zone)
    places = {field: headings.index(heading) for field, heading in fields.items()}
    found = [
        RawRow(
            number,
            str(row[places.get("point", places.get("number", 0))]).strip(),
            row[places["at"]],
            row[places["value"]],
            row[places["quality"]] if "quality" in places else 0,
            " ".join(map(str, row))[:300],
        )
        for number, row in enumerate(rows[1:], start=2)
        if any(cell not in ("", None) for cell in row)
    ]
    return columns_of_rows(found, now_us=now_us, zone=zone)


def _wide(headings: list[str], rows: Sequence[Sequence[Any]]) -> Iterator[RawRow]:
    """Yield a reading for every cell under the code of a point; an empty cell is no reading."""
    fields_of([headings[0], "value", "point"])
    for number, row in enumerate(rows, start=2):
        for place, code in enumerate(headings[1:], start=1):
            cell = row[place] if place < len(row) else ""
            if code and cell not in ("", None):
                yield RawRow(number, code, row[0], cell, text=f"{code} {row[0]} {cell}"[:300])

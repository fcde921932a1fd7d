"""Files → sheets of raw cells, whatever the format; what cannot be read is refused with the reason."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path, PurePath
from typing import Any

import python_calamine
from django.conf import settings

from parkbrain.calc.encoding import decode

from .drawings import read_drawing
from .packed import Packed, inspect_package
from .raw import RawSheet, RawWorkbook, Remark
from .refusals import CannotReadFile

DRAWN_KINDS = ("ifc", "geojson", "json")
KINDS = ("xlsx", "xlsm", "xls", "ods", "csv", *DRAWN_KINDS)
MAX_ROWS = 200_000
_DELIMITERS = (",", ";", "\t")
_PACKAGE_MARK = b"PK\x03\x04"
_COMPOUND_MARK = b"\xd0\xcf\x11\xe0"
#: In a compound file this stream (in UTF-16) holds a workbook that a password protects.
_ENCRYPTED_MARK = "EncryptedPackage".encode("utf-16-le")
#: In an old workbook the record FILEPASS comes behind the one that begins it (and, at most, one about writing).
_PASSWORD_RECORD = re.compile(rb"\x09\x08\x10\x00\x00\x06\x05\x00.{12}(?:\x86\x00\x00\x00)?\x2f\x00", re.DOTALL)


def read_workbook(*, path: Path, name: str) -> RawWorkbook:
    """Return the sheets of a file; `name` says its kind where its content does not.

    :raises CannotReadFile: with the code of why not.
    """
    size = path.stat().st_size
    if size == 0:
        raise CannotReadFile("file_empty")
    if size > settings.UPLOAD_MAX_BYTES:
        raise CannotReadFile(
            "file_too_large", size=round(size / 1_048_576, 1), limit=settings.UPLOAD_MAX_BYTES // 1_048_576
        )
    kind = PurePath(name).suffix.lstrip(".").lower()
    if kind not in KINDS:
        raise CannotReadFile("file_kind", kind=kind or "?")
    if kind in DRAWN_KINDS:
        return read_drawing(path=path, kind=kind)
    with path.open("rb") as file:
        start = file.read(8)
    # The content decides, not the name: systems export tables of text as "xls".
    if start.startswith(_PACKAGE_MARK):
        workbook = _read_package(path, "ods" if kind == "ods" else "xlsx")
    elif start.startswith(_COMPOUND_MARK):
        workbook = _read_compound(path)
    else:
        workbook = _read_text(path, PurePath(name).stem, is_table=kind in {"csv", "xls"})
    if sum(len(s.rows) for s in workbook.sheets) > MAX_ROWS:
        raise CannotReadFile("too_many_rows", limit=f"{MAX_ROWS:,}")
    return workbook


def _read_package(path: Path, kind: str) -> RawWorkbook:
    with path.open("rb") as file:
        packed = inspect_package(file=file, kind=kind)
    remarks = [Remark("remark_macros")] if packed.has_macros else []
    return RawWorkbook(_sheets(path, packed), remarks)


def _read_compound(path: Path) -> RawWorkbook:
    data = path.read_bytes()
    if _ENCRYPTED_MARK in data or _PASSWORD_RECORD.search(data):
        raise CannotReadFile("file_encrypted")
    return RawWorkbook(_sheets(path, Packed()), [Remark("remark_xls")])


def _sheets(path: Path, packed: Packed) -> list[RawSheet]:
    try:
        with path.open("rb") as file:
            workbook = python_calamine.load_workbook(file)
            hidden = {m.name for m in workbook.sheets_metadata if m.visible != python_calamine.SheetVisibleEnum.Visible}
            charts = {m.name for m in workbook.sheets_metadata if m.typ != python_calamine.SheetTypeEnum.WorkSheet}
            sheets = []
            for name in workbook.sheet_names:
                if name in charts:
                    continue
                sheet = workbook.get_sheet_by_name(name)
                rows = sheet.to_python(skip_empty_area=False)
                _put_failed(rows, packed.failed.get(name, {}))
                sheets.append(RawSheet(name, rows, name in hidden, merged=sheet.merged_cell_ranges or ()))
            return sheets
    except python_calamine.PasswordError as error:
        raise CannotReadFile("file_encrypted") from error
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise CannotReadFile("file_broken", detail=str(error)[:200]) from error


def _put_failed(rows: list[list[Any]], failed: dict[tuple[int, int], str]) -> None:
    """Put what failed where the reader left an empty cell."""
    for (row, column), value in failed.items():
        while len(rows) <= row:
            rows.append([])
        if len(rows[row]) <= column:
            rows[row].extend([""] * (column + 1 - len(rows[row])))
        rows[row][column] = value


def _read_text(path: Path, name: str, *, is_table: bool) -> RawWorkbook:
    data = path.read_bytes()
    if data.startswith(b"%PDF"):
        raise CannotReadFile("file_broken", detail="PDF")
    try:
        text, encoding = decode(data)
    except ValueError as error:
        if not is_table:
            raise CannotReadFile("file_broken", detail=data[:4].hex(" ")) from error
        raise CannotReadFile("file_encoding") from error
    if text.lstrip()[:1] == "<":
        raise CannotReadFile("file_broken", detail="HTML or XML")
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text)))
    except csv.Error as error:
        raise CannotReadFile("file_broken", detail=str(error)) from error
    if not any(any(cell.strip() for cell in row) for row in rows):
        raise CannotReadFile("file_empty")
    plain = encoding.startswith("utf-8")
    return RawWorkbook([RawSheet(name, rows)], [] if plain else [Remark("remark_encoding", {"encoding": encoding})])


def _delimiter(text: str) -> str:
    """Return the separator that cuts the first lines into the most columns."""
    lines = text.splitlines()[:20]
    return max(_DELIMITERS, key=lambda d: max((len(r) for r in csv.reader(lines, delimiter=d)), default=0))

"""What has to be known of a packed workbook before it is read: its real size, and the formulas that failed.

The reader gives a failed formula as an empty cell; here its place is found, so that nothing is blanked in silence.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO
from xml.etree import ElementTree

from parkbrain.calc.cells import UNCALCULATED
from parkbrain.calc.headings import column_letters

from .refusals import CannotReadFile

#: A workbook that unpacks to more than this is a mistake or an attack [bytes].
MAX_UNPACKED_BYTES = 300 * 1024 * 1024
#: The reader lays a sheet out as a full rectangle up to its last cell: its size has a limit.
MAX_SHEET_CELLS = 20_000_000

_CELL = re.compile(rb'<c r="([A-Z]{1,3})(\d{1,7})"[^>]*(?<!/)>')
_ERROR = re.compile(rb'<c r="([A-Z]{1,3})(\d{1,7})"[^>]*\bt="e"[^>]*>(?:<f[^>]*/>|<f[^>]*>[^<]*</f>)?<v>([^<]*)</v>')
_NO_VALUE = re.compile(rb'<c r="([A-Z]{1,3})(\d{1,7})"[^>]*>(?:<f[^>]*/>|<f[^>]*>[^<]*</f>)(?:<v\s*/>|<v></v>)?</c>')
_STRING_RESULT = re.compile(rb'\bt="str"')
_ODS_ERROR = re.compile(rb'value-type="error"')
_CHUNK = 8 * 1024 * 1024


@dataclass
class Packed:
    """What the package says: failed formulas by sheet and (row, column) counted from 0, and whether it has macros."""

    failed: dict[str, dict[tuple[int, int], str]] = field(default_factory=dict)
    has_macros: bool = False


def inspect_package(*, file: IO[bytes], kind: str) -> Packed:
    """Return what the package holds beside its values.

    :raises CannotReadFile: it is no package, unpacks to too much, or a sheet reaches too far.
    """
    try:
        with zipfile.ZipFile(file) as package:
            _refuse_bombs(package)
            names = package.namelist()
            if kind == "ods":
                _refuse_failed_formulas(package)
                return Packed()
            packed = Packed(has_macros=any(n.endswith("vbaProject.bin") for n in names))
            for sheet, path in _sheets(package).items():
                if path in names:
                    packed.failed[sheet] = _failed_cells(package, sheet, path)
            return packed
    except (
        zipfile.BadZipFile,
        ElementTree.ParseError,
        KeyError,
        NotImplementedError,
        EOFError,
        RuntimeError,
        zlib.error,
    ) as error:
        raise CannotReadFile("file_broken", detail=str(error)) from error
    finally:
        file.seek(0)


def _refuse_bombs(package: zipfile.ZipFile) -> None:
    """Refuse what unpacks to too much: by what it says of itself, and by what it really does."""
    said = sum(info.file_size for info in package.infolist())
    real = 0
    if said <= MAX_UNPACKED_BYTES:
        for info in package.infolist():
            # Read past the size that the package states: a lie would otherwise only show in the reader's memory.
            stated, info.file_size = info.file_size, 2 * MAX_UNPACKED_BYTES
            with package.open(info) as part:
                while real <= MAX_UNPACKED_BYTES and (chunk := part.read(_CHUNK)):
                    real += len(chunk)
            info.file_size = stated
    size = max(said, real)
    if size > MAX_UNPACKED_BYTES:
        limit = MAX_UNPACKED_BYTES // 1_000_000
        raise CannotReadFile("file_unpacks_too_large", size=size // 1_000_000, limit=limit)


def _sheets(package: zipfile.ZipFile) -> dict[str, str]:
    """Return the sheets' names with the paths of their parts."""
    relations = {
        r.get("Id"): r.get("Target", "") for r in ElementTree.fromstring(package.read("xl/_rels/workbook.xml.rels"))
    }
    found = {}
    for element in ElementTree.fromstring(package.read("xl/workbook.xml")).iter():
        if element.tag.endswith("}sheet"):
            relation = next((v for k, v in element.attrib.items() if k.endswith("}id")), None)
            target = relations.get(relation, "").lstrip("/")
            found[element.get("name", "")] = target if target.startswith("xl/") else f"xl/{target}"
    return found


def _chunks(package: zipfile.ZipFile, path: str) -> Iterator[bytes]:
    """Return the part in pieces that never cut a cell in two."""
    rest = b""
    with package.open(path) as part:
        while chunk := part.read(_CHUNK):
            text = rest + chunk
            cut = text.rfind(b"<c ")
            if cut <= 0:
                rest = text
                continue
            yield text[:cut]
            rest = text[cut:]
    yield rest


def _failed_cells(package: zipfile.ZipFile, sheet: str, path: str) -> dict[tuple[int, int], str]:
    failed: dict[tuple[int, int], str] = {}
    last_row = last_column = 0
    for text in _chunks(package, path):
        for letters, row in set(_CELL.findall(text)):
            last_row = max(last_row, int(row))
            last_column = max(last_column, _column(letters) + 1)
        for match in _ERROR.finditer(text):
            failed[int(match[2]) - 1, _column(match[1])] = match[3].decode()
        for match in _NO_VALUE.finditer(text):
            # An empty text is a result; nothing at all was never calculated.
            if not _STRING_RESULT.search(match[0][: match[0].index(b">")]):
                failed[int(match[2]) - 1, _column(match[1])] = UNCALCULATED
    if last_row * last_column > MAX_SHEET_CELLS:
        raise CannotReadFile("sheet_too_large", sheet=sheet, cell=f"{column_letters(last_column - 1)}{last_row}")
    return failed


def _refuse_failed_formulas(package: zipfile.ZipFile) -> None:
    with package.open("content.xml") as part:
        count = 0
        tail = b""
        while chunk := part.read(_CHUNK):
            count += len(_ODS_ERROR.findall(tail + chunk))
            tail = chunk[-len(b'value-type="error"') + 1 :]
    if count:
        raise CannotReadFile("formula_errors_somewhere", count=count)


def _column(letters: bytes) -> int:
    number = 0
    for byte in letters:
        number = number * 26 + byte - 64
    return number - 1

"""A register of the demo park: leases that came from a workbook, as when a park is taken over from other books."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import xlsxwriter

from parkbrain.enterprises.models import Occupancy
from parkbrain.intake.services import import_file
from parkbrain.kernel.models import Park, User
from parkbrain.leasing import services as leasing
from parkbrain.leasing.models import Lease
from parkbrain.leasing.services import ClauseRow

from .living import moment

FILE = "租约台账-原系统.xlsx"


class CannotTakeDemoOver(Exception):
    """The register of the demo was refused, which is a fault of the demo."""


@dataclass(frozen=True)
class Entry:
    """A lease of the register: whose, where, until when, and what it says."""

    stay: Occupancy
    number: str
    ends_on: date
    terms: Mapping[str, Any]
    clauses: Sequence[ClauseRow]


def take_over(*, park: Park, entries: Sequence[Entry], on: date, clerk: User, second: User) -> None:
    """Take the register in; a second person confirms one lease, refuses one, and has not looked at the others.

    :raises CannotTakeDemoOver: the import refused it.
    """
    with TemporaryDirectory() as folder:
        path = Path(folder) / FILE
        _write(path, entries)
        summary = import_file(path=path, actor=clerk, at=moment(on), park_code=park.code)
    if summary.problems:
        raise CannotTakeDemoOver(summary.as_text())
    keys = dict(Lease.objects.filter(park=park).values_list("number", "pk"))
    by: dict[str, Any] = {"park": park, "actor": second, "at": moment(on, 6)}
    leasing.confirm_taken_over(lease_ids=[keys[entries[0].number]], **by)
    leasing.refuse_taken_over(
        lease_ids=[keys[entries[1].number]], reason="扫描件第3.4条的物业费与台账不一致，请核对后更正", **by
    )


def _write(path: Path, entries: Sequence[Entry]) -> None:
    book = xlsxwriter.Workbook(str(path))
    for name, rows in _sheets(entries).items():
        sheet = book.add_worksheet(name)
        heads = list(dict.fromkeys(field for row in rows for field in row))
        sheet.write_row(0, 0, heads)
        for place, row in enumerate(rows, start=1):
            sheet.write_row(place, 0, [_cell(row.get(field)) for field in heads])
    book.close()


def _sheets(entries: Sequence[Entry]) -> dict[str, list[dict[str, Any]]]:
    leases, places, clauses, deposits, papers = [], [], [], [], []
    for entry in entries:
        key = {"lease_number": entry.number}
        signed_on = entry.stay.starts_on
        leases.append(
            {
                "number": entry.number,
                "uscc": entry.stay.enterprise.uscc,
                "state": "ACTIVE",
                "starts_on": entry.stay.starts_on,
                "ends_on": entry.ends_on,
                "signed_on": signed_on,
                **entry.terms,
            }
        )
        places.append({**key, "premises_code": entry.stay.premises.code})
        for position, clause in enumerate(entry.clauses, start=1):
            clauses.append({**key, "position": position, "kind": clause.kind, "source": clause.source, **clause.values})
        deposits.append({**key, "number": 1, "months_of_rent": 2})
        papers.append(
            {**key, "number": 1, "kind": "SIGNED", "name": "房屋租赁合同（扫描件待归档）", "dated_on": signed_on}
        )
    return {
        "lease_register": leases,
        "lease_premises": places,
        "lease_clauses": clauses,
        "lease_deposits": deposits,
        "lease_documents": papers,
    }


def _cell(value: Any) -> Any:
    """Return a value as people type it."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list | tuple):
        return "、".join(str(v) for v in value)
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else value

"""What could not be taken: kept by source, reason and address, counted, and released once it has been mended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection, transaction

from ..models import KeptAside

#: Of one reason and address so much of what was sent is kept [characters, lines]; the rest is only counted.
MOST_TEXT, MOST_LINES = 64_000, 1_000
#: Open entries of one source; beyond them further addresses share one entry, so that nobody fills the disk with names.
MOST_ENTRIES = 1_000


@dataclass
class Aside:
    """What is to be set aside of one source, reason and address: how many, and the first lines as they can be read again."""

    source_id: int
    transport: str
    reason: str
    address: str = ""
    times: int = 0
    lines: list[str] = field(default_factory=list)
    params: Mapping[str, object] = field(default_factory=dict)


@transaction.atomic
def keep_aside(*, entries: Iterable[Aside], at: datetime) -> None:
    """Add what was set aside to the open entries of its source, reason and address."""
    wanted: dict[tuple[int, str, str], Aside] = {}
    for entry in entries:
        # What a database cannot hold is no reason to lose the rest.
        entry.address = _clean(entry.address)[:200]
        known = wanted.setdefault((entry.source_id, entry.reason, entry.address), entry)
        if known is not entry:
            known.times += entry.times
            known.lines += entry.lines
    if not wanted:
        return
    sources = {source_id for source_id, *_rest in wanted}
    open_ones = KeptAside.objects.filter(source__in=sources, closed_at=None)
    if connection.features.has_select_for_update:
        open_ones = open_ones.select_for_update()
    reasons = {reason for _s, reason, _a in wanted}
    found = {(k.source_id, k.reason, k.address): k for k in open_ones.filter(reason__in=reasons)}
    counts = Counter(open_ones.values_list("source_id", flat=True))
    new: dict[tuple[int, str, str], KeptAside] = {}
    for key, entry in wanted.items():
        row = found.get(key)
        if row is None and counts[entry.source_id] >= MOST_ENTRIES:
            key = (entry.source_id, entry.reason, "")
            row = found.get(key) or new.get(key)
        if row is None:
            row = new[key] = KeptAside(
                source_id=key[0], reason=key[1], address=key[2], transport=entry.transport, first_at=at,
                params=dict(entry.params),
            )  # fmt: skip
            counts[entry.source_id] += 1
        _add(row, entry, at)
    KeptAside.objects.bulk_update(
        [row for key, row in found.items() if row.received_at == at], ["payload", "kept", "times", "received_at"]
    )
    KeptAside.objects.bulk_create(new.values())


def _add(row: KeptAside, entry: Aside, at: datetime) -> None:
    row.times += entry.times
    row.received_at = at
    lines, size = [], len(row.payload)
    for line in entry.lines:
        size += len(line) + 1
        if size > MOST_TEXT or row.kept + len(lines) >= MOST_LINES:
            break
        lines.append(_clean(line))
    row.kept += len(lines)
    row.payload += "".join(f"{line}\n" for line in lines)


def _clean(text: str) -> str:
    return text.encode("utf-8", "replace").decode().replace("\x00", "\ufffd").replace("\n", " ")

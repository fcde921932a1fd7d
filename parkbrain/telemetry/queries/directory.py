"""The directory that the ways in hold in memory: who may push for which source, and which point an address is."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt

from parkbrain.calc.wire.readings import ReadingColumns

from ..models import DeviceToken, Point

#: What was changed by a transaction that took long to end is seen by looking back this far.
LOOK_BACK = timedelta(minutes=1)
#: Everything is read again at least this often [s], and never more often than this many times as long as it takes.
WHOLE_EVERY_S, WHOLE_SHARE = 60.0, 20.0
#: An address nobody knows may have been added since: after this pause [s] everything is read again.
UNKNOWN_EVERY_S = 2.0
#: Sets of keys whose points are remembered.
MOST_FOUND = 256


def digest_of_secret(*, secret: str) -> str:
    """Return what a device's secret is known by."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


@dataclass(frozen=True)
class _Pass:
    source_id: int
    expires_at: float | None


@dataclass
class Directory:
    """Tokens and addresses as of the last refresh; `refresh` is cheap and called every second."""

    tokens: dict[str, _Pass] = field(default_factory=dict)
    addresses: dict[int, dict[str | int, int]] = field(default_factory=dict)
    _read_at: float = float("-inf")
    _took_s: float = 0.0
    _seen_at: datetime | None = None
    _missed: bool = False
    # What was looked up since the addresses last changed; the keys are held so that no other gets their identity.
    _found: dict[tuple[int, int], tuple[tuple[str | int, ...], npt.NDArray[np.int64]]] = field(default_factory=dict)

    def source_of(self, *, secret: str, at: datetime) -> int | None:
        """Return the source that a device's secret opens, None where it opens none."""
        found = self.tokens.get(digest_of_secret(secret=secret))
        if found is None or (found.expires_at is not None and found.expires_at <= at.timestamp()):
            return None
        return found.source_id

    def points_of(self, *, source_id: int, columns: ReadingColumns) -> npt.NDArray[np.int64]:
        """Return for each key of the columns the number of its point at the source, 0 where there is none."""
        # Gateways send the same points again and again, and the readers give the same tuple for the same bytes.
        place = (source_id, id(columns.keys))
        cached = self._found.get(place)
        if cached is not None and cached[0] is columns.keys:
            return cached[1]
        known = self.addresses.get(source_id, {})
        numbers = np.array([known.get(key, 0) for key in columns.keys], dtype=np.int64)
        if numbers.size and not numbers.all():
            self._missed = True
            return numbers
        if len(self._found) >= MOST_FOUND:
            self._found = {}
        self._found[place] = (columns.keys, numbers)
        return numbers

    def refresh(self, *, at: datetime) -> None:
        """Read the tokens again, and what changed of the points; now and then everything."""
        self.tokens = {
            digest: _Pass(source_id, expires_at.timestamp() if expires_at else None)
            for digest, source_id, expires_at in DeviceToken.objects.usable_at(at).values_list(
                "digest", "source_id", "expires_at"
            )
        }
        age = time.monotonic() - self._read_at
        wanted_s = UNKNOWN_EVERY_S if self._missed else WHOLE_EVERY_S
        if age >= max(wanted_s, WHOLE_SHARE * self._took_s):
            self._read_all(at)
        elif self._seen_at is not None:
            self._read_changed(at, self._seen_at - LOOK_BACK)

    def _read_all(self, at: datetime) -> None:
        started = time.monotonic()
        addresses: dict[int, dict[str | int, int]] = {}
        rows = Point.objects.exclude(source=None).order_by().values_list("source_id", "address", "pk")
        for source_id, address, number in rows.iterator(chunk_size=10_000):
            _enter(addresses, source_id, address, number)
        self.addresses, self._found = addresses, {}
        self._missed, self._read_at, self._seen_at = False, time.monotonic(), at
        self._took_s = self._read_at - started

    def _read_changed(self, at: datetime, since: datetime) -> None:
        rows = list(Point.objects.filter(changed_at__gte=since).values_list("source_id", "address", "pk"))
        numbers = {number for *_rest, number in rows}
        if numbers:
            for source_id, known in list(self.addresses.items()):
                # Replaced, not changed: other threads look things up meanwhile.
                if not numbers.isdisjoint(known.values()):
                    self.addresses[source_id] = {key: n for key, n in known.items() if n not in numbers}
        for source_id, address, number in rows:
            if source_id is not None:
                _enter(self.addresses, source_id, address, number)
        if rows:
            self._found = {}
        self._seen_at = at


def _enter(addresses: dict[int, dict[str | int, int]], source_id: int, address: str, number: int) -> None:
    known = addresses.setdefault(source_id, {})
    known[number] = number
    if address:
        known[address] = number

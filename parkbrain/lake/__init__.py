"""The durable store of readings: append-only Parquet segments, and a manifest of them in the application's database.

It knows numbers, not points: a reading is (point, at, value, quality). What was appended is durable when the outermost
transaction has committed; the same batch twice is one batch; of several readings of one point at one instant the last
to arrive counts. Docs: docs/adr/0011-the-lake.md.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .appending import Appended, Written, append_readings, write_readings
    from .compaction import compact
    from .encoding import BAD, DOUBTFUL, GOOD, REPAIRED, SCHEMA, TYPED_IN, readings_table
    from .keeping import Kept, is_keeping_due, keep_in_order
    from .reading import Latest, Series, get_latest, list_segment_files, read_readings, read_series
    from .retention import apply_retention, sweep
    from .rollup import roll_up
    from .taking_back import CannotTakeBack, take_back
    from .touched import Touched, get_marker, list_touched

__all__ = [
    "BAD",
    "DOUBTFUL",
    "GOOD",
    "REPAIRED",
    "SCHEMA",
    "TYPED_IN",
    "Appended",
    "CannotTakeBack",
    "Kept",
    "Latest",
    "Series",
    "Touched",
    "Written",
    "append_readings",
    "apply_retention",
    "compact",
    "get_latest",
    "get_marker",
    "is_keeping_due",
    "keep_in_order",
    "list_segment_files",
    "list_touched",
    "read_readings",
    "read_series",
    "readings_table",
    "roll_up",
    "sweep",
    "take_back",
    "write_readings",
]

#: Where each name lives: loaded when asked for, because the manifest's tables exist only once all applications do.
_ROOMS = {
    "Appended": "appending",
    "Written": "appending",
    "append_readings": "appending",
    "write_readings": "appending",
    "compact": "compaction",
    "BAD": "encoding",
    "DOUBTFUL": "encoding",
    "GOOD": "encoding",
    "REPAIRED": "encoding",
    "SCHEMA": "encoding",
    "TYPED_IN": "encoding",
    "readings_table": "encoding",
    "Kept": "keeping",
    "is_keeping_due": "keeping",
    "keep_in_order": "keeping",
    "Latest": "reading",
    "Series": "reading",
    "get_latest": "reading",
    "list_segment_files": "reading",
    "read_readings": "reading",
    "read_series": "reading",
    "apply_retention": "retention",
    "sweep": "retention",
    "roll_up": "rollup",
    "CannotTakeBack": "taking_back",
    "take_back": "taking_back",
    "Touched": "touched",
    "get_marker": "touched",
    "list_touched": "touched",
}


def __getattr__(name: str) -> Any:
    if name not in _ROOMS:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_ROOMS[name]}"), name)

"""Pinned SQL counts: a page or query may not need more statements than `query_counts.json` says, at any size.

A new name is written to the file by running the test with `PIN_QUERY_COUNTS=1`; raising a number is a visible diff.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection
from django.test.utils import CaptureQueriesContext

PINNED = Path(__file__).with_name("query_counts.json")


def pinned_counts() -> dict[str, int]:
    """Return the pinned counts by name."""
    return json.loads(PINNED.read_text()) if PINNED.exists() else {}


@contextmanager
def pinned_queries(name: str) -> Iterator[CaptureQueriesContext]:
    """Fail when the block runs more statements than are pinned under `name`."""
    with CaptureQueriesContext(connection) as queries:
        yield queries
    count = len([q for q in queries.captured_queries if not q["sql"].startswith(("SAVEPOINT", "RELEASE"))])
    counts = pinned_counts()
    if os.environ.get("PIN_QUERY_COUNTS") == "1":
        counts[name] = count
        PINNED.write_text(json.dumps(dict(sorted(counts.items())), indent=2) + "\n")
        return
    assert name in counts, f"{name} has no pinned count: run once with PIN_QUERY_COUNTS=1"
    statements = "\n".join(q["sql"][:300] for q in queries.captured_queries)
    assert count <= counts[name], f"{name} needs {count} statements, {counts[name]} are pinned:\n{statements}"

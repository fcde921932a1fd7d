"""What the suites of telemetry share."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from parkbrain.calc.wire.readings import ReadingColumns, columns_of
from parkbrain.telemetry.queries import micros_of
from tests.factories import AT


@pytest.fixture(autouse=True)
def lake_of_its_own(settings: object, tmp_path: Path) -> None:
    settings.LAKE_DIR = tmp_path / "lake"  # type: ignore[attr-defined]


def columns(readings: Sequence[tuple[str | int, float]], *, quality: int = 0) -> ReadingColumns:
    """Return readings of addresses, a minute apart before the moment of the tests."""
    keys = list(dict.fromkeys(key for key, _value in readings))
    end_us = micros_of(at=AT)
    return columns_of(
        keys,
        np.array([keys.index(key) for key, _value in readings], dtype=np.intp),
        np.array([end_us - (len(readings) - i) * 60_000_000 for i in range(len(readings))], dtype=np.int64),
        np.array([value for _key, value in readings], dtype=np.float64),
        np.full(len(readings), quality, dtype=np.int8),
    )

"""What tests of energy share: a lake of their own for every test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils.translation import override


@pytest.fixture(autouse=True)
def lake_dir(tmp_path: Path, settings: Any) -> Path:
    """Keep readings in a folder of the test."""
    settings.LAKE_DIR = tmp_path / "lake"
    return settings.LAKE_DIR


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Say why something is refused in English, whatever ran before."""
    with override("en"):
        yield

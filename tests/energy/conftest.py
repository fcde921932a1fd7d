"""What tests of energy share: a lake of their own for every test."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def lake_dir(tmp_path: Path, settings: Any) -> Path:
    """Keep readings in a folder of the test."""
    settings.LAKE_DIR = tmp_path / "lake"
    return settings.LAKE_DIR

"""Fixtures that every suite shares."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

# The whole run gets a data folder of its own, before the settings are read.
os.environ.setdefault("PARKBRAIN_HOME", str(Path(__file__).resolve().parent.parent / "var" / "test"))
os.environ.setdefault("PARKBRAIN_TASKS", "django_tasks.backends.immediate.ImmediateBackend")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real data, or skip with the reason where it is not beside the checkout."""
    folder = Path(os.environ.get("PARKBRAIN_SHARED_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"real data not found: set PARKBRAIN_SHARED_DATA to its folder (looked in {folder.name})")
    return folder


@pytest.fixture(autouse=True)
def document_store(tmp_path_factory: pytest.TempPathFactory, settings: object) -> None:
    """Keep stored documents of tests out of the data folder."""
    settings.MEDIA_ROOT = tmp_path_factory.mktemp("documents")  # type: ignore[attr-defined]

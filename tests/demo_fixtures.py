"""A small demo for suites that need a park that is alive: there for a module, gone after it.

Import both fixtures in a suite's conftest: `from tests.demo_fixtures import demo_park, loaded_demo`.
"""

from __future__ import annotations

import os
import pickle
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import pytest_django
from django.db import connection, transaction
from django.test import override_settings

from parkbrain.demo.load import DemoSummary, load_demo
from parkbrain.kernel.models import Park
from tests.migrated import DATABASE, DEMO_ON, DEMO_SEED, DEMO_SIZE, SUMMARY, demo_home, fill_from

__all__ = ["DEMO_ON", "DEMO_SEED", "DEMO_SIZE", "demo_park", "loaded_demo"]

Loaded = tuple[DemoSummary, Path]


@pytest.fixture(scope="module")
def loaded_demo(
    django_db_setup: None,
    django_db_blocker: pytest_django.DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
    request: pytest.FixtureRequest,
) -> Iterator[Loaded]:
    """Return the summary of the demo and the folder of its documents, and take the demo back with the module."""
    folder = tmp_path_factory.mktemp("demo-documents")
    with django_db_blocker.unblock():
        yield from _copied(folder, request) if connection.vendor == "sqlite" else _within_a_transaction(folder)


def _copied(folder: Path, request: pytest.FixtureRequest) -> Iterator[Loaded]:
    home = demo_home(Path(os.environ["PARKBRAIN_HOME"]))
    for name in ("documents", "lake"):
        if (home / name).exists():
            shutil.copytree(home / name, folder / name if name == "lake" else folder, dirs_exist_ok=True)
    fill_from(home / DATABASE)
    yield pickle.loads((home / SUMMARY).read_bytes()), folder
    fill_from(request.getfixturevalue("migrated"))


def _within_a_transaction(folder: Path) -> Iterator[Loaded]:
    fast = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    with transaction.atomic():
        with override_settings(MEDIA_ROOT=folder, LAKE_DIR=folder / "lake", PASSWORD_HASHERS=fast):
            summary = load_demo(seed=DEMO_SEED, on=DEMO_ON, city_size=DEMO_SIZE, metered_days=40)
        yield summary, folder
        transaction.set_rollback(True)


@pytest.fixture
def demo_park(loaded_demo: Loaded, db: None, document_store: None, settings: object) -> Park:
    """Return the living park of the demo, with its documents in place."""
    settings.MEDIA_ROOT = loaded_demo[1]  # type: ignore[attr-defined]
    settings.LAKE_DIR = loaded_demo[1] / "lake"  # type: ignore[attr-defined]
    return Park.objects.get(code="demo-xingting")

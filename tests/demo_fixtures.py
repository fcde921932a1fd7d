"""A small demo for suites that need a park that is alive: loaded once per module, rolled back after it.

Import both fixtures in a suite's conftest: `from tests.demo_fixtures import demo_park, loaded_demo`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from django.db import transaction
from django.test import override_settings

from parkbrain.kernel.models import Park

#: The day the demo of the tests lives in; pages of it are asked for as of this day.
DEMO_ON = date(2026, 11, 23)
DEMO_SEED = 20260101
DEMO_SIZE = 40


@pytest.fixture(scope="module")
def loaded_demo(
    django_db_setup: object, django_db_blocker: object, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[object, Path]]:
    """Load the demo inside a transaction that ends with the module, and return its summary and document folder."""
    from parkbrain.demo.load import load_demo

    folder = tmp_path_factory.mktemp("demo-documents")
    fast = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    with django_db_blocker.unblock(), transaction.atomic():  # type: ignore[attr-defined]
        with override_settings(MEDIA_ROOT=folder, LAKE_DIR=folder / "lake", PASSWORD_HASHERS=fast):
            summary = load_demo(seed=DEMO_SEED, on=DEMO_ON, city_size=DEMO_SIZE, metered_days=40)
        yield summary, folder
        transaction.set_rollback(True)


@pytest.fixture
def demo_park(loaded_demo: tuple[object, Path], db: None, document_store: None, settings: object) -> Park:
    """Return the living park of the demo, with its documents in place."""
    settings.MEDIA_ROOT = loaded_demo[1]  # type: ignore[attr-defined]
    settings.LAKE_DIR = loaded_demo[1] / "lake"  # type: ignore[attr-defined]
    return Park.objects.get(code="demo-xingting")

"""Fixtures that every suite shares."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_django
from hypothesis import settings

from tests.chromium import FLAGS, find_chromium
from tests.migrated import fill_from, migrated_database

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# The whole run gets a data folder of its own, before the settings are read.
os.environ.setdefault("PARKBRAIN_HOME", str(Path(__file__).resolve().parent.parent / "var" / "test"))
os.environ.setdefault("PARKBRAIN_TASKS", "django_tasks.backends.immediate.ImmediateBackend")
# How long an example takes says how busy the machine is, not whether it holds.
settings.register_profile("parkbrain", deadline=None)
settings.load_profile("parkbrain")

#: The suite whose demo is loaded on a database server too.
DEMO_ON_A_SERVER = "tests/portfolio/test_city_page.py"


@pytest.fixture
def in_english() -> Iterator[None]:
    """Let reasons be English."""
    from django.utils.translation import override

    with override("en"):
        yield


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> None:
    """Let the test database be filled from a migrated one instead of by its own migrations.

    On PostgreSQL that is the database that PARKBRAIN_TEST_TEMPLATE names; without it the migrations run.
    """
    from django.db import connection

    template = os.environ.get("PARKBRAIN_TEST_TEMPLATE")
    if connection.vendor == "sqlite" or template:
        connection.settings_dict["TEST"]["MIGRATE"] = False
    if connection.vendor == "postgresql" and template:
        connection.settings_dict["TEST"]["TEMPLATE"] = template


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Ask the demo of one suite only on a database server: there it is loaded anew by every module that wants it."""
    if not os.environ.get("PARKBRAIN_DATABASE"):
        return
    left = [
        item
        for item in items
        if "loaded_demo" in getattr(item, "fixturenames", ()) and not item.nodeid.startswith(DEMO_ON_A_SERVER)
    ]
    config.hook.pytest_deselected(items=left)
    out = set(left)
    items[:] = [item for item in items if item not in out]


@pytest.fixture(scope="session")
def django_db_setup(
    django_db_setup: None, django_db_blocker: pytest_django.DjangoDbBlocker, request: pytest.FixtureRequest
) -> None:
    """Fill SQLite's test database with what the migrations make of an empty one: tables, triggers, shipped rows."""
    from django.db import connection

    if connection.vendor == "sqlite":
        with django_db_blocker.unblock():
            fill_from(request.getfixturevalue("migrated"))


@pytest.fixture(scope="session")
def migrated() -> Path:
    """Return the file of a migrated SQLite database, for tests whose processes have a data folder of their own."""
    return migrated_database(Path(os.environ["PARKBRAIN_HOME"]))


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


@pytest.fixture(autouse=True)
def fresh_process() -> None:
    """Begin each test as a new process begins: with nothing kept, and in the language of the settings.

    What is rolled back gives its numbers to the rows of the next test, and the language that the last request of a test
    was answered in stays with its thread.
    """
    from django.core.cache import cache
    from django.utils import translation

    cache.clear()
    translation.deactivate()


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return the path of the browser, or skip loudly."""
    found = find_chromium()
    if found is None:
        pytest.skip("NO BROWSER: Chromium is not installed (apt-get install chromium)")
    return found


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    """Return one real browser for all tests of the process."""
    from playwright.sync_api import sync_playwright

    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # The browser's driver keeps an event loop in this thread; the database is used between its calls, never within.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        instance = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        yield instance
        instance.close()

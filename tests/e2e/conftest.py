"""A real system with the demo, and a real browser in front of it."""

from __future__ import annotations

import json
import os
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from parkbrain.config import processes

PARKBRAIN = Path(sys.executable).with_name("parkbrain")
CITY_SIZE = 200
#: How long a page may take to do or show what is asked, on a machine that runs other tests beside it.
PATIENCE_MS = 15_000
expect.set_options(timeout=PATIENCE_MS)


def needs_webgl(page: Page) -> None:
    """Skip a test of what is drawn in WebGL where the browser has none."""
    if not page.evaluate("Boolean(document.createElement('canvas').getContext('webgl2'))"):
        pytest.skip("this browser draws no WebGL")


@dataclass(frozen=True)
class System:
    """A running installation with the demo."""

    url: str
    passwords: dict[str, tuple[str, str]]
    home: Path
    places: dict[str, int]


def _places(home: Path) -> dict[str, int]:
    """Return the numbers of the living park and of things in it, read from its database."""
    questions = {
        "park": "select park_id from space_premises limit 1",
        "building": "select id from space_building where code = 'T1'",
        "premises": "select premises_id from enterprises_occupancy where ends_on is null order by id limit 1",
        "enterprise": "select enterprise_id from enterprises_occupancy where ends_on is null order by id limit 1",
        "other_park": "select park_id from assessment_rating where park_id not in (select park_id from space_premises) limit 1",
        "frozen": "select id from assessment_rating where state = 'FROZEN' order by id limit 1",
        "newer": "select id from assessment_rating where state = 'FROZEN' order by id desc limit 1",
        "group": "select o.group_id from portfolio_groupoperator o join kernel_branch b on b.id = o.operator_id"
        " where b.code = 'op-000'",
        "line": "select l.id from portfolio_productline l join portfolio_groupoperator o on o.group_id = l.group_id"
        " join kernel_branch b on b.id = o.operator_id where b.code = 'op-000' order by l.position limit 1",
        "round": "select id from portfolio_dataround where state = 'OPEN' order by id limit 1",
        "asked": "select park_id from portfolio_submission s join portfolio_dataround r on r.id = s.round_id"
        " where r.state = 'OPEN' and s.state = 'SUBMITTED' order by s.id limit 1",
        "published": "select id from portfolio_publication order by id desc limit 1",
        # Who can leave: in one room, with a running lease and a deposit that the park holds.
        "leaver": "select enterprise_id from enterprises_occupancy stay where ends_on is null"
        " and enterprise_id not in (select enterprise_id from lifecycle_exitcase)"
        " and enterprise_id in (select enterprise_id from billing_depositentry where kind = 'RECEIVED')"
        " and lease_number in (select number from leasing_lease where state = 'ACTIVE' and ends_on > date('now', '60 day'))"
        " and (select count(*) from enterprises_occupancy other where other.enterprise_id = stay.enterprise_id"
        " and other.ends_on is null) = 1 order by id desc limit 1",
    }
    with sqlite3.connect(f"file:{home / 'parkbrain.sqlite3'}?mode=ro", uri=True) as database:
        return {name: int(database.execute(text).fetchone()[0]) for name, text in questions.items()}


@pytest.fixture(scope="session")
def system(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    home = tmp_path_factory.mktemp("system")
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = int(s.getsockname()[1])
    environment = {**os.environ, "PARKBRAIN_HOME": str(home), "PORT": str(port), "PARKBRAIN_LANGUAGE": "en"}
    for name in ("PARKBRAIN_TASKS", "PARKBRAIN_DATABASE", "DJANGO_SETTINGS_MODULE"):
        environment.pop(name, None)
    loaded = subprocess.run(
        [PARKBRAIN, "demo", "--parks", str(CITY_SIZE), "--json"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert loaded.returncode == 0, loaded.stderr
    sign_ins = json.loads(loaded.stdout)["sign_ins"]
    process = subprocess.Popen([PARKBRAIN, "run"], env=environment, stdout=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        assert processes.wait_until_ready(url=f"{url}/healthz", timeout_s=180, alive=lambda: process.poll() is None), (
            "the system did not start"
        )
        yield System(url, {s["username"]: (s["username"], s["password"]) for s in sign_ins}, home, _places(home))
    finally:
        process.terminate()
        process.wait(30)


@pytest.fixture(scope="session")
def sessions() -> dict[str, list[Any]]:
    """Return the session cookies of whoever has signed in already."""
    return {}


@pytest.fixture
def open_as(browser: Browser, system: System, sessions: dict[str, list[Any]]) -> Iterator[Callable[..., Page]]:
    """Return a function that signs a person in and returns the page: `open_as("operator", language="en")`."""
    contexts: list[BrowserContext] = []

    def sign_in(
        who: str,
        *,
        language: str = "en",
        theme: str = "light",
        size: tuple[int, int] = (1440, 900),
        scripts: bool = True,
    ) -> Page:
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]}, java_script_enabled=scripts, base_url=system.url
        )
        contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        context.add_cookies(
            [
                {"name": "django_language", "value": language, "url": system.url},
                {"name": "theme", "value": theme, "url": system.url},
            ]
        )
        page = context.new_page()
        if who in sessions:
            # Signed in once by the form, then by its cookies: two hundred hashes of a password test nothing.
            context.add_cookies(sessions[who])
            return page
        page.goto("/sign-in/")
        username, password = system.passwords[who]
        page.fill("input[name=username]", username)
        page.fill("input[name=password]", password)
        page.click("form button[type=submit] >> nth=-1")
        page.wait_for_url(lambda url: "/sign-in/" not in url)
        sessions[who] = [c for c in context.cookies() if c["name"] in {"sessionid", "csrftoken"}]
        return page

    yield sign_in
    for context in contexts:
        context.close()

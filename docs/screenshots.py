"""Make the pictures of the docs: `make screenshots`. A fresh demo, a real browser, the same pages every time.

`python -m docs.screenshots city bureau` makes these alone.
"""

from __future__ import annotations

import json
import os
import socket
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Collection
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from parkbrain.config import processes
from tests.chromium import FLAGS, find_chromium

IMAGES = Path(__file__).parent / "images"
PARKBRAIN = Path(sys.executable).with_name("parkbrain")
SHOTS = (
    ("home", "operator", "/"),
    ("stars", "operator", "/parks/{park}/stars/"),
    ("indicator", "operator", "/parks/{park}/stars/five-star-reference/F1.1/"),
    ("fact", "operator", "/parks/{park}/facts/leased_area_m2/"),
    ("section", "operator", "/buildings/{building}/?colour=industry"),
    ("import-mapping", "operator", "/imports/new/"),
    ("park", "operator", "/parks/{park}/"),
    ("premises-list", "operator", "/premises/?area_min=500&sort=-area"),
    ("enterprise", "operator", "/enterprises/{enterprise}/"),
    ("bureau", "bureau", "/"),
    ("city", "bureau", "/city/"),
    ("assessor", "assessor", "/"),
    ("tenant", "tenant", "/"),
    ("firm-energy", "tenant", "/parks/{park}/energy/firms/{own}/"),
    ("baseline", "operator", "/energy/baselines/{baseline}/"),
    ("efficiency", "operator", "/parks/{park}/efficiency/"),
    ("exit", "operator", "/exits/{exit}/"),
)
#: A list that another system wrote: what the page makes of it is shown before anything is written.
FOREIGN_LIST = Path(__file__).parent / "examples" / "buildings-of-another-system.csv"


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def sign_in(page: Page, name: str, password: str) -> None:
    """Sign a person in."""
    page.goto("/sign-in/")
    page.fill("input[name=username]", name)
    page.fill("input[name=password]", password)
    page.click("form button[type=submit] >> nth=-1")
    page.wait_for_url(lambda url: "/sign-in/" not in url)


def shoot(url: str, home: Path, passwords: dict[str, str], names: Collection[str]) -> None:
    """Take the pictures of these names in English, light, 1440 × 900."""
    with sqlite3.connect(home / "parkbrain.sqlite3") as database:
        park = database.execute("select park_id from space_premises limit 1").fetchone()[0]
        building = database.execute("select id from space_building where code = 'T1'").fetchone()[0]
        enterprise = database.execute(
            "select enterprise_id from enterprises_occupancy where ends_on is null order by id limit 1"
        ).fetchone()[0]
        own = database.execute(
            "select e.id from enterprises_enterprise e join kernel_membership m on m.subject = e.uscc"
        ).fetchone()[0]
        baseline = database.execute("select id from energy_energybaseline").fetchone()[0]
        leaving = database.execute("select id from lifecycle_exitcase where state = 'OPEN'").fetchone()[0]
    places = {"park": park, "building": building, "enterprise": enterprise, "own": own}
    places |= {"baseline": baseline, "exit": leaving}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(FLAGS))
        for name, who, address in SHOTS:
            if name not in names:
                continue
            context = browser.new_context(viewport={"width": 1440, "height": 900}, base_url=url)
            context.add_cookies(
                [
                    {"name": "django_language", "value": "en", "url": url},
                    {"name": "theme", "value": "light", "url": url},
                ]
            )
            page = context.new_page()
            sign_in(page, who, passwords[who])
            page.goto(address.format(**places))
            if name == "import-mapping":
                shoot_foreign_list(page, park)
            else:
                take(page, name)
            context.close()
        browser.close()


def take(page: Page, name: str) -> None:
    """Write the picture of a page that has come to rest."""
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(400)
    page.screenshot(path=IMAGES / f"{name}.png")


def shoot_foreign_list(page: Page, park: int) -> None:
    """Upload a list of another system and take its mapping and its preview; nothing is applied."""
    page.set_input_files("input[type=file]", FOREIGN_LIST)
    page.select_option("form:has(input[type=file]) select[name=park]", str(park))
    page.click("form:has(input[type=file]) button.primary")
    page.wait_for_url("**/imports/*/**")
    page.wait_for_load_state("networkidle")
    batch = page.url.split("/imports/")[1].split("/")[0]
    page.goto(f"/imports/{batch}/mapping/")
    take(page, "import-mapping")
    page.click("form:has(select) button.primary >> nth=-1")
    page.wait_for_url(f"**/imports/{batch}/")
    take(page, "import-preview")


def main() -> None:
    """Load a demo into a folder of its own, start it, take the pictures that are named (all of them), stop it."""
    known = [name for name, _who, _address in SHOTS]
    names = sys.argv[1:] or known
    if unknown := sorted(set(names) - set(known)):
        sys.exit(f"no such picture: {', '.join(unknown)}; there are {', '.join(known)}")
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        environment = {**os.environ, "PARKBRAIN_HOME": folder, "PORT": str(port), "PARKBRAIN_LANGUAGE": "en"}
        command = [PARKBRAIN, "demo", "--json", "--on", "2026-11-23"]
        loaded = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        passwords = {s["username"]: s["password"] for s in json.loads(loaded.stdout)["sign_ins"]}
        system = subprocess.Popen([PARKBRAIN, "run"], env=environment, stdout=subprocess.DEVNULL)
        try:
            url = f"http://127.0.0.1:{port}"
            if not processes.wait_until_ready(url=f"{url}/healthz", alive=lambda: system.poll() is None):
                sys.exit("the system did not start")
            shoot(url, Path(folder), passwords, names)
        finally:
            system.terminate()
            system.wait(30)


if __name__ == "__main__":
    main()

"""The front end keeps its own rules: small islands, one file that knows htmx, a lock that names no host."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

FRONTEND = Path(__file__).resolve().parents[2] / "frontend"
SOURCES = sorted((FRONTEND / "src").rglob("*.ts"))
ISLANDS = sorted((FRONTEND / "src" / "islands").glob("*.ts"))
CSS = {p.name: p.read_text() for p in (FRONTEND / "src" / "styles").glob("*.css")}


def test_the_lock_names_no_address_and_every_package_has_its_hash() -> None:
    lock = json.loads((FRONTEND / "package-lock.json").read_text())
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert packages
    assert not [name for name, entry in packages.items() if "resolved" in entry]
    assert not [name for name, entry in packages.items() if "integrity" not in entry and not entry.get("inBundle")]


def test_versions_are_pinned_and_htmx_stays_on_its_second_line() -> None:
    package = json.loads((FRONTEND / "package.json").read_text())
    versions = {**package["dependencies"], **package["devDependencies"]}
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in versions.values())
    assert versions["htmx.org"].startswith("2.0.")


def test_the_entry_is_short_and_islands_are_small() -> None:
    assert len((FRONTEND / "src" / "main.ts").read_text().splitlines()) <= 30
    assert all(len(path.read_text().splitlines()) <= 150 for path in SOURCES)


@pytest.mark.parametrize("path", ISLANDS, ids=lambda p: p.stem)
def test_an_island_shows_the_html_that_uses_it_and_cleans_up(path: Path) -> None:
    text = path.read_text()
    tag = re.search(r"<(park-[a-z0-9]+)", text.split("export class")[0])
    assert tag and "```html" in text.split("export class")[0]
    assert "disconnectedCallback" in text
    assert f'customElements.define("{tag[1]}"' in (FRONTEND / "src" / "main.ts").read_text()


def test_one_file_knows_htmx() -> None:
    assert [p.name for p in SOURCES if "htmx:" in p.read_text() or "htmx.org" in p.read_text()] == ["htmx.ts"]


def test_charts_are_loaded_only_where_there_are_charts() -> None:
    chart = (FRONTEND / "src" / "islands" / "chart.ts").read_text()
    assert 'await import("../lib/echarts")' in chart
    assert not re.search(r"^import (?!type)[^;]*echarts", chart, re.MULTILINE)


def luminance(color: str) -> float:
    channels = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


PAIRS = [
    *((ink, ground) for ink in ("ink", "ink-2", "ink-3", "brand") for ground in ("paper", "surface")),
    *((tone, f"{tone}-tint") for tone in ("ok", "warn", "bad", "info")),
    ("ink-2", "sunken"),
    ("brand-strong", "brand-tint"),
    ("on-brand", "brand"),
]


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), PAIRS)
def test_text_is_legible_on_its_ground(ink: str, ground: str, theme: int) -> None:
    tokens = {
        m[1]: (m[2], m[3]) for m in re.finditer(r"--([a-z0-9-]+): light-dark\((#\w+), (#\w+)\)", CSS["tokens.css"])
    }
    assert contrast(tokens[ink][theme], tokens[ground][theme]) >= 4.5


def test_colours_are_written_as_tokens_only() -> None:
    allowed = {"tokens.css", "print.css"}
    loose = {n: re.findall(r"(?<![\w&])#[0-9a-f]{3,8}\b", text) for n, text in CSS.items() if n not in allowed}
    # Text on coloured cells is dark in both themes: the cells' colours are light in both.
    assert {name: found for name, found in loose.items() if found} == {
        "plan.css": ["#10191b"],
        "section.css": ["#10191b"],
    }


def test_every_token_that_is_used_exists() -> None:
    declared = set(re.findall(r"(--[a-z0-9-]+):", "".join(CSS.values())))
    assert set(re.findall(r"var\((--[a-z0-9-]+)", "".join(CSS.values()))) <= declared

"""What the README says is there, is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from parkbrain.config.cli import main

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def test_readme_lists_every_command_and_no_other() -> None:
    listed = set(re.findall(r"`parkbrain ([\w-]+)", (ROOT / "README.md").read_text()))
    assert listed == set(main.commands)


def test_commands_of_the_readme_answer_help() -> None:
    for name in main.commands:
        assert CliRunner().invoke(main, [name, "--help"]).exit_code == 0


def test_settings_of_the_readme_are_those_the_code_reads() -> None:
    code = "\n".join(p.read_text() for p in (ROOT / "parkbrain").rglob("*.py"))
    read = set(re.findall(r'"(PARKBRAIN_\w+)"', code))
    listed = set(re.findall(r"`(PARKBRAIN_\w+)`", (ROOT / "README.md").read_text()))
    # The choice of the task backend is for tests and deployments of several machines, not for a reader of the README.
    assert listed == read - {"PARKBRAIN_TASKS"}


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_and_pictures_of_the_docs_exist(page: Path) -> None:
    missing = [
        target
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text())
        if "://" not in target and not (page.parent / target).exists()
    ]
    assert missing == []


def test_make_targets_of_the_readme_exist() -> None:
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    texts = "\n".join(page.read_text() for page in PAGES)
    assert set(re.findall(r"`?make (\w+)`?", texts)) - targets <= {"a"}


def test_roles_of_the_readme_are_those_of_the_code() -> None:
    text = (ROOT / "README.md").read_text().lower()
    for role in ("operator", "bureau", "assessor", "tenant", "service provider"):
        assert role in text

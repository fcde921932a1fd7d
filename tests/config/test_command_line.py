"""The console command speaks three languages and answers programs."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

PARKBRAIN = Path(sys.executable).with_name("parkbrain")
COMMANDS = ("run", "demo", "template", "import", "export", "rate", "backup", "restore", "check", "audit")


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [PARKBRAIN, *arguments], env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )


def test_help_lists_every_command() -> None:
    answer = run("--help", LC_ALL="C.UTF-8", PARKBRAIN_LANGUAGE="en")
    assert answer.returncode == 0
    for command in COMMANDS:
        assert f"  {command}" in answer.stdout


@pytest.mark.parametrize(("language", "word"), [("zh-hans", "园区"), ("zh-hant", "園區"), ("en", "industrial parks")])
def test_help_is_in_the_chosen_language(language: str, word: str) -> None:
    for command in COMMANDS:
        answer = run("--language", language, command, "--help")
        assert answer.returncode == 0, answer.stderr
        if language != "en":
            assert "Show this message and exit" not in answer.stdout
            assert "Usage:" not in answer.stdout
    assert word in run("--language", language, "--help").stdout


def test_terminal_language_is_followed() -> None:
    assert "園區" in run("--help", LC_ALL="zh_TW.UTF-8", PARKBRAIN_LANGUAGE="").stdout


def test_unknown_command_is_refused_with_exit_code_2() -> None:
    answer = run("dance", PARKBRAIN_LANGUAGE="en")
    assert answer.returncode == 2
    assert "Traceback" not in answer.stderr


def test_check_answers_programs_with_json(tmp_path: Path) -> None:
    answer = run("check", "--json", PARKBRAIN_HOME=str(tmp_path))
    findings = {f["key"]: f["level"] for f in json.loads(answer.stdout)["findings"]}
    assert findings["unread_settings"] == "ok"
    assert findings["database"] == "error"  # nothing was migrated in this empty folder
    assert answer.returncode == 1


def test_audit_verify_names_the_head_and_then_the_event_that_was_changed(tmp_path: Path, migrated: Path) -> None:
    shutil.copy(migrated, tmp_path / "parkbrain.sqlite3")
    home = {"PARKBRAIN_HOME": str(tmp_path), "PARKBRAIN_LANGUAGE": "en", "PARKBRAIN_DATABASE": ""}
    make = (
        "import django; django.setup();"
        "from django.utils import timezone as t; from parkbrain.accounts.services import create_root_branch as make;"
        "make(at=t.now())"
    )
    settings = {**os.environ, **home, "DJANGO_SETTINGS_MODULE": "parkbrain.config.settings"}
    subprocess.run([sys.executable, "-c", make], env=settings, check=True)
    whole = json.loads(run("audit", "verify", "--json", **home).stdout)
    assert (whole["holds"], whole["events"], len(whole["head_hash"])) == (True, 1, 64)
    assert run("audit", "verify", "--expect", whole["head_hash"], **home).returncode == 0
    assert run("audit", "verify", "--expect", "0" * 64, **home).returncode == 1
    with sqlite3.connect(tmp_path / "parkbrain.sqlite3") as database:
        database.execute("update kernel_auditevent set target_name = 'Another'")
    broken = run("audit", "verify", **home)
    assert broken.returncode == 1
    assert "broken at event 1" in broken.stdout

"""What imports cannot show: where writes happen, how functions are declared, how large files are."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.db.models import ForeignKey

from parkbrain.config.selfcheck import unread_settings

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "parkbrain"
SOURCES = sorted(p for p in PACKAGE.rglob("*.py") if "migrations" not in p.parts)
MODULES = (
    "accounts",
    "assessment",
    "billing",
    "carbon",
    "cockpit",
    "energy",
    "enterprises",
    "facilities",
    "intake",
    "integration",
    "leasing",
    "lifecycle",
    "portfolio",
    "space",
    "telemetry",
)
FLOORS = (
    "kernel",
    "intake",
    "integration",
    "space",
    "accounts",
    "telemetry",
    "enterprises",
    "billing",
    "leasing",
    "lifecycle",
    "energy",
    "facilities",
    "carbon",
    "assessment",
    "portfolio",
    "cockpit",
)
WRITES = {"save", "create", "update", "delete", "bulk_create", "bulk_update", "get_or_create", "update_or_create"}


def room_files(*rooms: str) -> Iterator[Path]:
    for module in MODULES:
        for room in rooms:
            yield from (p for p in (PACKAGE / module / f"{room}.py",) if p.exists())
            yield from sorted((PACKAGE / module / room).rglob("*.py"))


def public_functions(path: Path) -> Iterator[ast.FunctionDef]:
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            yield node


def test_foreign_keys_point_down() -> None:
    upward = []
    for model in apps.get_models():
        own = model.__module__.split(".")
        if own[0] != "parkbrain":
            continue
        for field in model._meta.get_fields():
            if isinstance(field, ForeignKey) and field.remote_field.model.__module__.startswith("parkbrain."):
                other = field.remote_field.model.__module__.split(".")[1]
                if FLOORS.index(other) > FLOORS.index(own[1]):
                    upward.append(f"{model.__name__}.{field.name}")
    assert not upward


def test_only_services_write() -> None:
    writes = []
    for path in room_files(
        "views", "forms", "tables", "charts", "queries", "facts", "api", "jobs", "takers", "reports"
    ):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITES:
                text = ast.unparse(node.func.value)
                if "objects" in text or (text in {"form", "self"} and node.func.attr == "save"):
                    writes.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert not writes


@pytest.mark.parametrize(
    "path", list(room_files("services", "queries", "facts")), ids=lambda p: str(p.relative_to(PACKAGE))
)
def test_public_functions_are_keyword_only_annotated_and_documented(path: Path) -> None:
    for function in public_functions(path):
        positional = [a.arg for a in function.args.args + function.args.posonlyargs]
        assert not positional, f"{function.name} takes {positional} by position"
        assert function.returns is not None, f"{function.name} does not say what it returns"
        assert all(a.annotation for a in function.args.kwonlyargs), f"{function.name} has an argument without a type"
        assert ast.get_docstring(function), f"{function.name} has no docstring"


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_files_and_functions_stay_small(path: Path) -> None:
    text = path.read_text()
    assert text.count("\n") <= 400, "a file past 400 lines becomes a package"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            assert (node.end_lineno or 0) - node.lineno < 50, f"{node.name} is longer than 50 lines"


def test_every_setting_is_read_by_code() -> None:
    assert unread_settings() == []


def test_every_described_event_is_recorded_and_the_reverse() -> None:
    text = "\n".join(p.read_text() for p in SOURCES)
    described = set(re.findall(r'audit\.describe\(\s*"([\w.]+)"', text))
    recorded = set(re.findall(r'audit\.record(?:_many)?\(\s*"([\w.]+)"', text))
    assert described == recorded


def test_templates_include_only_the_kit_and_their_own_folder() -> None:
    foreign = []
    for path in PACKAGE.glob("*/templates/*/**/*.html"):
        module = path.relative_to(PACKAGE).parts[0]
        for name in re.findall(r"{%\s*(?:include|extends)\s+['\"]([^'\"]+)", path.read_text()):
            if "/" in name and not name.startswith((f"{module}/", "cotton/", "ui/")) and module != "ui":
                foreign.append(f"{path.name}: {name}")
    assert not foreign


def test_templates_hold_no_inline_script_style_or_handler() -> None:
    bad = re.compile(r"<script(?![^>]*(?:\bsrc=|application/json))[^>]*>|\sstyle=|\son\w+=|hx-on", re.IGNORECASE)
    wrong = [p.name for p in PACKAGE.rglob("*.html") if bad.search(re.sub(r"{#.*?#}", "", p.read_text()))]
    assert not wrong


def test_no_standard_number_or_machine_path_is_printed() -> None:
    wrong = []
    for path in ROOT.rglob("*"):
        if path.suffix in {".py", ".md", ".html", ".yaml", ".ts", ".po", ".typ"} and not set(path.parts) & {
            ".venv",
            "node_modules",
            "var",
            "dist",
        }:
            text = path.read_text(encoding="utf-8", errors="ignore")
            if re.search(r"DB4403/T ?\d{2,}", text) and path.name != "test_rules.py":
                wrong.append(path.name)
    assert not wrong


def test_locks_name_no_address_and_no_folder_of_a_machine() -> None:
    for lock in (ROOT / "requirements.lock", ROOT / "tests" / "requirements.lock"):
        odd = [line for line in lock.read_text().splitlines() if line.startswith("-") or "://" in line or " /" in line]
        assert not odd, f"{lock.name}: {odd}"


def test_every_column_of_yuan_says_how_many_places_it_shows() -> None:
    """Without, a number keeps as many places as its size suggests: 84,835.21 yuan became 84,835.2 on paper."""
    seen, silent = 0, []
    for path in SOURCES:
        calls = (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call))
        for call in (one for one in calls if getattr(one.func, "id", "") == "Column" and len(one.args) > 1):
            given = {word.arg: word.value for word in call.keywords}
            kind = call.args[3] if len(call.args) > 3 else given.get("kind")
            if not isinstance(kind, ast.Constant) or kind.value != "number" or "yuan)" not in ast.unparse(call.args[1]):
                continue
            seen += 1
            if len(call.args) < 6 and "decimals" not in given:
                silent.append(f"{path.relative_to(PACKAGE)}:{call.lineno}")
    assert seen > 15 and not silent, silent

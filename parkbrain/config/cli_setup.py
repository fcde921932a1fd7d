"""Commands about a park's set-up: taken over in another park, written to a file, read from one."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .cli_data import EXISTING, FILE, _actor, _park
from .terminal import Failure, _, answer, json_option, setup

if TYPE_CHECKING:
    from collections.abc import Mapping

    from parkbrain.kernel.models import Park


def _choices(function: Any) -> Any:
    """Add what both commands that take a set-up over are asked."""
    for option in (
        click.option("--as", "username", help=_("Sign-in name of the person in whose name it is done.")),
        click.option("--dry-run", is_flag=True, help=_("Only say what would happen.")),
        click.option("--replace-from", help=_("Replace what differs, from a day on (2026-12-01); otherwise only add.")),
        click.option("--parts", help=_("Parts with commas; all that are there unless given.")),
    ):
        function = option(function)
    return function


@click.command("copy-setup", help=_("Take over the set-up of one park in another."))
@click.argument("source_code", metavar="FROM")
@click.argument("target_code", metavar="TO")
@_choices
@json_option
def copy_setup(source_code: str, target_code: str, as_json: bool, **asked: Any) -> None:
    """Copy a park's set-up."""
    setup()
    from django.utils import timezone

    from parkbrain.portfolio import queries

    source, actor = _park(source_code), _actor(asked["username"])
    rows = queries.read_setup(park=source, on=timezone.localdate(), actor=actor)
    _take(rows, _park(target_code), source.code, asked, as_json)


@click.command("setup-export", help=_("Write the set-up of a park as a file for another installation."))
@click.argument("park_code", metavar="CODE")
@click.argument("path", type=FILE)
@click.option("--as", "username", help=_("Sign-in name of the person in whose name it is done."))
@json_option
def setup_export(park_code: str, path: Path, username: str | None, as_json: bool) -> None:
    """Write a park's set-up."""
    setup()
    from django.utils import timezone

    from parkbrain.portfolio import services

    park = _park(park_code)
    text = services.write_setup(park=park, on=timezone.localdate(), actor=_actor(username))
    path.write_text(text, encoding="utf-8")
    answer({"path": str(path)}, as_json=as_json, text=_("Set-up written to %(path)s.") % {"path": path})


@click.command("setup-import", help=_("Take over the set-up of a file in a park."))
@click.argument("park_code", metavar="CODE")
@click.argument("path", type=EXISTING)
@_choices
@json_option
def setup_import(park_code: str, path: Path, as_json: bool, **asked: Any) -> None:
    """Read a set-up and take it over."""
    setup()
    from parkbrain.portfolio import services

    park = _park(park_code)
    try:
        rows = services.read_setup_file(text=path.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise Failure(_("The file is no YAML.")) from error
    except services.WrongSetupFile as wrong:
        raise Failure(str(wrong)) from wrong
    _take(rows, park, path.name, asked, as_json)


def _take(rows: Mapping[str, Any], target: Park, source: str, asked: Mapping[str, Any], as_json: bool) -> None:
    from django.utils import timezone

    from parkbrain.portfolio import queries, services

    day = _day(asked["replace_from"])
    keys = [key.strip() for key in (asked["parts"] or "").split(",") if key.strip()]
    mode = queries.REPLACE if asked["replace_from"] else queries.ADD
    wanted: dict[str, Any] = {
        "rows": rows,
        "modes": dict.fromkeys(keys or [key for key, found in rows.items() if found], mode),
        "targets": [target],
        "starts_on": day or timezone.localdate(),
        "actor": _actor(asked["username"]),
        "at": timezone.now(),
    }
    try:
        plans = services.preview_setup(**wanted) if asked["dry_run"] else services.take_setup(**wanted, source=source)
    except services.CannotTakeSetup as refusal:
        raise Failure("\n".join([str(refusal), *_problems(refusal.plans)])) from refusal
    _tell(plans, asked["dry_run"], as_json)


def _day(typed: str | None) -> date | None:
    try:
        return date.fromisoformat(typed) if typed else None
    except ValueError as error:
        raise Failure(_("“%(typed)s” is no day (2026-12-01 is one).") % {"typed": typed}) from error


def _problems(plans: Any) -> list[str]:
    """Return what is wrong with a take-over, each with its path and what the row is called."""
    lines = []
    for part in (part for plan in plans for part in plan.parts):
        if part.refusal:
            lines.append(f"  parts.{part.part.key}: {part.refusal}")
        lines += [f"  parts.{part.part.key}[{row.number}]: {row.problem} ({row.name})" for row in part.problems]
    return lines


def _tell(plans: Any, is_trial: bool, as_json: bool) -> None:
    lines, data = [], {}
    for part in (part for plan in plans for part in plan.parts):
        numbers = {
            "added": len(part.added),
            "replaced": len(part.replaced),
            "kept": len(part.kept),
            "same": part.same_count,
            "only_there": len(part.only_there),
        }
        data[part.part.key] = numbers
        lines.append(
            _("%(part)s: %(added)s added, %(replaced)s replaced, %(kept)s differ and stay, %(same)s already so")
            % {"part": part.part.label, **numbers}
        )
    problems = _problems(plans)
    if is_trial:
        lines.append(_("Nothing was changed."))
    answer({"parts": data, "problems": problems}, as_json=as_json, text="\n".join([*lines, *problems]))
    if problems:
        raise SystemExit(1)


COMMANDS = (copy_setup, setup_export, setup_import)

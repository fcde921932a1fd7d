"""Commands that look after an installation: backup, restore, check, audit, password."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from .terminal import Failure, _, answer, json_option, setup


@click.command(help=_("Write one file with the database and all documents; safe while the system runs."))
@click.argument("path", type=click.Path(dir_okay=False, path_type=Path), required=False)
@json_option
def backup(path: Path | None, as_json: bool) -> None:
    """Write a backup and say where."""
    setup()
    from . import backups

    path = path or Path(f"parkbrain-{datetime.now(UTC):%Y%m%d-%H%M%S}.tar.gz")
    try:
        summary = backups.write_backup(path=path)
    except backups.CannotBackUp as refusal:
        raise Failure(str(refusal)) from refusal
    text = _("Backup written to %(path)s (%(size).1f MB, %(files)s documents).") % {
        "path": path,
        "size": summary.size_bytes / 1e6,
        "files": summary.document_count,
    }
    answer(
        {"path": str(path), "size_bytes": summary.size_bytes, "documents": summary.document_count},
        as_json=as_json,
        text=text,
    )


@click.command(help=_("Put a backup back; the data that are there now are kept beside it."))
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--yes", is_flag=True, help=_("Do not ask."))
@json_option
def restore(path: Path, yes: bool, as_json: bool) -> None:
    """Replace the data folder's content by a backup."""
    setup()
    from . import backups

    if not yes and not click.confirm(_("Replace the present data by this backup?")):
        raise click.Abort
    try:
        summary = backups.restore_backup(path=path)
    except backups.CannotRestore as refusal:
        raise Failure(str(refusal)) from refusal
    text = _("Restored from %(path)s; what was there before is in %(kept)s.") % {"path": path, "kept": summary.kept_at}
    answer({"restored": str(path), "kept_at": str(summary.kept_at)}, as_json=as_json, text=text)


@click.command(help=_("Check the installation: disk, clock, stale jobs, unread settings, permission holes."))
@json_option
def check(as_json: bool) -> None:
    """Print what is well and what is not; exit code 1 when something is not."""
    setup()
    from . import selfcheck

    findings = selfcheck.run_all()
    marks = {"ok": "✓", "warning": "!", "error": "✗"}
    lines = [f"{marks[f.level]} {f.title}: {f.detail}" for f in findings]
    answer({"findings": [f.as_dict() for f in findings]}, as_json=as_json, text="\n".join(lines))
    if any(f.level == "error" for f in findings):
        raise SystemExit(1)


@click.command(help=_("Give a person a new generated password and print it once."))
@click.argument("username")
@click.option("--reset-second-factor", is_flag=True, help=_("Also take away the second factors that were lost."))
@json_option
def password(username: str, reset_second_factor: bool, as_json: bool) -> None:
    """Set a new password for a person who lost theirs."""
    setup()
    from django.utils import timezone

    from parkbrain.accounts import services
    from parkbrain.kernel.models import User

    user = User.objects.filter(username=username).first()
    if user is None:
        raise Failure(_("Nobody signs in as %(name)s.") % {"name": username})
    new = services.generate_password()
    services.change_password(user=user, password=new, actor=user, at=timezone.now())
    if reset_second_factor:
        services.reset_second_factor(user=user, actor=None, at=timezone.now())
    answer({"username": username, "password": new}, as_json=as_json, text=f"{username}  {new}")


@click.group(help=_("Look after the audit trail."))
def audit() -> None:
    """Hold the commands about the audit trail."""


@audit.command(help=_("Walk the chain of audit events and name the first link that does not hold."))
@click.option("--expect", metavar="HASH", help=_("A newest hash noted down earlier; it must still be in the chain."))
@json_option
def verify(expect: str | None, as_json: bool) -> None:
    """Print whether the chain holds; exit code 1 when it does not."""
    setup()
    from parkbrain.kernel.audit import verify_chain

    chain = verify_chain(expect=expect)
    if chain.holds:
        text = _("The chain of %(count)s events holds. Its newest hash, to note down outside:\n%(hash)s") % {
            "count": chain.length,
            "hash": chain.head_hash,
        }
    else:
        text = _("The chain is broken at event %(at)s: %(fault)s.") % {"at": chain.broken_at, "fault": chain.fault}
    data = {"holds": chain.holds, "events": chain.length, "head_hash": chain.head_hash}
    answer({**data, "broken_at": chain.broken_at, "fault": chain.fault}, as_json=as_json, text=text)
    if not chain.holds:
        raise SystemExit(1)


@click.command(help=_("Write the OpenAPI document of the JSON API, to a file or to the terminal."))
@click.argument("path", type=click.Path(dir_okay=False, path_type=Path), required=False)
def openapi(path: Path | None) -> None:
    """Write the document that clients are generated from."""
    setup()
    import json

    from parkbrain.integration.api import get_document

    text = json.dumps(get_document(), indent=1, ensure_ascii=False) + "\n"
    if path is None:
        click.echo(text, nl=False)
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Failure(str(error)) from error
    click.echo(_("Document written to %(path)s.") % {"path": path}, err=True)


COMMANDS = (backup, restore, check, audit, password, openapi)

"""Commands that start the system: run and demo."""

from __future__ import annotations

import os
import time
from datetime import date

import click

from . import prepared
from .terminal import Failure, _, answer, json_option, progress_bar, setup


def prepare_database() -> None:
    """Bring the tables up to date; a fast no-op where they are."""
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor
    from django.utils import timezone

    from parkbrain.carbon.services import load_shipped_factors

    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", verbosity=0, interactive=False)
    # A release may bring newer factors: they join the record, and what was there stays.
    load_shipped_factors(at=timezone.now())
    prepared.mark_prepared()


@click.command(help=_("Start the system and keep it running until Ctrl-C."))
@click.option("--host", default="127.0.0.1", show_default=True, help=_("Address to listen on."))
@click.option("--port", default=8000, show_default=True, envvar="PORT", help=_("Port to listen on."))
@click.option("--workers", default=2, show_default=True, help=_("Number of web processes."))
@click.option(
    "--ingest-port",
    default=0,
    envvar="PARKBRAIN_INGEST_PORT",
    help=_("Port on which devices push readings; 1000 above the other one unless given."),
)
def run(host: str, port: int, workers: int, ingest_port: int) -> None:
    """Supervise web, front door of readings, worker and scheduler."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "parkbrain.config.settings")
    ingest_port = ingest_port or (port + 1000 if port + 1000 < 65536 else port - 1000)
    # The pages name the port to those who connect a device, and the demo's meters push to it.
    os.environ["PARKBRAIN_INGEST_PORT"] = str(ingest_port)
    from parkbrain.ui.assets import check_built

    from . import processes
    from .locking import AlreadyRunning, hold_lock

    try:
        check_built()
    except Exception as error:
        raise Failure(str(error)) from error
    shown = "localhost" if host in {"127.0.0.1", "0.0.0.0", "::"} else host

    def ready() -> None:
        click.echo(
            _("ParkBrain answers at http://%(host)s:%(port)s — stop with Ctrl-C.") % {"host": shown, "port": port}
        )

    try:
        with hold_lock():
            if not prepared.is_prepared():
                setup()
                prepare_database()
            processes.supervise(
                processes.children(
                    host=host, port=port, workers=workers, ingest_port=ingest_port, is_live_demo=prepared.is_live_demo()
                ),
                ready=ready,
                health_url=f"http://127.0.0.1:{port}/healthz",
            )
    except AlreadyRunning as failed:
        raise Failure(_("The system already runs on this data folder.")) from failed
    except processes.ChildFailed as failed:
        raise Failure(
            _("The process “%(name)s” could not be started; is port %(port)s free?") % {"name": failed, "port": port}
        ) from failed
    click.echo(_("Stopped."))


@click.command(help=_("Load the fictional demo park and city into an empty installation."))
@click.option("--seed", default=20260101, show_default=True, help=_("The same seed gives the same demo."))
@click.option("--on", "on_text", default=None, help=_("Day the demo lives in (YYYY-MM-DD); today unless given."))
@click.option("--parks", default=4420, show_default=True, help=_("Number of parks in the demo city."))
@click.option("--if-empty", is_flag=True, help=_("Do nothing where data exist already."))
@json_option
def demo(seed: int, on_text: str | None, parks: int, if_empty: bool, as_json: bool) -> None:
    """Load the demo and print the sign-ins once."""
    if if_empty and prepared.has_parks():
        return
    setup()
    from django.utils import timezone

    from parkbrain.demo import load
    from parkbrain.kernel.models import Park

    prepare_database()
    if Park.objects.exists():
        if if_empty:
            return
        raise Failure(_("This installation already holds data; the demo is loaded only into an empty one."))
    try:
        on = date.fromisoformat(on_text) if on_text else timezone.localdate()
    except ValueError as error:
        raise Failure(_("%(value)s is not a date like 2026-06-30.") % {"value": on_text}) from error
    started = time.monotonic()
    with progress_bar(_("Loading the demo")) as move:
        summary = load.load_demo(seed=seed, on=on, city_size=parks, progress=move)
    seconds = time.monotonic() - started
    lines = [
        _("The demo was loaded in %(seconds).0f s. All its firms and figures are fictional.") % {"seconds": seconds}
    ]
    lines.append(_("Sign-ins, shown only this once (set a new one with “parkbrain password NAME”):"))
    lines += [f"  {s.role:<22} {s.username:<12} {s.password}" for s in summary.sign_ins]
    data = {
        "seconds": round(seconds, 1),
        "sign_ins": [{"role": s.role, "username": s.username, "password": s.password} for s in summary.sign_ins],
    }
    answer(data, as_json=as_json, text="\n".join(lines))


COMMANDS = (run, demo)

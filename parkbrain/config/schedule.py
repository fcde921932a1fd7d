"""What runs by itself, and when; due times live in a file of the data folder, so a restart forgets nothing."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone

logger = logging.getLogger(__name__)

TICK_S = 5.0


@dataclass(frozen=True)
class Entry:
    """One thing that runs by itself: every so often, or once a local day."""

    name: str
    run: Callable[[datetime], object]
    every: timedelta | None = None

    def is_due(self, last_at: datetime | None, now: datetime) -> bool:
        """Tell whether it must run, given when it last did."""
        if last_at is None:
            return True
        if self.every is not None:
            return now - last_at >= self.every
        return timezone.localtime(last_at).date() < timezone.localtime(now).date()


def _reap(now: datetime) -> object:
    from parkbrain.kernel.work import reap_stale_jobs

    return reap_stale_jobs(at=now)


def _refresh(now: datetime) -> object:
    from parkbrain.assessment.jobs import refresh_all_ratings

    return refresh_all_ratings.enqueue()


def _plan(now: datetime) -> object:
    from parkbrain.assessment.jobs import refresh_all_plans

    return refresh_all_plans.enqueue()


def _draw(now: datetime) -> object:
    from parkbrain.assessment.jobs import refresh_all_certainties

    return refresh_all_certainties.enqueue()


def _sweep_sessions(now: datetime) -> object:
    from django.core.management import call_command

    return call_command("clearsessions")


def _send_webhooks(now: datetime) -> object:
    from parkbrain.integration.jobs import send_webhooks
    from parkbrain.integration.queries import list_due_deliveries

    return send_webhooks.enqueue() if list_due_deliveries(at=now) else None


def _sweep_deliveries(now: datetime) -> object:
    from parkbrain.integration.services import sweep_deliveries

    return sweep_deliveries(at=now)


def _sweep_receipts(now: datetime) -> object:
    from parkbrain.telemetry.services import sweep_receipts

    return sweep_receipts(at=now)


def _keep_lake(now: datetime) -> object:
    from parkbrain import lake
    from parkbrain.telemetry.jobs import keep_lake

    return keep_lake.enqueue() if lake.is_keeping_due(at=now) else None


def _recompute_use(now: datetime) -> object:
    from parkbrain.energy.jobs import recompute_use

    return recompute_use.enqueue()


def _refresh_statements(now: datetime) -> object:
    from parkbrain.energy.jobs import refresh_statements

    return refresh_statements.enqueue()


def _find_odd_uses(now: datetime) -> object:
    from parkbrain.energy.jobs import find_odd_uses

    return find_odd_uses.enqueue()


def _send_reminders(now: datetime) -> object:
    from parkbrain.lifecycle.jobs import send_reminders

    return send_reminders.enqueue()


def _close_leases(now: datetime) -> object:
    from parkbrain.leasing.jobs import close_leases

    return close_leases.enqueue()


def _send_reports(now: datetime) -> object:
    from parkbrain.cockpit.jobs import send_reports
    from parkbrain.cockpit.queries import has_work

    return send_reports.enqueue() if has_work(at=now) else None


def _check_exits(now: datetime) -> object:
    from parkbrain.lifecycle.jobs import check_exit_triggers

    return check_exit_triggers.enqueue()


def _remind_parks(now: datetime) -> object:
    from parkbrain.portfolio.jobs import remind_parks

    return remind_parks.enqueue()


ENTRIES = (
    Entry("reap_stale_jobs", _reap, every=timedelta(minutes=1)),
    Entry("send_webhooks", _send_webhooks, every=timedelta(seconds=TICK_S)),
    # Validity ends with a date: an expired certificate or fact must show in the stars the next morning.
    Entry("refresh_ratings", _refresh),
    Entry("plan_next_stars", _plan),
    Entry("draw_certainties", _draw),
    Entry("keep_lake", _keep_lake, every=timedelta(minutes=5)),
    Entry("recompute_use", _recompute_use, every=timedelta(minutes=1)),
    Entry("find_odd_uses", _find_odd_uses),
    # Who was where may have changed without a reading.
    Entry("refresh_statements", _refresh_statements),
    # Once a local day: nobody is sent more than one list of duties a day.
    Entry("send_reminders", _send_reminders),
    # Once a local day: a round reminds on days of its own, and no park twice a day.
    Entry("remind_parks", _remind_parks),
    Entry("close_leases", _close_leases),
    Entry("send_reports", _send_reports, every=timedelta(minutes=1)),
    # Daily, and once a month for each park: a day on which the system did not run loses no month.
    Entry("check_exit_triggers", _check_exits),
    Entry("clear_sessions", _sweep_sessions),
    Entry("sweep_deliveries", _sweep_deliveries),
    Entry("sweep_receipts", _sweep_receipts),
)


def _state_path() -> Path:
    return Path(settings.HOME_DIR) / "schedule.json"


def last_runs() -> dict[str, datetime]:
    """Return when each entry last ran."""
    try:
        stored = json.loads(_state_path().read_text())
    except (FileNotFoundError, ValueError):
        return {}
    return {name: datetime.fromisoformat(at) for name, at in stored.items()}


def mark_run(name: str, now: datetime) -> None:
    """Remember that an entry ran."""
    runs = {**last_runs(), name: now}
    path = _state_path()
    temporary = path.with_suffix(".tmp")
    temporary.write_text(json.dumps({key: at.isoformat() for key, at in runs.items()}))
    temporary.replace(path)


def run_due() -> list[str]:
    """Run what is due now and return the names that ran."""
    now, runs, ran = timezone.now(), last_runs(), []
    for entry in ENTRIES:
        if entry.is_due(runs.get(entry.name), now):
            try:
                entry.run(now)
            except Exception:
                logger.exception("scheduled %s failed", entry.name)
            mark_run(entry.name, now)
            ran.append(entry.name)
    return ran

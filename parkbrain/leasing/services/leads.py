"""What may change of a lead: its record, what it needs, the stages it comes to, its loss."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from parkbrain.enterprises.models import Enterprise
from parkbrain.kernel import audit, registry
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.roles import Permission
from parkbrain.space.services import Recorded, upsert
from parkbrain.space.services.upsert import CREATE, NOTHING, UPDATE, created, updated

from ..models import Lead, LeadMove, LeadNeed, Lease

Stage = Lead.Stage
#: Fields of a row that belong to what the lead needs.
NEED_FIELDS = (
    "area_from_m2",
    "area_to_m2",
    "use",
    "floor_load_kn_m2",
    "clear_height_m",
    "goods_lift_load_t",
    "power_kw",
    "needs_water",
    "needs_exhaust",
    "fire_class",
    "budget_yuan_per_m2_month",
    "move_in_on",
)
#: The field of a row that says since when a lead is at a stage.
STAGE_DAYS = {
    Stage.QUALIFIED: "qualified_on",
    Stage.VISITED: "visited_on",
    Stage.QUOTED: "quoted_on",
    Stage.NEGOTIATING: "negotiating_on",
    Stage.SIGNED: "signed_on",
    Stage.LOST: "lost_on",
}
_ALL_DAYS = {Stage.NEW: "received_on", **STAGE_DAYS}
#: Fields of a row that are no column of the lead itself.
_APART = frozenset({*NEED_FIELDS, *STAGE_DAYS.values(), "uscc", "lease_number", "owner"})


class CannotChangeLead(Exception):
    """The lead cannot be recorded, moved, shown around or offered something like this."""


def check_may_lead(*, park: Park, actor: User | None) -> None:
    """Refuse a person who does not work on the leads of the park; nobody at all stands for the system itself."""
    if actor is not None and not actor.may(Permission.MANAGE_LEASES, park.branch.path):
        raise CannotChangeLead(_("You may not change the leads of this park."))


def locked_lead(*, lead: Lead, actor: User | None) -> Lead:
    """Return the lead as it is now, held until the transaction ends, for a person who may change it.

    :raises CannotChangeLead: the actor may not.
    """
    check_may_lead(park=lead.park, actor=actor)
    return Lead.objects.select_for_update(of=("self",)).select_related("park__branch").get(pk=lead.pk)


@transaction.atomic
def record_leads(
    *, park: Park, rows: Sequence[Mapping[str, Any]], actor: User | None, at: datetime
) -> list[Recorded[Lead]]:
    """Record leads of a park by their number, with what they need and the days they came to each stage.

    A row without a number is a new lead, and gets the next one. `lease_number` names the lease that a lead became.

    :raises CannotChangeLead: days that run backwards, a loss without a reason, a signature without its lease, the actor
        may not.
    """
    check_may_lead(park=park, actor=actor)
    rows = _numbered(park, rows, at)
    found = {x.number: x for x in Lead.objects.filter(park=park, number__in=[r["number"] for r in rows])}
    firms = {e.uscc: e for e in Enterprise.objects.filter(uscc__in=[r["uscc"] for r in rows if r.get("uscc")])}
    leases = {x.number: x for x in Lease.objects.filter(park=park, number__in=[r.get("lease_number") for r in rows])}
    days = _stage_days(found)
    wanted = []
    for row in rows:
        current = found.get(row["number"])
        _check(row, current)
        values = {k: v for k, v in row.items() if k not in _APART} | {"park": park}
        if "owner" in row:
            values["owner"] = row["owner"]
        if "uscc" in row:
            values |= {"uscc": row["uscc"] or "", "enterprise": firms.get(row["uscc"])}
        if row.get("lease_number"):
            values["lease"] = _lease(row, leases)
        known = days.setdefault(row["number"], {})
        known.update({stage: row[field] for stage, field in _ALL_DAYS.items() if row.get(field)})
        values["stage"] = _latest_stage(known)
        wanted.append((row["number"], values))
    recorded = upsert(model=Lead, found=found, rows=wanted)
    needs, moves = _needs(recorded, rows), _moves(recorded, rows, actor, at)
    recorded = [_joined(r, needs.get(r.row.pk), moves.get(r.row.pk, {})) for r in recorded]
    audit.record_many("leasing.lead.added", targets=created(recorded=recorded), actor=actor, at=at, park=park)
    audit.record_many("leasing.lead.changed", targets=updated(recorded=recorded), actor=actor, at=at, park=park)
    if any(r.action != NOTHING for r in recorded):
        registry.park_changed(park_ids=[park.pk], at=at)
    return recorded


def _numbered(park: Park, rows: Sequence[Mapping[str, Any]], at: datetime) -> list[dict[str, Any]]:
    """Return the rows, those without a number with the next free one of the year."""
    stem = f"L{timezone.localdate(at):%Y}-"
    taken = Lead.objects.filter(park=park, number__startswith=stem).values_list("number", flat=True)
    last = max((int(n.removeprefix(stem)) for n in taken if n.removeprefix(stem).isdigit()), default=0)
    numbered = []
    for row in rows:
        if not row.get("number"):
            last += 1
            row = {**row, "number": f"{stem}{last:04d}"}
        numbered.append(dict(row))
    return numbered


def _lease(row: Mapping[str, Any], leases: Mapping[str, Lease]) -> Lease:
    if row["lease_number"] not in leases:
        raise CannotChangeLead(_("There is no lease %(number)s.") % {"number": row["lease_number"]})
    return leases[row["lease_number"]]


def _check(row: Mapping[str, Any], current: Lead | None) -> None:
    """Refuse what contradicts itself: days of stages against their order, a loss without a reason, areas."""
    received = row.get("received_on") or (current.received_on if current else None)
    last = received
    for stage, field in STAGE_DAYS.items():
        day = row.get(field)
        if day is None:
            continue
        if last is not None and day < last:
            raise CannotChangeLead(
                _("%(number)s: “%(stage)s” on %(day)s lies before the stage that comes first (%(last)s).")
                % {"number": row["number"], "stage": stage.label, "day": day.isoformat(), "last": last.isoformat()}
            )
        last = day
    if row.get("lost_on") and row.get("signed_on"):
        raise CannotChangeLead(_("%(number)s: a lead is either signed or lost.") % {"number": row["number"]})
    if row.get("lost_on") and not (row.get("lost_reason") or (current and current.lost_reason)):
        raise CannotChangeLead(_("%(number)s: a lost lead needs its reason.") % {"number": row["number"]})
    if row.get("signed_on") and not (row.get("lease_number") or (current and current.lease_id)):
        raise CannotChangeLead(_("%(number)s: a signed lead names its lease.") % {"number": row["number"]})
    low, high = row.get("area_from_m2"), row.get("area_to_m2")
    if low is not None and high is not None and high < low:
        raise CannotChangeLead(_("The largest area lies below the smallest one."))


def _stage_days(found: Mapping[str, Lead]) -> dict[str, dict[str, date]]:
    """Return by lead number the first day of each stage that the lead came to."""
    days: dict[str, dict[str, date]] = {}
    moves = LeadMove.objects.filter(lead__in=found.values()).order_by("moved_on", "id")
    for number, stage, moved_on in moves.values_list("lead__number", "stage", "moved_on"):
        days.setdefault(number, {}).setdefault(stage, moved_on)
    return days


def _latest_stage(days: Mapping[str, date]) -> str:
    """Return the stage of the latest day; of several on one day the farthest."""
    order = list(Stage.values)
    return max((day, order.index(stage), stage) for stage, day in days.items())[2] if days else Stage.NEW


Parts = dict[int, dict[str, tuple[Any, Any]]]


def _needs(recorded: Sequence[Recorded[Lead]], rows: Sequence[Mapping[str, Any]]) -> Parts:
    """Write what the leads need and return by lead what of it changed."""
    found = {n.lead_id: n for n in LeadNeed.objects.filter(lead__in=[r.row.pk for r in recorded])}
    wanted = []
    for outcome, row in zip(recorded, rows, strict=True):
        values = {name: row[name] for name in NEED_FIELDS if name in row}
        if values or outcome.row.pk not in found:
            wanted.append((outcome.row.pk, {**values, "lead": outcome.row}))
    written = upsert(model=LeadNeed, found=found, rows=wanted)
    return {w.row.lead_id: dict(w.fields) for w in written if w.action == UPDATE}


def _moves(
    recorded: Sequence[Recorded[Lead]], rows: Sequence[Mapping[str, Any]], actor: User | None, at: datetime
) -> Parts:
    """Write the days of the stages and return by lead which of them changed."""
    found: dict[tuple[int, str], LeadMove] = {}
    for move in LeadMove.objects.filter(lead__in=[r.row.pk for r in recorded]).order_by("moved_on", "id"):
        found.setdefault((move.lead_id, move.stage), move)
    wanted = []
    for outcome, row in zip(recorded, rows, strict=True):
        for stage, field in _ALL_DAYS.items():
            key, day = (outcome.row.pk, str(stage)), row.get(field)
            if day is None:
                continue
            first = {} if key in found else {"actor": actor, "recorded_at": at}
            wanted.append((key, {"lead": outcome.row, "stage": str(stage), "moved_on": day, **first}))
    changed: Parts = {}
    for written in upsert(model=LeadMove, found=found, rows=wanted):
        if written.action != NOTHING and written.row.stage != Stage.NEW:
            old = written.fields["moved_on"][0] if written.action == UPDATE else None
            fields = changed.setdefault(written.row.lead_id, {})
            fields[STAGE_DAYS[Stage(written.row.stage)]] = (old, written.row.moved_on)
    return changed


def _joined(
    recorded: Recorded[Lead], need: Mapping[str, tuple[Any, Any]] | None, moves: Mapping[str, tuple[Any, Any]]
) -> Recorded[Lead]:
    """Return the outcome of a lead with what changed of its need and its stages."""
    fields = {**recorded.fields, **(need or {}), **moves}
    if recorded.action == CREATE:
        return recorded
    return Recorded(recorded.row, UPDATE if fields else NOTHING, fields)


@transaction.atomic
def move_lead(
    *, lead: Lead, stage: str, moved_on: date, actor: User | None, at: datetime, note: str = "", reason: str = ""
) -> Lead:
    """Bring a lead to a stage: forward, back to correct a slip, lost with a `reason`, or open again.

    :raises CannotChangeLead: it is there already, the day lies before the last stage or ahead, a loss without a reason,
        a signature without a signed lease, or the actor may not.
    """
    lead = locked_lead(lead=lead, actor=actor)
    if lead.stage == stage:
        raise CannotChangeLead(_("The lead is at this stage already."))
    if lead.stage == Stage.SIGNED:
        raise CannotChangeLead(_("A signed lead stays signed; what changes from here on is its lease."))
    if stage == Stage.SIGNED and not (lead.lease and lead.lease.is_binding):
        raise CannotChangeLead(_("A lead is signed once its lease is."))
    if stage == Stage.LOST and not reason:
        raise CannotChangeLead(_("Say why the lead was lost."))
    lead.lost_reason = reason if stage == Stage.LOST else ""
    _write_move(lead, stage, moved_on, actor, at, note)
    if not lead.is_open:
        lead.next_step, lead.next_step_on = "", None
    lead.save(update_fields=["lost_reason", "next_step", "next_step_on"])
    registry.park_changed(park_ids=[lead.park_id], at=at)
    return lead


def _write_move(lead: Lead, stage: str, moved_on: date, actor: User | None, at: datetime, note: str = "") -> None:
    last = lead.moves.order_by("-moved_on").values_list("moved_on", flat=True).first()
    if last and moved_on < last:
        raise CannotChangeLead(_("The lead came to its last stage on %(day)s.") % {"day": last.isoformat()})
    if moved_on > timezone.localdate(at):
        raise CannotChangeLead(_("This day lies ahead."))
    before = lead.stage
    LeadMove.objects.create(lead=lead, stage=stage, moved_on=moved_on, actor=actor, recorded_at=at, note=note)
    lead.stage = stage
    # Together: the database holds that a lost lead has its reason.
    lead.save(update_fields=["stage", "lost_reason"])
    audit.record(
        "leasing.lead.moved",
        target=lead,
        actor=actor,
        at=at,
        park=lead.park,
        before=before,
        stage=stage,
        moved_on=moved_on.isoformat(),
    )


def advance_lead(*, lead: Lead, stage: str, moved_on: date, actor: User | None, at: datetime) -> None:
    """Bring an open lead forward to a stage that follows from a visit, a quote or a lease; never back.

    :raises CannotChangeLead: the day lies ahead.
    """
    way = list(Lead.WAY)
    if not lead.is_open or way.index(Stage(lead.stage)) >= way.index(Stage(stage)):
        return
    last = lead.moves.order_by("-moved_on").values_list("moved_on", flat=True).first()
    _write_move(lead, stage, max(moved_on, last or moved_on), actor, at)


@transaction.atomic
def plan_next_step(*, lead: Lead, step: str, step_on: date | None, actor: User | None, at: datetime) -> Lead:
    """Note what comes next of a lead, and until when; an empty step says that nothing is planned.

    :raises CannotChangeLead: the lead is closed, or the actor may not.
    """
    lead = locked_lead(lead=lead, actor=actor)
    if not lead.is_open:
        raise CannotChangeLead(_("The lead is closed."))
    lead.next_step, lead.next_step_on = step, step_on if step else None
    lead.save(update_fields=["next_step", "next_step_on"])
    audit.record("leasing.lead.planned", target=lead, actor=actor, at=at, park=lead.park, step=step)
    return lead


@transaction.atomic
def sign_lead(*, lease: Lease, actor: User | None, at: datetime) -> None:
    """Close the lead that a lease was drafted for: the lease is signed, so the lead is."""
    lead = Lead.objects.select_related("park__branch").filter(lease=lease).first()
    if lead is None or lead.stage == Stage.SIGNED:
        return
    signed_on = min(lease.signed_on or timezone.localdate(at), timezone.localdate(at))
    last = lead.moves.order_by("-moved_on").values_list("moved_on", flat=True).first()
    _write_move(lead, Stage.SIGNED, max(signed_on, last or signed_on), actor, at)
    lead.next_step, lead.next_step_on, lead.lost_reason = "", None, ""
    lead.save(update_fields=["next_step", "next_step_on", "lost_reason"])

"""What may change in output per area: marks, commitments, runs and the list of low-efficiency space."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from parkbrain.calc.land_efficiency import MEASURES, grade, measures_of
from parkbrain.enterprises.models import Enterprise, Occupancy
from parkbrain.kernel import audit, registry
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.roles import Permission
from parkbrain.space.services import Recorded, upsert
from parkbrain.space.services.upsert import created, updated

from ..models import Commitment, EfficiencyMark, EfficiencyResult, EfficiencyRun, LowEfficiencySpace
from ..queries.land import SchemeEntry, YearInputs, find_scheme, get_year_inputs


class CannotClassify(Exception):
    """The firms cannot be classed, or a run cannot be changed."""


def check_may_lease(*, park: Park, actor: User | None) -> None:
    """Refuse whoever may not work on the exits of a park."""
    if actor is not None and not actor.may(Permission.MANAGE_LEASES, park.branch.path):
        raise CannotClassify(_("You may not work on exits in this park."))


@transaction.atomic
def record_commitments(
    *, park: Park, rows: Sequence[Mapping[str, Any]], actor: User | None, at: datetime
) -> list[Recorded[Commitment]]:
    """Record what firms promised by `uscc` and year.

    :raises CannotClassify: a firm is not there, nothing is promised, or the actor may not.
    """
    check_may_lease(park=park, actor=actor)
    firms = {e.uscc: e for e in Enterprise.objects.filter(uscc__in={r["uscc"] for r in rows})}
    existing = Commitment.objects.filter(park=park, enterprise__in=firms.values()).select_related("enterprise")
    found = {(c.enterprise_id, c.year): c for c in existing}
    wanted = []
    for row in rows:
        if row["uscc"] not in firms:
            raise CannotClassify(_("There is no enterprise %(code)s.") % {"code": row["uscc"]})
        firm = firms[row["uscc"]]
        values = {name: value for name, value in row.items() if name != "uscc"}
        old = found.get((firm.pk, row["year"]))
        if all(values.get(n, getattr(old, n, None)) is None for n in ("output_wan", "tax_wan")):
            raise CannotClassify(_("A commitment names an output or a tax."))
        wanted.append(((firm.pk, row["year"]), {**values, "park": park, "enterprise": firm}))
    recorded = upsert(model=Commitment, found=found, rows=wanted)
    audit.record_many("lifecycle.commitment.added", targets=created(recorded=recorded), actor=actor, at=at, park=park)
    audit.record_many("lifecycle.commitment.changed", targets=updated(recorded=recorded), actor=actor, at=at, park=park)
    return recorded


@transaction.atomic
def mark_firm(
    *, park: Park, enterprise: Enterprise, year: int, kind: str, note: str, actor: User | None, at: datetime
) -> EfficiencyMark:
    """Set a firm apart in a year's classes, with what shows it.

    :raises CannotClassify: nothing shows it, the year is locked, the mark is there, or the actor may not.
    """
    check_may_lease(park=park, actor=actor)
    _check_open(park, year)
    if not note.strip():
        raise CannotClassify(_("Say what shows it: the notice, the penalty, the permit."))
    mark, is_new = EfficiencyMark.objects.get_or_create(
        park=park, enterprise=enterprise, year=year, kind=kind, defaults={"note": note.strip()[:300]}
    )
    if not is_new:
        raise CannotClassify(_("This mark is there already."))
    audit.record("lifecycle.mark.set", target=mark, actor=actor, at=at, park=park, note=mark.note)
    return mark


@transaction.atomic
def remove_mark(*, mark: EfficiencyMark, reason: str, actor: User | None, at: datetime) -> None:
    """Take a mark back.

    :raises CannotClassify: no reason is given, the year is locked, or the actor may not.
    """
    check_may_lease(park=mark.park, actor=actor)
    _check_open(mark.park, mark.year)
    if not reason.strip():
        raise CannotClassify(_("Give the reason."))
    audit.record(
        "lifecycle.mark.taken_back", target=mark, actor=actor, at=at, park=mark.park, reason=reason.strip()[:300]
    )
    mark.delete()


def _check_open(park: Park, year: int) -> None:
    if EfficiencyRun.objects.filter(park=park, year=year, locked_at__isnull=False).exists():
        raise CannotClassify(_("The classes of %(year)s are locked.") % {"year": year})


@transaction.atomic
def classify_firms(*, park: Park, year: int, scheme_key: str, actor: User | None, at: datetime) -> EfficiencyRun:
    """Class the firms of a park for a year; the same figures under the same scheme are the same run.

    :raises CannotClassify: the year is not over or locked, the scheme is unknown, no firm was there, or the actor may not.
    """
    check_may_lease(park=park, actor=actor)
    if year >= timezone.localdate(at).year or year < 1980:
        raise CannotClassify(_("%(year)s is not over: classes are made of whole years.") % {"year": year})
    _check_open(park, year)
    entry = find_scheme(key=scheme_key)
    if entry is None:
        raise CannotClassify(_("There is no scheme %(key)s.") % {"key": scheme_key})
    inputs = get_year_inputs(park=park, year=year)
    if not inputs.firms:
        raise CannotClassify(_("Nobody was a tenant of the park at the end of %(year)s.") % {"year": year})
    digest = inputs.hash_with(entry.row)
    same: EfficiencyRun | None = EfficiencyRun.objects.filter(park=park, year=year, inputs_hash=digest).first()
    if same is not None:
        return same
    run = EfficiencyRun.objects.create(
        park=park,
        year=year,
        scheme_key=entry.key,
        scheme=dict(entry.row),
        inputs_hash=digest,
        park_land_m2=inputs.park_land_m2,
        park_floor_m2=inputs.park_floor_m2,
        made_by=actor,
        made_at=at,
    )
    EfficiencyResult.objects.bulk_create(_results(run, entry, inputs))
    count = len(inputs.firms)
    audit.record("lifecycle.efficiency.classified", target=run, actor=actor, at=at, park=park, firms=count)
    return run


def _results(run: EfficiencyRun, entry: SchemeEntry, inputs: YearInputs) -> list[EfficiencyResult]:
    measures = measures_of(inputs.columns())
    graded = grade(entry.scheme, [f.firm for f in inputs.firms], measures)
    rows = []
    for place, firm in enumerate(inputs.firms):
        one = graded[firm.firm.key]
        own = {name: float(measures[name][place]) for name in MEASURES}
        rows.append(
            EfficiencyResult(
                run=run,
                enterprise_id=firm.firm.key,
                group=one.group,
                floor_m2=firm.floor_m2,
                land_mu=firm.land_mu,
                inputs=dict(firm.values),
                sources={name: dict(source) for name, source in firm.sources.items()},
                measures={name: None if value != value else value for name, value in own.items()},
                points=dict(one.points),
                score=one.score,
                known_share=one.known_share,
                rank=one.rank,
                ranked=one.ranked,
                klass=one.klass,
                why=one.why,
                marks=list(firm.marks),
            )
        )
    return rows


@transaction.atomic
def lock_run(*, run: EfficiencyRun, actor: User | None, at: datetime) -> EfficiencyRun:
    """Lock a run as the one that counts for its year, and list the premises of its D firms as low-efficiency space.

    :raises CannotClassify: another run of the year is locked, or the actor may not.
    """
    check_may_lease(park=run.park, actor=actor)
    _check_open(run.park, run.year)
    run.locked_by, run.locked_at, run.locked_on = actor, at, timezone.localdate(at)
    run.save(update_fields=["locked_by", "locked_at", "locked_on"])
    listed = _list_space(run, run.locked_on, actor)
    audit.record("lifecycle.efficiency.locked", target=run, actor=actor, at=at, park=run.park, listed=listed)
    registry.park_changed(park_ids=[run.park_id], at=at)
    return run


def _list_space(run: EfficiencyRun, on: date, actor: User | None) -> int:
    """List what D firms hold, and close what stands on the list of firms that are better now; return how many are new."""
    worst = set(run.results.filter(klass="D").values_list("enterprise", flat=True))
    open_rows = LowEfficiencySpace.objects.filter(park=run.park, disposed_on__isnull=True)
    better = set(run.results.filter(klass__in="ABC", why="rank").values_list("enterprise", flat=True))
    open_rows.filter(enterprise__in=better).update(
        disposal=LowEfficiencySpace.Disposal.UPGRADED, disposed_on=on, note=str(run.year), disposed_by=actor
    )
    held = set(open_rows.values_list("premises", flat=True))
    stays = Occupancy.objects.filter(premises__park=run.park, enterprise__in=worst).current_on(on)
    rows = [
        LowEfficiencySpace(
            park=run.park,
            run=run,
            premises=stay.premises,
            enterprise_id=stay.enterprise_id,
            area_m2=stay.premises.billing_area_m2,
            listed_on=on,
        )
        for stay in stays.select_related("premises").order_by("premises__code")
        if stay.premises_id not in held
    ]
    LowEfficiencySpace.objects.bulk_create(rows)
    return len(rows)


@transaction.atomic
def dispose_space(
    *, space: LowEfficiencySpace, disposal: str, disposed_on: date, note: str, actor: User | None, at: datetime
) -> LowEfficiencySpace:
    """Say what was done about low-efficiency space.

    :raises CannotClassify: it was said already, the day lies before the listing or ahead, nothing shows it, or the
        actor may not.
    """
    check_may_lease(park=space.park, actor=actor)
    if space.disposed_on is not None:
        raise CannotClassify(_("It was said already what was done about this space."))
    if not space.listed_on <= disposed_on <= timezone.localdate(at):
        raise CannotClassify(
            _("The day lies between the listing on %(day)s and today.") % {"day": space.listed_on.isoformat()}
        )
    if not note.strip():
        raise CannotClassify(_("Say what shows it."))
    space.disposal, space.disposed_on, space.note, space.disposed_by = disposal, disposed_on, note.strip()[:300], actor
    space.save(update_fields=["disposal", "disposed_on", "note", "disposed_by"])
    audit.record(
        "lifecycle.space.disposed",
        target=space,
        actor=actor,
        at=at,
        park=space.park,
        what=disposal,
        disposed_on=disposed_on.isoformat(),
    )
    registry.park_changed(park_ids=[space.park_id], at=at)
    return space


@transaction.atomic
def share_run(*, run: EfficiencyRun, is_shared: bool, actor: User | None, at: datetime) -> EfficiencyRun:
    """Show the firms their own classes of a run, or no more.

    :raises CannotClassify: the actor may not.
    """
    check_may_lease(park=run.park, actor=actor)
    run.is_shared = is_shared
    run.save(update_fields=["is_shared"])
    audit.record("lifecycle.efficiency.shared", target=run, actor=actor, at=at, park=run.park, shared=is_shared)
    return run

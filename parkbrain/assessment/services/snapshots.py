"""Keep what all parks are rated at a cut-off, as columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

import numpy as np
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from parkbrain.calc import rating
from parkbrain.kernel import audit
from parkbrain.kernel.models import User
from parkbrain.kernel.roles import Permission

from ..models import Rating, Snapshot, SnapshotColumn
from ..queries.facts import gather_facts, list_rated_parks
from ..queries.schemes import MAIN_SCHEME, get_scheme, scheme_facts
from ..queries.snapshots import Column, columns_of, pack


class CannotKeepSnapshot(Exception):
    """The city cannot be kept at that cut-off."""


def store_columns(
    *,
    scheme: rating.Scheme,
    park_ids: Sequence[int],
    result: rating.Result,
    facts: Mapping[str, Column],
    kind: str,
    on: date,
    at: datetime,
) -> Snapshot:
    """Store a rating of many parks as columns, in the place of the current one or of the same day's."""
    older = Snapshot.objects.filter(scheme_id=scheme.id, kind=kind)
    if kind == Snapshot.Kind.KEPT:
        older = older.filter(cut_off_on=on)
    SnapshotColumn.objects.filter(snapshot__in=older).delete()
    older.delete()
    order = np.argsort(np.asarray(park_ids, dtype=np.int64), kind="stable")
    row = Snapshot.objects.create(
        scheme_id=scheme.id,
        scheme_hash=scheme.hash,
        kind=kind,
        cut_off_on=on,
        computed_at=at,
        last_rating=Rating.objects.order_by().aggregate(last=Max("pk"))["last"] or 0,
        park_count=len(park_ids),
        park_ids=np.asarray(park_ids, dtype="<i8")[order].tobytes(),
    )
    columns = columns_of(result=result, facts={key: facts[key] for key in sorted(scheme.facts & set(facts))})
    packed = [SnapshotColumn(snapshot=row, key=key, data=pack(column=c[order])) for key, c in columns.items()]
    SnapshotColumn.objects.bulk_create(packed, batch_size=100)
    return row


@transaction.atomic
def keep_snapshot(*, cut_off_on: date, actor: User | None, at: datetime) -> Snapshot:
    """Rate all parks by what was known for a cut-off date and keep it; the same day again replaces what was kept.

    :raises CannotKeepSnapshot: the actor does not oversee the city, the date lies ahead, or nothing is known for it.
    """
    _check(cut_off_on, actor, at)
    scheme = get_scheme(scheme_id=MAIN_SCHEME)
    gathered = gather_facts(
        park_ids=list_rated_parks(), cut_off_on=cut_off_on, keys=scheme_facts(scheme_ids=[scheme.id])
    )
    is_known = ~np.isnan(gathered.values).all(axis=1)
    if not is_known.any():
        raise CannotKeepSnapshot(_("Nothing is known of any park at %(date)s.") % {"date": cut_off_on})
    subset = gathered.subset(rows=np.flatnonzero(is_known), keys=scheme.facts)
    return _kept(scheme, subset.park_ids, subset.columns(), cut_off_on, actor, at)


@transaction.atomic
def keep_past_ratings(
    *,
    cut_off_on: date,
    park_ids: Sequence[int],
    facts: Mapping[str, NDArray[np.float64]],
    actor: User | None,
    at: datetime,
) -> Snapshot:
    """Rate parks by facts of a past year that come as columns (a city's own tables) and keep the result for that day.

    A fact that is missing or NaN is unknown; parks of which nothing is known are left out.

    :raises CannotKeepSnapshot: the actor does not oversee the city, the date lies ahead, or nothing is known for it.
    """
    _check(cut_off_on, actor, at)
    scheme = get_scheme(scheme_id=MAIN_SCHEME)
    ids = np.asarray(park_ids, dtype=np.int64)
    columns = {key: np.asarray(facts.get(key, np.full(len(ids), np.nan)), dtype=np.float64) for key in scheme.facts}
    is_known = np.any([~np.isnan(column) for column in columns.values()], axis=0)
    if not is_known.any():
        raise CannotKeepSnapshot(_("Nothing is known of any park at %(date)s.") % {"date": cut_off_on})
    known = {key: column[is_known] for key, column in columns.items()}
    return _kept(scheme, ids[is_known].tolist(), known, cut_off_on, actor, at)


@transaction.atomic
def keep_due_snapshot(*, at: datetime) -> Snapshot | None:
    """Keep the current columns where a new quarter has begun since they were written; None where none has.

    To be called before the night's rating: what is kept is the city as the last night of the old quarter left it.
    """
    today = timezone.localdate(at)
    quarter_on = date(today.year, 3 * ((today.month - 1) // 3) + 1, 1)
    current = Snapshot.objects.filter(scheme_id=MAIN_SCHEME, kind=Snapshot.Kind.CURRENT).first()
    if current is None or current.cut_off_on >= quarter_on:
        return None
    kept = Snapshot.objects.filter(scheme_id=MAIN_SCHEME, kind=Snapshot.Kind.KEPT, cut_off_on=current.cut_off_on)
    if kept.exists():
        return None
    columns = list(current.columns.all())
    row = current
    row.pk, row.kind = None, Snapshot.Kind.KEPT
    row._state.adding = True
    row.save()
    SnapshotColumn.objects.bulk_create(
        [SnapshotColumn(snapshot=row, key=one.key, data=one.data) for one in columns], batch_size=100
    )
    audit.record(
        "assessment.snapshot.kept",
        target=row,
        actor=None,
        at=at,
        parks=row.park_count,
        day=row.cut_off_on.isoformat(),
    )
    return row


def _check(cut_off_on: date, actor: User | None, at: datetime) -> None:
    if actor is not None and not actor.may(Permission.VIEW_CITY):
        raise CannotKeepSnapshot(_("You may not keep the ratings of the city."))
    if cut_off_on > timezone.localdate(at):
        raise CannotKeepSnapshot(_("The cut-off date lies ahead."))


def _kept(
    scheme: rating.Scheme,
    park_ids: Sequence[int],
    facts: Mapping[str, Column],
    on: date,
    actor: User | None,
    at: datetime,
) -> Snapshot:
    result = rating.rate(scheme, rating.FactTable(units=[str(park) for park in park_ids], columns=facts))
    row = store_columns(
        scheme=scheme, park_ids=park_ids, result=result, facts=facts, kind=Snapshot.Kind.KEPT, on=on, at=at
    )
    audit.record("assessment.snapshot.kept", target=row, actor=actor, at=at, parks=row.park_count, day=on.isoformat())
    return row

"""Compute, freeze and recompute ratings."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import numpy as np
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from parkbrain.calc import rating
from parkbrain.kernel import audit
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.roles import Permission

from ..models import Rating
from ..queries.facts import Gathered, gather_facts, list_rated_parks
from ..queries.schemes import MAIN_SCHEME, get_scheme, list_schemes, scheme_facts

class CannotFreezeRating(Exception):
    """The rating cannot be frozen."""


def plain_inputs(*, inputs: Mapping[str, Sequence[Any]]) -> dict[str, float | None]:
    """Return stored inputs as the engine reads them: key → value."""
    return {key: float(entry[0]) for key, entry in inputs.items()}


def compact(*, result: rating.Result, row: int) -> dict[str, Any]:
    """Return one park's result as it is stored: node and indicator scores, gates and vetoes."""

    def pair(key: str) -> list[float | None]:
        return [_number(result.proven[key][row]), _number(result.reachable[key][row])]

    leaves = {one.id for one in result.scheme.indicators}
    return {
        "nodes": {node.id: pair(node.id) for node in result.scheme.nodes if node.id not in leaves},
        "indicators": {
            key: [_number(result.values[key][row]), int(result.state[key][row]), *pair(key)] for key in sorted(leaves)
        },
        "gates": {key: int(flags[row]) for key, flags in result.gates.items()},
        "vetoes": {key: int(flags[row]) for key, flags in result.vetoes.items()},
    }


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _rows(scheme: rating.Scheme, gathered: Gathered, on: date, at: datetime) -> list[Rating]:
    """Rate every park of the table that has any fact of the scheme."""
    keys = [i for i, key in enumerate(gathered.keys) if key in scheme.facts]
    has_any = ~np.isnan(gathered.values[:, keys]).all(axis=1)
    # Every park carries the main scheme, also when nothing is known of it yet: then its proven total is nought.
    wanted = np.arange(len(gathered.park_ids)) if scheme.id == MAIN_SCHEME else np.flatnonzero(has_any)
    if not len(wanted):
        return []
    subset = Gathered(
        [gathered.park_ids[i] for i in wanted],
        [gathered.keys[i] for i in keys],
        gathered.values[np.ix_(wanted, keys)],
        gathered.standing[np.ix_(wanted, keys)],
        gathered.coverage[np.ix_(wanted, keys)],
    )
    result = rating.rate(scheme, subset.table())
    return [_row(scheme, subset, result, row, on, at) for row in range(len(subset.park_ids))]


def _row(scheme: rating.Scheme, facts: Gathered, result: rating.Result, row: int, on: date, at: datetime) -> Rating:
    inputs = facts.inputs(row)
    unit = result.unit(row)
    stored = compact(result=result, row=row)
    return Rating(
        park_id=facts.park_ids[row],
        scheme_id=scheme.id,
        scheme_version=scheme.version,
        scheme_hash=scheme.hash,
        state=Rating.State.CURRENT,
        cut_off_on=on,
        computed_at=at,
        inputs=inputs,
        result=stored,
        dimension_scores={node.id: stored["nodes"][node.id] for node in scheme.root.children if node.children},
        total_proven=unit.total_proven or 0.0,
        total_reachable=unit.total_reachable or 0.0,
        class_proven=unit.class_proven,
        class_reachable=unit.class_reachable,
        coverage=unit.coverage,
        result_hash=rating.result_hash(scheme, plain_inputs(inputs=inputs), unit),
    )


@transaction.atomic
def refresh_ratings(
    *,
    on: date,
    at: datetime,
    park_ids: Sequence[int] | None = None,
    scheme_ids: Sequence[str] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> int:
    """Bring the current ratings of the parks (all unless named) up to date and return how many were computed."""
    parks = list_rated_parks() if park_ids is None else sorted(set(park_ids) & set(_rated(park_ids)))
    if not parks:
        return 0
    schemes = [s for s in list_schemes() if scheme_ids is None or s.id in scheme_ids]
    gathered = gather_facts(park_ids=parks, cut_off_on=on, keys=scheme_facts(scheme_ids=[s.id for s in schemes]))
    count = 0
    for step, scheme in enumerate(schemes):
        rows = _rows(scheme, gathered, on, at)
        # Replaced as a whole: a park that lost its last fact of a scheme also loses its current rating by it.
        Rating.objects.filter(state=Rating.State.CURRENT, scheme_id=scheme.id, park_id__in=parks).delete()
        Rating.objects.bulk_create(rows, batch_size=500)
        count += len(rows)
        if progress:
            progress(step + 1, len(schemes))
    return count


def _rated(park_ids: Sequence[int]) -> list[int]:
    parks = Park.objects.filter(pk__in=park_ids).exclude(standing=Park.Standing.AS_STATED)
    return list(parks.values_list("pk", flat=True))


def follow_parks(*, park_ids: Sequence[int], at: datetime) -> None:
    """Recompute the current ratings of parks whose rows changed (registered with `registry.followers`)."""
    refresh_ratings(park_ids=park_ids, on=timezone.localdate(at), at=at)


@transaction.atomic
def freeze_rating(
    *, park: Park, scheme_id: str, cut_off_on: date, title: str, actor: User | None, at: datetime
) -> Rating:
    """Rate the park at a cut-off date and keep the result for ever, with inputs, scheme version and hash.

    :raises CannotFreezeRating: the actor may not, the date lies ahead, or nothing is known of the park at that date.
    """
    if actor is not None and not actor.may(Permission.FREEZE_RATING, park.branch.path):
        raise CannotFreezeRating(_("You may not freeze ratings of this park."))
    if cut_off_on > timezone.localdate(at):
        raise CannotFreezeRating(_("The cut-off date lies ahead."))
    scheme = get_scheme(scheme_id=scheme_id)
    gathered = gather_facts(park_ids=[park.pk], cut_off_on=cut_off_on, keys=scheme_facts(scheme_ids=[scheme_id]))
    if np.isnan(gathered.values).all():
        raise CannotFreezeRating(_("Nothing is known of this park at %(date)s.") % {"date": cut_off_on})
    row = _rows(scheme, gathered, cut_off_on, at)[0]
    row.state = Rating.State.FROZEN
    row.frozen_by = actor
    row.title = title[:120]
    row.save()
    audit.record(
        "assessment.rating.frozen", target=row, actor=actor, at=at, park=park, title=row.title, hash=row.result_hash[:12]
    )
    return row


def recompute_matches(*, frozen: Rating) -> bool | None:
    """Tell whether a frozen rating computed anew gives the same hash; None where its scheme version is not installed."""
    scheme = get_scheme(scheme_id=frozen.scheme_id)
    if scheme.hash != frozen.scheme_hash:
        return None
    inputs = plain_inputs(inputs=frozen.inputs)
    result = rating.rate(scheme, rating.FactTable.from_rows({str(frozen.park_id): inputs}))
    return rating.result_hash(scheme, inputs, result.unit(0)) == frozen.result_hash

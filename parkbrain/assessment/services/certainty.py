"""Draws how sure the stars of all parks are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
from django.db import transaction
from django.utils.translation import gettext as _
from django_tasks import task

from parkbrain.calc import rating
from parkbrain.calc.rating import certainty
from parkbrain.kernel import audit
from parkbrain.kernel.models import Job, Park, User
from parkbrain.kernel.roles import Permission

from ..models import PeerScores, Rating, StarCertainty
from ..queries.certainty import CITY_DRAWS, DRAW_CITY, Assumptions, limits_of, relative_of
from ..queries.plans import facts_hash
from ..queries.schemes import MAIN_SCHEME, get_scheme
from .city_work import cancel_city_work, run_city_work, start_city_work


class CannotDrawCity(Exception):
    """The stars of all parks cannot be drawn."""


def refresh_certainty(*, at: datetime, progress: Callable[[int, int], None] | None = None) -> int:
    """Draw how sure the star and rank of every rated park are, store it, and return how many parks there were."""
    scheme, assumptions = get_scheme(scheme_id=MAIN_SCHEME), Assumptions(draws=CITY_DRAWS)
    current = Rating.objects.filter(scheme_id=MAIN_SCHEME, state=Rating.State.CURRENT).order_by("park_id")
    rows = list(current.values_list("park_id", "park__kind", "inputs"))
    if not rows:
        return 0
    table = rating.FactTable.from_rows(
        {
            str(park): {key: inputs[key][0] if key in inputs else None for key in scheme.facts}
            for park, _k, inputs in rows
        }
    )
    result = rating.rate(scheme, table)
    peers = certainty.peers_of(result)
    kinds = sorted({kind for _park, kind, _inputs in rows})
    groups = [kinds.index(kind) for _park, kind, _inputs in rows]
    found = certainty.city_certainty(
        scheme,
        table,
        doubt=assumptions.doubt,
        relative=_relative_columns([inputs for _park, _kind, inputs in rows], assumptions),
        limits=limits_of(scheme=scheme),
        peers=peers,
        groups=groups,
        progress=progress,
    )
    sizes = np.bincount(groups)
    stored = [
        _row(found, row, park, int(result.class_proven[row]), facts_hash(inputs=inputs), int(sizes[groups[row]]), at)
        for row, (park, _kind, inputs) in enumerate(rows)
    ]
    _store(scheme, stored, peers, at)
    return len(rows)


def _relative_columns(inputs: Sequence[Mapping[str, Any]], assumptions: Assumptions) -> dict[str, Any]:
    """Return how far each amount of every park may be off, a column a fact."""
    shares = [relative_of(inputs=one, assumptions=assumptions) for one in inputs]
    keys = sorted({key for one in shares for key in one})
    return {key: np.array([one.get(key, 0.0) for one in shares]) for key in keys}


def _row(
    found: certainty.CityCertainty, row: int, park_id: int, proven: int, facts: str, kind_count: int, at: datetime
) -> StarCertainty:
    chances = np.round(found.probability[row], 4).tolist()
    by_rank = dict(zip(found.class_ranks, chances, strict=True))
    return StarCertainty(
        park_id=park_id,
        scheme_id=MAIN_SCHEME,
        facts_hash=facts,
        class_proven=proven,
        certainty=by_rank[proven],
        probabilities=chances,
        quantiles=found.quantiles[row].tolist(),
        rank=[int(place) for place in found.rank[row]],
        kind_rank=[int(place) for place in found.group_rank[row]],
        park_count=len(found.units),
        kind_count=kind_count,
        draws=found.doubt.draws,
        computed_at=at,
    )


@transaction.atomic
def _store(scheme: rating.Scheme, rows: list[StarCertainty], peers: certainty.Peers, at: datetime) -> None:
    StarCertainty.objects.filter(scheme_id=scheme.id).delete()
    # A park that went while the drawing ran has no row any more.
    there = set(Park.objects.values_list("pk", flat=True))
    StarCertainty.objects.bulk_create([row for row in rows if row.park_id in there], batch_size=500)
    scores = {"scores": peers.scores, "gates": peers.gates, "vetoes": peers.vetoes}
    PeerScores.objects.update_or_create(
        scheme_id=scheme.id,
        defaults={"scheme_hash": scheme.hash, "park_count": len(rows), "scores": scores, "computed_at": at},
    )


def start_drawing(*, actor: User, at: datetime) -> Job:
    """Queue the drawing of all parks, or return the job that is under way.

    :raises CannotDrawCity: the actor does not oversee the city.
    """
    if not actor.may(Permission.VIEW_CITY):
        raise CannotDrawCity(_("You may not draw the stars of the city."))
    return start_city_work(
        kind=DRAW_CITY,
        record=lambda job: audit.record("assessment.certainty.started", target=job, actor=actor, at=at),
        enqueue=run_drawing.enqueue,
        actor=actor,
        at=at,
    )


@task()
def run_drawing(*, job_id: int) -> None:
    """Do the work of a drawing job."""
    run_city_work(job_id=job_id, refresh=refresh_certainty)


def cancel_drawing(*, actor: User) -> None:
    """Stop the drawing that is under way; what was found before stays.

    :raises CannotDrawCity: the actor does not oversee the city.
    """
    if not actor.may(Permission.VIEW_CITY):
        raise CannotDrawCity(_("You may not draw the stars of the city."))
    cancel_city_work(kind=DRAW_CITY)

"""Compute, freeze and recompute ratings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import numpy as np
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from parkbrain.calc import rating
from parkbrain.kernel import audit, bulk
from parkbrain.kernel.documents import store_document
from parkbrain.kernel.models import Document, Park, User
from parkbrain.kernel.reading import among
from parkbrain.kernel.roles import Permission

from ..models import Rating, Snapshot
from ..queries.facts import Gathered, gather_facts, list_rated_parks
from ..queries.schemes import (
    MAIN_SCHEME,
    archived_name,
    find_scheme_version,
    get_scheme,
    list_schemes,
    scheme_facts,
    scheme_file,
)
from .snapshots import store_columns


class CannotFreezeRating(Exception):
    """The rating cannot be frozen."""


def plain_inputs(*, inputs: Mapping[str, Sequence[Any]]) -> dict[str, float | None]:
    """Return stored inputs as the engine reads them: key → value."""
    return {key: float(entry[0]) for key, entry in inputs.items()}


def rate_inputs(*, scheme: rating.Scheme, inputs: Mapping[str, Sequence[Any]]) -> rating.Result:
    """Rate one park by its stored inputs."""
    plain = plain_inputs(inputs=inputs)
    return rating.rate(scheme, rating.FactTable.from_rows({"park": {key: plain.get(key) for key in scheme.facts}}))


def hash_of(*, scheme: rating.Scheme, inputs: Mapping[str, Sequence[Any]]) -> str:
    """Return the hash over scheme, inputs and everything that follows from them."""
    result = rate_inputs(scheme=scheme, inputs=inputs)
    return rating.result_hash(scheme, plain_inputs(inputs=inputs), result.unit(0))


def store_result(*, result: rating.Result) -> dict[str, Any]:
    """Return the result of one park as a frozen rating keeps it: node and indicator scores, gates and vetoes."""
    unit = result.unit(0)
    leaves = unit.indicators
    return {
        "nodes": {key: [one.proven, one.reachable] for key, one in unit.nodes.items() if key not in leaves},
        "indicators": {
            key: [one.value, one.state, one.proven, one.reachable, one.weight_in_force] for key, one in leaves.items()
        },
        "gates": {key: int(flags[0]) for key, flags in result.gates.items()},
        "vetoes": {key: int(flags[0]) for key, flags in result.vetoes.items()},
    }


def _plain(column: NDArray[np.float64]) -> list[float | None]:
    """Return a column as JSON holds it: unknown is null."""
    return [None if value != value else value for value in column.tolist()]


def rate_gathered(*, scheme: rating.Scheme, gathered: Gathered) -> tuple[Gathered, rating.Result] | None:
    """Rate the parks of the table: all by the main scheme, by another those with a fact that only it asks for.

    Schemes share facts; a park that never answered anything of a scheme's own is not rated by it. None where no park is.
    """
    keys = [i for i, key in enumerate(gathered.keys) if key in scheme.facts]
    shared = get_scheme(scheme_id=MAIN_SCHEME).facts
    own = [i for i in keys if gathered.keys[i] not in shared] or keys
    has_any = ~np.isnan(gathered.values[:, own]).all(axis=1)
    # Every park carries the main scheme, also when nothing is known of it yet: then its proven total is nought.
    wanted = np.arange(len(gathered.park_ids)) if scheme.id == MAIN_SCHEME else np.flatnonzero(has_any)
    if not len(wanted):
        return None
    subset = gathered.subset(rows=wanted, keys=scheme.facts)
    return subset, rating.rate(scheme, subset.table())


def _columns(
    scheme: rating.Scheme, facts: Gathered, result: rating.Result, on: date, at: datetime
) -> dict[str, Iterable[Any]]:
    """Return the columns of current ratings, not yet saved; a hash seals only what is frozen."""
    dimensions = {
        node.id: list(zip(_plain(result.proven[node.id]), _plain(result.reachable[node.id]), strict=True))
        for node in scheme.root.children
        if node.children
    }
    same = {
        "scheme_id": scheme.id,
        "scheme_version": scheme.version,
        "scheme_hash": scheme.hash,
        "state": Rating.State.CURRENT.value,
        "cut_off_on": on,
        "computed_at": at,
        "title": "",
        "result_hash": "",
        "result": {},
    }
    count = len(facts.park_ids)
    return {
        **{name: [value] * count for name, value in same.items()},
        "park_id": facts.park_ids,
        "inputs": facts.all_inputs(),
        "dimension_scores": [{key: pairs[row] for key, pairs in dimensions.items()} for row in range(count)],
        "total_proven": np.nan_to_num(result.total_proven).tolist(),
        "total_reachable": np.nan_to_num(result.total_reachable).tolist(),
        "class_proven": result.class_proven.tolist(),
        "class_reachable": result.class_reachable.tolist(),
        "coverage": result.coverage.tolist(),
    }


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
        rated = rate_gathered(scheme=scheme, gathered=gathered)
        # Replaced as a whole: a park that lost its last fact of a scheme also loses its current rating by it.
        Rating.objects.filter(state=Rating.State.CURRENT, scheme_id=scheme.id, park_id__in=among(parks)).delete()
        if rated:
            columns = _columns(scheme, *rated, on, at)
            # A current rating follows from rows: it is no row that somebody takes back.
            bulk.insert_values(model=Rating, columns=list(columns), rows=zip(*columns.values(), strict=True))
            count += len(rated[0].park_ids)
        if rated and park_ids is None and scheme.id == MAIN_SCHEME:
            store_columns(
                scheme=scheme,
                park_ids=rated[0].park_ids,
                result=rated[1],
                facts=rated[0].columns(),
                kind=Snapshot.Kind.CURRENT,
                on=on,
                at=at,
            )
        if progress:
            progress(step + 1, len(schemes))
    return count


def _rated(park_ids: Sequence[int]) -> list[int]:
    parks = Park.objects.filter(pk__in=among(park_ids)).exclude(standing=Park.Standing.AS_STATED)
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
    rated = rate_gathered(scheme=scheme, gathered=gathered)
    if rated is None:
        raise CannotFreezeRating(_("Nothing is known of this park at %(date)s.") % {"date": cut_off_on})
    row = Rating(**{name: next(iter(of)) for name, of in _columns(scheme, *rated, cut_off_on, at).items()})
    row.state = Rating.State.FROZEN
    row.frozen_by = actor
    row.title = title[:120]
    result = rate_inputs(scheme=scheme, inputs=row.inputs)
    row.result = store_result(result=result)
    row.result_hash = hash_of(scheme=scheme, inputs=row.inputs)
    row.save()
    _keep_scheme(scheme, actor, at)
    audit.record(
        "assessment.rating.frozen",
        target=row,
        actor=actor,
        at=at,
        park=park,
        title=row.title,
        hash=row.result_hash[:12],
    )
    return row


def _keep_scheme(scheme: rating.Scheme, actor: User | None, at: datetime) -> None:
    """Keep the file of the scheme with the documents, once a version: a frozen rating outlives the installed file."""
    name = archived_name(scheme_hash=scheme.hash)
    if not Document.objects.filter(park=None, name=name).exists():
        store_document(name=name, chunks=[scheme_file(scheme_id=scheme.id).read_bytes()], actor=actor, at=at)


def recompute_matches(*, frozen: Rating) -> bool | None:
    """Tell whether a frozen rating computed anew gives its hash; None where its scheme version is nowhere kept."""
    scheme = find_scheme_version(scheme_id=frozen.scheme_id, scheme_hash=frozen.scheme_hash)
    if scheme is None:
        return None
    return hash_of(scheme=scheme, inputs=frozen.inputs) == frozen.result_hash

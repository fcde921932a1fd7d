"""One fact of one park with everything behind it, and the list of all facts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from parkbrain.calc.intervals import DatePeriod, period_of
from parkbrain.intake.models import Origin
from parkbrain.kernel import audit, registry
from parkbrain.kernel.models import AuditEvent, Park
from parkbrain.ui import formats

from ..models import Declaration, Rating, Verification
from .facts import LETTERS, gather_facts, validity_of
from .schemes import MAIN_SCHEME, CatalogueFact, describe, get_catalogue, get_scheme, list_schemes


@dataclass(frozen=True)
class FactLine:
    """A fact in the list of all facts."""

    fact: CatalogueFact
    value: float | None
    standing: str
    coverage: float
    is_computable: bool


@dataclass(frozen=True)
class HistoryLine:
    """Something that happened to a fact."""

    at: object
    text: str
    actor: str


@dataclass(frozen=True)
class RowLine:
    """A row behind a fact: what it is, its part of the number, where it opens, and the file it was taken from."""

    label: str
    detail: str
    value: float | None
    url: str
    source: str = ""
    batch_id: int | None = None


@dataclass(frozen=True)
class FactSheet:
    """A fact with its value, how it came about, the rows behind it, and what was stated and found."""

    fact: CatalogueFact
    period: DatePeriod
    value: float | None
    standing: str
    coverage: float
    how: str
    computed: registry.FactValue | None
    rows: Sequence[RowLine]
    declarations: Sequence[Declaration]
    verifications: Sequence[Verification]
    history: Sequence[HistoryLine]
    used_by: Sequence[tuple[str, str, str, str]]
    conflicts: bool

    @property
    def points_on(self) -> float:
        """The points of the star that rest on the fact."""
        return points_by_fact().get(self.fact.key, 0.0)


@dataclass(frozen=True)
class FactGroup:
    """Facts of one group."""

    key: str
    lines: Sequence[FactLine]


def list_facts(*, park: Park, cut_off_on: date, standing: str = "", scheme_id: str = "") -> list[FactLine]:
    """Return every fact of the catalogue as it stands for a park.

    `standing` u, d, c or v keeps only those, and a scheme those that it reads.
    """
    computable = registry.facts.keys()
    read = get_scheme(scheme_id=scheme_id).facts if scheme_id else None
    known = _known_facts(park, cut_off_on)
    lines = []
    for key, fact in get_catalogue().items():
        if read is not None and key not in read:
            continue
        value, letter, share = known.get(key, (None, "", 0.0))
        if not standing or standing == (letter or "u"):
            lines.append(FactLine(fact, value, letter, share, key in computable))
    return lines


def _known_facts(park: Park, cut_off_on: date) -> dict[str, tuple[float | None, str, float]]:
    """Return the known facts: as the current ratings of that day took them, gathered anew for any other day.

    The schemes together read every fact of the catalogue, so the ratings' inputs are all there is; reading them keeps
    the list, the stars and the home at the same number.
    """
    current = list(Rating.objects.filter(park=park, state=Rating.State.CURRENT).values_list("cut_off_on", "inputs"))
    if current and all(day == cut_off_on for day, _inputs in current):
        return {
            key: (float(entry[0]), str(entry[1]), float(entry[2]))
            for _day, inputs in current
            for key, entry in inputs.items()
        }
    gathered = gather_facts(park_ids=[park.pk], cut_off_on=cut_off_on, keys=list(get_catalogue()))
    return {key: (value, letter, share) for key, (value, letter, share) in gathered.all_inputs()[0].items()}


def get_fact_sheet(*, park: Park, fact_key: str, cut_off_on: date) -> FactSheet | None:
    """Return one fact with everything behind it, or None where the catalogue has no such fact."""
    fact = get_catalogue().get(fact_key)
    if fact is None:
        return None
    period = period_of(fact.period, cut_off_on)
    gathered = gather_facts(park_ids=[park.pk], cut_off_on=cut_off_on, keys=[fact_key])
    value = float(gathered.values[0, 0])
    registered = registry.facts.get(fact_key)
    computed = None
    rows: Sequence[RowLine] = ()
    if registered is not None:
        computed = registered.values(park_ids=[park.pk], period=period).get(park.pk)
        rows = _with_sources(registered.rows(park_id=park.pk, period=period))
    stated = {"park": park, "fact_key": fact_key}
    declarations = list(
        Declaration.objects.filter(**stated).select_related("evidence", "declared_by").order_by("-ends_on")[:12]
    )
    verifications = list(
        Verification.objects.filter(**stated).select_related("evidence", "verified_by").order_by("-ends_on")[:12]
    )
    return FactSheet(
        fact=fact,
        period=period,
        value=value if value == value else None,
        standing=LETTERS[int(gathered.standing[0, 0])],
        coverage=float(gathered.coverage[0, 0]),
        how=str(registered.how) if registered else "",
        computed=computed,
        rows=rows,
        declarations=declarations,
        verifications=verifications,
        history=_history(park, fact_key),
        used_by=_used_by(fact_key),
        conflicts=_conflicts(fact, computed, declarations, cut_off_on),
    )


def _with_sources(rows: Sequence[registry.FactRow]) -> list[RowLine]:
    """Return the rows with the file, sheet and row that each was last taken from."""
    wanted: dict[str, set[int]] = {}
    for row in rows:
        if row.target_id:
            wanted.setdefault(row.target_label, set()).add(row.target_id)
    latest: dict[tuple[str, int], Origin] = {}
    for label, ids in wanted.items():
        origins = Origin.objects.filter(target_label=label, target_id__in=ids).exclude(batch__state="ROLLED_BACK")
        origins = origins.select_related("batch__document")
        latest.update({(label, one.target_id): one for one in origins.order_by("pk")})
    lines = []
    for row in rows:
        origin = latest.get((row.target_label, row.target_id))
        source = f"{origin.batch.document.name} · {origin.sheet} · {origin.row_number}" if origin else ""
        batch_id = origin.batch_id if origin else None
        lines.append(RowLine(row.label, row.detail, row.value, row.url, source, batch_id))
    return lines


def _conflicts(
    fact: CatalogueFact, computed: registry.FactValue | None, declared: Sequence[Declaration], cut_off_on: date
) -> bool:
    """Tell whether what is declared differs from what our rows say."""
    if computed is None or computed.value is None:
        return False
    window, exact = validity_of(kind=fact.period, cut_off_on=cut_off_on)
    for one in declared:
        fits = (
            (one.starts_on, one.ends_on) == (window.starts_on, window.ends_on)
            if exact
            else window.contains(one.ends_on)
        )
        if fits:
            return abs(one.value - computed.value) > 1e-6 * max(1.0, abs(computed.value))
    return False


def _history(park: Park, fact_key: str) -> list[HistoryLine]:
    events = AuditEvent.objects.filter(park=park, code__startswith="assessment.fact.", details__fact=fact_key)
    return [
        HistoryLine(event.at, audit.sentence(event), str(event.actor or ""))
        for event in events.select_related("actor")[:20]
    ]


def get_event_words(*, details: Mapping[str, Any]) -> dict[str, str]:
    """Return an event's fact by its name, and the value it was given with its unit, as people read them."""
    fact, new = get_catalogue().get(str(details.get("fact"))), details.get("new")
    words = {} if fact is None else {"fact": fact.name}
    if fact is not None and isinstance(new, int | float):
        words["new"] = (_("yes") if new else _("no")) if fact.kind == "boolean" else formats.with_unit(new, fact.unit)
    return words


def points_by_fact() -> dict[str, float]:
    """Return the points of the star that rest on each fact: the weights of the indicators that read it."""
    points: dict[str, float] = {}
    for one in get_scheme(scheme_id=MAIN_SCHEME).indicators:
        for key in one.facts:
            points[key] = points.get(key, 0.0) + one.weight
    return points


def _used_by(fact_key: str) -> list[tuple[str, str, str, str]]:
    """Return (scheme id, scheme, indicator id, indicator) of every indicator that reads the fact."""
    return [
        (scheme.id, describe(value=scheme.name), one.id, describe(value=one.name))
        for scheme in list_schemes()
        for one in scheme.indicators
        if fact_key in one.facts
    ]

"""How sure a star is: chances of every class, bands of the total and the rank, and what decides them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from typing import Any

from django.core.cache import cache
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from parkbrain.calc import rating as engine
from parkbrain.calc.rating import certainty
from parkbrain.calc.rating.document import sha256_of
from parkbrain.kernel.models import Job, Park, User
from parkbrain.kernel.roles import Permission
from parkbrain.kernel.work import with_progress
from parkbrain.ui.formats import number, percent

from ..models import PeerScores, StarCertainty
from .plans import facts_hash
from .schemes import MAIN_SCHEME, describe, get_catalogue
from .sheets import StarSheet

#: The kind of the job that draws all parks.
DRAW_CITY = "assessment.certainty"
#: Draws of one park, and of every park of a city.
DRAWS, CITY_DRAWS = 4096, 10_000
#: Base sample of the sensitivity of one park.
BASE = 256
#: A drawn answer is kept so long [s]; its key holds all that it rests on.
KEPT_S = 24 * 3600
#: Only amounts are off by a share of themselves; a yes, a no or a level is as recorded.
AMOUNTS = frozenset({"number", "count"})


@dataclass(frozen=True)
class Assumptions:
    """What is drawn, as a person sets it; spreads are half the 95 % range in percent.

    `weights` is the concentration of the weights (0 holds them); `declared`, `computed` and `verified` how far facts
    of each standing may be off; `filled` the chance that an unknown is filled in.
    """

    draws: int = DRAWS
    seed: int = 0
    weights: int = 100
    thresholds: float = 5.0
    declared: float = 10.0
    computed: float = 3.0
    verified: float = 1.0
    filled: float = 50.0

    @property
    def doubt(self) -> certainty.Doubt:
        """The same as the engine takes it."""
        return certainty.Doubt(
            draws=self.draws,
            seed=self.seed,
            concentration=float(self.weights) or None,
            threshold_spread=self.thresholds / 100,
            filled=self.filled / 100,
        )

    def relative_of(self, *, standing: str, coverage: float) -> float:
        """Return half the 95 % range of a fact [share]: that of its standing, widened by what was not covered."""
        own = {"d": self.declared, "c": self.computed, "v": self.verified}[standing] / 100
        return float((own**2 + (1.0 - min(coverage, 1.0)) ** 2) ** 0.5)


def chance_text(*, chance: float) -> str:
    """Return a chance in whole percent; what is rare is not never, and what is likely not always."""
    if 0 < chance < 0.005:
        return "< 1%"
    return "> 99%" if 0.995 <= chance < 1 else percent(chance, 0)


def error_text(*, error: float) -> str:
    """Return a standard error in percentage points, without its unit."""
    return number(100 * error, 2 if error < 0.001 else 1)


@dataclass(frozen=True)
class ClassChance:
    """A class with its chance and the standard error of it, both as shares."""

    rank: int
    name: str
    chance: float
    is_proven: bool
    error: float = 0.0

    @property
    def error_text(self) -> str:
        """The standard error in percentage points; empty where no draw, or every draw, ended in the class."""
        return error_text(error=self.error) if self.error else ""

    @property
    def text(self) -> str:
        """The chance as people say it: what is rare is not never, what is likely not always."""
        return chance_text(chance=self.chance)


@dataclass(frozen=True)
class DriverLine:
    """One thing that decides: its shares of the variance, and what the total and the chance are at both its ends.

    `low` and `high` are (mean total, chance of the likeliest class or better); `subject` is the fact's key or the
    indicator's id, empty for groups.
    """

    kind: str
    subject: str
    name: str
    indicators: Sequence[tuple[str, str]]
    first: float
    total: float
    low: tuple[float, float] | None
    high: tuple[float, float] | None

    @property
    def first_percent(self) -> float:
        """The share alone in percent, for a bar."""
        return 100 * self.first

    @property
    def total_percent(self) -> float:
        """The share with others in percent, for a bar; never below the share alone."""
        return 100 * max(self.first, self.total)

    @property
    def low_text(self) -> str:
        """The chance at the lower end in words."""
        return chance_text(chance=self.low[1]) if self.low else ""

    @property
    def high_text(self) -> str:
        """The chance at the upper end in words."""
        return chance_text(chance=self.high[1]) if self.high else ""


@dataclass(frozen=True)
class CertaintySheet:
    """How sure a park's star is, with everything that explains it; `city` is None until the city was drawn."""

    sheet: StarSheet
    assumptions: Assumptions
    found: certainty.Certainty
    sensitivity: certainty.Sensitivity
    chances: Sequence[ClassChance]
    drivers: Sequence[DriverLine]
    uncertain_count: int
    open_count: int
    city: StarCertainty | None
    is_city_current: bool
    peer_count: int

    @property
    def likeliest(self) -> ClassChance:
        """The class that most draws end in."""
        return next(one for one in self.chances if one.rank == self.found.likeliest)

    @property
    def proven(self) -> ClassChance:
        """The class that the rating proves."""
        return next(one for one in self.chances if one.is_proven)

    @property
    def most_unseen(self) -> str:
        """The largest chance, with 95 % confidence, of a class that no draw ended in."""
        return percent(certainty.most_unseen(self.assumptions.draws), 2)

    @property
    def city_error_text(self) -> str:
        """The standard error of the certainty that the city's drawing found, in percentage points."""
        if self.city is None:
            return ""
        return error_text(error=certainty.standard_error_of(self.city.certainty, self.city.draws))

    @property
    def thresholds(self) -> list[tuple[str, float]]:
        """The totals that the classes ask for, the lowest first."""
        classes = sorted(self.sheet.scheme.outcome.classes, key=lambda one: one.rank)
        return [(describe(value=one.name), one.min_total) for one in classes]


def limits_of(*, scheme: engine.Scheme) -> dict[str, certainty.Limit]:
    """Return where the catalogue keeps the facts of a scheme."""
    catalogue = get_catalogue()
    limits = {}
    for key in scheme.facts & set(catalogue):
        fact = catalogue[key]
        low = -float("inf") if fact.minimum is None else float(fact.minimum)
        high = float("inf") if fact.maximum is None else float(fact.maximum)
        limits[key] = certainty.Limit(low, high, fact.part_of)
    return limits


def relative_of(*, inputs: Mapping[str, Sequence[Any]], assumptions: Assumptions) -> dict[str, float]:
    """Return how far each amount among a rating's inputs may be off [share, half the 95 % range]."""
    catalogue = get_catalogue()
    return {
        key: assumptions.relative_of(standing=str(entry[1]), coverage=float(entry[2]))
        for key, entry in inputs.items()
        if key in catalogue and catalogue[key].kind in AMOUNTS
    }


def get_peers(*, scheme_hash: str) -> tuple[certainty.Peers, int, str]:
    """Return what parks have, how many they are, and when that was counted; nothing before the first drawing."""
    row = PeerScores.objects.filter(scheme_id=MAIN_SCHEME, scheme_hash=scheme_hash).first()
    if row is None:
        return certainty.Peers(), 0, ""
    scores = {key: tuple(values) for key, values in row.scores["scores"].items()}
    return certainty.Peers(scores, row.scores["gates"], row.scores["vetoes"]), row.park_count, str(row.computed_at)


def get_certainty(*, sheet: StarSheet, assumptions: Assumptions) -> CertaintySheet:
    """Return how sure the star of a sheet of the main scheme is; drawn once for the same facts and assumptions."""
    peers, peer_count, counted = get_peers(scheme_hash=sheet.scheme.hash)
    relative = relative_of(inputs=sheet.inputs, assumptions=assumptions)
    facts = {key: float(entry[0]) for key, entry in sheet.inputs.items()}
    limits = limits_of(scheme=sheet.scheme)
    parts = {"facts": facts, "relative": relative, "how": [*astuple(assumptions), counted, BASE, sheet.scheme.hash]}
    key = f"assessment.certainty.{sha256_of(parts)}"
    kept = cache.get(key)
    if kept is None:
        prepared = certainty.prepare(sheet.scheme, facts, relative=relative, limits=limits, peers=peers)
        found, sensitivity = certainty.sensitivity_of(prepared, assumptions.doubt, base=BASE)
        kept = found, sensitivity, len(prepared.relative), len(prepared.open_leaves) + len(prepared.open_tests)
        cache.set(key, kept, timeout=KEPT_S)
    found, sensitivity, uncertain_count, open_count = kept
    city = StarCertainty.objects.filter(park=sheet.park, scheme_id=sheet.scheme.id).first()
    names = {0: _("No star")} | {one.rank: describe(value=one.name) for one in sheet.scheme.outcome.classes}
    return CertaintySheet(
        sheet=sheet,
        assumptions=assumptions,
        found=found,
        sensitivity=sensitivity,
        chances=[
            ClassChance(
                rank,
                names.get(rank, ""),
                chance,
                rank == found.class_proven,
                certainty.standard_error_of(chance, assumptions.draws),
            )
            for rank, chance in sorted(found.probability.items())
        ],
        drivers=[_line(sheet, one) for one in sensitivity.drivers],
        uncertain_count=uncertain_count,
        open_count=open_count,
        city=city,
        is_city_current=city is not None and city.facts_hash == facts_hash(inputs=sheet.inputs),
        peer_count=peer_count,
    )


def _line(sheet: StarSheet, driver: certainty.Driver) -> DriverLine:
    name = ""
    if driver.kind == "fact":
        name = get_catalogue()[driver.key].name
    elif driver.kind == "gap":
        name = sheet.name_of(node_id=driver.key)
    indicators = [(one, sheet.name_of(node_id=one)) for one in driver.indicator_ids]
    subject = driver.key if driver.kind in {"fact", "gap"} else ""
    return DriverLine(driver.kind, subject, name, indicators, driver.first, driver.total, driver.low, driver.high)


def list_certainties(*, user: User, permission: Permission = Permission.VIEW_CITY) -> QuerySet[StarCertainty]:
    """Return what the city's drawing found for the parks that the person oversees."""
    return (
        StarCertainty.objects.visible_to(user, permission)
        .filter(scheme_id=MAIN_SCHEME)
        .exclude(park__standing=Park.Standing.AS_STATED)
    )


def get_drawing_job() -> Job | None:
    """Return the drawing of all parks that was asked for last, with how far it is."""
    job = Job.objects.filter(kind=DRAW_CITY).order_by("-requested_at").first()
    return with_progress(job=job) if job else None

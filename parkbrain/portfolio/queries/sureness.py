"""How sure the stars of a city are: counted by star, and the parks that stand closest to another one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.cache import cache
from django.db.models import FloatField, Max, OuterRef, QuerySet, Subquery

from parkbrain.assessment.models import Rating, StarCertainty
from parkbrain.assessment.queries import MAIN_SCHEME, list_certainties
from parkbrain.calc.rating.certainty import standard_error_of
from parkbrain.kernel.models import User
from parkbrain.kernel.reading import shared

#: From this chance on a star counts as sure; below the other it is doubtful.
SURE, DOUBTFUL = 0.9, 0.5
#: So many of the least sure parks are listed.
SHOWN = 40


@dataclass(frozen=True)
class StarLine:
    """A number of stars: how many parks prove it, how sure they are, and how many hold it in a draw on average."""

    stars: int
    proven_count: int
    sure_count: int
    likely_count: int
    doubtful_count: int
    expected_count: float


@dataclass(frozen=True)
class CitySureness:
    """How sure the stars of a person's parks are; `parks` are those whose star is least sure, with its standard error."""

    park_count: int
    sure_count: int
    doubtful_count: int
    lines: Sequence[StarLine]
    parks: Sequence[tuple[StarCertainty, float]]
    computed_at: datetime | None
    draws: int

    @property
    def largest_error(self) -> float:
        """The largest standard error that a chance can have, that of one half [share]."""
        return standard_error_of(0.5, self.draws) if self.draws else 0.0


def with_certainty(*, ratings: QuerySet[Rating]) -> QuerySet[Rating]:
    """Return the ratings with the certainty of each star as the last drawing found it, to sort and filter by."""
    found = StarCertainty.objects.filter(park_id=OuterRef("park_id"), scheme_id=OuterRef("scheme_id"))
    return ratings.annotate(certainty=Subquery(found.values("certainty")[:1], output_field=FloatField()))


@shared
def get_certainties() -> Mapping[int, float]:
    """Return the certainty of each park's star by the park's number; read once for each drawing.

    For rows that were chosen by what the person oversees: the mapping itself is not.
    """
    rows = StarCertainty.objects.filter(scheme_id=MAIN_SCHEME).order_by()
    newest = rows.aggregate(newest=Max("computed_at"))["newest"]
    key = f"portfolio.certainties.{newest.timestamp() if newest else 0}"
    known: dict[int, float] | None = cache.get(key)
    if known is None:
        known = dict(rows.values_list("park_id", "certainty"))
        cache.set(key, known, timeout=3600)
    return known


def get_sureness(*, user: User) -> CitySureness:
    """Return how sure the stars of the parks are that the person oversees."""
    rows = list_certainties(user=user)
    drawn = list(rows.order_by().values_list("class_proven", "certainty", "probabilities"))
    lines = []
    for stars in range(6):
        own = [certainty for proven, certainty, _chances in drawn if proven == stars]
        sure, doubtful = sum(one >= SURE for one in own), sum(one < DOUBTFUL for one in own)
        expected = sum(chances[stars] for _proven, _certainty, chances in drawn if stars < len(chances))
        lines.append(StarLine(stars, len(own), sure, len(own) - sure - doubtful, doubtful, expected))
    least = rows.filter(class_proven__gt=0).select_related("park").order_by("certainty", "park_id")
    newest, draws = rows.order_by("-computed_at").values_list("computed_at", "draws").first() or (None, 0)
    return CitySureness(
        park_count=len(drawn),
        sure_count=sum(line.sure_count for line in lines),
        doubtful_count=sum(line.doubtful_count for line in lines),
        lines=lines,
        parks=[(one, standard_error_of(one.certainty, one.draws)) for one in least[:SHOWN]],
        computed_at=newest,
        draws=draws,
    )

"""When premises stood empty."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from parkbrain.calc.intervals import DatePeriod
from parkbrain.kernel.reading import among, shared
from parkbrain.space.models import Premises

from ..models import Occupancy


@dataclass(frozen=True)
class VacancySpell:
    """Lettable premises that stood empty from a day (None: unknown) up to, not including, another."""

    park_id: int
    premises_id: int
    premises_code: str
    area_m2: float
    starts_on: date | None
    ends_on: date
    is_vacant: bool

    @property
    def days(self) -> int | None:
        """Length of the vacancy in days."""
        return (self.ends_on - self.starts_on).days if self.starts_on else None


#: The columns that a spell is made of: a rating asks this of every premises.
_READ = (
    *("park_id", "pk", "code", "billing_area_m2"),
    *("lettable_from_on", "added_on", "building__completed_on", "building__added_on", "park__opened_on"),
)
Stay = tuple[date, date | None]
#: Up to so many parks the stays of theirs are looked up park by park.
FEW_PARKS = 100


@shared
def list_vacancy_spells(*, park_ids: Collection[int], period: DatePeriod) -> list[VacancySpell]:
    """Return one spell per lettable premises that are vacant on the last day or were let after a vacancy in the period.

    A vacancy begins when the last firm moved out, else when the premises became lettable, were completed, or the park
    opened, whichever of these is known first.
    """
    day = period.last_on
    # What was let before the period and still is has no spell: most premises of a city, never looked at.
    let = Occupancy.objects.current_on(day).filter(starts_on__lt=period.starts_on).order_by().values("premises")
    if len(park_ids) <= FEW_PARKS:
        # Of a few parks their own stays alone; over a whole city the join would cost more than it saves.
        let = let.filter(premises__park__in=park_ids)
    stock = Premises.objects.filter(park__in=among(park_ids), lettable=True).lettable_on(day).exclude(pk__in=let)
    stays: dict[int, list[Stay]] = {}
    rows = Occupancy.objects.filter(premises__in=stock, starts_on__lt=period.ends_on).order_by("premises", "starts_on")
    for premises_id, starts_on, ends_on in rows.values_list("premises_id", "starts_on", "ends_on"):
        stays.setdefault(premises_id, []).append((starts_on, ends_on))
    spells = []
    for park_id, pk, code, area_m2, lettable_on, added_on, completed_on, built_on, opened_on in stock.order_by(
        "code"
    ).values_list(*_READ):
        begins = _first_of(lettable_on or completed_on or opened_on, added_on, built_on)
        spell = _spell(stays.get(pk, []), begins, period)
        if spell is not None:
            spells.append(VacancySpell(park_id, pk, code, area_m2, *spell))
    return spells


def _spell(stays: Sequence[Stay], begins: date | None, period: DatePeriod) -> tuple[date | None, date, bool] | None:
    """Return from when to when premises with these stays stood empty, and whether they still do."""
    last_end = stays[-1][1] if stays else begins
    if not stays or (last_end is not None and last_end <= period.last_on):
        return last_end, period.ends_on, True
    starts_on = stays[-2][1] if len(stays) > 1 else begins
    ends_on = stays[-1][0]
    if not period.contains(ends_on) or (starts_on is not None and starts_on >= ends_on):
        return None
    return starts_on, ends_on, False


def first_lettable_on(*, premises: Premises) -> date | None:
    """Return the day from which premises could be let, as far as the record says."""
    opened_on = premises.lettable_from_on or premises.building.completed_on or premises.park.opened_on
    return _first_of(opened_on, premises.added_on, premises.building.added_on)


def _first_of(opened_on: date | None, *added_on: date | None) -> date | None:
    # Premises that came to the park later (a split, a new building) could not be let before they were there.
    return max((day for day in (opened_on, *added_on) if day), default=None)

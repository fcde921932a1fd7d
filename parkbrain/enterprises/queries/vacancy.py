"""When premises stood empty."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from parkbrain.calc.intervals import DatePeriod
from parkbrain.kernel.reading import shared
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
    "code",
    "billing_area_m2",
    "lettable_from_on",
    "added_on",
    "building__completed_on",
    "building__added_on",
    "park__opened_on",
)


@shared
def list_vacancy_spells(*, park_ids: Collection[int], period: DatePeriod) -> list[VacancySpell]:
    """Return one spell per lettable premises that are vacant on the last day or were let after a vacancy in the period.

    A vacancy begins when the last firm moved out, else when the premises became lettable, were completed, or the park
    opened, whichever of these is known first.
    """
    day = period.last_on
    stock = Premises.objects.filter(park__in=park_ids, lettable=True).lettable_on(day)
    stays: dict[int, list[tuple[date, date | None]]] = {}
    rows = Occupancy.objects.filter(premises__in=stock, starts_on__lt=period.ends_on).order_by("premises", "starts_on")
    for premises_id, starts_on, ends_on in rows.values_list("premises_id", "starts_on", "ends_on"):
        stays.setdefault(premises_id, []).append((starts_on, ends_on))
    spells = []
    for premises in stock.select_related("park", "building").only(*_READ).order_by("code"):
        spell = _spell(premises, stays.get(premises.pk, []), period)
        if spell is not None:
            spells.append(spell)
    return spells


def _spell(premises: Premises, stays: list[tuple[date, date | None]], period: DatePeriod) -> VacancySpell | None:
    begins = first_lettable_on(premises=premises)
    last_end = stays[-1][1] if stays else begins
    is_vacant = not stays or (last_end is not None and last_end <= period.last_on)
    if is_vacant:
        starts_on, ends_on = last_end, period.ends_on
    else:
        starts_on = stays[-2][1] if len(stays) > 1 else begins
        ends_on = stays[-1][0]
        let_in_period = period.contains(ends_on)
        if not let_in_period or (starts_on is not None and starts_on >= ends_on):
            return None
    return VacancySpell(
        park_id=premises.park_id,
        premises_id=premises.pk,
        premises_code=premises.code,
        area_m2=premises.billing_area_m2,
        starts_on=starts_on,
        ends_on=ends_on,
        is_vacant=is_vacant,
    )


def first_lettable_on(*, premises: Premises) -> date | None:
    """Return the day from which premises could be let, as far as the record says."""
    opened_on = premises.lettable_from_on or premises.building.completed_on or premises.park.opened_on
    # Premises that came to the park later (a split, a new building) could not be let before they were there.
    return max((day for day in (opened_on, premises.added_on, premises.building.added_on) if day), default=None)

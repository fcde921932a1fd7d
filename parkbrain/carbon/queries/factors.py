"""Which factors hold for a park: its own and its bureaus' before the shipped ones, each within its dates."""

from __future__ import annotations

from datetime import date

from django.db.models import Q, QuerySet

from parkbrain.calc.factors import Factor, FactorBook, areas_of
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.reading import shared

from ..models import EmissionFactor


def _own_area(path: str) -> str:
    """Return the area under which a branch's own factors stand in the book: no place is written like this."""
    return f"@{path}"


def list_own_paths(*, park: Park) -> list[str]:
    """Return the branches above a park, the nearest first: whose factors go before others'."""
    parts = park.branch.path.strip("/").split("/")
    return [f"/{'/'.join(parts[: n + 1])}/" for n in range(len(parts))][::-1]


def list_areas(*, park: Park) -> tuple[str, ...]:
    """Return where a park's factors are looked for: own, then province, grid and country."""
    return (*map(_own_area, list_own_paths(park=park)), *areas_of(park.district_code))


@shared
def get_factor_book() -> FactorBook:
    """Return every factor of the installation as a book; those of a branch stand under an area of their own."""
    rows = EmissionFactor.objects.select_related("branch").order_by("pk")
    return FactorBook([_factor(row) for row in rows])


def _factor(row: EmissionFactor) -> Factor:
    return Factor(
        row.carrier,
        row.of,
        row.unit,
        row.value,
        row.starts_on,
        row.ends_on,
        _own_area(row.branch.path) if row.branch else row.area,
        row.basis,
        row.certainty,
        row.source,
        row.uncertainty,
        # Somebody's own factor holds within the dates they gave it and not a day longer.
        carries_on=row.branch_id is None,
        row=row.pk,
    )


def list_factors(*, user: User) -> QuerySet[EmissionFactor]:
    """Return the factors the person may see."""
    return EmissionFactor.objects.visible_to(user)


def find_clash(
    *, branch_path: str, carrier: str, of: str, basis: str, starts_on: date, ends_on: date | None, besides: int | None
) -> EmissionFactor | None:
    """Return a factor of the same branch for the same thing whose dates meet these."""
    same = EmissionFactor.objects.filter(branch__path=branch_path, carrier=carrier, of=of, basis=basis)
    meets = same.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=starts_on))
    if ends_on is not None:
        meets = meets.filter(starts_on__lt=ends_on)
    if besides is not None:
        meets = meets.exclude(pk=besides)
    return meets.first()

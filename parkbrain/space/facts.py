"""The numbers that follow from the record of space alone: land, lettable area, fit for the designated industry, age."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from django.db.models import Count, Sum
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkbrain.calc.intervals import DatePeriod
from parkbrain.kernel.models import Park
from parkbrain.kernel.names import NAMES
from parkbrain.kernel.reading import among, shared
from parkbrain.kernel.registry import FactRow, FactValue, fact

from .models import Premises, Site
from .queries import FittedPremises, list_fitted_premises, profile_name

#: One mu is 10,000/15 square metres.
M2_PER_MU = 10_000 / 15
DAYS_PER_YEAR = 365.2425


def _premises_row(premises: Premises, area_m2: float | None, detail: str = "") -> FactRow:
    return FactRow(
        label=premises.code,
        value=area_m2,
        url=reverse("premises_detail", args=[premises.pk]),
        detail=detail,
        target_label="space.premises",
        target_id=premises.pk,
    )


# --- Lettable area ----------------------------------------------------------------------------------------------------


def list_leasable_rows(*, park_id: int, period: DatePeriod) -> list[FactRow]:
    """Return the premises of a park that belong to the lettable stock, each with its area."""
    stock = Premises.objects.filter(park=park_id, lettable=True).lettable_on(period.last_on)
    return [_premises_row(p, p.billing_area_m2, p.get_use_display()) for p in stock.order_by("code")]


@fact(
    "leasable_area_m2",
    how=gettext_lazy("The billing areas of all premises that belong to the lettable stock on the day, added up."),
    rows=list_leasable_rows,
)
def leasable_area(*, park_ids: Sequence[int], period: DatePeriod) -> dict[int, FactValue]:
    """Return the lettable area [m²] of each park; unknown where a park has no premises."""
    every = (
        Premises.objects.filter(park__in=among(park_ids)).order_by().values("park").annotate(n=Sum("billing_area_m2"))
    )
    stock = Premises.objects.filter(park__in=among(park_ids), lettable=True).lettable_on(period.last_on)
    areas = {
        row[0]: row[1:] for row in stock.order_by().values_list("park").annotate(Sum("billing_area_m2"), Count("pk"))
    }
    values = {}
    for row in every:
        area_m2, count = areas.get(row["park"], (0.0, 0))
        values[row["park"]] = FactValue(float(area_m2), row_count=count)
    return values


# --- Fit for the designated industry ----------------------------------------------------------------------------------


def _missed(item: FittedPremises) -> str:
    unknown = sum(r.met is None for r in item.fit.reasons)
    failed = sum(r.met is False for r in item.fit.reasons)
    if not unknown and not failed:
        return profile_name(profile=item.fit.profile)
    return _("%(profile)s: %(failed)s not met, %(unknown)s unknown") % {
        "profile": profile_name(profile=item.fit.profile),
        "failed": failed,
        "unknown": unknown,
    }


def list_spec_required_rows(*, park_id: int, period: DatePeriod) -> list[FactRow]:
    """Return the premises whose specification is checked."""
    fitted = list_fitted_premises(park_ids=[park_id], on=period.last_on)
    return [_premises_row(f.premises, f.premises.billing_area_m2, _missed(f)) for f in fitted]


@fact(
    "spec_required_area_m2",
    how=gettext_lazy("The area of lettable industrial premises with a designated industry that has a space profile."),
    rows=list_spec_required_rows,
)
def spec_required_area(*, park_ids: Sequence[int], period: DatePeriod) -> dict[int, FactValue]:
    """Return the area [m²] whose specification is checked; unknown where no premises have a designated industry."""
    return _area_by_park(list_fitted_premises(park_ids=park_ids, on=period.last_on), only_fitting=False)


def list_spec_fit_rows(*, park_id: int, period: DatePeriod) -> list[FactRow]:
    """Return the premises whose specification meets the profile."""
    fitted = list_fitted_premises(park_ids=[park_id], on=period.last_on)
    return [_premises_row(f.premises, f.premises.billing_area_m2, _missed(f)) for f in fitted if f.fit.fits]


@fact(
    "spec_fit_area_m2",
    how=gettext_lazy(
        "Of the checked premises, the area of those that meet every demand of the profile; an unknown property counts "
        "as not met."
    ),
    rows=list_spec_fit_rows,
)
def spec_fit_area(*, park_ids: Sequence[int], period: DatePeriod) -> dict[int, FactValue]:
    """Return the area [m²] that meets its profile; unknown where no premises have a designated industry."""
    return _area_by_park(list_fitted_premises(park_ids=park_ids, on=period.last_on), only_fitting=True)


def _area_by_park(fitted: Sequence[FittedPremises], *, only_fitting: bool) -> dict[int, FactValue]:
    values: dict[int, FactValue] = {}
    for item in fitted:
        before = values.get(item.premises.park_id, FactValue(0.0))
        counts = item.fit.fits or not only_fitting
        values[item.premises.park_id] = FactValue(
            (before.value or 0.0) + (item.premises.billing_area_m2 if counts else 0.0),
            row_count=before.row_count + int(counts),
        )
    return values


# --- Land and age -----------------------------------------------------------------------------------------------------


@shared
def _land_of(*, park_ids: Sequence[int]) -> dict[int, list[Park | Site]]:
    """Return what a park's land consists of: itself where it has a figure, else its sites if all are known."""
    own = Park.objects.filter(pk__in=among(park_ids), land_area_m2__isnull=False).order_by()
    land: dict[int, list[Park | Site]] = {park.pk: [park] for park in own.only("code", *NAMES, "land_area_m2")}
    sites: dict[int, list[Park | Site]] = {}
    for site in Site.objects.filter(park__in=among(set(park_ids) - set(land))):
        sites.setdefault(site.park_id, []).append(site)
    for park_id, group in sites.items():
        if all(site.land_area_m2 is not None for site in group):
            land[park_id] = group
    return land


def list_land_rows(*, park_id: int, period: DatePeriod) -> list[FactRow]:
    """Return the land of a park."""
    url = reverse("park_detail", args=[park_id])
    return [
        FactRow(row.name or row.code, row.land_area_m2, url, "", row._meta.label_lower, row.pk)
        for row in _land_of(park_ids=[park_id]).get(park_id, [])
    ]


@fact(
    "park_land_m2",
    how=gettext_lazy("The land area of the park, or of its sites where the park itself has no figure."),
    rows=list_land_rows,
)
def park_land(*, park_ids: Sequence[int], period: DatePeriod) -> dict[int, FactValue]:
    """Return the land [m²] of each park."""
    return {
        park_id: FactValue(float(sum(row.land_area_m2 or 0.0 for row in land)), row_count=len(land))
        for park_id, land in _land_of(park_ids=park_ids).items()
    }


def list_land_mu_rows(*, park_id: int, period: DatePeriod) -> list[FactRow]:
    """Return the land of a park in mu."""
    return [
        FactRow(r.label, (r.value or 0.0) / M2_PER_MU, r.url, f"{r.value:,.0f} m²", r.target_label, r.target_id)
        for r in list_land_rows(park_id=park_id, period=period)
    ]


@fact(
    "park_land_mu",
    how=gettext_lazy("The land area of the park divided by 666.67 m² per mu."),
    rows=list_land_mu_rows,
)
def park_land_in_mu(*, park_ids: Sequence[int], period: DatePeriod) -> dict[int, FactValue]:
    """Return the land [mu] of each park."""
    areas = park_land(park_ids=park_ids, period=period)
    return {park: FactValue((v.value or 0.0) / M2_PER_MU, row_count=v.row_count) for park, v in areas.items()}


def _age_years(opened_on: date, on: date) -> float:
    return round((on - opened_on).days / DAYS_PER_YEAR, 4)


def list_age_rows(*, park_id: int, period: DatePeriod) -> list[FactRow]:
    """Return the park with the day it opened."""
    return [
        FactRow(p.name, _age_years(p.opened_on, period.last_on), reverse("park_detail", args=[p.pk]),
                p.opened_on.isoformat(), "kernel.park", p.pk)
        for p in Park.objects.filter(pk=park_id, opened_on__lte=period.last_on)
        if p.opened_on is not None
    ]  # fmt: skip


@fact("park_age_years", how=gettext_lazy("Years from the day the park opened to the day."), rows=list_age_rows)
def park_age(*, park_ids: Sequence[int], period: DatePeriod) -> Mapping[int, FactValue]:
    """Return the age [a] of each park; unknown where the opening day is."""
    opened = Park.objects.filter(pk__in=among(park_ids), opened_on__lte=period.last_on).values_list("pk", "opened_on")
    return {park: FactValue(_age_years(day, period.last_on), row_count=1) for park, day in opened if day is not None}

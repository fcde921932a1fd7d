"""Who was a tenant of which park on a day, and in which segment."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

from django.db.models import Min, Sum

from parkbrain.calc.segments import Segment, TenantFigures, segments_of
from parkbrain.kernel.models import Park
from parkbrain.kernel.names import localized
from parkbrain.kernel.reading import shared

from ..models import EnterpriseReturn, Occupancy, Qualification

Kind = Qualification.Kind
#: Certificates that mark a firm as high-tech or specialized.
TECH_KINDS = (Kind.HNTE, Kind.SRDI, Kind.LITTLE_GIANT)

#: Figures of a return that facts add up.
FIGURES = ("output_wan", "revenue_wan", "rd_spend_wan", "tax_wan", "value_added_wan", "staff_count")


@dataclass(frozen=True)
class Tenant:
    """An enterprise that occupies premises of a park on a day."""

    park_id: int
    enterprise_id: int
    uscc: str
    name_zh_hans: str
    name_zh_hant: str
    name_en: str
    industry_code: str
    size_class: str
    founded_on: date | None
    is_listed: bool | None
    is_headquarters: bool | None
    area_m2: float
    # First day of the oldest of the stays that hold on the day.
    since_on: date
    segment: Segment | None = None

    @cached_property
    def name(self) -> str:
        """The name in the active language."""
        return localized(zh_hans=self.name_zh_hans, zh_hant=self.name_zh_hant, en=self.name_en)


_COLUMNS = (
    "premises__park_id",
    "enterprise_id",
    "enterprise__uscc",
    "enterprise__name_zh_hans",
    "enterprise__name_zh_hant",
    "enterprise__name_en",
    "enterprise__industry_code",
    "enterprise__size_class",
    "enterprise__founded_on",
    "enterprise__is_listed",
    "enterprise__is_headquarters",
)


@shared
def list_tenants(*, park_ids: Collection[int], on: date) -> list[Tenant]:
    """Return the tenants of the parks on a day, one entry per park and firm."""
    rows = (
        Occupancy.objects.current_on(on)
        .filter(premises__park__in=park_ids)
        .order_by()
        .values_list(*_COLUMNS)
        .annotate(area_m2=Sum("premises__billing_area_m2"), since_on=Min("starts_on"))
    )
    return [Tenant(*row) for row in rows]


@shared
def list_segmented_tenants(*, park_ids: Collection[int], on: date, year: int) -> list[Tenant]:
    """Return the tenants of the parks on a day with their segments; output counts by the returns of `year`."""
    tenants = list_tenants(park_ids=park_ids, on=on)
    held = list_valid_kinds(enterprise_ids={t.enterprise_id for t in tenants}, on=on)
    outputs = outputs_wan(enterprise_ids={t.enterprise_id for t in tenants}, year=year)
    by_park: dict[int, list[Tenant]] = {}
    for tenant in tenants:
        by_park.setdefault(tenant.park_id, []).append(tenant)
    segmented = []
    for group in by_park.values():
        figures = [_figures(t, held.get(t.enterprise_id, frozenset()), outputs.get(t.enterprise_id)) for t in group]
        for tenant, segment in zip(group, segments_of(figures, on), strict=True):
            segmented.append(replace(tenant, segment=segment))
    return segmented


def _figures(tenant: Tenant, held: frozenset[str], output_wan: float | None) -> TenantFigures:
    return TenantFigures(
        size_class=tenant.size_class or None,
        founded_on=tenant.founded_on,
        is_listed=tenant.is_listed,
        is_headquarters=tenant.is_headquarters,
        is_champion=Kind.CHAMPION in held,
        is_little_giant=Kind.LITTLE_GIANT in held,
        output_wan=output_wan,
    )


@shared
def list_valid_kinds(*, enterprise_ids: Collection[int], on: date) -> dict[int, frozenset[str]]:
    """Return the kinds of certificates that each firm holds on a day."""
    held: dict[int, set[str]] = {}
    rows = Qualification.objects.filter(enterprise__in=enterprise_ids, valid_from_on__lte=on).order_by()
    for enterprise_id, kind, valid_to_on in rows.values_list("enterprise_id", "kind", "valid_to_on"):
        if valid_to_on is None or valid_to_on > on:
            held.setdefault(enterprise_id, set()).add(kind)
    return {pk: frozenset(kinds) for pk, kinds in held.items()}


def outputs_wan(*, enterprise_ids: Collection[int], year: int) -> dict[int, float]:
    """Return the output [10,000 yuan] of the firms that reported one for the year."""
    return figures_of(enterprise_ids=enterprise_ids, year=year, field="output_wan")


@shared
def figures_of(*, enterprise_ids: Collection[int], year: int, field: str) -> dict[int, float]:
    """Return one figure of the year's returns by firm; firms that did not report it are absent."""
    place = FIGURES.index(field)
    returns = _returns(enterprise_ids=enterprise_ids, year=year)
    return {pk: float(value) for pk, *figures in returns if (value := figures[place]) is not None}


@shared
def _returns(*, enterprise_ids: Collection[int], year: int) -> list[tuple[Any, ...]]:
    """Return the firms with all figures of their returns of a year, in the order of `FIGURES`."""
    rows = EnterpriseReturn.objects.filter(enterprise__in=enterprise_ids, year=year)
    return list(rows.order_by().values_list("enterprise_id", *FIGURES))


def industry_leads(*, industry_code: str, leading: Sequence[str]) -> bool | None:
    """Tell whether an industry belongs to the leading ones; None where either is unknown."""
    if not industry_code or not leading:
        return None
    return industry_code.startswith(tuple(str(code) for code in leading))


@shared
def leading_industries(*, park_ids: Collection[int]) -> Mapping[int, Sequence[str]]:
    """Return the leading industries of the parks that have said which they are."""
    parks = Park.objects.filter(pk__in=park_ids).values_list("pk", "leading_industries")
    return {pk: codes for pk, codes in parks if codes}

"""Who was a tenant of which park on a day, and in which segment."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from django.db.models import Min, Sum

from parkbrain.calc.segments import Segment, TenantFigures, segments_of
from parkbrain.kernel.models import Park
from parkbrain.kernel.names import localized
from parkbrain.kernel.reading import among, shared

from ..models import Occupancy, Qualification
from .returns import figures_of

Kind = Qualification.Kind
#: Certificates that mark a firm as high-tech or specialized.
TECH_KINDS = (Kind.HNTE, Kind.SRDI, Kind.LITTLE_GIANT)
_NONE: frozenset[str] = frozenset()


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
        .filter(premises__park__in=among(park_ids))
        .order_by()
        .values_list(*_COLUMNS)
        .annotate(area_m2=Sum("premises__billing_area_m2"), since_on=Min("starts_on"))
    )
    return [Tenant(*row) for row in rows]


@shared
def list_segmented_tenants(*, park_ids: Collection[int], on: date, year: int) -> list[Tenant]:
    """Return the tenants of the parks on a day with their segments; output counts by the returns of `year`."""
    tenants = list_tenants(park_ids=park_ids, on=on)
    firms = {t.enterprise_id for t in tenants}
    held = list_valid_kinds(enterprise_ids=firms, on=on)
    outputs = figures_of(enterprise_ids=firms, year=year, field="output_wan")
    rows = [
        (
            *(t.park_id, t.size_class, t.founded_on, t.is_listed, t.is_headquarters),
            *(held.get(t.enterprise_id, _NONE), outputs.get(t.enterprise_id)),
        )
        for t in tenants
    ]
    segments = place_tenants(rows=rows, on=on)
    return [replace(tenant, segment=segment) for tenant, segment in zip(tenants, segments, strict=True)]


#: A tenant as the rule of segments looks at it: park, size class, founding day, whether listed and a headquarters, the
#: kinds of certificates, output [10,000 yuan].
Placed = tuple[int, str, date | None, bool | None, bool | None, frozenset[str], float | None]


def place_tenants(*, rows: Sequence[Placed], on: date) -> list[Segment]:
    """Return the segment of every tenant among those of its park."""
    groups: dict[int, list[TenantFigures]] = {}
    for park_id, size_class, founded_on, is_listed, is_headquarters, held, output_wan in rows:
        champion, giant = Kind.CHAMPION in held, Kind.LITTLE_GIANT in held
        figures = TenantFigures(size_class or None, founded_on, is_listed, is_headquarters, champion, giant, output_wan)
        groups.setdefault(park_id, []).append(figures)
    found = {park_id: iter(segments_of(group, on)) for park_id, group in groups.items()}
    return [next(found[row[0]]) for row in rows]


@shared
def list_valid_kinds(*, enterprise_ids: Collection[int], on: date) -> dict[int, frozenset[str]]:
    """Return the kinds of certificates that each firm holds on a day."""
    held: dict[int, set[str]] = {}
    rows = Qualification.objects.filter(enterprise__in=among(enterprise_ids), valid_from_on__lte=on).order_by()
    for enterprise_id, kind, valid_to_on in rows.values_list("enterprise_id", "kind", "valid_to_on"):
        if valid_to_on is None or valid_to_on > on:
            held.setdefault(enterprise_id, set()).add(kind)
    return {pk: frozenset(kinds) for pk, kinds in held.items()}


def industry_leads(*, industry_code: str, leading: Sequence[str]) -> bool | None:
    """Tell whether an industry belongs to the leading ones; None where either is unknown."""
    if not industry_code or not leading:
        return None
    return industry_code.startswith(tuple(str(code) for code in leading))


@shared
def leading_industries(*, park_ids: Collection[int]) -> Mapping[int, Sequence[str]]:
    """Return the leading industries of the parks that have said which they are."""
    parks = Park.objects.filter(pk__in=among(park_ids)).values_list("pk", "leading_industries")
    return {pk: codes for pk, codes in parks if codes}

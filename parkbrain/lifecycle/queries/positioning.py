"""What the park is made of, held against the leading industries it declared and against its city."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from parkbrain.calc.positioning import herfindahl, location_quotient, share_of
from parkbrain.enterprises.models import EnterpriseReturn, Occupancy
from parkbrain.enterprises.queries import industry_name, list_tenants
from parkbrain.enterprises.queries.tenants import industry_leads
from parkbrain.kernel.models import Branch, Park, User
from parkbrain.leasing.models import Lead

AREA, OUTPUT, FIRMS = "area", "output", "firms"
MEASURES = (AREA, OUTPUT, FIRMS)
#: Fewer firms, or parks beside this one, do not speak for a city; and nobody is to be read out of a group of two.
LEAST_FIRMS, LEAST_PARKS = 20, 3
#: Year ends that the trend shows before the day itself.
TREND_YEARS = 4

NO_LEADING = gettext_lazy("the park has not declared its leading industries")
NO_FIRMS = gettext_lazy("no firm with an industry is recorded in the park on this day")
NO_CITY = gettext_lazy("the park belongs to no city in the tree of branches")
FEW_PARKS = gettext_lazy("fewer than three other parks of the city record their firms")
FEW_FIRMS = gettext_lazy("fewer than twenty firms are recorded in the parks of the city")

Amounts = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True)
class Share:
    """The leading industries' share by one measure, and how much of the whole has an industry at all."""

    measure: str
    share: float | None
    leading: float
    total: float
    known: float | None
    trend: Sequence[tuple[date, float | None]]

    @property
    def change_points(self) -> float | None:
        """By how many percentage points the share went up since the trend begins; None where either end is unknown."""
        first = next((value for _day, value in self.trend if value is not None), None)
        return None if first is None or self.share is None else 100 * (self.share - first)


@dataclass(frozen=True)
class IndustryLine:
    """One industry of the park with its part by each measure, and its location quotient by firms."""

    code: str
    name: str
    is_leading: bool
    area_m2: float
    output_wan: float
    firms: float
    area_share: float | None
    output_share: float | None
    firm_share: float | None
    quotient: float | None


@dataclass(frozen=True)
class LeadsLine:
    """Open leads inside or outside the leading industries; `is_leading` is None where a lead has no industry code."""

    is_leading: bool | None
    count: int
    area_m2: float
    unsized: int


@dataclass(frozen=True)
class Positioning:
    """The positioning check of a park on a day."""

    leading: Sequence[tuple[str, str]]
    shares: Sequence[Share]
    lines: Sequence[IndustryLine]
    others: Sequence[IndustryLine]
    output_year: int
    concentration: float | None
    unassessed: str | Promise
    city: Branch | None
    city_parks: int
    city_firms: int
    quotient_refusal: str | Promise

    def share_by(self, measure: str) -> Share:
        """Return the share by a measure."""
        return next(one for one in self.shares if one.measure == measure)


def get_positioning(*, park: Park, on: date) -> Positioning:
    """Return what the park is made of on a day, against what it declared and against its city."""
    leading = [str(code) for code in park.leading_industries]
    amounts = _amounts(park, on)
    days = [date(on.year - n, 12, 31) for n in range(TREND_YEARS, 0, -1)]
    history = [(day, _amounts(park, day)) for day in days] + [(on, amounts)]
    shares = [_share(measure, amounts[measure], leading, history) for measure in MEASURES]
    city, reference, parks, refusal = _city_firms(park, on)
    lines = [_line(code, True, amounts, reference) for code in leading]
    divisions = {code[:2] for code in amounts[FIRMS] if code}
    rest = sorted(divisions, key=lambda d: -_part(amounts[AREA], d))
    others = [_line(code, code.startswith(tuple(leading)), amounts, reference) for code in rest]
    has_firms = any(code for code in amounts[FIRMS])
    return Positioning(
        leading=[(code, industry_name(code=code)) for code in leading],
        shares=shares,
        lines=lines,
        others=others,
        output_year=on.year - 1,
        concentration=herfindahl(_by_division(amounts[AREA])),
        unassessed=NO_LEADING if not leading else "" if has_firms else NO_FIRMS,
        city=city,
        city_parks=parks,
        city_firms=int(sum(reference.values())),
        quotient_refusal=refusal,
    )


def _amounts(park: Park, on: date) -> dict[str, dict[str, float]]:
    """Return area [m²], output of the year before [10,000 yuan] and firms by industry code; "" has no code."""
    tenants = list_tenants(park_ids=[park.pk], on=on)
    reported = EnterpriseReturn.objects.filter(
        enterprise__in=[t.enterprise_id for t in tenants], year=on.year - 1, output_wan__isnull=False
    )
    outputs = {pk: float(value or 0) for pk, value in reported.values_list("enterprise_id", "output_wan")}
    found: dict[str, dict[str, float]] = {measure: {} for measure in MEASURES}
    for tenant in tenants:
        parts = ((AREA, tenant.area_m2), (OUTPUT, outputs.get(tenant.enterprise_id, 0.0)), (FIRMS, 1.0))
        for measure, amount in parts:
            found[measure][tenant.industry_code] = found[measure].get(tenant.industry_code, 0.0) + amount
    return found


def _by_division(amounts: Mapping[str, float]) -> dict[str, float]:
    found: dict[str, float] = {}
    for code, amount in amounts.items():
        if code:
            found[code[:2]] = found.get(code[:2], 0.0) + amount
    return found


def _share(
    measure: str, amounts: Mapping[str, float], leading: Collection[str], history: Sequence[tuple[date, Amounts]]
) -> Share:
    total = sum(amounts.values())
    known = sum(amount for code, amount in amounts.items() if code)
    part = sum(amount for code, amount in amounts.items() if code and code.startswith(tuple(leading)))
    trend = [(day, share_of(of_day[measure], leading)) for day, of_day in history]
    return Share(measure, share_of(amounts, leading), part, total, known / total if total else None, trend)


def _part(amounts: Mapping[str, float], code: str) -> float:
    return sum(amount for each, amount in amounts.items() if each.startswith(code))


def _whole(amounts: Mapping[str, float]) -> float:
    return sum(amount for code, amount in amounts.items() if code)


def _line(code: str, is_leading: bool, amounts: Amounts, reference: Mapping[str, float]) -> IndustryLine:
    parts = {measure: _part(amounts[measure], code) for measure in MEASURES}
    wholes = {measure: _whole(amounts[measure]) for measure in MEASURES}
    shares = {m: parts[m] / wholes[m] if wholes[m] else None for m in MEASURES}
    quotient = None
    if reference:
        quotient = location_quotient(
            local=parts[FIRMS],
            local_total=wholes[FIRMS],
            reference=_part(reference, code),
            reference_total=_whole(reference),
        )
    return IndustryLine(
        code=code,
        name=industry_name(code=code),
        is_leading=is_leading,
        area_m2=parts[AREA],
        output_wan=parts[OUTPUT],
        firms=parts[FIRMS],
        area_share=shares[AREA],
        output_share=shares[OUTPUT],
        firm_share=shares[FIRMS],
        quotient=quotient,
    )


def get_city(*, park: Park) -> Branch | None:
    """Return the city that a park belongs to in the tree of branches."""
    parts = park.branch.path.strip("/").split("/")
    above = [f"/{'/'.join(parts[: n + 1])}/" for n in range(len(parts))]
    return Branch.objects.filter(path__in=above, kind=Branch.Kind.CITY).order_by("-path").first()


def list_leads_by_fit(*, user: User, park: Park) -> list[LeadsLine]:
    """Return the open leads that a person may see, held against the leading industries; area as the least they need."""
    leading = [str(code) for code in park.leading_industries]
    lines: dict[bool | None, list[float | None]] = {True: [], False: [], None: []}
    rows = Lead.objects.visible_to(user).open().filter(park=park)
    for code, area_m2 in rows.order_by().values_list("industry_code", "need__area_from_m2"):
        lines[industry_leads(industry_code=code, leading=leading)].append(area_m2)
    return [
        LeadsLine(fits, len(areas), sum(area or 0.0 for area in areas), sum(area is None for area in areas))
        for fits, areas in lines.items()
        if areas
    ]


def _city_firms(park: Park, on: date) -> tuple[Branch | None, dict[str, float], int, str | Promise]:
    """Return the city, its firms by industry, the parks beside this one that record firms, and why there is none.

    Only sums over the whole city are read, and only where enough parks and firms stand behind them.
    """
    city = get_city(park=park)
    if city is None:
        return None, {}, 0, NO_CITY
    inside = Q(premises__park__branch__path__startswith=city.path)
    stays = Occupancy.objects.current_on(on).filter(inside).exclude(enterprise__industry_code="").order_by()
    parks = stays.exclude(premises__park=park).aggregate(n=Count("premises__park", distinct=True))["n"]
    if parks < LEAST_PARKS:
        return city, {}, parks, FEW_PARKS
    rows = stays.values_list("enterprise__industry_code").annotate(n=Count("enterprise", distinct=True))
    firms = {code: float(n) for code, n in rows}
    if sum(firms.values()) < LEAST_FIRMS:
        return city, {}, parks, FEW_FIRMS
    return city, firms, parks, ""

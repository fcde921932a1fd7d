"""What the API of carbon takes and answers."""

from __future__ import annotations

from datetime import date, timedelta

from django.utils import timezone
from ninja import Schema
from pydantic import Field

from parkbrain.calc.intervals import DatePeriod, period_of
from parkbrain.ui.rest import (
    AsOf,
    Day,
    FieldProblem,
    Finite,
    In,
    Out,
    Problem,
    Slice,
    choice,
    id_filter,
    text_filter,
)

from .. import queries
from ..models import ActivityData, ExchangeOffer


class PeriodParams(Schema):
    """The period of a statement."""

    starts_on: Day | None = Field(None, description="First day; the last closed year unless given.")
    ends_on: Day | None = Field(None, description="The day after the last.")

    @property
    def period(self) -> DatePeriod:
        """The period asked for; one that runs backwards is refused."""
        if self.starts_on is None or self.ends_on is None:
            return period_of("fy", timezone.localdate())
        if not timedelta(0) < self.ends_on - self.starts_on <= timedelta(days=3660):
            text = "The period runs forward and is at most ten years long."
            raise Problem(422, errors=[FieldProblem("query.ends_on", "period", text)])
        return DatePeriod(self.starts_on, self.ends_on)


class StatementParams(PeriodParams):
    """The period and the boundary of a statement."""

    boundary: str = choice([queries.PARK, queries.OPERATOR], "Whose emissions.", default=queries.PARK)


class TotalOut(Out):
    """A sum; null is not assessed, never zero."""

    scope: str
    tco2e: float | None
    uncertainty: float | None = Field(description="Half the 95 % interval as a share; null where nobody knows.")
    coverage: float | None = Field(description="Share of the period's days that rows cover.")
    unknown_lines: int


class LineOut(Out):
    """One kind in one scope with one factor."""

    scope: str
    kind: str
    category: str
    amount: float | None
    unit: str
    factor: float | None
    factor_unit: str
    factor_source: str
    factor_is_carried_on: bool
    tco2e: float | None
    uncertainty: float | None
    coverage: float | None
    not_assessed_because: str
    activity_ids: list[int]


class CarbonStatementOut(Out):
    """A statement of a period."""

    park_id: int
    starts_on: date
    ends_on: date
    boundary: str
    totals: list[TotalOut]
    lines: list[LineOut]
    scope_12_location_tco2e: float | None
    scope_12_market_tco2e: float | None
    energy_tce: float | None = Field(description="Power at its heat value (0.1229 kgce/kWh).")
    energy_coal_tce: float | None = Field(description="Power at the coal burnt for it; null without a factor.")
    intensities: dict[str, float | None]


class FootprintOut(Out):
    """The sheet of a firm."""

    park_id: int
    enterprise_id: int
    starts_on: date
    ends_on: date
    totals: list[TotalOut]
    own: list[LineOut]
    public: list[LineOut]
    area_m2: float | None
    share_of_public_use: float | None
    tco2e_per_10k_yuan: float | None
    misses_own_electricity: bool


class ActivityOut(Out):
    """A row of activity data."""

    id: int
    park_id: int
    reference: str
    kind: str
    quantity: float | None
    unit: str
    starts_on: date
    ends_on: date
    building_id: int | None
    storey_id: int | None
    enterprise_id: int | None
    equipment_id: int | None
    is_breakdown: bool
    source: str
    uncertainty: float | None
    document_id: int | None
    note: str


class ActivityIn(In):
    """A row of activity data; only the given fields are touched."""

    reference: str = Field(min_length=1, max_length=60)
    kind: str = choice(sorted(queries.get_kinds()), "What was used.", default=None)
    quantity: Finite | None = Field(None, ge=0)
    starts_on: Day
    ends_on: Day
    building_code: str | None = Field(None, max_length=40)
    level: int | None = Field(None, ge=-10, le=200)
    uscc: str | None = Field(None, max_length=18)
    equipment_code: str | None = Field(None, max_length=40)
    is_breakdown: bool = False
    source: str = choice(ActivityData.Source.values, "What says so.", default=ActivityData.Source.BILL)
    uncertainty: Finite | None = Field(None, ge=0, le=5)
    note: str = Field("", max_length=300)


class ActivityParams(Slice):
    """Which rows."""

    park: int | None = id_filter("Rows of this park.")
    kind: str = text_filter("Rows of this kind.")


class FactorOut(Out):
    """A factor with its dates and source."""

    id: int
    carrier: str
    of: str
    unit: str
    value: float
    uncertainty: float | None
    starts_on: date
    ends_on: date | None
    area: str
    basis: str
    branch_id: int | None = Field(description="The park or bureau whose own factor it is; null: shipped.")
    certainty: str
    source: str


class FactorParams(AsOf, Slice):
    """Which factors."""

    carrier: str = text_filter("Factors of this carrier.")


class OfferOut(Out):
    """An offer or a need."""

    id: int
    park_id: int
    enterprise_id: int
    direction: str
    kind: str
    substance: str
    quality: str
    temperature_c: float | None
    per_month: float | None
    unit: str
    starts_on: date
    ends_on: date | None
    contact: str


class OfferIn(In):
    """An offer or a need of a firm in the park."""

    uscc: str = Field(max_length=18)
    direction: str = choice(ExchangeOffer.Direction.values, "Offer or need.", default=None)
    kind: str = choice(ExchangeOffer.Kind.values, "What kind.", default=None)
    substance: str = Field(min_length=1, max_length=80)
    quality: str = Field("", max_length=200)
    temperature_c: Finite | None = None
    per_month: Finite | None = Field(None, gt=0)
    unit: str = choice([u for u in ExchangeOffer.UNITS if "*" not in u], "Unit.", default=None)
    building_code: str | None = Field(None, max_length=40)
    starts_on: Day
    ends_on: Day | None = None
    contact: str = Field("", max_length=120)


class MatchOut(Out):
    """An offer that fits a need."""

    offer: OfferOut
    need: OfferOut
    filled: float | None
    distance_m: float | None
    same_substance: bool


class CarbonRecordedOut(Out):
    """What happened."""

    id: int
    action: str


class MatchParams(AsOf, Slice):
    """Which part of what fits between parks, and when."""


class OfferParams(AsOf, Slice):
    """Which offers and needs."""

    park: int | None = id_filter("Offers and needs of this park.")

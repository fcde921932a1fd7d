"""What is taken and answered about enterprises and occupancies."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import Field, model_validator

from parkbrain.ui.rest import AsOf, Day, In, Names, Out, Slice, choice, id_filter, ordering, text_filter

from ..models import Enterprise, EnterpriseReturn, Occupancy, Qualification

MOST_COUNT = 2**31 - 1
Wan = Annotated[Decimal, Field(max_digits=16, decimal_places=4, description="10,000 yuan")]
Uscc = Annotated[str, Field(pattern=r"^[0-9A-Z]{18}$", description="Unified social credit code (GB 32100-2015).")]


class RecordedOut(Out):
    """What recording did."""

    id: int
    action: str = Field(description="create, update, or nothing where it was so already.")


class OccupancyOut(Out):
    """Who is where: from a day up to, not including, another."""

    id: int
    park_id: int
    premises_id: int
    premises_code: str
    enterprise_id: int
    enterprise: str
    uscc: str
    starts_on: date
    ends_on: date | None
    lease_number: str
    lease_ends_on: date | None
    rent_yuan_per_m2_month: Decimal | None


class OccupancyParams(Slice, AsOf):
    """Which occupancies."""

    q: str = text_filter("Text in the firm's name, the premises' code or the number of the lease.")
    park: int | None = id_filter("Only in this park.")
    state: str = choice(
        ["current", "ending", "ended", "all"],
        "Of the day: those that hold, whose lease ended or ends within 90 days, that are over.",
        default="current",
    )
    ordering: str = ordering(["premises", "starts_on", "lease_ends_on"], default="premises")


class OccupancyIn(In):
    """An enterprise moves in."""

    premises_id: int = Field(ge=1, le=2**63 - 1)
    uscc: Uscc
    starts_on: Day
    ends_on: Day | None = None
    lease_number: str = Field("", max_length=60)
    lease_ends_on: Day | None = None
    rent_yuan_per_m2_month: Decimal | None = Field(None, ge=0, max_digits=10, decimal_places=2)


class OccupancyEnd(In):
    """An enterprise moves out."""

    ends_on: Day = Field(description="First day on which the premises are free.")


class EnterpriseBase(Out):
    """Who a firm is."""

    id: int
    uscc: str = Field(description="Unified social credit code.")
    name: str
    names: Names
    industry_code: str = Field(description="GB/T 4754-2017.")
    founded_on: date | None
    products: str
    size_class: str | None = Field(description="LARGE, MEDIUM, SMALL or MICRO, computed; null where unknown.")
    is_listed: bool | None
    is_headquarters: bool | None
    is_fictional: bool


class EnterpriseRowOut(EnterpriseBase):
    """A firm in a list, as of the day."""

    premises_codes: list[str] = Field(description="Where it is on the day.")
    area_m2: float | None = Field(description="What it occupies on the day; null where it is nowhere.")
    staff_count: int | None = Field(description="Of the latest return that says it.")


class ReturnOut(Out):
    """One year of a firm's figures as reported; amounts in 10,000 yuan as decimal texts."""

    id: int
    enterprise_id: int
    year: int
    source: str
    staff_count: int | None
    revenue_wan: Decimal | None
    assets_wan: Decimal | None
    output_wan: Decimal | None
    value_added_wan: Decimal | None
    tax_wan: Decimal | None
    rd_spend_wan: Decimal | None


class QualificationOut(Out):
    """A certificate with its state on the day."""

    id: int
    enterprise_id: int
    kind: str
    number: str
    valid_from_on: date
    valid_to_on: date | None
    state: str = Field(description="VALID, SOON (expires within 90 days), EXPIRED or FUTURE.")


class AddressOut(Out):
    """One of the four addresses of a firm."""

    kind: str
    text: str
    park_id: int | None
    agrees: bool | None = Field(description="Whether it lies where the firm in fact is; null where not known.")


class PlacementOut(Out):
    """The segment of a firm in a park."""

    park_id: int
    segment: str
    reason: str
    certain: bool


class EnterpriseDocumentOut(Out):
    """A document of a firm."""

    document_id: int
    name: str
    kind: str
    valid_to_on: date | None


class EnterpriseOut(EnterpriseBase):
    """A firm with everything the record knows of it."""

    area_m2: float | None
    occupancies: list[OccupancyOut]
    placements: list[PlacementOut]
    returns: list[ReturnOut]
    qualifications: list[QualificationOut]
    addresses: list[AddressOut]
    documents: list[EnterpriseDocumentOut]


class EnterpriseParams(Slice, AsOf):
    """Which enterprises."""

    q: str = text_filter("Text in name, products, or the beginning of the credit code.")
    park: int | None = id_filter("Only firms that are in this park on the day.")
    section: str = Field("", pattern="^[A-T]?$", description="Only firms of this section of GB/T 4754-2017.")
    size: str = choice(Enterprise.SizeClass.values, "Only firms of this size.")
    qualification: str = choice(Qualification.Kind.values, "Only firms that hold this certificate on the day.")
    ordering: str = ordering(["uscc", "name", "industry_code", "founded_on"], default="uscc")


class ReturnParams(Slice):
    """Which returns."""

    enterprise: int | None = id_filter("Only of this firm.")
    year: int | None = Field(None, ge=1980, le=2100, description="Only of this year.")


class QualificationParams(Slice, AsOf):
    """Which certificates."""

    enterprise: int | None = id_filter("Only of this firm.")
    kind: str = choice(Qualification.Kind.values, "Only of this kind.")


class EnterpriseIn(In):
    """A firm, known by its credit code."""

    uscc: Uscc
    name_zh_hans: str = Field("", max_length=160)
    name_en: str = Field("", max_length=200)
    industry_code: str = Field("", pattern=r"^([A-T]?[0-9]{0,4})$", description="GB/T 4754-2017.")
    founded_on: Day | None = None
    products: str = Field("", max_length=300)
    products_en: str = Field("", max_length=300)
    is_listed: bool | None = None
    is_headquarters: bool | None = None


class ReturnIn(In):
    """One year of figures; a field that is left out stays as it is."""

    year: int = Field(ge=1980, le=2100)
    source: str = choice(EnterpriseReturn.Source.values, "Where the figures come from.", default="SELF")
    staff_count: int | None = Field(None, ge=0, le=MOST_COUNT)
    revenue_wan: Wan | None = None
    assets_wan: Wan | None = None
    output_wan: Wan | None = None
    value_added_wan: Wan | None = None
    tax_wan: Wan | None = None
    rd_spend_wan: Wan | None = None


class QualificationIn(In):
    """A certificate, known by its kind and first day."""

    kind: str = choice(Qualification.Kind.values, "Which certificate.", default=None)
    number: str = Field("", max_length=60)
    valid_from_on: Day
    valid_to_on: Day | None = None

    @model_validator(mode="after")
    def _forward(self) -> QualificationIn:
        if self.valid_to_on is not None and self.valid_to_on <= self.valid_from_on:
            raise ValueError("valid_to_on must lie after valid_from_on")
        return self


def occupancy_out(stay: Occupancy) -> OccupancyOut:
    """Return an occupancy as it is answered."""
    return OccupancyOut(
        id=stay.pk,
        park_id=stay.premises.park_id,
        premises_id=stay.premises_id,
        premises_code=stay.premises.code,
        enterprise_id=stay.enterprise_id,
        enterprise=stay.enterprise.name,
        uscc=stay.enterprise.uscc,
        starts_on=stay.starts_on,
        ends_on=stay.ends_on,
        lease_number=stay.lease_number,
        lease_ends_on=stay.lease_ends_on,
        rent_yuan_per_m2_month=stay.rent_yuan_per_m2_month,
    )

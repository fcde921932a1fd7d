"""What is taken and answered about branches, parks, buildings, storeys and spaces."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from parkbrain.kernel.models import Branch, Park
from parkbrain.ui.rest import MOST_ID, Day, Finite, In, Names, Out, Slice, choice, id_filter, ordering, text_filter

from ..models import Building

PARK_ORDERS = {
    "code": ["code"],
    "name": ["name_zh_hans"],
    "land_area_m2": ["land_area_m2"],
    "gross_floor_area_m2": ["gross_floor_area_m2"],
}


class BranchOut(Out):
    """A node of the tree city → district → operator → park."""

    id: int
    code: str
    kind: str = Field(description=f"One of {', '.join(Branch.Kind.values)}.")
    path: str = Field(description="Codes from the top of the tree down to this branch.")
    parent_id: int | None
    name: str
    names: Names


class ParkOut(Out):
    """An industrial park."""

    id: int
    code: str
    name: str
    names: Names
    branch_id: int
    standing: str = Field(description="OPERATING, FICTIONAL (demo) or AS_STATED (known from public statements only).")
    kind: str = Field(description=f"One of {', '.join(Park.Kind.values)}.")
    district_code: str
    street: str
    address: str
    longitude: float | None
    latitude: float | None
    opened_on: date | None
    land_area_m2: float | None
    gross_floor_area_m2: float | None
    leading_industries: list[str] = Field(description="GB/T 4754-2017 codes of the park's positioning.")


class BuildingOut(Out):
    """A building on a site of a park."""

    id: int
    park_id: int
    site_code: str
    code: str
    name: str
    names: Names
    use: str = Field(description=f"One of {', '.join(Building.Use.values)}.")
    height_m: float | None
    completed_on: date | None


class StoreyOut(Out):
    """A storey; level 1 is the ground storey, basements are negative."""

    id: int
    park_id: int
    building_id: int
    level: int
    label: str
    height_m: float | None
    gross_floor_area_m2: float | None


class SpaceOut(Out):
    """A bounded area on a storey."""

    id: int
    park_id: int
    building_id: int
    storey_id: int
    level: int
    premises_id: int | None = Field(description="The premises it belongs to; null where it is not let.")
    code: str
    gross_area_m2: float
    net_internal_area_m2: float | None


class BranchParams(Slice):
    """Which branches."""

    kind: str = choice(Branch.Kind.values, "Only branches of this level.")
    ordering: str = ordering(["path", "code"], default="path")


class ParkParams(Slice):
    """Which parks."""

    q: str = text_filter("Text in name, code or street.")
    kind: str = choice(Park.Kind.values, "Only parks of this kind.")
    standing: str = choice(Park.Standing.values, "Only parks with data of this standing.")
    district: str = text_filter("Only parks of the district with this code.", longest=12)
    ordering: str = ordering(PARK_ORDERS, default="code")


class BuildingParams(Slice):
    """Which buildings."""

    park: int | None = id_filter("Only buildings of this park.")
    ordering: str = ordering(["code", "park"], default="park")


class StoreyParams(Slice):
    """Which storeys."""

    park: int | None = id_filter("Only storeys of this park.")
    building: int | None = id_filter("Only storeys of this building.")


class SpaceParams(StoreyParams):
    """Which spaces."""

    premises: int | None = id_filter("Only spaces of these premises.")


class ParkChange(In):
    """What to change of a park; a field that is left out stays as it is."""

    name_zh_hans: str = Field("", max_length=160)
    name_zh_hant: str = Field("", max_length=160, description="Derived from the Simplified name unless given.")
    name_en: str = Field("", max_length=200)
    kind: str = choice(Park.Kind.values, "Kind of the park.", default="MIXED")
    district_code: str = Field("", max_length=12)
    street: str = Field("", max_length=60)
    address: str = Field("", max_length=200)
    longitude: Finite | None = Field(None, ge=-180, le=180)
    latitude: Finite | None = Field(None, ge=-90, le=90)
    opened_on: Day | None = None
    land_area_m2: Finite | None = Field(None, gt=0, le=1e10)
    gross_floor_area_m2: Finite | None = Field(None, gt=0, le=1e10)
    leading_industries: list[str] = Field([], max_length=30, description="GB/T 4754-2017 codes.")


class ParkIn(ParkChange):
    """A new park; it gets a branch of its own below `parent_branch_id`, or below your own operator."""

    code: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$")
    name_zh_hans: str = Field(min_length=1, max_length=160)
    parent_branch_id: int | None = Field(None, ge=1, le=MOST_ID)


class BuildingIn(In):
    """A building, known by its code: recorded anew, or changed where the code is there already."""

    code: str = Field(min_length=1, max_length=40)
    site_code: str = Field("", max_length=40, description="The park's first site unless given.")
    name_zh_hans: str = Field("", max_length=160)
    name_en: str = Field("", max_length=200)
    use: str = choice(Building.Use.values, "Main use.", default="MIXED")
    height_m: Finite | None = Field(None, ge=0, le=2000)
    completed_on: Day | None = None


class StoreyIn(In):
    """A storey, known by its level: recorded anew, or changed where the building has it already."""

    level: int = Field(ge=-20, le=300, description="1 is the ground storey, -1 the first basement; 0 does not exist.")
    label: str = Field("", max_length=20)
    height_m: Finite | None = Field(None, ge=0, le=200)
    gross_floor_area_m2: Finite | None = Field(None, gt=0, le=1e8)

"""What lists of buildings that nobody made for us carry, and how their rows find the buildings of the record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy

from parkbrain.calc.matching import Entity
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.taking import Column, Known, Matching

from ..models import Building

_ID_NOTE = gettext_lazy("The number that another system gives the building; later lists find the building by it.")

LIST_COLUMNS = (
    Column(
        "completed_year",
        gettext_lazy("Completed in (year)"),
        "integer",
        minimum=1700,
        maximum=2199,
        note=gettext_lazy("Only where the day is not known."),
        synonyms=("建成年份", "竣工年份", "建造年份", "year built", "yearbuilt", "ayb_yearbuilt", "built in"),
        example=2019,
    ),
    Column(
        "address",
        gettext_lazy("Building address"),
        synonyms=("地址", "楼栋地址", "樓棟地址", "坐落", "address", "address 1", "address line 1", "street address", "street"),
        example="创业一路 1 号",
    ),
    Column(
        "postcode",
        gettext_lazy("Postcode"),
        max_length=16,
        synonyms=("邮编", "邮政编码", "郵編", "postal code", "zip", "zip code", "zipcode"),
        example="518101",
    ),
    Column(
        "gross_floor_area_m2",
        gettext_lazy("Building's gross floor area"),
        "number",
        unit="m²",
        minimum=1,
        maximum=1e7,
        synonyms=(
            "建筑面积", "总建筑面积", "總建築面積", "gross floor area", "gfa", "gba", "propertygfatotal",
            "property floor area (buildings and parking)", "floor area",
        ),
        example=24000,
    ),
    Column(
        "storeys_count",
        gettext_lazy("Number of storeys"),
        "integer",
        minimum=1,
        maximum=200,
        synonyms=("层数", "楼层数", "地上层数", "層數", "number of floors", "numberoffloors", "floors", "storeys"),
        example=12,
    ),
    Column(
        "stated_use",
        gettext_lazy("Main use as stated"),
        max_length=120,
        note=gettext_lazy("The list's own words, where they are none of our uses."),
        synonyms=("实际用途", "主要用途", "primarypropertytype", "use description", "property type", "primary use"),
        example="Laboratory",
    ),
    Column(
        "longitude",
        gettext_lazy("Building's longitude"),
        "number",
        unit="°",
        minimum=-180,
        maximum=180,
        synonyms=("经度", "經度", "longitude", "lon", "lng"),
        example=113.9012,
    ),
    Column(
        "latitude",
        gettext_lazy("Building's latitude"),
        "number",
        unit="°",
        minimum=-90,
        maximum=90,
        synonyms=("纬度", "緯度", "latitude", "lat"),
        example=22.5633,
    ),
    Column(
        "owner_name",
        gettext_lazy("Owner"),
        max_length=160,
        synonyms=("产权人", "业主", "產權人", "产权单位", "owner", "owner name", "organization"),
        example="星河置业有限公司",
    ),
    Column(
        "contact_email",
        gettext_lazy("Contact e-mail"),
        synonyms=("联系邮箱", "邮箱", "聯絡郵箱", "owner email", "contact email", "email"),
        example="office@example.com",
    ),
    Column(
        "authority_id",
        gettext_lazy("Authority's building number"),
        max_length=60,
        note=_ID_NOTE,
        synonyms=("楼栋统一编码", "建筑编号", "jurisdiction property identifier", "osebuildingid", "ubi"),
        example="440306-000123",
    ),
    Column(
        "ubid",
        gettext_lazy("UBID (building identifier)"),
        max_length=60,
        note=_ID_NOTE,
        synonyms=("ubid",),
        example="8P8F+22R-12-9-11-8",
    ),
    Column(
        "portfolio_manager_id",
        gettext_lazy("Portfolio Manager number"),
        max_length=60,
        note=_ID_NOTE,
        synonyms=("pm property id", "portfolio manager id", "property id"),
        example="2264",
    ),
    Column(
        "parcel_id",
        gettext_lazy("Parcel number"),
        max_length=60,
        note=gettext_lazy("A parcel may carry several buildings."),
        synonyms=("宗地号", "宗地編號", "taxparcelidentificationnumber", "jurisdiction tax lot id", "tax lot"),
        example="440306001001GB00001",
    ),
    Column(
        "other_id",
        gettext_lazy("Number in another list"),
        max_length=60,
        synonyms=("自编号", "自編號", "custom id 1", "custom id"),
        example="13",
    ),
)  # fmt: skip

#: Identifiers that stand for one building only, the stronger ones first.
_KEYS = ("code", "authority_id", "ubid", "portfolio_manager_id")


def entity_of(values: Mapping[str, Any]) -> Entity:
    """Return what a row tells of a building, as it is compared."""
    completed = values.get("completed_on")
    return Entity(
        name=str(values.get("name_zh_hans") or values.get("name_en") or ""),
        address=str(values.get("address") or ""),
        postcode=str(values.get("postcode") or ""),
        area_m2=values.get("gross_floor_area_m2"),
        year=values.get("completed_year") or (completed.year if completed else None),
        keys={k: str(values[k]).casefold() for k in _KEYS if values.get(k)},
    )


def known_buildings_of(*, park: Park | None, actor: User) -> list[Known]:
    """Return the buildings of the park, as rows are held against them."""
    fields = (
        "code", "name_zh_hans", "name_en", "address", "postcode", "gross_floor_area_m2", "completed_year",
        "completed_on", *_KEYS[1:],
    )  # fmt: skip
    rows = Building.objects.filter(site__park=park).order_by("pk").values(*fields) if park else ()
    return [Known({"code": v["code"]}, v["name_zh_hans"] or v["name_en"] or v["code"], entity_of(v)) for v in rows]


def identify_building(*, values: Mapping[str, Any], taken: set[str]) -> dict[str, str]:
    """Return the code of a building that is new: the number another system gives it, or the next free one of ours."""
    own = next((str(values[k])[:40] for k in (*_KEYS, "other_id") if values.get(k)), "")
    if own and own not in taken:
        return {"code": own}
    number = len(taken) + 1
    while (code := f"{own[:30]}-{number}" if own else f"B{number:04d}") in taken:
        number += 1
    return {"code": code}


MATCHING = Matching(
    records=known_buildings_of,
    entity=entity_of,
    relaxed=("code", "name_zh_hans"),
    one_of=("code", "name_en", "name_zh_hans", "address", *_KEYS[1:]),
    identify=identify_building,
)

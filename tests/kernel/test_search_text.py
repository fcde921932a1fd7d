"""What a search looks in: names in either script, their pinyin and initials, kept by whatever writes the names."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.utils.translation import override

from parkbrain.accounts.services import add_person, add_person_from_issuer
from parkbrain.enterprises.models import Enterprise, EnterpriseContact
from parkbrain.enterprises.services import record_contacts, record_enterprise
from parkbrain.kernel import bulk
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.names import LONGEST_SEARCH_TEXT, search_q, search_text
from parkbrain.kernel.roles import Role
from parkbrain.space.models import Building
from parkbrain.space.services import record_buildings, record_park
from tests.factories import AT, make_branch, make_enterprise, make_park

HUAWEI = {"name_zh_hans": "华为技术有限公司", "name_zh_hant": "華為技術有限公司", "name_en": "Huawei Technologies"}


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with override("en"):
        yield


def found(typed: str) -> list[str]:
    return list(Enterprise.objects.filter(search_q(typed)).values_list("name_zh_hans", flat=True))


def test_names_stand_on_lines_of_their_own_and_their_pinyin_after_them() -> None:
    lines = search_text(names=("深圳数智科技3D有限公司", "", "Digital 3D"), others=("光电",)).split("\n")
    assert lines == [
        "",
        "深圳数智科技3d有限公司",
        "digital 3d",
        "光电",
        "szszkj3dyxgs",
        "shenzhenshuzhikeji3dyouxiangongsi",
    ]


@pytest.mark.parametrize(("name", "pinyin"), [("重庆银行", "chongqingyinhang"), ("长安单车", "changandanche")])
def test_characters_of_several_sounds_are_read_as_their_word_is(name: str, pinyin: str) -> None:
    assert f"\n{pinyin}" in search_text(names=(name,))


def test_longest_names_fit_what_an_index_can_hold_and_stay_whole_themselves() -> None:
    name = "庄" * 160
    text = search_text(names=(name, "", "E" * 200), others=("产" * 300,))
    assert len(text.encode()) <= LONGEST_SEARCH_TEXT
    assert name in text and "e" * 200 in text and "产" * 300 in text


@pytest.mark.django_db
@pytest.mark.parametrize(
    "typed",
    ["华为", "華為", "為技术", "huawei", "HuaWei", "hua wei", "hwjs", "HW", "ｈｕａｗｅｉ", "Technolog", " 华为 "],
)
def test_firm_is_found_in_either_script_by_pinyin_and_by_initials(typed: str) -> None:
    make_enterprise(**HUAWEI)
    make_enterprise(name_zh_hans="辰光机器人", name_zh_hant="", name_en="Chenguang Robotics")
    assert found(typed) == ["华为技术有限公司"]


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["%", "_", "\\", "hwx", "为华", "   "])
def test_what_no_name_holds_finds_nothing(typed: str) -> None:
    make_enterprise(**HUAWEI)
    assert found(typed) == []


@pytest.mark.django_db
def test_services_write_the_search_text_with_the_names_and_again_when_they_change() -> None:
    park = make_park()
    uscc = make_enterprise().uscc
    record_enterprise(values={"uscc": uscc, **HUAWEI}, actor=None, at=AT)
    assert found("hwjs") == ["华为技术有限公司"]
    record_enterprise(values={"uscc": uscc, "name_zh_hans": "数智科技", "name_zh_hant": ""}, actor=None, at=AT)
    assert found("hwjs") == [] and found("szkj") == ["数智科技"]
    record_park(values={"code": park.code, "name_zh_hans": "星河湾"}, actor=None, at=AT)
    assert Park.objects.filter(search_q("xinghewan")).get() == park
    record_buildings(park=park, rows=[{"code": "B7", "name_zh_hans": "灯塔楼"}], actor=None, at=AT)
    assert Building.objects.filter(search_q("dtl")).get().code == "B7"
    row = {"uscc": uscc, "name": "歐陽燈", "starts_on": AT.date()}
    record_contacts(park=park, rows=[row], actor=None, at=AT)
    assert EnterpriseContact.objects.filter(search_q("欧阳灯")).exists()
    assert EnterpriseContact.objects.filter(search_q("ouyang")).exists()


@pytest.mark.django_db
def test_people_are_found_however_they_came() -> None:
    branch = make_branch()
    add_person(username="li.ming", full_name="李明", role=Role.OPERATOR, branch=branch, actor=None, at=AT)
    add_person_from_issuer(username="ww", full_name="王伟", email="w@x.example", at=AT)
    assert User.objects.filter(search_q("liming")).get().username == "li.ming"
    assert User.objects.filter(search_q("wangwei")).get().full_name == "王伟"


@pytest.mark.django_db
def test_rows_from_before_get_their_search_text_by_the_migration() -> None:
    firm = make_enterprise(**HUAWEI, products="基站")
    Enterprise.objects.update(search_text="")
    assert found("huawei") == []
    bulk.fill_search_texts(
        model=Enterprise, names=["name_zh_hans", "name_zh_hant", "name_en"], others=["products", "products_en"]
    )
    assert found("huawei") == found("基站") == ["华为技术有限公司"]
    assert Enterprise.objects.get(pk=firm.pk).search_text == firm.search_text


@pytest.mark.django_db
def test_search_text_is_no_change_that_a_log_tells_of() -> None:
    firm = make_enterprise(**HUAWEI)
    with bulk.record_writes() as log:
        record_enterprise(values={"uscc": firm.uscc, "name_zh_hans": "数智科技"}, actor=None, at=AT)
    writes = [w for w in log if w.label == "enterprises.enterprise"]
    assert [set(w.new) for w in writes] == [{"name_zh_hans", "name_zh_hant"}]

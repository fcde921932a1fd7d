"""The register of enterprises: codes are checked, sizes follow the returns, other operators' entries stay theirs."""

from __future__ import annotations

from datetime import date

import pytest
from django.utils import translation

from parkbrain.enterprises.models import Enterprise, Occupancy
from parkbrain.enterprises.queries import industry_name, section_of
from parkbrain.enterprises.services import (
    CannotRecordEnterprise,
    CannotStartOccupancy,
    attach_document,
    record_address,
    record_enterprise,
    record_enterprises,
    record_occupancies,
    record_qualification,
    record_return,
    record_returns,
)
from parkbrain.kernel.models import AuditEvent
from parkbrain.kernel.roles import Role
from tests.factories import (
    AT,
    make_document,
    make_enterprise,
    make_occupancy,
    make_park,
    make_premises,
    make_return,
    make_user,
)

pytestmark = pytest.mark.django_db


def test_wrong_credit_code_is_refused() -> None:
    with pytest.raises(CannotRecordEnterprise):
        record_enterprises(rows=[{"uscc": "91350100M000100Y44", "name_zh_hans": "错码"}], actor=None, at=AT)


def test_size_class_follows_the_latest_return_that_decides_it() -> None:
    firm = make_enterprise(industry_code="3491")
    record_return(enterprise=firm, values={"year": 2024, "staff_count": 1000, "revenue_wan": 40000}, actor=None, at=AT)
    assert firm.size_class == "LARGE"
    record_return(enterprise=firm, values={"year": 2025, "staff_count": 299, "revenue_wan": 50000}, actor=None, at=AT)
    assert firm.size_class == "SMALL"
    record_return(enterprise=firm, values={"year": 2026, "staff_count": None, "revenue_wan": 90000}, actor=None, at=AT)
    assert firm.size_class == "SMALL", "a return that leaves several classes possible decides nothing"


def test_changed_industry_changes_the_size_class() -> None:
    firm = make_enterprise(industry_code="3491")
    make_return(enterprise=firm, staff_count=15, revenue_wan=5000)
    record_returns(rows=[{"uscc": firm.uscc, "year": 2025, "tax_wan": 1}], actor=None, at=AT)
    assert Enterprise.objects.get(pk=firm.pk).size_class == "MICRO"
    record_enterprise(values={"uscc": firm.uscc, "industry_code": "6513"}, actor=None, at=AT)
    assert Enterprise.objects.get(pk=firm.pk).size_class == "SMALL"


def test_firm_of_another_operator_is_not_overwritten_but_completed() -> None:
    there = make_occupancy(enterprise=make_enterprise(name_zh_hans="原名", products="", industry_code="3491"))
    park = make_park()
    actor = make_user(Role.OPERATOR, park.branch)
    values = {"uscc": there.enterprise.uscc, "name_zh_hans": "新名", "products": "减速器"}
    record_enterprise(values=values, actor=actor, at=AT, park=park)
    firm = Enterprise.objects.get(pk=there.enterprise_id)
    assert (firm.name_zh_hans, firm.products) == ("原名", "减速器")


def test_own_tenant_is_changed_and_the_change_is_told() -> None:
    there = make_occupancy()
    actor = make_user(Role.OPERATOR, there.premises.park.branch)
    recorded = record_enterprise(
        values={"uscc": there.enterprise.uscc, "name_zh_hans": "新名"}, actor=actor, at=AT, park=there.premises.park
    )
    assert recorded.action == "update"
    assert AuditEvent.objects.get(code="enterprises.enterprise.changed").details["fields"]["name_zh_hans"][1] == "新名"


@pytest.mark.parametrize("role", [Role.BUREAU, Role.ASSESSOR, Role.SERVICE_PROVIDER])
def test_roles_that_only_read_cannot_change_the_register(role: str) -> None:
    park, firm = make_park(), make_enterprise()
    reader = make_user(role, park.branch)
    for change in (
        lambda: record_enterprise(values={"uscc": firm.uscc, "products": "x"}, actor=reader, at=AT, park=park),
        lambda: record_return(enterprise=firm, values={"year": 2025}, actor=reader, at=AT, park=park),
        lambda: attach_document(
            enterprise=firm, document=make_document(), kind="LEASE", actor=reader, at=AT, park=park
        ),
    ):
        with pytest.raises(CannotRecordEnterprise):
            change()
    assert not AuditEvent.objects.exists()


def test_certificates_and_addresses_are_kept_by_their_first_day() -> None:
    firm = make_enterprise()
    for number in ("GR1", "GR2"):
        values = {"kind": "HNTE", "valid_from_on": date(2024, 1, 1), "number": number}
        record_qualification(enterprise=firm, values=values, actor=None, at=AT)
    assert firm.qualifications.get().number == "GR2"
    record_address(
        enterprise=firm, values={"kind": "TAXED", "starts_on": date(2024, 1, 1), "text": "甲"}, actor=None, at=AT
    )
    assert firm.addresses.get().text == "甲"


def test_return_of_a_firm_that_is_not_there_is_refused() -> None:
    with pytest.raises(CannotRecordEnterprise):
        record_returns(rows=[{"uscc": "91350100M000100Y43", "year": 2025}], actor=None, at=AT)


def test_handover_within_one_batch_is_written_whatever_the_order_of_its_rows() -> None:
    there = make_occupancy(starts_on=date(2024, 1, 1))
    park, code, nxt = there.premises.park, there.premises.code, make_enterprise()
    rows = [
        {"premises_code": code, "uscc": nxt.uscc, "starts_on": date(2026, 1, 1)},
        {
            "premises_code": code,
            "uscc": there.enterprise.uscc,
            "starts_on": date(2024, 1, 1),
            "ends_on": date(2026, 1, 1),
        },
    ]
    assert [r.action for r in record_occupancies(park=park, rows=rows, actor=None, at=AT)] == ["create", "update"]
    assert [r.action for r in record_occupancies(park=park, rows=rows, actor=None, at=AT)] == ["nothing", "nothing"]


def test_batch_that_would_let_twice_is_refused_whole() -> None:
    premises = make_premises()
    firms = [make_enterprise(), make_enterprise()]
    rows = [
        {"premises_code": premises.code, "uscc": f.uscc, "starts_on": date(2025, month, 1)}
        for f, month in zip(firms, (1, 6), strict=True)
    ]
    with pytest.raises(CannotStartOccupancy, match="2025-01-01"):
        record_occupancies(park=premises.park, rows=rows, actor=None, at=AT)
    assert not Occupancy.objects.exists()


def test_industry_without_an_english_name_is_told_by_the_one_above_it() -> None:
    with translation.override("en"):
        assert industry_name(code="3489").isascii()
        assert industry_name(code="34") == "General-purpose machinery"
    with translation.override("zh-hans"):
        assert industry_name(code="34") == "通用设备制造业"
    with translation.override("zh-hant"):
        assert industry_name(code="34") == "通用設備製造業"
    assert industry_name(code="9999") == "9999"
    assert [section_of(code=c) for c in ("3491", "6513", "9999")] == ["C", "I", ""]

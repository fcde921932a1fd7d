"""Recording activity data, factors, refrigerants, green power and offers: who may, what is refused, what follows."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from parkbrain.calc.intervals import DatePeriod
from parkbrain.carbon import queries, services
from parkbrain.carbon.models import ActivityData, EmissionFactor, ExchangeOffer, RefrigerantEvent
from parkbrain.kernel import registry
from parkbrain.kernel.models import AuditEvent, Park, User
from parkbrain.kernel.roles import Role
from tests.factories import (
    AT,
    ON,
    make_activity,
    make_building,
    make_enterprise,
    make_factor,
    make_green_power,
    make_occupancy,
    make_offer,
    make_park,
    make_premises,
    make_tenant_user,
    make_user,
)

pytestmark = pytest.mark.django_db
ROW: dict[str, Any] = {
    "reference": "EL-1", "kind": "electricity", "quantity": 10.0, "starts_on": date(2025, 1, 1),
    "ends_on": date(2025, 2, 1),
}  # fmt: skip


@pytest.fixture
def park() -> Park:
    return make_park()


def operator_of(park: Park) -> User:
    return make_user(Role.OPERATOR, park.branch)


def browser(user: User) -> Client:
    client = Client(headers={"host": "localhost"})
    client.force_login(user)
    client.cookies["django_language"] = "en"
    return client


def test_a_row_is_recorded_once_with_an_event_and_a_change_names_its_fields(park: Park) -> None:
    actor = operator_of(park)
    with registry.hold_changes() as touched:
        for quantity in (10.0, 10.0, 12.0):
            services.record_activities(park=park, rows=[{**ROW, "quantity": quantity}], actor=actor, at=AT)
    assert ActivityData.objects.get(park=park).quantity == 12.0
    codes = list(AuditEvent.objects.filter(park=park).order_by("position").values_list("code", flat=True))
    assert codes == ["carbon.activity.added", "carbon.activity.changed"]
    assert touched == {park.pk}


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "phlogiston"},
        {"ends_on": date(2025, 1, 1)},
        {"quantity": -1.0},
        {"uncertainty": 30.0},
        {"building_code": "NOWHERE"},
        {"level": 3},
        {"uscc": "91440300MA5DEM0006"},
        {"equipment_code": "NONE"},
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(park: Park, wrong: dict[str, Any]) -> None:
    with pytest.raises(services.CannotRecordActivity):
        services.record_activities(park=park, rows=[ROW, {**ROW, "reference": "X", **wrong}], actor=None, at=AT)
    assert not ActivityData.objects.exists()


@pytest.mark.parametrize("role", [Role.BUREAU, Role.ASSESSOR, Role.SERVICE_PROVIDER])
def test_roles_that_only_read_record_nothing(park: Park, role: str) -> None:
    reader = make_user(role, park.branch)
    with pytest.raises(services.CannotRecordActivity):
        services.record_activities(park=park, rows=[ROW], actor=reader, at=AT)
    assert browser(reader).get(reverse("activity_add", args=[park.pk])).status_code == 403


def test_another_operators_rows_are_not_found(park: Park) -> None:
    row = make_activity(park=park)
    client = browser(operator_of(make_park()))
    assert client.get(reverse("activity_detail", args=[row.pk])).status_code == 404
    assert client.post(reverse("activity_add", args=[park.pk]), {}).status_code == 404


def test_a_bill_is_typed_in_with_its_paper_and_the_percent_becomes_a_share(park: Park) -> None:
    client = browser(operator_of(park))
    sent = {
        "reference": "EL-9", "kind": "electricity", "quantity": "1500", "starts_on": "2025-03-01", "ends_on": "2025-04-01",
        "source": "BILL", "uncertainty": "2", "file": SimpleUploadedFile("bill.pdf", b"%PDF-1.4"),
    }  # fmt: skip
    assert client.post(reverse("activity_add", args=[park.pk]), sent).status_code == 302
    row = ActivityData.objects.get(reference="EL-9")
    assert (row.quantity, row.uncertainty, row.document.name) == (1500.0, 0.02, "bill.pdf")
    again = client.post(reverse("activity_add", args=[park.pk]), {**sent, "file": ""})
    assert again.status_code == 422 and "already" in again.content.decode()


def test_a_form_that_is_wrong_comes_back_with_what_is_wrong(park: Park) -> None:
    client = browser(operator_of(park))
    sent = {
        "reference": "EL-9",
        "kind": "electricity",
        "starts_on": "2025-04-01",
        "ends_on": "2025-03-01",
        "source": "BILL",
    }
    page = client.post(reverse("activity_add", args=[park.pk]), sent)
    assert page.status_code == 422 and "after the beginning" in page.content.decode()


def test_a_row_is_changed_on_its_page_and_keeps_its_reference(park: Park) -> None:
    row = make_activity(park=park, reference="EL-7", quantity=5.0)
    sent = {
        "reference": "OTHER", "kind": "diesel", "quantity": "7", "starts_on": "2025-01-01", "ends_on": "2025-02-01",
        "source": "LEDGER",
    }  # fmt: skip
    assert browser(operator_of(park)).post(reverse("activity_detail", args=[row.pk]), sent).status_code == 302
    row.refresh_from_db()
    assert (row.reference, row.kind, row.quantity, row.source) == ("EL-7", "diesel", 7.0, "LEDGER")


def test_a_certificate_counts_in_one_park_only(park: Park) -> None:
    taken = make_green_power(park=make_park())
    row = {
        "number": taken.number,
        "kind": "CERTIFICATE",
        "quantity_kwh": 5.0,
        **{k: ROW[k] for k in ("starts_on", "ends_on")},
    }
    with pytest.raises(services.CannotRecordActivity):
        services.record_green_power(park=park, rows=[row], actor=None, at=AT)


def test_a_refrigerant_that_nobody_knows_is_refused(park: Park) -> None:
    row = {"reference": "R-1", "refrigerant": "r999", "kind": "TOP_UP", "happened_on": ON, "mass_kg": 1.0}
    with pytest.raises(services.CannotRecordActivity):
        services.record_refrigerant_events(park=park, rows=[row], actor=None, at=AT)
    assert not RefrigerantEvent.objects.exists()


def factor_values(**more: Any) -> dict[str, Any]:
    return {
        "carrier": "electricity", "of": "kgco2", "basis": "location", "value": 0.4, "starts_on": date(2025, 1, 1),
        "source": "Our supplier, letter 12", **more,
    }  # fmt: skip


def test_two_own_factors_never_hold_on_one_day(park: Park) -> None:
    actor = operator_of(park)
    services.record_factor(branch=park.branch, values=factor_values(), actor=actor, at=AT)
    with pytest.raises(services.CannotRecordFactor):
        services.record_factor(branch=park.branch, values=factor_values(starts_on=date(2025, 6, 1)), actor=actor, at=AT)
    first = EmissionFactor.objects.get(branch=park.branch)
    services.end_factor(factor=first, ends_on=date(2025, 6, 1), actor=actor, at=AT)
    services.record_factor(branch=park.branch, values=factor_values(starts_on=date(2025, 6, 1)), actor=actor, at=AT)
    assert EmissionFactor.objects.filter(branch=park.branch).count() == 2


def test_a_factor_without_a_source_or_of_another_branch_is_refused(park: Park) -> None:
    with pytest.raises(services.CannotRecordFactor):
        services.record_factor(branch=park.branch, values=factor_values(source=" "), actor=None, at=AT)
    with pytest.raises(services.CannotRecordFactor):
        services.record_factor(branch=park.branch, values=factor_values(), actor=operator_of(make_park()), at=AT)


def test_a_shipped_factor_is_not_ended_and_loading_again_changes_nothing() -> None:
    shipped = EmissionFactor.objects.filter(branch__isnull=True)
    assert shipped.count() > 60
    with pytest.raises(services.CannotRecordFactor):
        services.end_factor(factor=shipped[0], ends_on=date(2030, 1, 1), actor=None, at=AT)
    assert services.load_shipped_factors(at=AT) == 0


def test_the_list_of_factors_shows_what_is_in_force_on_a_day(park: Park) -> None:
    make_factor(branch=park.branch, source="Ended letter", ends_on=date(2025, 1, 1))
    make_factor(branch=make_park().branch, source="Foreign letter")
    client = browser(operator_of(park))
    before, after = (
        client.get(reverse("factor_list") + f"?on={d}&q=letter").content.decode() for d in ("2024-06-01", "2025-06-01")
    )
    assert "Ended letter" in before and "Ended letter" not in after
    assert "Foreign letter" not in before


def offer_values(uscc: str, **more: Any) -> dict[str, Any]:
    return {
        "uscc": uscc, "direction": "OFFER", "kind": "WASTE_HEAT", "substance": "hot water", "unit": "MJ",
        "per_month": 100.0, "starts_on": date(2025, 1, 1), **more,
    }  # fmt: skip


def test_a_firm_offers_for_itself_and_for_nobody_else(park: Park) -> None:
    own, other = (make_occupancy(premises=make_premises(park=park)).enterprise for _ in range(2))
    person = make_tenant_user(own, park)
    services.record_offers(park=park, rows=[offer_values(own.uscc)], actor=person, at=AT)
    with pytest.raises(services.CannotRecordOffer):
        services.record_offers(park=park, rows=[offer_values(other.uscc)], actor=person, at=AT)
    with pytest.raises(services.CannotRecordOffer):
        services.record_offers(park=park, rows=[offer_values(make_enterprise().uscc)], actor=operator_of(park), at=AT)
    offer = ExchangeOffer.objects.get()
    assert browser(person).post(reverse("exchange_end", args=[offer.pk]), {"ends_on": "2025-06-01"}).status_code == 302
    offer.refresh_from_db()
    assert offer.ends_on == date(2025, 6, 1)


def test_offers_and_needs_meet_with_the_distance_of_their_buildings(park: Park) -> None:
    near, far = (make_building(park=park, longitude=114.0, latitude=lat) for lat in (22.5, 22.502))
    giver, taker = (make_occupancy(premises=make_premises(park=park)).enterprise for _ in range(2))
    make_offer(park=park, enterprise=giver, building=near, per_month=50.0)
    make_offer(park=park, enterprise=taker, building=far, direction="NEED")
    found = queries.list_matches(park=park, user=operator_of(park), on=ON)
    assert [(m.offer.enterprise, m.need.enterprise, m.filled) for m in found] == [(giver, taker, 0.5)]
    assert found[0].distance_m == pytest.approx(222.4, abs=0.5)
    assert queries.list_matches(park=park, user=operator_of(make_park()), on=ON) == []


@pytest.mark.parametrize("name", ["activity_add", "factor_add", "refrigerant_add", "green_power_add", "exchange_add"])
def test_an_empty_form_comes_back_with_what_is_missing(park: Park, name: str) -> None:
    page = browser(operator_of(park)).post(reverse(name, args=[park.pk]), {})
    assert page.status_code == 422 and "required" in page.content.decode()


def test_the_forms_set_a_factor_and_record_green_power_and_offers(park: Park) -> None:
    client, stay = browser(operator_of(park)), make_occupancy(premises=make_premises(park=park))
    factor = {
        "carrier": "diesel_upstream",
        "of": "kgco2e",
        "value": "0.6",
        "uncertainty": "30",
        "starts_on": "2024-01-01",
    }
    assert client.post(reverse("factor_add", args=[park.pk]), {**factor, "source": "Letter"}).status_code == 302
    power = {
        "number": "G-1",
        "kind": "CONTRACT",
        "quantity_kwh": "900",
        "starts_on": "2025-01-01",
        "ends_on": "2026-01-01",
    }
    assert client.post(reverse("green_power_add", args=[park.pk]), power).status_code == 302
    offer = {
        "uscc": stay.enterprise.uscc, "direction": "OFFER", "kind": "PACKAGING", "substance": "pallets", "unit": "pcs",
        "starts_on": "2025-01-01",
    }  # fmt: skip
    assert client.post(reverse("exchange_add", args=[park.pk]), offer).status_code == 302
    assert EmissionFactor.objects.get(branch=park.branch).uncertainty == 0.3
    own = client.get(reverse("factor_list") + "?own=own").content.decode()
    assert "Letter" in own
    make_activity(park=park, kind="diesel", quantity=1000)
    statement = queries.build_statement(park=park, period=DatePeriod(date(2025, 1, 1), date(2026, 1, 1)))
    assert next(one.tco2e for one in statement.lines if one.kind == "diesel_upstream") == pytest.approx(0.6)

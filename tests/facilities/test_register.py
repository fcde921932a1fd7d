"""The register of equipment: grade and standing on a day, inspections, who may change it, what follows."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from parkbrain.calc.intervals import DatePeriod
from parkbrain.facilities import queries, services
from parkbrain.facilities.models import Equipment, RunningHours
from parkbrain.kernel import registry
from parkbrain.kernel.models import AuditEvent, Park, User
from parkbrain.kernel.roles import Role
from tests.factories import (
    AT,
    ON,
    make_building,
    make_enterprise,
    make_equipment,
    make_occupancy,
    make_park,
    make_premises,
    make_storey,
    make_tenant_user,
    make_user,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def park() -> Park:
    return make_park()


def browser(user: User) -> Client:
    client = Client(headers={"host": "localhost"})
    client.force_login(user)
    client.cookies["django_language"] = "en"
    return client


def fact(key: str, park: Park) -> tuple[float | None, float]:
    value = registry.facts.get(key).values(park_ids=[park.pk], period=DatePeriod(ON, date(2026, 7, 1)))[park.pk]
    return value.value, round(value.coverage, 3)


def test_the_share_of_obsolete_power_leaves_out_what_nobody_can_assess(park: Park) -> None:
    make_equipment(park=park, rated_kw=60, ie_class="IE3")
    make_equipment(park=park, rated_kw=20, model="Y2-180L-4")
    make_equipment(park=park, kind="TRANSFORMER", rated_kva=20, label_grade=3, label_standard="GB 20052-2020")
    make_equipment(park=park, rated_kw=50, ie_class="IE1", retired_on=date(2026, 1, 1))
    make_equipment(park=park, kind="LIFT", rated_kw=15)
    assert fact("covered_equipment_kw", park) == (100.0, 1.0)
    assert fact("obsolete_equipment_kw", park) == (20.0, 0.8)


def test_a_tenants_machine_counts_in_the_share_and_not_against_the_operator(park: Park) -> None:
    firm = make_enterprise()
    make_equipment(park=park, rated_kw=30, model="Y-200L-4", stop_by_on=date(2026, 1, 1), enterprise=firm)
    make_equipment(park=park, rated_kw=30, ie_class="IE4")
    make_equipment(park=park, kind="FORKLIFT", last_inspected_on=date(2020, 1, 1), enterprise=firm)
    make_equipment(park=park, kind="FORKLIFT", last_inspected_on=date(2026, 1, 1))
    assert fact("obsolete_equipment_kw", park)[0] == 30.0
    assert fact("operator_catalogue_equipment_overdue", park)[0] == 0.0
    assert fact("operator_special_equipment_overdue", park)[0] == 0.0


def test_what_is_overdue_is_counted_and_asks_for_attention(park: Park) -> None:
    make_equipment(park=park, kind="LIFT", commissioned_on=date(2020, 3, 1), last_inspected_on=date(2021, 2, 20))
    make_equipment(park=park, kind="BOILER", inspection_due_on=date(2026, 7, 20))
    make_equipment(park=park, rated_kw=30, model="Y-200L-4", stop_by_on=date(2026, 1, 1))
    assert fact("operator_special_equipment_overdue", park)[0] == 1.0
    assert fact("operator_catalogue_equipment_overdue", park)[0] == 1.0
    operator = make_user(Role.OPERATOR, park.branch)
    assert len(queries.list_inspection_attention(user=operator, park=park, on=ON)) == 3
    assert queries.list_inspection_attention(user=make_user(Role.BUREAU, park.branch), park=park, on=ON) == []


def test_the_filter_of_obsolete_machines_finds_what_the_rules_call_so(park: Park) -> None:
    machines = [
        make_equipment(park=park, model="Y2-160M-4"),
        make_equipment(park=park, ie_class="IE2"),
        make_equipment(park=park, kind="TRANSFORMER", model="S9-250/10"),
        make_equipment(park=park, kind="BOILER", label_grade=4, label_standard="GB 24500-2020"),
        make_equipment(park=park, model="YE4-160", ie_class="IE4"),
        make_equipment(park=park, kind="TRANSFORMER", model="SCB18", label_grade=2, label_standard="GB 20052-2024"),
    ]
    by_rule = {m.pk for m in machines if queries.describe_equipment(equipment=m, on=ON).standing.is_obsolete}
    by_filter = set(Equipment.objects.filter(queries.is_obsolete_q(on=ON)).values_list("pk", flat=True))
    assert by_filter == by_rule == {m.pk for m in machines[:4]}


def test_a_machine_is_recorded_once_with_an_event_at_its_place(park: Park) -> None:
    building = make_building(park=park, code="A")
    make_storey(building=building, level=-1)
    row = {"code": "TR-1", "kind": "TRANSFORMER", "building_code": "A", "level": -1, "rated_kva": 800}
    actor = make_user(Role.OPERATOR, park.branch)
    for _ in range(2):
        services.record_equipment(park=park, rows=[row], actor=actor, at=AT)
    machine = Equipment.objects.get(park=park)
    assert (machine.building, machine.storey.level, machine.size_kw) == (building, -1, 800.0)
    assert list(AuditEvent.objects.filter(park=park).values_list("code", flat=True)) == ["facilities.equipment.added"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"building_code": "NOWHERE"},
        {"level": 40},
        {"uscc": "91440300MA5DEM0006"},
        {"commissioned_on": date(2025, 1, 2), "retired_on": date(2025, 1, 1)},
    ],
)
def test_what_cannot_be_is_refused(park: Park, wrong: dict[str, object]) -> None:
    with pytest.raises(services.CannotRecordEquipment):
        services.record_equipment(park=park, rows=[{"code": "M", "kind": "MOTOR", **wrong}], actor=None, at=AT)
    assert not Equipment.objects.exists()


def test_hours_never_pass_those_of_the_period(park: Park) -> None:
    make_equipment(park=park, code="CH-1")
    row = {"code": "CH-1", "starts_on": date(2026, 1, 1), "ends_on": date(2026, 1, 3), "hours": 49.0}
    with pytest.raises(services.CannotRecordEquipment):
        services.record_hours(park=park, rows=[row], actor=None, at=AT)
    services.record_hours(park=park, rows=[{**row, "hours": 40.0}], actor=None, at=AT)
    assert RunningHours.objects.get().hours == 40.0


def test_readers_change_nothing_and_strangers_find_nothing(park: Park) -> None:
    machine = make_equipment(park=park)
    reader, stranger = (
        browser(make_user(Role.ASSESSOR, park.branch)),
        browser(make_user(Role.OPERATOR, make_park().branch)),
    )
    detail, edit = (reverse(name, args=[machine.pk]) for name in ("equipment_detail", "equipment_edit"))
    assert [reader.get(detail).status_code, reader.post(detail, {}).status_code] == [200, 403]
    assert [reader.get(edit).status_code, stranger.get(detail).status_code, stranger.get(edit).status_code] == [
        403,
        404,
        404,
    ]
    with pytest.raises(services.CannotRecordEquipment):
        services.record_equipment(
            park=park, rows=[{"code": "M", "kind": "MOTOR"}], actor=make_user(Role.BUREAU, park.branch), at=AT
        )


def test_a_tenant_sees_the_own_machine_only(park: Park) -> None:
    stay = make_occupancy(premises=make_premises(park=park))
    own, other = make_equipment(park=park, enterprise=stay.enterprise), make_equipment(park=park)
    client = browser(make_tenant_user(stay.enterprise, park))
    assert client.get(reverse("equipment_detail", args=[own.pk])).status_code == 200
    assert client.get(reverse("equipment_detail", args=[other.pk])).status_code == 404


def test_the_forms_add_and_change_a_machine(park: Park) -> None:
    client = browser(make_user(Role.OPERATOR, park.branch))
    sent = {"code": "M-1", "kind": "MOTOR", "name_en": "Pump motor", "rated_kw": "11", "ie_class": "IE3"}
    assert client.post(reverse("equipment_add", args=[park.pk]), sent).status_code == 302
    machine = Equipment.objects.get(code="M-1")
    changed = client.post(reverse("equipment_edit", args=[machine.pk]), {**sent, "code": "X", "rated_kw": "15"})
    assert changed.status_code == 302
    machine.refresh_from_db()
    assert (machine.code, machine.rated_kw) == ("M-1", 15.0)
    wrong = client.post(reverse("equipment_add", args=[park.pk]), {**sent, "code": "M-2", "building_code": "?"})
    assert wrong.status_code == 422

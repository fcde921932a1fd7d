"""Premises become others, parcels leave: the past stays as it was, and like for like tells growth from boundary."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from parkbrain.calc.intervals import period_of
from parkbrain.enterprises.models import Occupancy
from parkbrain.enterprises.queries import get_park_series, list_lineage
from parkbrain.enterprises.services import (
    CannotMergePremises,
    CannotRemoveBuilding,
    CannotSplitPremises,
    CannotStartOccupancy,
    merge_premises,
    remove_from_park,
    split_premises,
    start_occupancy,
)
from parkbrain.kernel import registry
from parkbrain.kernel.models import AuditEvent
from parkbrain.kernel.roles import Role
from parkbrain.space.models import Building, Premises
from parkbrain.space.services import CannotChangeBoundary
from tests.factories import (
    AT,
    ON,
    make_building,
    make_enterprise,
    make_occupancy,
    make_park,
    make_premises,
    make_tenant_user,
    make_user,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


DAY = date(2026, 1, 1)
PARTS = [{"code": "A-1", "gross_area_m2": 300.0}, {"code": "A-2", "gross_area_m2": 200.0}]


@pytest.fixture
def whole() -> Premises:
    return make_premises(code="A", area_m2=500.0, floor_load_kn_m2=8.0)


def split(premises: Premises, **changes: object) -> list[Premises]:
    wanted = {"parts": PARTS, "changed_on": DAY, "reason": "two tenants", "actor": None, "at": AT, **changes}
    return split_premises(premises=premises, **wanted)  # type: ignore[arg-type]


def codes_on(park: object, on: date) -> set[str]:
    return set(Premises.objects.filter(park=park).in_park_on(on).values_list("code", flat=True))


def test_a_tenant_of_split_premises_learns_of_no_part_that_is_not_theirs(whole: Premises) -> None:
    firm = make_enterprise()
    make_occupancy(premises=whole, enterprise=firm, ends_on=DAY)
    own, _other = split(whole)
    make_occupancy(premises=own, enterprise=firm, starts_on=DAY)
    tenant = make_tenant_user(firm, whole.park)
    assert [link.after.code for link in list_lineage(premises=whole, user=tenant)[1]] == ["A-1"]


def test_split_ends_the_old_begins_the_parts_and_keeps_the_lineage(whole: Premises) -> None:
    after = split(whole)
    assert [(p.code, p.billing_area_m2, p.floor_load_kn_m2, p.added_on) for p in after] == [
        ("A-1", 300.0, 8.0, DAY),
        ("A-2", 200.0, 8.0, DAY),
    ]
    assert codes_on(whole.park, DAY - timedelta(days=1)) == {"A"}
    assert codes_on(whole.park, DAY) == {"A-1", "A-2"}
    whole.refresh_from_db()
    operator = make_user(Role.OPERATOR, whole.park.branch)
    assert [link.after.code for link in list_lineage(premises=whole, user=operator)[1]] == ["A-1", "A-2"]
    assert [link.before.code for link in list_lineage(premises=after[0], user=operator)[0]] == ["A"]
    event = AuditEvent.objects.get(code="space.premises.succeeded")
    assert event.details["reason"] == "two tenants"


def test_occupant_stays_in_the_named_part_and_moves_neither_in_nor_out(whole: Premises) -> None:
    stay = make_occupancy(premises=whole, lease_number="ZL-9", lease_ends_on=date(2027, 1, 1))
    split(whole, kept_by_occupant=["A-1"])
    stay.refresh_from_db()
    assert stay.ends_on == DAY
    carried = Occupancy.objects.get(premises__code="A-1")
    assert (carried.enterprise, carried.starts_on, carried.lease_number) == (stay.enterprise, DAY, "ZL-9")
    assert carried.continues == stay and not Occupancy.objects.filter(premises__code="A-2").exists()
    period = period_of("ttm", ON)
    for key in ("new_leases_12m", "moveouts_12m"):
        assert registry.facts.get(key).values(park_ids=[whole.park_id], period=period)[whole.park_id].value == 0, key
    event = AuditEvent.objects.get(code="enterprises.occupancy.carried_on")
    assert (event.details["before"], event.details["reason"]) == ("A", "two tenants")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"reason": " "}, "reason"),
        ({"parts": PARTS[:1]}, "two or more"),
        ({"parts": [PARTS[0], {"code": "A-2", "gross_area_m2": 260.0}]}, "560"),
        ({"parts": [PARTS[0], {"code": "A", "gross_area_m2": 100.0}]}, "already"),
        ({"kept_by_occupant": ["B"]}, "stay"),
    ],
)
def test_wrong_splits_are_refused_and_change_nothing(whole: Premises, changes: dict, words: str) -> None:
    make_occupancy(premises=whole)
    with pytest.raises(CannotChangeBoundary, match=words):
        split(whole, **changes)
    assert Premises.objects.count() == 1 and not AuditEvent.objects.exists()
    assert Occupancy.objects.get().ends_on is None


def test_split_under_a_stay_that_begins_later_is_refused_with_its_firm(whole: Premises) -> None:
    stay = make_occupancy(premises=whole, starts_on=DAY + timedelta(days=10))
    with pytest.raises(CannotSplitPremises, match=stay.enterprise.name):
        split(whole)


def test_premises_are_split_once(whole: Premises) -> None:
    split(whole)
    whole.refresh_from_db()
    with pytest.raises(CannotChangeBoundary):
        split(whole, parts=[{"code": "X", "gross_area_m2": 1}, {"code": "Y", "gross_area_m2": 1}])


@pytest.mark.parametrize("role", [Role.BUREAU, Role.ASSESSOR, Role.SERVICE_PROVIDER])
def test_readers_and_strangers_change_no_boundary(whole: Premises, role: str) -> None:
    for actor in (make_user(role, whole.park.branch), make_user(Role.OPERATOR)):
        with pytest.raises(CannotChangeBoundary):
            split(whole, actor=actor)
        with pytest.raises(CannotChangeBoundary):
            remove_from_park(subject=whole.building, removed_on=DAY, reason="sold", actor=actor, at=AT)


def test_merged_premises_keep_their_one_firm_and_refuse_two(whole: Premises) -> None:
    other = make_premises(building=whole.building, level=2, code="B", area_m2=100.0)
    stay = make_occupancy(premises=whole)
    merged = merge_premises(premises=[whole, other], code="AB", changed_on=DAY, reason="r", actor=None, at=AT)
    assert merged.billing_area_m2 == 600.0
    assert merged.spaces.count() == 2
    assert Occupancy.objects.get(premises=merged).enterprise == stay.enterprise
    third = make_premises(building=whole.building, level=3, code="C")
    make_occupancy(premises=third)
    with pytest.raises(CannotMergePremises, match="Several"):
        merge_premises(premises=[merged, third], code="ABC", changed_on=ON, reason="r", actor=None, at=AT)


def test_building_leaves_with_its_premises_once_nobody_is_there(whole: Premises) -> None:
    stay = make_occupancy(premises=whole)
    building = whole.building
    with pytest.raises(CannotRemoveBuilding, match=stay.enterprise.name):
        remove_from_park(subject=building, removed_on=DAY, reason="sold", actor=None, at=AT)
    remove_from_park(subject=building, removed_on=DAY, reason="sold", actor=None, at=AT, end_stays=True)
    stay.refresh_from_db()
    assert stay.ends_on == DAY
    assert codes_on(whole.park, DAY) == set()
    assert not Building.objects.in_park_on(DAY).exists() and Building.objects.in_park_on(date(2025, 1, 1)).exists()


def test_nobody_moves_into_premises_that_are_not_there(whole: Premises) -> None:
    split(whole)
    whole.refresh_from_db()
    part = Premises.objects.get(code="A-1")
    for place, starts_on in ((whole, ON), (whole, date(2025, 6, 1)), (part, date(2025, 6, 1))):
        with pytest.raises(CannotStartOccupancy, match="belongs to the park only"):
            start_occupancy(premises=place, enterprise=make_enterprise(), starts_on=starts_on, actor=None, at=AT)


def test_database_refuses_to_leave_before_it_came(whole: Premises) -> None:
    for row in (whole, whole.building, whole.building.site):
        with pytest.raises(DatabaseError), transaction.atomic():
            type(row).objects.filter(pk=row.pk).update(added_on=DAY, removed_on=DAY)


def test_lettable_area_is_what_belonged_to_the_park_on_the_day(whole: Premises) -> None:
    make_premises(park=whole.park, code="N", area_m2=1000.0, added_on=date(2026, 3, 1))
    make_premises(park=whole.park, code="S", area_m2=70.0, removed_on=date(2025, 3, 1))
    fact = registry.facts.get("leasable_area_m2")
    areas = {
        on: fact.values(park_ids=[whole.park_id], period=period_of("as_of", on))[whole.park_id].value
        for on in (date(2025, 1, 1), date(2025, 6, 1), ON)
    }
    assert list(areas.values()) == [570.0, 500.0, 1500.0]


def test_series_shows_as_was_beside_like_for_like_and_lists_what_was_left_out(whole: Premises) -> None:
    park = whole.park
    make_occupancy(premises=whole, starts_on=date(2023, 1, 1))
    sold = make_premises(park=park, code="S", area_m2=500.0, removed_on=date(2025, 3, 1))
    split(whole, kept_by_occupant=["A-1", "A-2"])
    series = get_park_series(park=park, on=ON)
    assert series is not None
    assert (series.was[0].occupancy, series.was[-1].occupancy) == (0.5, 1.0)
    assert {p.occupancy for p in series.like} == {1.0}
    assert [(item.code, item.removed_on) for item in series.left_out] == [("S", sold.removed_on)]
    shown = page(make_user(Role.OPERATOR, park.branch), "park_detail", park.pk)
    assert "like for like" in shown and "leaves out 1 premises" in shown


def test_park_without_premises_has_no_series() -> None:
    park = make_park()
    assert get_park_series(park=park, on=ON) is None
    assert page(make_user(Role.OPERATOR, park.branch), "park_detail", park.pk)


# --- Pages ------------------------------------------------------------------------------------------------------------


def page(user: object, name: str, *args: object, status: int = 200, **params: str) -> str:
    client = Client()
    client.force_login(user)  # type: ignore[arg-type]
    answer = client.get(reverse(name, args=args), {"on": ON.isoformat(), **params})
    assert answer.status_code == status
    return answer.content.decode()


def test_operator_splits_merges_and_removes_from_the_pages(whole: Premises) -> None:
    client = Client()
    client.force_login(make_user(Role.OPERATOR, whole.park.branch))
    url = reverse("premises_split", args=[whole.pk])
    assert client.get(url).status_code == 200
    when = {"changed_on": DAY.isoformat(), "reason": "two tenants"}
    assert client.post(url, {**when, "parts": "A-1 three"}).status_code == 422
    assert client.post(url, {**when, "parts": "A-1 300\nA-2 900"}).status_code == 422
    assert client.post(url, {**when, "parts": "A-1 300 *\nA-2, 200"}).status_code == 302
    one, two = Premises.objects.get(code="A-1"), Premises.objects.get(code="A-2")
    merge = reverse("premises_merge", args=[one.pk])
    later = {"changed_on": "2026-05-01", "reason": "one tenant", "code": "A-3"}
    assert client.post(merge, {**later}).status_code == 422
    assert client.post(merge, {**later, "others": [str(two.pk)]}).status_code == 302
    assert codes_on(whole.park, ON) == {"A-3"}
    remove = reverse("building_remove", args=[whole.building_id])
    assert client.post(remove, {"changed_on": "2026-06-01"}).status_code == 422
    assert client.post(remove, {"changed_on": "2026-06-01", "reason": "sold"}).status_code == 302
    assert codes_on(whole.park, ON) == set()


def test_boundary_forms_are_not_for_readers_nor_strangers(whole: Premises) -> None:
    urls = [
        reverse("premises_split", args=[whole.pk]),
        reverse("premises_merge", args=[whole.pk]),
        reverse("building_remove", args=[whole.building_id]),
    ]
    for user, status in ((make_user(Role.BUREAU, whole.park.branch), 403), (make_user(Role.OPERATOR), 404)):
        client = Client()
        client.force_login(user)
        assert [client.get(url).status_code for url in urls] == [status] * 3


# --- As of a day ------------------------------------------------------------------------------------------------------


@pytest.fixture
def changed() -> Premises:
    """Premises that changed hands at the beginning of 2026, in a building beside one that came then."""
    park = make_park()
    place = make_premises(building=make_building(park=park, code="B1"), code="A-101")
    before = make_enterprise(name_zh_hans="从前", name_en="Formerly Ltd")
    now = make_enterprise(name_zh_hans="如今", name_en="Nowadays Ltd")
    make_occupancy(premises=place, enterprise=before, starts_on=date(2024, 1, 1), ends_on=DAY, lease_ends_on=DAY)
    make_occupancy(premises=place, enterprise=now, starts_on=DAY, lease_ends_on=date(2029, 1, 1))
    make_building(park=park, code="B2", added_on=DAY)
    return place


OLD = "2025-12-20"


def test_every_page_of_the_record_shows_who_was_there_on_its_day(changed: Premises) -> None:
    user = make_user(Role.OPERATOR, changed.park.branch)
    for name, key in (("building_detail", changed.building_id), ("premises_list", None), ("occupancy_list", None)):
        args = [key] if key else []
        then, today = page(user, name, *args, on=OLD), page(user, name, *args)
        assert "Formerly" in then and "Nowadays" not in then, name
        assert "Nowadays" in today and "Formerly" not in today, name
    then = page(user, "premises_detail", changed.pk, on=OLD)
    assert "Formerly Ltd</a> is here since 2024-01-01" in then
    assert "Block B2" not in page(user, "park_detail", changed.park_id, on=OLD)
    assert "Block B2" in page(user, "park_detail", changed.park_id)


def test_section_is_coloured_by_lease_end_and_vacancy_as_of_its_day(changed: Premises) -> None:
    user = make_user(Role.OPERATOR, changed.park.branch)
    args = ("building_detail", changed.building_id)
    then, today = page(user, *args, colour="lease_end", on=OLD), page(user, *args, colour="lease_end")
    drawn_then, drawn_today = (text[text.index('<svg class="section') : text.index("legend")] for text in (then, today))
    assert "fill-end-1" in drawn_then and "fill-end-5" not in drawn_then
    assert "fill-end-5" in drawn_today and "fill-end-1" not in drawn_today
    assert "ends within 3 months" in today and "Months to lease end" in today
    Occupancy.objects.filter(ends_on=None).delete()
    vacant = page(user, *args, colour="vacancy", on="2026-09-01")
    drawn = vacant[vacant.index('<svg class="section') : vacant.index("legend")]
    assert "fill-end-0" in drawn and "vacant for more than 180 days" in vacant


def test_banner_names_the_day_and_links_keep_it(changed: Premises) -> None:
    user = make_user(Role.OPERATOR, changed.park.branch)
    pages = [
        ("park_detail", changed.park_id),
        ("building_detail", changed.building_id),
        ("premises_detail", changed.pk),
        ("enterprise_detail", changed.occupancies.earliest("starts_on").enterprise_id),
    ]
    for name, key in pages:
        shown = page(user, name, key, on=OLD)
        assert f"As of {OLD}" in shown and "Back to today" in shown, name
        assert f'name="on" value="{OLD}"' in shown, name
    park = page(user, "park_detail", changed.park_id, on=OLD)
    assert f"{reverse('building_detail', args=[changed.building_id])}?on={OLD}" in park
    building = page(user, "building_detail", changed.building_id, on=OLD)
    assert f"{reverse('premises_detail', args=[changed.pk])}?on={OLD}" in building
    listed = page(user, "occupancy_list", on=OLD)
    assert f"{reverse('premises_detail', args=[changed.pk])}?on={OLD}" in listed
    client = Client()
    client.force_login(user)
    assert "Back to today" not in client.get(reverse("park_detail", args=[changed.park_id])).content.decode()


@pytest.mark.parametrize("typed", ["yesterday", "2025-02-30", "0001-01-01", "9999-12-31", "2025-1-1x"])
def test_what_is_no_date_is_said_and_today_is_shown(changed: Premises, typed: str) -> None:
    user = make_user(Role.OPERATOR, changed.park.branch)
    for name, args in (
        ("park_detail", [changed.park_id]),
        ("building_detail", [changed.building_id]),
        ("premises_list", []),
        ("qualification_calendar", []),
    ):
        shown = page(user, name, *args, on=typed, status=422 if name == "premises_list" else 200)
        assert "is not a date between 1980 and 2100" in shown, name
        assert "Back to today" not in shown, name

"""The pages of a park's energy: load against what was to be expected, odd use and its judgment, pattern, flows."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse

from parkbrain.energy import queries, services
from parkbrain.energy.models import Meter, OddUse
from parkbrain.kernel.models import AuditEvent, Park, User
from parkbrain.kernel.roles import Role
from tests.factories import make_park, make_user
from tests.query_counts import pinned_queries

from .make import FIRST_ON, MIDNIGHT, make_meter, put

pytestmark = pytest.mark.django_db
DAYS = 50
#: Ten in the morning of the last day: its hours up to then are known.
NOW = MIDNIGHT + timedelta(days=DAYS - 1, hours=10)
ON = FIRST_ON + timedelta(days=DAYS - 1)


def hourly(days: int = DAYS) -> np.ndarray[Any, Any]:
    """Return a load by hour: low at night, high in working hours, a little uneven."""
    hours = np.tile(np.where((np.arange(24) >= 8) & (np.arange(24) < 20), 80.0, 20.0), days)
    return hours + np.sin(np.arange(hours.size) * 1.7)


def registers(load: Any) -> list[float]:
    return [0.0, *np.cumsum(load).round(3).tolist()]


@pytest.fixture
def park() -> Park:
    return make_park()


@pytest.fixture
def supply(park: Park) -> Meter:
    """A supply meter that counted as usual, but for one evening, with a meter of a building below it."""
    meter = make_meter(park=park, code="E-1", level=1)
    load = hourly()
    load[40 * 24 + 20 : 40 * 24 + 24] += 60.0
    put(meter, registers(load[: (DAYS - 1) * 24 + 10]))
    below = make_meter(park=park, code="E-2", level=2, parent="E-1")
    put(below, registers(load[: (DAYS - 1) * 24 + 10] * 0.9))
    services.recompute_use(at=NOW)
    return meter


@pytest.fixture
def operator(park: Park) -> Client:
    return signed_in(make_user(Role.OPERATOR, park.branch.parent))


def signed_in(user: User) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return client


def test_load_stands_beside_the_band_that_was_to_be_expected(supply: Meter) -> None:
    day = queries.get_day_load(park=supply.park, energy_kind="ELECTRICITY", at=NOW)
    assert day is not None and day.newest is not None
    assert (day.flow_unit, day.newest.load) == ("kW", pytest.approx(80, abs=1.1))
    assert day.newest.start_at == NOW - timedelta(hours=1)
    for hour in day.hours:
        assert hour.low is not None and hour.middle is not None and hour.high is not None
        assert hour.low <= hour.middle <= hour.high
        assert hour.load is None or hour.low - 3 <= hour.load <= hour.high + 3
    assert [h.load for h in day.hours[-14:]] == [None] * 14, "the hours that are still to come"
    assert day.today.use == pytest.approx(hourly()[-24:-14].sum(), abs=1)


def test_month_so_far_stands_beside_the_same_days_before(supply: Meter) -> None:
    day = queries.get_day_load(park=supply.park, energy_kind="ELECTRICITY", at=NOW)
    assert day is not None
    # The stories begin on 1 June; day 50 is 20 July, so the days before are those of June.
    assert day.month_before == pytest.approx(hourly(19).sum(), abs=5)


def test_nothing_is_expected_after_few_days_and_unknown_is_said(park: Park) -> None:
    meter = make_meter(park=park, code="E-1", level=1)
    put(meter, registers(hourly(5)))
    services.recompute_use(at=NOW)
    day = queries.get_day_load(park=park, energy_kind="ELECTRICITY", at=MIDNIGHT + timedelta(days=5))
    assert day is not None
    assert all(h.low is None for h in day.hours)
    assert queries.get_day_load(park=park, energy_kind="WATER", at=NOW) is None


def test_odd_use_is_found_with_its_size_and_what_may_be_behind_it(supply: Meter) -> None:
    assert services.find_odd_uses(at=NOW) == 2
    odd = OddUse.objects.get(meter=supply)
    assert (odd.what, odd.start_at, odd.end_at) == (
        "hours",
        MIDNIGHT + timedelta(days=40, hours=20),
        MIDNIGHT + timedelta(days=41),
    )
    assert odd.excess == pytest.approx(240, abs=5)
    assert odd.causes == ["schedule_changed"]
    assert odd.cost_yuan is None, "no month has a price"
    assert services.find_odd_uses(at=NOW) == 0, "what is known is not found again"


def test_judgment_stays_and_what_was_repaired_goes(supply: Meter) -> None:
    services.find_odd_uses(at=NOW)
    first, second = OddUse.objects.order_by("meter__code")
    person = make_user(Role.OPERATOR, supply.park.branch)
    services.settle_odd_use(odd=first, state="EXPLAINED", note="trade fair", actor=person, at=NOW)
    put(supply, registers(hourly()[: (DAYS - 1) * 24 + 10]))
    put(Meter.objects.get(code="E-2"), registers(hourly()[: (DAYS - 1) * 24 + 10]))
    services.recompute_use(at=NOW)
    services.find_odd_uses(at=NOW)
    assert list(OddUse.objects.values_list("pk", "state", "note")) == [(first.pk, "EXPLAINED", "trade fair")]
    assert AuditEvent.objects.get(code="energy.odd_use.settled").details["note"] == "trade fair"
    assert not OddUse.objects.filter(pk=second.pk).exists()


def test_home_shows_it_and_takes_the_judgment(supply: Meter, operator: Client, park: Park) -> None:
    services.find_odd_uses(at=NOW)
    url = reverse("energy_home", args=[park.pk])
    shown = operator.get(f"{url}?on={ON}").content.decode()
    for text in ("2 odd uses of the last 28 days wait for a judgment.", "E-1", "something ran at another time"):
        assert text in shown
    odd = OddUse.objects.get(meter=supply)
    settle = reverse("odd_use_settle", args=[park.pk, odd.pk])
    refused = operator.post(settle, {"state": "EXPLAINED", "note": " "}, follow=True).content.decode()
    assert "Say what it was." in refused
    assert "Choose one of the states." in operator.post(settle, {"state": "x"}, follow=True).content.decode()
    operator.post(settle, {"state": "EXPLAINED", "note": "trade fair"})
    odd.refresh_from_db()
    assert (odd.state, odd.note) == ("EXPLAINED", "trade fair")
    shown = operator.get(f"{url}?on={ON}").content.decode()
    assert "trade fair" in shown and "Open again" in shown
    operator.post(settle, {"state": "OPEN"})
    odd.refresh_from_db()
    assert (odd.state, odd.settled_by) == ("OPEN", None)


def test_live_part_is_asked_for_alone(supply: Meter, operator: Client, park: Park) -> None:
    headers = {"HX-Request": "true", "HX-Target": "now"}
    part = operator.get(f"{reverse('energy_home', args=[park.pk])}?on={ON}", headers=headers).content.decode()
    assert 'id="now"' in part and "<html" not in part
    meter = reverse("meter_detail", args=[supply.pk])
    assert "every 30s" in operator.get(meter).content.decode()
    part = operator.get(meter, headers=headers).content.decode()
    assert 'id="now"' in part and "every 30s" in part and "<html" not in part
    assert "every 30s" not in operator.get(f"{meter}?from=2026-06-01&to=2026-06-08").content.decode(), (
        "time that is over"
    )


def test_pattern_is_of_the_supply_or_of_one_meter(supply: Meter, operator: Client, park: Park) -> None:
    url = f"{reverse('energy_heat', args=[park.pk])}?on={ON}&weeks=2"
    shown = operator.get(url).content.decode()
    heat = queries.get_heat_map(meters=[supply], starts_on=ON - timedelta(days=14), ends_on=ON)
    assert len(heat.days) == 14 and all(v is not None for row in heat.values for v in row)
    assert f"Most in one hour: {heat.greatest:.1f} kWh" in shown
    below = Meter.objects.get(code="E-2")
    other = operator.get(f"{url}&meter={below.pk}").content.decode()
    assert f"Most in one hour: {heat.greatest * 0.9:.1f} kWh" in other  # type: ignore[operator]
    assert operator.get(f"{url}&meter=x&weeks=99&kind=none").status_code == 200


def test_flows_add_up_and_open_their_meters(supply: Meter, operator: Client, park: Park) -> None:
    url = f"{reverse('energy_flows', args=[park.pk])}?month=2026-06"
    shown = operator.get(url).content.decode()
    assert reverse("meter_detail", args=[supply.pk]) in shown
    flows = queries.get_sankey(
        park=park, energy_kind="ELECTRICITY", starts_on=FIRST_ON, ends_on=FIRST_ON + timedelta(days=30)
    )
    by_kind = {f.kind: f.amount for f in flows.flows}
    assert by_kind["supply"] == pytest.approx(by_kind["use"] + by_kind["loss"])
    assert by_kind["loss"] == pytest.approx(0.1 * by_kind["supply"], rel=0.01)


def test_readers_judge_nothing_and_strangers_find_nothing(supply: Meter, park: Park) -> None:
    services.find_odd_uses(at=NOW)
    odd = OddUse.objects.get(meter=supply)
    settle = reverse("odd_use_settle", args=[park.pk, odd.pk])
    home = reverse("energy_home", args=[park.pk])
    reader = signed_in(make_user(Role.BUREAU, park.branch.parent))
    assert reader.get(f"{home}?on={ON}").status_code == 200
    assert "Judge" not in reader.get(f"{home}?on={ON}").content.decode()
    assert reader.post(settle, {"state": "NOT_ODD"}).status_code == 403
    stranger = signed_in(make_user(Role.OPERATOR, make_park().branch))
    assert stranger.get(home).status_code == 404
    assert stranger.post(settle, {"state": "NOT_ODD"}).status_code == 404
    assert signed_in(make_user(Role.OPERATOR, park.branch)).get(settle).status_code == 405
    odd.refresh_from_db()
    assert odd.state == "OPEN"


@pytest.mark.parametrize("name", ["energy_home", "energy_heat", "energy_flows"])
def test_pages_need_a_bounded_number_of_statements(supply: Meter, operator: Client, park: Park, name: str) -> None:
    services.find_odd_uses(at=NOW)
    with pinned_queries(f"energy.{name}"):
        assert operator.get(f"{reverse(name, args=[park.pk])}?on={ON}").status_code == 200

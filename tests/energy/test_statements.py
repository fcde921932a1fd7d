"""A month: metered, common and lost add up to the supply, quantities and money by enterprise, whoever was there."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest

from parkbrain.energy import services
from parkbrain.energy.models import MonthStatement, Recomputed
from tests.factories import AT, make_building, make_enterprise, make_occupancy, make_park, make_premises

from .make import FIRST_ON, MIDNIGHT, make_meter, put

pytestmark = pytest.mark.django_db
HOURS = 24 * 30
JULY = AT.replace(year=2026, month=7, day=20)
TOU = {
    "method": "time_of_use",
    "prices": {"peak": "1.20", "flat": "0.70", "valley": "0.30"},
    "bands": [{"band": "valley", "from": "00:00", "to": "08:00"}, {"band": "peak", "from": "10:00", "to": "12:00"}],
}


def world(**rule):
    """Return a park with a supply of 10 kW, two firms of 4 and 3 kW, lifts of 2 kW; 1 kW is lost."""
    park = make_park()
    building = make_building(park=park)
    firms = [make_enterprise(), make_enterprise()]
    places = [make_premises(building=building, level=1, area_m2=100 * (n + 1)) for n in range(2)]
    for place, firm in zip(places, firms, strict=True):
        make_occupancy(premises=place, enterprise=firm, starts_on=date(2020, 1, 1))
    meters = {
        code: make_meter(park=park, code=code, level=level, parent="" if code == "MAIN" else "MAIN")
        for code, level in (("MAIN", 1), ("A", 3), ("B", 3), ("LIFT", 3))
    }
    for code, place in zip("AB", places, strict=True):
        services.serve(meter=meters[code], kind="PREMISES", target=place, starts_on=date(2020, 1, 1), actor=None, at=AT)
    for code, kw in (("MAIN", 10.0), ("A", 4.0), ("B", 3.0), ("LIFT", 2.0)):
        put(meters[code], np.arange(HOURS + 1) * kw)
    row = {"energy_kind": "ELECTRICITY", "starts_on": date(2020, 1, 1)}
    services.recompute_use(at=JULY)
    services.record_rules(park=park, rows=[{**row, "public_by": "AREA", "loss_by": "USE", **rule}], actor=None, at=JULY)
    services.record_tariffs(park=park, rows=[{**row, "rates": TOU, "tax_rate": "0.13"}], actor=None, at=JULY)
    return park, meters, places, firms


def june(park) -> MonthStatement:
    return MonthStatement.objects.get(park=park, energy_kind="ELECTRICITY", month_on=FIRST_ON)


def lines(park) -> dict:
    return {line.enterprise_id: line for line in june(park).lines.all()}


def test_parts_add_up_to_the_supply() -> None:
    park, _meters, _places, firms = world()
    month, found = june(park), lines(park)
    assert (month.supply, month.metered, month.public, month.loss) == tuple(
        pytest.approx(kw * HOURS) for kw in (10, 7, 2, 1)
    )
    shares = [found[f.pk].metered + found[f.pk].public_share + found[f.pk].loss_share for f in firms]
    assert sum(shares) == Decimal(10 * HOURS)
    # Common use by area 1 : 2, loss by use 4 : 3.
    assert found[firms[0].pk].public_share == Decimal("480.00")
    assert found[firms[0].pk].loss_share == Decimal("411.43")
    assert month.inputs["coefficient"] == str(round(3 / 7, 6))


def test_bill_is_the_sum_of_its_lines_by_band() -> None:
    park, _meters, _places, firms = world()
    line = lines(park)[firms[0].pk]
    bands = {c["item"]: (c["quantity"], c["amount"]) for c in line.charges}
    assert bands["valley"] == ("960.00", "288.00")
    assert bands["peak"] == ("240.00", "288.00")
    assert bands["flat"] == ("1680.00", "1176.00")
    assert line.amount_yuan == sum(Decimal(c["amount"]) for c in line.charges)
    assert line.tax_yuan == line.amount_yuan - (line.amount_yuan / Decimal("1.13")).quantize(Decimal("0.01"))


def test_users_together_pay_no_more_than_the_supply_costs() -> None:
    park, *_rest = world()
    together = sum(line.amount_yuan for line in lines(park).values())
    # To the cent of rounding of each line.
    assert abs(together - june(park).amount_yuan) <= Decimal("0.10")


def test_tenant_who_comes_in_the_middle_pays_from_that_day() -> None:
    park, _meters, places, firms = world()
    newcomer = make_enterprise()
    stay = places[0].occupancies.get()
    stay.ends_on = date(2026, 6, 11)
    stay.save()
    make_occupancy(premises=places[0], enterprise=newcomer, starts_on=date(2026, 6, 16))
    services.refresh_statements(park=park, at=JULY, starts_on=FIRST_ON)
    found = lines(park)
    assert found[firms[0].pk].metered == Decimal(4 * 24 * 10)
    assert found[newcomer.pk].metered == Decimal(4 * 24 * 15)
    # The five empty days are common use.
    assert june(park).public == pytest.approx(2 * HOURS + 4 * 24 * 5)


def test_shared_meter_is_split_by_its_shares() -> None:
    park, meters, places, firms = world()
    services.end_serving(use=meters["A"].uses.get(), ends_on=FIRST_ON, actor=None, at=AT)
    for place, share in zip(places, ("0.6", "0.4"), strict=True):
        services.serve(
            meter=meters["A"],
            kind="PREMISES",
            target=place,
            starts_on=FIRST_ON,
            share=Decimal(share),
            actor=None,
            at=AT,
        )
    services.refresh_statements(park=park, at=JULY, starts_on=FIRST_ON)
    found = lines(park)
    assert found[firms[0].pk].metered == Decimal("1728.00")
    assert found[firms[1].pk].metered == Decimal("3312.00")


def test_shares_beyond_the_whole_are_refused() -> None:
    _park, meters, places, _firms = world()
    with pytest.raises(services.CannotServe, match="whole"):
        services.serve(
            meter=meters["A"],
            kind="PREMISES",
            target=places[1],
            starts_on=FIRST_ON,
            share=Decimal("0.1"),
            actor=None,
            at=AT,
        )


def test_tenant_below_a_tenant_pays_for_itself_only() -> None:
    park, meters, _places, firms = world()
    guest = make_enterprise()
    sub = make_meter(park=park, code="SUB", level=3, parent="A")
    services.serve(meter=sub, kind="ENTERPRISE", target=guest, starts_on=date(2020, 1, 1), actor=None, at=AT)
    put(sub, np.arange(HOURS + 1) * 1.5)
    services.recompute_use(at=JULY)
    found = lines(park)
    assert found[firms[0].pk].metered == Decimal("1800.00")
    assert found[guest.pk].metered == Decimal("1080.00")
    assert june(park).loss == pytest.approx(HOURS)


def test_unknown_meter_leaves_its_firm_without_a_sum_and_nothing_is_shared() -> None:
    park, meters, places, firms = world()
    dark = make_meter(park=park, code="DARK", level=3, parent="MAIN")
    third = make_enterprise()
    services.serve(meter=dark, kind="ENTERPRISE", target=third, starts_on=date(2020, 1, 1), actor=None, at=AT)
    services.refresh_statements(park=park, at=JULY, starts_on=FIRST_ON)
    found, month = lines(park), june(park)
    assert (found[third.pk].metered, found[third.pk].amount_yuan) == (None, None)
    assert (month.metered, month.loss, found[firms[0].pk].loss_share) == (None, None, None)
    assert month.inputs["missing"] == ["DARK"]
    assert found[firms[0].pk].metered == Decimal(4 * HOURS)


def test_new_tariff_reprices_only_its_own_months_and_says_so() -> None:
    park, *_rest = world()
    before = june(park).amount_yuan
    row = {"energy_kind": "ELECTRICITY", "starts_on": date(2026, 6, 16), "rates": {"method": "flat", "price": "1.00"}}
    services.record_tariffs(park=park, rows=[row], actor=None, at=JULY)
    assert june(park).amount_yuan == before / 2 + Decimal(10 * 24 * 15)
    changed = Recomputed.objects.get(why="STATEMENT", starts_on=FIRST_ON, before__isnull=False)
    assert (changed.before, changed.after) == (float(before), float(june(park).amount_yuan))


def test_without_a_tariff_there_are_quantities_and_no_money() -> None:
    park, _meters, _places, firms = world()
    park.energy_tariffs.all().delete()
    services.refresh_statements(park=park, at=JULY, starts_on=FIRST_ON)
    line = lines(park)[firms[0].pk]
    assert (line.metered, line.amount_yuan) == (Decimal(4 * HOURS), None)


def test_same_again_writes_nothing() -> None:
    park, *_rest = world()
    assert services.refresh_statements(park=park, at=JULY, starts_on=FIRST_ON) == 0


@pytest.mark.parametrize(
    "rates",
    [
        {"method": "flat"},
        {"method": "flat", "price": 0.7},
        {"method": "time_of_use", "prices": {"flat": "1"}, "bands": [{"band": "peak", "from": "08:00", "to": "10:00"}]},
        {"method": "time_of_use", "prices": {"flat": "1"}, "bands": [{"band": "flat", "from": "10:30", "to": "11:00"}]},
        {"method": "tiers", "tiers": [{"up_to": "10", "price": "1"}]},
    ],
)
def test_rates_that_are_none_are_refused(rates) -> None:
    park = make_park()
    row = {"energy_kind": "ELECTRICITY", "starts_on": date(2026, 1, 1), "rates": rates}
    with pytest.raises(services.CannotRecordTariff):
        services.record_tariffs(park=park, rows=[row], actor=None, at=AT)


def test_repaired_reading_reaches_the_finished_month() -> None:
    park, meters, _places, _firms = world()
    point = meters["LIFT"].points.get().point
    services.repair_reading(
        point=point,
        read_at=MIDNIGHT + timedelta(hours=HOURS),
        value=2.0 * HOURS + 72,
        reason="mistyped",
        actor=None,
        at=JULY,
    )
    services.recompute_use(at=JULY)
    assert june(park).public == pytest.approx(2 * HOURS + 72)
    assert june(park).loss == pytest.approx(HOURS - 72)

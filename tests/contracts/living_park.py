"""A park in which every computed fact of the record has something to say."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from parkbrain.billing.models import Allocation
from parkbrain.energy.models import DayUse, MeteringNeed
from parkbrain.enterprises.models import Enterprise, Occupancy
from parkbrain.kernel import registry
from parkbrain.kernel.models import Park
from parkbrain.leasing.models import AdmissionReview, ReviewFinding
from parkbrain.lifecycle.models import (
    EfficiencyRun,
    ExitCase,
    ExitSpace,
    ExitStep,
    ExitTrigger,
    LowEfficiencySpace,
    TriggerRun,
)
from parkbrain.lifecycle.services import begin_life, finish_duty, give_evidence
from parkbrain.space.models import Building
from tests.factories import (
    AT,
    ON,
    make_activity,
    make_assignment,
    make_bill,
    make_building,
    make_document,
    make_energy_meter,
    make_enterprise,
    make_equipment,
    make_green_power,
    make_lead,
    make_occupancy,
    make_park,
    make_payment,
    make_premises,
    make_qualification,
    make_refrigerant_event,
    make_return,
    make_storey,
)


def living_park() -> Park:
    """Return the park; what follows from its rows (ratings) is not worked out after each of them."""
    with registry.hold_changes():
        return _make()


def _make() -> Park:
    park = make_park(
        land_area_m2=20_000.0,
        opened_on=date(2019, 6, 1),
        leading_industries=["34", "39"],
    )
    building = make_building(park=park, completed_on=date(2019, 3, 1))
    for level in (1, 2, 3):
        make_storey(building=building, level=level)
    fits = {
        "designated_industry": "34",
        "floor_load_kn_m2": 16,
        "clear_height_m": 6,
        "goods_lift_load_t": 5,
        "power_density_w_m2": 120,
    }
    ground = make_premises(building=building, level=1, area_m2=900, **fits)
    upper = make_premises(building=building, level=2, area_m2=600, designated_industry="34", floor_load_kn_m2=6)
    office = make_premises(building=building, level=3, area_m2=300, use="OFFICE")
    empty = make_premises(building=building, level=3, area_m2=200)
    big = make_enterprise(industry_code="3491", is_listed=True, founded_on=date(2010, 1, 1))
    young = make_enterprise(industry_code="6513", size_class="MICRO", founded_on=date(2024, 1, 1))
    other = make_enterprise(industry_code="3989", size_class="SMALL", founded_on=date(2012, 1, 1))
    gone = make_enterprise()
    make_occupancy(premises=ground, enterprise=big, starts_on=date(2020, 1, 1))
    make_occupancy(premises=upper, enterprise=other, starts_on=date(2021, 1, 1))
    make_occupancy(premises=office, enterprise=young, starts_on=date(2025, 10, 1))
    ended = make_occupancy(premises=empty, enterprise=gone, starts_on=date(2022, 1, 1), ends_on=date(2026, 2, 1))
    for firm, output in ((big, 9000), (young, 80), (other, 700)):
        for year in (2022, 2024, 2025):
            make_return(
                enterprise=firm,
                year=year,
                staff_count=20,
                output_wan=output,
                revenue_wan=output * Decimal("1.1"),
                rd_spend_wan=30,
                tax_wan=40,
                value_added_wan=50,
            )
    record_green(park)
    make_qualification(enterprise=big, kind="HNTE", valid_from_on=date(2025, 12, 1), valid_to_on=date(2028, 12, 1))
    fill_with_meters(park)
    keep_life(park, building)
    let_and_bill(park, young)
    leave(park, ended)
    return park


def let_and_bill(park: Park, firm: Enterprise) -> None:
    """Win a lead whose review came before the firm's stay, and a bill that is paid in time."""
    make_lead(park=park, stage="QUALIFIED")
    lead = make_lead(park=park, stage="SIGNED", uscc=firm.uscc)
    review = AdmissionReview.objects.create(lead=lead, reviewed_on=date(2025, 9, 1), outcome="ADMITTED")
    ReviewFinding.objects.bulk_create(
        ReviewFinding(review=review, subject=subject, is_met=True) for subject in ReviewFinding.Subject.values
    )
    bill = make_bill(park=park, enterprise=firm)
    payment = make_payment(park=park, enterprise=firm, amount_yuan="109.00", received_on=bill.due_on, unused_yuan=0)
    Allocation.objects.create(payment=payment, bill=bill, amount_yuan=bill.gross_yuan, allocated_at=AT)


def leave(park: Park, stay: Occupancy) -> None:
    """Classify the firms two years in a row, dispose of what was listed, decide a trigger, and hand a stay over."""
    for year, locked_on in ((2023, date(2024, 9, 1)), (2024, date(2025, 9, 1))):
        run = EfficiencyRun.objects.create(
            park=park, year=year, scheme_key="x", inputs_hash=str(year), made_at=AT, locked_at=AT, locked_on=locked_on
        )
        LowEfficiencySpace.objects.create(
            park=park, run=run, premises=stay.premises, enterprise=stay.enterprise, area_m2=200, listed_on=locked_on,
            disposal="LEFT", disposed_on=date(2025, 8, 1) if year == 2023 else date(2026, 2, 1),
        )  # fmt: skip
    for back in range(13):
        month = ON.year * 12 + ON.month - 1 - back
        TriggerRun.objects.create(park=park, on=date(month // 12, month % 12 + 1, 1), checked=3, raised=0, made_at=AT)
    ExitTrigger.objects.create(
        park=park, enterprise=stay.enterprise, kind=ExitTrigger.Kind.values[0], raised_on=date(2026, 1, 5),
        due_on=date(2026, 2, 5), decision="REMINDER", decided_on=date(2026, 1, 9),
    )  # fmt: skip
    left_on = stay.ends_on
    case = ExitCase.objects.create(
        park=park, enterprise=stay.enterprise, reason="TERM_END", opened_on=date(2025, 10, 1),
        notice_on=date(2025, 10, 1), planned_on=left_on, vacated_on=left_on,
    )  # fmt: skip
    ExitSpace.objects.create(case=case, occupancy=stay, premises=stay.premises, area_m2=200)
    for position, kind in enumerate(ExitStep.Kind.values):
        ExitStep.objects.create(
            case=case, kind=kind, position=position, due_on=left_on, done_on=left_on,
            evidence=make_document(park=park, name=f"{kind}.pdf"),
        )  # fmt: skip


def keep_life(park: Park, building: Building) -> None:
    """Let the park do what its duties ask for, and its building hold some of its records."""
    since = [
        ("PLAN", date(2015, 1, 1)),
        ("BUILD", date(2016, 1, 1)),
        ("ATTRACT", date(2019, 1, 1)),
        ("OPERATE", date(2019, 6, 1)),
    ]
    for place, stages in ((None, since), (building, since[1:])):
        subject = begin_life(park=park, building=place, stages=stages, actor=None, at=AT)
        for duty in subject.duties.exclude(code="bld_drainage").filter(
            stage__in=["PLAN", "BUILD", "ATTRACT", "OPERATE"]
        ):
            document = make_document(park=park, name=f"{duty.code}.pdf")
            give_evidence(duty=duty, document=document, valid_from_on=date(2020, 1, 1), actor=None, at=AT)
            finish_duty(duty=duty, on=date(2026, 6, 1), actor=None, at=AT)
            make_assignment(duty=duty)


def fill_with_meters(park: Park) -> None:
    """Give the park supply meters of what the facts count, with every day of two years."""
    rows = (
        ("MAIN", "ELECTRICITY", "IN"),
        ("PV", "ELECTRICITY", "GENERATED"),
        ("W", "WATER", "IN"),
        ("RW", "RECYCLED_WATER", "IN"),
    )
    for code, kind, flow in rows:
        meter = make_energy_meter(
            park=park,
            code=f"{park.code}-{code}",
            energy_kind=kind,
            flow=flow,
            level=1,
            calibration_due_on=date(2027, 1, 1),
        )
        MeteringNeed.objects.create(park=park, code=f"N-{code}", energy_kind=kind, level=1, meter=meter)
        DayUse.objects.bulk_create(
            DayUse(meter=meter, day=date(2025, 1, 1) + timedelta(days=n), use=24.0, known=1.0, measured=1.0, hours=b"")
            for n in range(600)
        )


def record_green(park: Park) -> None:
    """Record two years of energy, water and waste, and machines of which some are obsolete or overdue."""
    for year in (2024, 2025):
        span = {"starts_on": date(year, 1, 1), "ends_on": date(year + 1, 1, 1)}
        for kind, quantity in (
            ("electricity", 90_000), ("pv_self_use", 5_000), ("natural_gas", 800), ("fresh_water", 700),
            ("fresh_industrial_water", 300), ("reused_water", 120), ("solid_waste_generated", 12),
            ("solid_waste_utilised", 9), ("solid_waste_old_stock", 1),
        ):  # fmt: skip
            make_activity(park=park, kind=kind, quantity=quantity, **span)
    make_activity(park=park, kind="electricity", quantity=4000, is_breakdown=True)
    make_green_power(park=park, quantity_kwh=20_000)
    make_refrigerant_event(park=park)
    make_equipment(park=park, kind="MOTOR", model="YE3-200", rated_kw=30, ie_class="IE3")
    make_equipment(park=park, kind="MOTOR", model="Y2-160M-4", rated_kw=11, stop_by_on=date(2026, 1, 1))
    make_equipment(park=park, kind="FORKLIFT", last_inspected_on=date(2023, 5, 1))

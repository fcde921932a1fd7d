"""From a trigger to a decision, from a notice to a vacated room and its deposit, and what became of the space."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from parkbrain.billing.services import book_deposit
from parkbrain.calc.intervals import DatePeriod, period_of
from parkbrain.enterprises.models import Enterprise, Occupancy
from parkbrain.kernel import approvals, registry
from parkbrain.kernel.models import AuditEvent, Park, User
from parkbrain.kernel.roles import Role
from parkbrain.lifecycle.models import ExitCase, ExitStep, ExitTrigger, TriggerRun
from parkbrain.lifecycle.queries import exits as queries
from parkbrain.lifecycle.services import exits as services
from parkbrain.lifecycle.services import inspection
from parkbrain.lifecycle.services import triggers as deciding
from tests.factories import (
    AT,
    ON,
    make_enterprise,
    make_occupancy,
    make_park,
    make_premises,
    make_return,
    make_tenant_user,
    make_user,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


MINUTES = ("纪要.pdf", [b"minutes"])


def a_tenant(**fields: Any) -> tuple[Park, User, Enterprise, Occupancy]:
    park = make_park()
    firm = make_enterprise()
    stay = make_occupancy(
        premises=make_premises(park=park, area_m2=400.0), enterprise=firm, starts_on=date(2022, 1, 1), **fields
    )
    return park, make_user(Role.OPERATOR, park.branch), firm, stay


def opened(park: Park, actor: User, firm: Enterprise, stay: Occupancy, **changes: Any) -> ExitCase:
    values: dict[str, Any] = {
        "premises": [stay.premises],
        "reason": ExitCase.Reason.FIRM_NOTICE,
        "notice_on": ON - timedelta(days=60),
        "planned_on": ON,
        "at": AT,
    }
    return services.open_exit(park=park, enterprise=firm, actor=actor, **{**values, **changes})


def done(case: ExitCase, kind: str, actor: User, *, on: date = ON, at: datetime = AT, **more: Any) -> ExitStep:
    return services.complete_step(step=case.steps.get(kind=kind), done_on=on, actor=actor, at=at, **more)


def walked(case: ExitCase, actor: User) -> None:
    """Take every step up to the keys."""
    done(case, "SETTLEMENT", actor, values={"readings": "E-1203: 100 kWh"})
    inspection.add_inspection_item(
        step=case.steps.get(kind="RESTORATION"), what="墙面", finding="GOOD", actor=actor, at=AT
    )
    done(case, "RESTORATION", actor)
    done(case, "LICENCE_ADDRESS", actor)
    done(case, "HANDOVER", actor)


def fact_of(key: str, park: Park, period: DatePeriod) -> Any:
    fact = registry.facts.get(key)
    assert fact is not None
    return fact.values(park_ids=[park.pk], period=period).get(park.pk)


def test_an_exit_ends_the_stay_with_the_keys_and_closes_with_the_deposit() -> None:
    park, actor, firm, stay = a_tenant()
    case = opened(park, actor, firm, stay)
    assert list(case.steps.values_list("kind", flat=True)) == [
        "NOTICE", "SETTLEMENT", "RESTORATION", "LICENCE_ADDRESS", "HANDOVER", "DEPOSIT_SETTLED",
    ]  # fmt: skip
    walked(case, actor)
    stay.refresh_from_db()
    assert stay.ends_on == ON
    assert queries.get_compliance(case=case, on=ON).is_compliant is None
    done(case, "DEPOSIT_SETTLED", actor, values={"paid_back_yuan": Decimal("20000.00")})
    case.refresh_from_db()
    assert (case.state, case.vacated_on) == ("CLOSED", ON)
    assert queries.get_compliance(case=case, on=ON).is_compliant is True
    codes = set(AuditEvent.objects.values_list("code", flat=True))
    assert {"lifecycle.exit.opened", "lifecycle.exit.closed", "enterprises.occupancy.ended"} <= codes


def test_keys_come_after_the_settlement_the_inspection_and_the_waste() -> None:
    park, actor, firm, stay = a_tenant()
    case = opened(park, actor, firm, stay, has_hazardous_waste=True)
    with pytest.raises(services.CannotExit, match="Hazardous waste removed"):
        done(case, "HANDOVER", actor)
    with pytest.raises(services.CannotExit, match="after the handover"):
        done(case, "DEPOSIT_SETTLED", actor)
    with pytest.raises(services.CannotExit, match="final readings"):
        done(case, "SETTLEMENT", actor)
    with pytest.raises(services.CannotExit, match="no line yet"):
        done(case, "RESTORATION", actor)
    stay.refresh_from_db()
    assert stay.ends_on is None


def test_a_defect_is_mended_or_paid_for_before_the_inspection_is_done() -> None:
    park, actor, firm, stay = a_tenant()
    case = opened(park, actor, firm, stay)
    step = case.steps.get(kind="RESTORATION")
    item = inspection.add_inspection_item(step=step, what="地面", finding="DEFECT", actor=actor, at=AT)
    with pytest.raises(services.CannotExit, match="neither mended"):
        done(case, "RESTORATION", actor)
    inspection.mend_item(item=item, note="", actor=actor, at=AT)
    assert done(case, "RESTORATION", actor).done_on == ON


def test_a_deposit_that_the_books_still_hold_is_not_settled() -> None:
    park, actor, firm, stay = a_tenant()
    book_deposit(
        park=park, enterprise=firm, kind="RECEIVED", amount_yuan=Decimal(8000), booked_on=ON, actor=None, at=AT
    )
    case = opened(park, actor, firm, stay)
    walked(case, actor)
    with pytest.raises(services.CannotExit, match="still held"):
        done(case, "DEPOSIT_SETTLED", actor)


def test_a_deposit_that_came_late_is_no_handover_in_order() -> None:
    park, actor, firm, stay = a_tenant()
    case = opened(park, actor, firm, stay, deposit_days=10)
    walked(case, actor)
    late = AT + timedelta(days=20)
    done(case, "DEPOSIT_SETTLED", actor, on=ON + timedelta(days=20), at=late)
    found = queries.get_compliance(case=case, on=ON + timedelta(days=20))
    assert found.is_compliant is False
    assert "Deposit settled came after" in found.faults[0]


def test_waste_without_its_form_is_no_handover_in_order() -> None:
    park, actor, firm, stay = a_tenant()
    case = opened(park, actor, firm, stay, has_hazardous_waste=True)
    done(case, "HAZARDOUS_WASTE", actor)
    assert any("no file" in fault for fault in queries.get_compliance(case=case, on=ON).faults)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"notice_on": ON + timedelta(days=1), "planned_on": ON + timedelta(days=2)}, "lies ahead"),
        ({"planned_on": ON - timedelta(days=90)}, "before the notice"),
        ({"premises": []}, "Choose the premises"),
        ({"reason": "TERMINATION"}, "two persons"),
    ],
)
def test_an_exit_that_makes_no_sense_is_not_opened(changes: dict[str, Any], why: str) -> None:
    park, actor, firm, stay = a_tenant()
    with pytest.raises(services.CannotExit, match=why):
        opened(park, actor, firm, stay, **changes)
    assert not ExitCase.objects.exists()


def test_the_same_room_leaves_once() -> None:
    park, actor, firm, stay = a_tenant()
    case = opened(park, actor, firm, stay)
    with pytest.raises(services.CannotExit, match="running exit"):
        opened(park, actor, firm, stay)
    services.cancel_exit(case=case, reason="续租", actor=actor, at=AT)
    assert opened(park, actor, firm, stay).state == "OPEN"


def test_only_some_steps_may_be_said_not_to_be_needed_and_only_with_a_reason() -> None:
    park, actor, firm, stay = a_tenant()
    case = opened(park, actor, firm, stay)
    with pytest.raises(services.CannotExit, match="every exit"):
        services.waive_step(step=case.steps.get(kind="HANDOVER"), reason="x", actor=actor, at=AT)
    with pytest.raises(services.CannotExit, match="reason"):
        services.waive_step(step=case.steps.get(kind="LICENCE_ADDRESS"), reason=" ", actor=actor, at=AT)
    services.waive_step(step=case.steps.get(kind="LICENCE_ADDRESS"), reason="未注册于此", actor=actor, at=AT)


@pytest.mark.parametrize("role", [Role.BUREAU, Role.ASSESSOR])
def test_those_who_only_look_open_nothing_and_another_operator_neither(role: str) -> None:
    park, _actor, firm, stay = a_tenant()
    for person in (make_user(role, park.branch), make_user(Role.OPERATOR)):
        with pytest.raises(services.CannotExit, match="may not"):
            opened(park, person, firm, stay)


def test_a_tenant_sees_its_exit_only_once_it_is_shown(client: Client) -> None:
    park, actor, firm, stay = a_tenant()
    case = opened(park, actor, firm, stay)
    client.force_login(make_tenant_user(firm, park))
    url = reverse("exit_case", args=[case.pk])
    assert client.get(url).status_code == 404
    services.change_exit(case=case, is_shared=True, actor=actor, at=AT)
    page = client.get(url)
    assert page.status_code == 200
    assert b"exits/steps" not in page.content
    assert client.post(reverse("exit_share", args=[case.pk])).status_code == 403


def test_a_whole_exit_by_the_forms(client: Client) -> None:
    park, actor, firm, stay = a_tenant()
    client.force_login(actor)
    today = timezone.localdate()
    url = reverse("exit_open", args=[park.pk, firm.pk])
    wrong = client.post(url, {"premises": [stay.premises_id], "reason": "FIRM_NOTICE", "notice_on": "2026-13-01"})
    assert wrong.status_code == 422
    values = {
        "premises": [stay.premises_id],
        "reason": "FIRM_NOTICE",
        "notice_on": str(today - timedelta(days=30)),
        "planned_on": str(today),
        "deposit_days": 30,
    }
    response = client.post(url, values)
    case = ExitCase.objects.get()
    assert response["Location"] == reverse("exit_case", args=[case.pk])
    early = client.post(reverse("exit_step", args=[case.steps.get(kind="HANDOVER").pk]), {"done_on": str(today)})
    assert early.status_code == 422
    assert "Still open before the keys" in early.content.decode()
    client.post(
        reverse("exit_step", args=[case.steps.get(kind="SETTLEMENT").pk]),
        {"done_on": str(today), "readings": "E-1: 5 kWh"},
    )
    client.post(reverse("exit_case", args=[case.pk]), {"what": "地面", "finding": "GOOD"})
    for kind in ("RESTORATION", "LICENCE_ADDRESS", "HANDOVER"):
        done_on = {"done_on": str(today)}
        assert client.post(reverse("exit_step", args=[case.steps.get(kind=kind).pk]), done_on).status_code == 302
    stay.refresh_from_db()
    assert stay.ends_on == today
    assert "free from" in client.get(reverse("exit_case", args=[case.pk])).content.decode()


# ---- triggers


def raised(park: Park, firm: Enterprise, actor: User) -> ExitTrigger:
    return deciding.raise_trigger(park=park, enterprise=firm, kind="SUBLET", note="二房东", actor=actor, at=AT)


def test_the_monthly_check_is_logged_once_a_day_and_says_what_it_could_not_check() -> None:
    park, _actor, _firm, _stay = a_tenant()
    run = deciding.check_triggers(park=park, on=ON, actor=None, at=AT)
    assert (run.checked, run.raised) == (1, 0)
    assert set(run.unchecked) == {"D_TWO_YEARS", "ARREARS", "COMMITMENT", "DRIFT"}
    assert deciding.check_triggers(park=park, on=ON, actor=None, at=AT) == run
    assert deciding.check_due_parks(on=ON, at=AT) == 0
    assert deciding.check_due_parks(on=ON + timedelta(days=1), at=AT) == 1
    assert TriggerRun.objects.filter(park=park).count() == 2


def test_a_decision_has_a_reason_and_is_taken_once() -> None:
    park, actor, firm, _stay = a_tenant()
    trigger = raised(park, firm, actor)
    told = {"trigger": trigger, "actor": actor, "at": AT}
    with pytest.raises(deciding.CannotDecideTrigger, match="reason"):
        deciding.decide_trigger(**told, decision="REMINDER", reason=" ")
    with pytest.raises(deciding.CannotDecideTrigger, match="looked at again"):
        deciding.decide_trigger(**told, decision="RECTIFICATION", reason="x")
    with pytest.raises(deciding.CannotDecideTrigger, match="minutes"):
        deciding.decide_trigger(**told, decision="TERMINATION", reason="x")
    decided = deciding.decide_trigger(**told, decision="REMINDER", reason="首次发现")
    assert decided.is_in_time
    with pytest.raises(deciding.CannotDecideTrigger, match="was decided"):
        deciding.decide_trigger(**told, decision="NO_ACTION", reason="x")


def test_a_termination_is_decided_by_two_persons_and_opens_an_exit() -> None:
    park, actor, firm, stay = a_tenant()
    second = make_user(Role.OPERATOR, park.branch)
    trigger = raised(park, firm, actor)
    waits = deciding.decide_trigger(
        trigger=trigger, decision="TERMINATION", reason="多次转租", minutes=MINUTES, actor=actor, at=AT
    )
    assert waits.decided_on is None
    assert waits.approval is not None
    with pytest.raises(approvals.CannotDecideApproval):
        approvals.decide_approval(approval=waits.approval, approve=True, actor=actor, at=AT)
    approvals.decide_approval(approval=waits.approval, approve=True, actor=second, at=AT)
    trigger.refresh_from_db()
    assert (trigger.decision, trigger.decided_by, trigger.agreed_by) == ("TERMINATION", actor, second)
    case = opened(park, actor, firm, stay, reason="TERMINATION")
    assert case.trigger == trigger


def test_what_was_decided_is_not_raised_again_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    park, actor, firm, _stay = a_tenant()
    trigger = ExitTrigger.objects.create(
        park=park, enterprise=firm, kind="DRIFT", raised_on=ON, due_on=ON + timedelta(days=30)
    )
    deciding.decide_trigger(trigger=trigger, decision="NO_ACTION", reason="x", actor=actor, at=AT)
    finding = deciding.Finding(firm.pk, "DRIFT", {})
    run = deciding.check_triggers(park=park, on=ON, actor=None, at=AT)
    assert deciding._raise_found(park, run, finding, ON + timedelta(days=10), AT) is None
    assert deciding._raise_found(park, run, finding, ON + timedelta(days=200), AT) is not None


def test_those_who_only_look_see_a_trigger_and_cannot_decide_and_strangers_see_none(client: Client) -> None:
    park, actor, firm, _stay = a_tenant()
    trigger = raised(park, firm, actor)
    url = reverse("exit_trigger", args=[trigger.pk])
    client.force_login(make_user(Role.BUREAU, park.branch))
    assert client.get(url).status_code == 200
    assert client.post(url, {"decision": "REMINDER", "reason": "x"}).status_code == 403
    client.force_login(make_user(Role.OPERATOR))
    assert client.get(url).status_code == 404
    client.force_login(make_tenant_user(firm, park))
    assert client.get(url).status_code == 404


# ---- facts and the ledger


def test_without_rows_nothing_is_assessed() -> None:
    park, _actor, _firm, _stay = a_tenant()
    for key in (
        "loweff_area_start_m2", "loweff_area_disposed_m2", "efficiency_classification_run", "exit_triggers_raised",
        "exit_triggers_decided_in_time", "exit_trigger_run_logged", "moveouts_compliant_12m",
    ):  # fmt: skip
        assert fact_of(key, park, period_of("ttm", ON)) is None, key


def test_a_logged_check_without_a_trigger_is_a_known_nothing() -> None:
    park, _actor, _firm, _stay = a_tenant()
    deciding.check_triggers(park=park, on=ON, actor=None, at=AT)
    period = period_of("ttm", ON)
    assert fact_of("exit_triggers_raised", park, period).value == 0
    assert fact_of("exit_trigger_run_logged", park, period).value == 1


def test_a_month_without_a_check_breaks_the_log() -> None:
    park, _actor, _firm, _stay = a_tenant()
    for day in (date(2026, 3, 5), date(2026, 5, 5)):
        deciding.check_triggers(park=park, on=day, actor=None, at=AT)
    assert fact_of("exit_trigger_run_logged", park, period_of("ttm", ON)).value == 0


def test_a_trigger_that_waits_within_its_days_is_not_judged() -> None:
    park, actor, firm, _stay = a_tenant()
    deciding.check_triggers(park=park, on=ON, actor=None, at=AT)
    trigger = raised(park, firm, actor)
    assert fact_of("exit_triggers_raised", park, period_of("ttm", ON)).value == 0
    later = trigger.due_on + timedelta(days=5)
    assert fact_of("exit_triggers_raised", park, period_of("ttm", later)).value == 1
    assert fact_of("exit_triggers_decided_in_time", park, period_of("ttm", later)).value == 0


def test_a_move_out_without_an_exit_was_not_handed_over_in_order() -> None:
    park, actor, firm, stay = a_tenant()
    case = opened(park, actor, firm, stay)
    walked(case, actor)
    make_occupancy(premises=make_premises(park=park), starts_on=date(2023, 1, 1), ends_on=ON + timedelta(days=1))
    make_occupancy(premises=make_premises(park=park), starts_on=date(2023, 1, 1), ends_on=date(2026, 2, 1))
    value = fact_of("moveouts_compliant_12m", park, period_of("ttm", ON + timedelta(days=2)))
    # One was not in order; of the others one still runs, and one is from before exits were kept.
    assert (value.value, value.coverage) == (0.0, pytest.approx(1 / 3))
    done(case, "DEPOSIT_SETTLED", actor)
    assert fact_of("moveouts_compliant_12m", park, period_of("ttm", ON + timedelta(days=2))).value == 1.0


def test_the_ledger_holds_the_old_firm_against_the_new_one() -> None:
    park, actor, firm, stay = a_tenant(rent_yuan_per_m2_month=Decimal(40))
    case = opened(park, actor, firm, stay, notice_on=date(2026, 1, 5), planned_on=date(2026, 1, 10))
    services.change_exit(case=case, cost_yuan=Decimal(5000), actor=actor, at=AT)
    for kind, more in (("SETTLEMENT", {"values": {"readings": "none"}}), ("RESTORATION", {}), ("HANDOVER", {})):
        if kind == "RESTORATION":
            inspection.add_inspection_item(step=case.steps.get(kind=kind), what="x", finding="GOOD", actor=actor, at=AT)
        done(case, kind, actor, on=date(2026, 1, 10), **more)
    new = make_enterprise()
    make_occupancy(
        premises=stay.premises, enterprise=new, starts_on=date(2026, 2, 9), rent_yuan_per_m2_month=Decimal(50)
    )
    make_return(enterprise=firm, year=2025, tax_wan=4, staff_count=10)
    make_return(enterprise=new, year=2026, tax_wan=12, staff_count=25)
    rows = queries.ledger_rows(
        stays=queries.vacated_stays(user=actor, on=ON).select_related("premises__park", "enterprise"), on=ON
    )
    row = rows[0]
    assert (row.empty_days, row.rent_change, row.area_m2) == (30, Decimal(10), 400.0)
    assert (row.tax_before, row.tax_after) == (100.0, 300.0)
    assert (row.staff_before, row.staff_after) == (10, 25)
    # 5,000 yuan and 30 days of 16,000 a month against 4,000 a month more.
    assert row.payback == pytest.approx((5000 + 30 / (365.25 / 12) * 16000) / 4000)
    year = queries.ledger_years(rows=rows)[0]
    assert (year.year, year.area_m2, year.relet_m2, year.mean_empty_days) == (2026, 400.0, 400.0, 30.0)

"""Programs read exits, triggers, classes and vacated space as pages show them, and raise what they saw."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.cache import cache

from parkbrain.kernel.models import AuditEvent
from parkbrain.kernel.roles import Role
from parkbrain.lifecycle.models import ExitTrigger
from parkbrain.lifecycle.services import efficiency, exits
from tests.factories import AT, make_enterprise, make_park, make_tenant_user, make_user
from tests.integration.conftest import caller_for

from .test_efficiency import a_park
from .test_exits import a_tenant, opened

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _afresh() -> None:
    cache.clear()


def test_an_exit_is_read_with_its_steps_and_its_space() -> None:
    park, operator, firm, stay = a_tenant()
    case = opened(park, operator, firm, stay)
    caller = caller_for(operator)
    body = caller.get(f"exits/{case.pk}").json()
    assert [step["step"] for step in body["steps"]][:2] == ["NOTICE", "SETTLEMENT"]
    assert body["spaces"] == [
        {"premises_id": stay.premises_id, "code": stay.premises.code, "area_m2": 400.0, "free_from_on": None}
    ]
    assert caller.get(f"exits?park={park.pk}&state=OPEN").json()["total"] == 1
    assert caller.get(f"exits?park={park.pk}&state=CLOSED").json()["total"] == 0
    assert caller.get("exits?state=GONE").status_code == 422


def test_a_firm_finds_its_own_exit_once_it_is_shown_and_nobody_elses() -> None:
    park, operator, firm, stay = a_tenant()
    case = opened(park, operator, firm, stay)
    own = caller_for(make_tenant_user(firm, park))
    assert own.get(f"exits/{case.pk}").status_code == 404
    exits.change_exit(case=case, is_shared=True, actor=operator, at=AT)
    assert own.get(f"exits/{case.pk}").json()["enterprise_id"] == firm.pk
    for other in (make_user(Role.OPERATOR, make_park().branch), make_tenant_user(make_enterprise(), park)):
        assert caller_for(other).get(f"exits/{case.pk}").status_code == 404
        assert caller_for(other).get("exits").json()["total"] == 0


def test_what_a_program_saw_is_raised_once() -> None:
    park, operator, firm, _stay = a_tenant()
    caller = caller_for(operator)
    body = {"enterprise_id": firm.pk, "kind": "SUBLET", "note": "a second name at the door"}
    raised = caller.post(f"parks/{park.pk}/exit-triggers", body)
    assert raised.status_code == 200
    trigger = ExitTrigger.objects.get(pk=raised.json()["id"])
    assert (trigger.kind, trigger.facts["note"]) == ("SUBLET", "a second name at the door")
    assert AuditEvent.objects.filter(code="lifecycle.trigger.raised").count() == 1
    assert caller.post(f"parks/{park.pk}/exit-triggers", body).status_code == 409
    # What the figures show is found by the rules, not claimed.
    assert caller.post(f"parks/{park.pk}/exit-triggers", body | {"kind": "ARREARS"}).status_code == 422
    assert caller.get(f"exit-triggers?park={park.pk}&state=open").json()["total"] == 1


def test_only_locked_classes_are_given_and_a_firm_gets_its_own_when_they_are_shown() -> None:
    park, operator, firms = a_park(5)
    run = efficiency.classify_firms(park=park, year=2025, scheme_key="anhui_span", actor=operator, at=AT)
    caller = caller_for(operator)
    assert caller.get("efficiency-classes").json()["total"] == 0
    efficiency.lock_run(run=run, actor=operator, at=AT)
    rows = caller.get(f"efficiency-classes?park={park.pk}&year=2025").json()["items"]
    assert {row["enterprise_id"] for row in rows} == {firm.pk for firm in firms}
    assert rows[0]["measures"]["energy_per_m2"] is None
    own = caller_for(make_tenant_user(firms[0], park))
    assert own.get("efficiency-classes").json()["total"] == 0
    efficiency.share_run(run=run, is_shared=True, actor=operator, at=AT)
    assert [r["enterprise_id"] for r in own.get("efficiency-classes").json()["items"]] == [firms[0].pk]


def test_vacated_space_says_how_long_it_has_been_empty() -> None:
    park, operator, firm, stay = a_tenant()
    stay.ends_on = date(2026, 5, 1)
    stay.save()
    caller = caller_for(operator)
    row = caller.get(f"vacated-space?park={park.pk}&as_of=2026-05-31").json()["items"][0]
    assert (row["enterprise_id"], row["empty_days"], row["next_enterprise_id"]) == (firm.pk, 30, None)
    assert caller.get(f"vacated-space?park={park.pk}&as_of=2026-04-30").json()["total"] == 0

"""For every role and every address that can be read: what is answered, and how many rows of the living park.

A new address without a row in the table fails; so does one that answers a role anything but what stands there.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from parkbrain.enterprises.models import Occupancy
from parkbrain.integration.api import get_document
from parkbrain.kernel.models import AuditEvent
from tests.factories import make_park

from .conftest import Caller

ROLES = ("admin", "bureau", "operator", "assessor", "tenant", "provider")
#: Every role alike; then: who sees ratings, who changes the record, who reads the trail, who oversees the city.
ALL = dict.fromkeys(ROLES, 200)
RATING = {**ALL, "tenant": 404, "provider": 404}
RECORD = {**dict.fromkeys(ROLES, 404), "admin": 200, "operator": 200}
TRAIL = {**ALL, "assessor": 403, "tenant": 403, "provider": 403}
CITY = {**dict.fromkeys(ROLES, 403), "admin": 200, "bureau": 200}
OWN = {**dict.fromkeys(ROLES, 404), "operator": 200}
FIRM = {**ALL, "provider": 404}
MAKER = {**dict.fromkeys(ROLES, 403), "admin": 200, "operator": 200}
OWN_TRAIL = {**TRAIL, "admin": 404, "bureau": 404, "operator": 200}

#: Path of the document → what each role is answered for the living park.
EXPECTED: dict[str, dict[str, int]] = {
    "/me": ALL,
    "/jobs": ALL,
    "/jobs/{job_id}": RECORD,
    "/webhooks": TRAIL,
    "/webhooks/{webhook_id}": OWN_TRAIL,
    "/webhooks/{webhook_id}/deliveries": OWN_TRAIL,
    "/audit-events": TRAIL,
    "/audit-events/{event_id}": TRAIL,
    "/imports": MAKER,
    "/imports/{batch_id}": RECORD,
    "/imports/{batch_id}/problems": RECORD,
    "/imports/{batch_id}/changes": RECORD,
    "/imports/{batch_id}/file": RECORD,
    # Only what was applied can be taken back; this one was not.
    "/imports/{batch_id}/roll-back": {role: 409 if status == 200 else status for role, status in RECORD.items()},
    "/branches": ALL,
    "/branches/{branch_id}": ALL,
    "/parks": ALL,
    "/parks/{park_id}": ALL,
    "/buildings": ALL,
    "/buildings/{building_id}": ALL,
    "/storeys": ALL,
    "/spaces": ALL,
    "/premises": ALL,
    "/premises/{premises_id}": ALL,
    "/enterprises": ALL,
    "/enterprises/{enterprise_id}": FIRM,
    "/returns": ALL,
    "/qualifications": ALL,
    "/occupancies": ALL,
    "/occupancies/{occupancy_id}": FIRM,
    "/facts": ALL,
    "/parks/{park_id}/facts": RATING,
    "/parks/{park_id}/facts/{fact_key}": RATING,
    "/ratings": ALL,
    "/ratings/{rating_id}": RATING,
    "/ratings/{rating_id}/report.pdf": RATING,
    "/ratings/{rating_id}/workbook.xlsx": RATING,
    "/parks/{park_id}/stars": RATING,
    "/parks/{park_id}/star": ALL,
    "/parks/{park_id}/certainty": RATING,
    "/parks/{park_id}/next-star": RATING,
    "/schemes": ALL,
    "/schemes/{scheme_id}": ALL,
    "/schemes/{scheme_id}/file": ALL,
    "/documents": ALL,
    "/documents/{document_id}": RATING,
    "/documents/{document_id}/content": RATING,
    "/city": CITY,
    "/city/brief": CITY,
    "/city/brief.pdf": CITY,
    "/city/briefs": CITY,
    "/parks/{park_id}/brief": ALL,
    "/parks/{park_id}/brief.pdf": ALL,
    "/parks/{park_id}/briefs": ALL,
    "/city/branches": CITY,
    "/city/points": CITY,
    "/city/plan": CITY,
    "/rounds": CITY,
    "/rounds/{round_id}": CITY,
    "/rounds/{round_id}/answers": CITY,
    "/rounds/{round_id}/tables": CITY,
    "/city/tables": CITY,
    "/city/tables/{table_id}": CITY,
    "/city/tables/{table_id}/problems": CITY,
    "/city/tables/{table_id}/matches": CITY,
    "/parks/{park_id}/rounds": RATING,
    "/parks/{park_id}/rounds/{round_id}": RATING,
    "/published-tables": ALL,
    "/published-tables/{publication_id}": ALL,
    "/parks/{park_id}/peers": RATING,
    "/operators": ALL,
    "/operators/{group_id}": RATING,
    "/search": ALL,
    "/sources": ALL,
    "/points": ALL,
    "/meters": ALL,
    "/meters/{meter_id}": RATING,
    "/meters/{meter_id}/use": RATING,
    "/parks/{park_id}/meter-tree": {**ALL, "tenant": 403, "provider": 403},
    "/parks/{park_id}/energy-months": {**ALL, "tenant": 403, "provider": 403},
    "/points/{point_id}": RATING,
    "/points/{point_id}/readings": RATING,
    "/bills": ALL,
    "/bills/{bill_id}": FIRM,
    "/payments": ALL,
    "/equipment": ALL,
    "/equipment/{equipment_id}": RATING,
    "/leases": ALL,
    "/leases/{lease_id}": FIRM,
    "/leases/{lease_id}/schedule": FIRM,
    "/duties": ALL,
    "/duties/{duty_id}": RATING,
    "/life-subjects": ALL,
    "/exits": ALL,
    "/exits/{exit_id}": RATING,
    "/exit-triggers": ALL,
    "/efficiency-classes": ALL,
    "/vacated-space": ALL,
    "/parks/{park_id}/carbon-statement": RATING,
    "/parks/{park_id}/enterprises/{enterprise_id}/footprint": FIRM,
    "/activity-data": ALL,
    "/emission-factors": ALL,
    "/exchange-offers": ALL,
    "/exchange-matches": ALL,
    "/parks/{park_id}/exchange-matches": ALL,
    "/leads": ALL,
    "/leads/{lead_id}": RATING,
    "/space-offers": {**ALL, "tenant": 403, "provider": 403},
    "/parks/{park_id}/lettings": RATING,
}
#: Lists that answer everybody: who finds rows of the living park in them. Everybody else finds none.
SEES_FIRMS = {"admin", "bureau", "operator", "assessor", "tenant"}
SEES_RATINGS = {"admin", "bureau", "operator", "assessor"}
ROWS: dict[str, set[str]] = {
    "/branches": set(ROLES),
    "/parks": set(ROLES),
    "/buildings": set(ROLES),
    "/storeys": set(ROLES),
    "/spaces": set(ROLES),
    "/premises": set(ROLES),
    "/enterprises": SEES_FIRMS,
    "/returns": SEES_FIRMS,
    "/qualifications": SEES_FIRMS,
    "/occupancies": SEES_FIRMS,
    "/ratings": SEES_RATINGS,
    "/documents": SEES_RATINGS,
    "/jobs": {"admin", "operator"},
    "/facts": set(ROLES),
    "/bills": SEES_FIRMS,
    "/payments": SEES_FIRMS,
    "/equipment": SEES_RATINGS,
    "/leases": SEES_FIRMS,
    "/duties": SEES_RATINGS,
    "/life-subjects": SEES_RATINGS,
    "/exits": SEES_RATINGS,
    "/exit-triggers": SEES_RATINGS,
    "/efficiency-classes": SEES_RATINGS,
    "/vacated-space": SEES_RATINGS,
    "/activity-data": SEES_FIRMS,
    "/emission-factors": set(ROLES),
    "/exchange-offers": set(ROLES),
    "/schemes": set(ROLES),
    "/published-tables": set(ROLES),
    "/sources": SEES_RATINGS,
    "/meters": SEES_RATINGS,
    "/points": SEES_RATINGS,
    "/leads": SEES_RATINGS,
    "/operators": SEES_RATINGS,
}


def get_paths() -> set[str]:
    paths = get_document()["paths"]
    return {path.removeprefix("/api/v1") for path, operations in paths.items() if "get" in operations}


def filled(path: str, places: dict[str, Any]) -> str:
    url = re.sub(r"{(\w+)}", lambda m: str(places[m[1]]), path).lstrip("/")
    return f"{url}?q=a" if path == "/search" else url


def test_every_address_that_can_be_read_has_its_row() -> None:
    assert get_paths() == set(EXPECTED)


def test_roles_are_answered_as_the_table_says(places: dict[str, Any], as_role: Callable[[str], Caller]) -> None:
    wrong = []
    for role in ROLES:
        caller = as_role(role)
        for path, expected in EXPECTED.items():
            status = caller.get(filled(path, places)).status_code
            if status != expected[role]:
                wrong.append(f"{role} {path}: {status}, not {expected[role]}")
    assert wrong == []


def test_lists_hold_rows_for_those_of_the_table_alone(places: dict[str, Any], as_role: Callable[[str], Caller]) -> None:
    wrong = []
    for role in ROLES:
        caller = as_role(role)
        for path, seeing in ROWS.items():
            total = caller.get(filled(path, places)).json()["total"]
            if (total > 0) != (role in seeing):
                wrong.append(f"{role} {path}: {total} rows")
    assert wrong == []


def test_tenant_finds_only_its_own_firm_and_premises(places: dict[str, Any], as_role: Callable[[str], Caller]) -> None:
    caller = as_role("tenant")
    assert {row["id"] for row in caller.get("enterprises").json()["items"]} == {places["enterprise_id"]}
    assert {row["enterprise_id"] for row in caller.get("occupancies?state=all").json()["items"]} == {
        places["enterprise_id"]
    }
    mine = caller.get("premises").json()["items"]
    assert places["premises_id"] in {row["id"] for row in mine}
    others = Occupancy.objects.exclude(enterprise=places["enterprise_id"]).values_list("enterprise_id", flat=True)
    assert not {row["enterprise_id"] for row in mine} & set(others)


def test_things_of_another_operators_park_are_not_there(
    places: dict[str, Any], as_role: Callable[[str], Caller]
) -> None:
    other = make_park()
    caller = as_role("operator")
    for path in (
        f"parks/{other.pk}",
        f"parks/{other.pk}/facts",
        f"parks/{other.pk}/stars",
        f"parks/{other.pk}/certainty",
        f"parks/{other.pk}/next-star",
        f"parks/{other.pk}/rounds",
        f"premises?park={other.pk}",
    ):
        assert caller.get(path).status_code == 404, path
    assert other.pk not in {row["id"] for row in caller.get("parks?limit=1000").json()["items"]}
    assert caller.patch(f"parks/{other.pk}", {"street": "x"}).status_code == 404
    assert caller.post(f"parks/{other.pk}/buildings", {"code": "B"}).status_code == 404


#: What changes something, for roles that may only read: method, path, body.
CHANGES = [
    ("POST", "parks", {"code": "new-park", "name_zh_hans": "新园"}),
    ("PATCH", "parks/{park_id}", {"street": "x"}),
    ("POST", "parks/{park_id}/buildings", {"code": "B9"}),
    ("POST", "buildings/{building_id}/storeys", {"level": 40}),
    ("POST", "parks/{park_id}/premises", {"code": "P9"}),
    ("POST", "enterprises", {"uscc": "91440300MA5000001X"}),
    ("POST", "occupancies", {"premises_id": "{premises_id}", "uscc": "91440300MA5000001X", "starts_on": "2026-01-01"}),
    ("POST", "parks/{park_id}/facts/leased_area_m2/declare", {"value": 1}),
    ("POST", "parks/{park_id}/facts/leased_area_m2/verify", {"value": 1}),
    ("POST", "parks/{park_id}/ratings", {"cut_off_on": "2026-06-30", "title": "x"}),
    ("PUT", "parks/{park_id}/rounds/{round_id}", {"entries": [{"fact_key": "staff_total", "value": 1}]}),
    ("POST", "parks/{park_id}/rounds/{round_id}/hand-in", {}),
    ("POST", "imports/{batch_id}/apply", {}),
    ("POST", "city/tables/{batch_id}/apply", {}),
    ("POST", "imports/{batch_id}/roll-back", {}),
    ("POST", "sources/{source_id}/readings", {"readings": []}),
    ("POST", "jobs/{job_id}/cancel", {}),
    (
        "POST",
        "parks/{park_id}/payments",
        {"enterprise_id": 1, "received_on": "2026-06-01", "amount_yuan": "1.00"},
    ),
    ("POST", "parks/{park_id}/equipment", {"code": "M9", "kind": "MOTOR"}),
    ("POST", "parks/{park_id}/duties", {"subject_kind": "PARK", "code": "x", "name_en": "X", "stage": "PLAN"}),
    ("POST", "parks/{park_id}/exit-triggers", {"enterprise_id": 1, "kind": "SUBLET", "note": "x"}),
    ("POST", "parks/{park_id}/leads", {"company_name": "x", "received_on": "2026-01-01"}),
    (
        "POST",
        "parks/{park_id}/activity-data",
        {"reference": "X", "kind": "diesel", "starts_on": "2026-01-01", "ends_on": "2026-02-01"},
    ),
    (
        "POST",
        "parks/{park_id}/exchange-offers",
        {
            "uscc": "91440300MA5000001X",
            "direction": "OFFER",
            "kind": "BYPRODUCT",
            "substance": "x",
            "unit": "t",
            "starts_on": "2026-01-01",
        },
    ),
]


@pytest.mark.parametrize("role", ["bureau", "tenant", "provider"])
def test_reading_roles_change_nothing(role: str, places: dict[str, Any], as_role: Callable[[str], Caller]) -> None:
    caller, before = as_role(role), AuditEvent.objects.count()
    for method, path, body in CHANGES:
        given = {k: places["premises_id"] if v == "{premises_id}" else v for k, v in body.items()}
        status = caller.ask(method, path.format(**places), given).status_code
        assert status in {403, 404}, f"{method} {path}: {status}"
    assert AuditEvent.objects.count() == before

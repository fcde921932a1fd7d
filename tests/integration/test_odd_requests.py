"""No request, however odd, gets a server error: the whole document is tried with values made at random, in process.

Besides, every answer is of a status, a type and a shape that the document tells of.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks

from parkbrain.kernel.models import Park, User

from .conftest import Caller, caller_for

load_all_checks()
KEPT = ("not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance")
#: Requests for each of some seventy operations, half of them of values that the document does not allow.
EXAMPLES = 12


def ask(operation: Any, caller: Caller, places: dict[str, Any]) -> None:
    """Try one operation; each request is taken back."""
    checks = CHECKS.get_by_names(list(KEPT))
    modes = st.sampled_from([GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
    cases = modes.flatmap(lambda mode: operation.as_strategy(generation_mode=mode))

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases, is_real=st.booleans())
    def run(case: Any, is_real: bool) -> None:
        # Half of the requests are about things that are there: behind a 404 nothing would be tried.
        if is_real:
            case.path_parameters = {k: places.get(k, v) for k, v in (case.path_parameters or {}).items()}
        headers = {"Authorization": f"Bearer {caller.secret}"}
        case.headers = {**(case.headers or {}), **headers}
        with transaction.atomic():
            case.call_and_validate(headers=headers, checks=checks)
            transaction.set_rollback(True)

    run()


@pytest.fixture
def kept_connection() -> Iterator[None]:
    """Let the whole server run within the transaction of the test: it would close the connection after each request."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.slow
@pytest.mark.usefixtures("kept_connection")
def test_no_request_however_odd_gets_a_server_error(demo_park: Park, places: dict[str, Any], settings: Any) -> None:
    settings.API_REQUESTS_PER_MINUTE = 10**9
    caller = caller_for(User.objects.get(username="operator"))
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())
    failures = []
    for found in schema.get_all_operations():
        operation = found.ok()
        try:
            ask(operation, caller, places)
        except (Exception, BaseExceptionGroup) as error:
            failures.append(f"{operation.label}: {error} {getattr(error, 'exceptions', '')}")
    assert not failures, "\n\n".join(failures)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "nothing/here", 404),
        ("GET", "parks/99999999999999999999999", 404),
        ("GET", "parks/0", 404),
        ("GET", "parks/-1", 404),
        ("PUT", "parks", 405),
        ("TRACE", "parks", 405),
        ("OPTIONS", "parks", 405),
        ("GET", "parks?limit=0", 422),
        ("GET", "parks?limit=x", 422),
        ("GET", "parks?offset=99999999999999999999", 422),
        ("GET", "parks?q=%00", 400),
        ("GET", "premises?as_of=0001-01-01", 422),
        ("GET", "premises?as_of=9999-12-31", 422),
        ("GET", "premises?min_area_m2=nan", 422),
        ("GET", "premises?min_area_m2=1e999", 422),
        ("GET", "facts?q=%ff%fe", 200),
        ("GET", "parks?ordering=password", 422),
    ],
)
def test_odd_address_is_answered_with_a_problem(
    method: str, path: str, status: int, demo_park: Park, as_role: Any
) -> None:
    answer = as_role("operator").ask(method, path)
    assert answer.status_code == status
    if status >= 400:
        assert answer.headers["Content-Type"] == "application/problem+json"
        problem = answer.json()
        assert problem["status"] == status
        assert problem["type"].startswith("/api/v1/#problem-")
        assert problem["title"] and problem["detail"] and problem["instance"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"value": NaN}',
        b'{"value": 1e999}',
        b'{"note": "\\u0000"}',
        b"[" * 5000,
    ],
)
def test_odd_body_is_answered_with_a_problem(body: bytes, places: dict[str, Any], as_role: Any) -> None:
    path = f"/api/v1/parks/{places['park_id']}/facts/leased_area_m2/declare"
    headers = {"authorization": f"Bearer {as_role('operator').secret}"}
    answer = Client(headers=headers).post(path, body, content_type="application/json")
    assert answer.status_code in {400, 422}
    assert answer.headers["Content-Type"] == "application/problem+json"

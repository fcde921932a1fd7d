"""A whole city: thousands of parks are gathered and rated in seconds, with a fixed number of queries."""

from __future__ import annotations

import time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from parkbrain.assessment import queries, services
from parkbrain.assessment.models import Rating
from parkbrain.calc.intervals import period_of
from parkbrain.kernel.models import Branch, Park
from tests.assessment.factories import declare_scheme, good_value
from tests.factories import AT, ON, make_branch, make_park

pytestmark = pytest.mark.django_db

PARKS = 4_420


def build_city(count: int) -> list[int]:
    """Return the numbers of new parks with every fact of the reference model declared."""
    city = make_branch(Branch.Kind.CITY, code="sz")
    Branch.objects.bulk_create(
        Branch(kind=Branch.Kind.PARK, parent=city, code=f"c{i}", path=f"{city.path}c{i}/", name_en=f"Branch {i}")
        for i in range(count)
    )
    branches = Branch.objects.filter(parent=city).order_by("pk")
    Park.objects.bulk_create(Park(code=b.code, branch=b, name_en=f"Park {b.code}") for b in branches)
    parks = list(Park.objects.order_by("pk").values_list("pk", flat=True))
    catalogue = queries.get_catalogue()
    periods = {kind: period_of(kind, ON) for kind in ("as_of", "ttm", "fy")}
    facts = [
        (key, periods[catalogue[key].period], good_value(key))
        for key in queries.get_scheme(scheme_id=queries.MAIN_SCHEME).facts
    ]
    services.declare_facts_bulk(
        rows=(
            (park, key, period.starts_on, period.ends_on, value, "") for park in parks for key, period, value in facts
        ),
        actor=None,
        at=AT,
    )
    return parks


@pytest.mark.slow
def test_a_city_of_4420_parks_is_rated_in_seconds() -> None:
    parks = build_city(PARKS)
    keys = list(queries.get_scheme(scheme_id=queries.MAIN_SCHEME).facts)
    queries.list_schemes()  # read once for the life of a process
    started = time.process_time()
    gathered = queries.gather_facts(park_ids=parks, cut_off_on=ON, keys=keys)
    gather_s = time.process_time() - started
    assert gathered.values.shape == (PARKS, len(keys))
    started = time.process_time()
    services.refresh_ratings(on=ON, at=AT)
    refresh_s = time.process_time() - started
    assert Rating.objects.filter(scheme_id=queries.MAIN_SCHEME).count() == PARKS
    # Time of the processor, about twice what it needs: a machine that does other work must not fail for nothing.
    assert gather_s < 6
    assert refresh_s < 16


def test_more_parks_need_no_more_queries() -> None:
    def statements(parks: list[Park]) -> int:
        with CaptureQueriesContext(connection) as captured:
            services.refresh_ratings(park_ids=[park.pk for park in parks], on=ON, at=AT)
        return len(captured)

    parks = [make_park() for _ in range(6)]
    for park in parks:
        declare_scheme(park=park)
    assert statements(parks) == statements(parks[:1])

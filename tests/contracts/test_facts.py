"""What every computed fact promises, asked of all of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from parkbrain import schemes
from parkbrain.calc.intervals import DatePeriod, period_of
from parkbrain.kernel import registry
from parkbrain.kernel.models import Park
from tests.contracts.living_park import living_park
from tests.factories import ON, make_occupancy, make_park, make_premises, make_return

pytestmark = pytest.mark.django_db

KEYS = sorted(registry.facts.keys())


@pytest.fixture(scope="module")
def made_parks(django_db_setup: None, django_db_blocker: Any) -> Iterator[list[Park]]:
    """Make two living parks and one without rows once for the module, inside a transaction that ends with it."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield [living_park(), make_park(), living_park()]
        transaction.set_rollback(True)


@pytest.fixture
def parks(made_parks: list[Park], db: None) -> list[Park]:
    """Return a living park, one without rows, and another living one."""
    return made_parks


def period(key: str) -> DatePeriod:
    return period_of(schemes.catalogue()[key]["period"], ON)


@pytest.mark.parametrize("key", KEYS)
def test_computed_fact_is_in_the_catalogue_with_words_how(key: str) -> None:
    assert key in schemes.catalogue()
    with translation.override("en"):
        assert len(str(registry.facts.get(key).how)) > 20


@pytest.mark.parametrize("key", KEYS)
def test_unit_in_the_name_is_the_unit_of_the_catalogue(key: str) -> None:
    unit = schemes.catalogue()[key]["unit"]
    endings = {"_m2": "m2", "_wan": "10k yuan", "_mu": "mu", "_years": "year", "_area_days": "m2*day"}
    expected = next((u for ending, u in endings.items() if key.endswith(ending)), unit)
    assert unit == expected


@pytest.mark.parametrize("key", KEYS)
def test_many_parks_at_once_equal_one_by_one_with_as_many_statements(key: str, parks: list[Park]) -> None:
    fact = registry.facts.get(key)
    ids = [p.pk for p in parks]
    with CaptureQueriesContext(connection) as one:
        singles = {pk: fact.values(park_ids=[ids[0]], period=period(key)).get(pk) for pk in ids[:1]}
    with CaptureQueriesContext(connection) as all_at_once:
        together = fact.values(park_ids=ids, period=period(key))
    assert len(all_at_once) <= len(one) + 1
    for pk in ids[1:]:
        singles[pk] = fact.values(park_ids=[pk], period=period(key)).get(pk)
    assert {pk: together.get(pk) for pk in ids} == singles


@pytest.mark.parametrize("key", KEYS)
def test_rows_add_up_to_the_value(key: str, parks: list[Park]) -> None:
    fact, park = registry.facts.get(key), parks[0]
    value = fact.values(park_ids=[park.pk], period=period(key))[park.pk]
    rows = fact.rows(park_id=park.pk, period=period(key))
    assert value.value is not None
    assert sum(r.value or 0 for r in rows) == pytest.approx(value.value)
    assert value.row_count == len(rows)
    assert 0 < value.coverage <= 1
    assert all(r.url and r.label for r in rows)


@pytest.mark.parametrize("key", KEYS)
def test_unknown_without_rows(key: str) -> None:
    park = make_park()
    value = registry.facts.get(key).values(park_ids=[park.pk], period=period(key)).get(park.pk)
    assert value is None or value.value is None
    assert list(registry.facts.get(key).rows(park_id=park.pk, period=period(key))) == []


@pytest.mark.parametrize("key", [k for k in KEYS if k.endswith("_wan") or k == "staff_total"])
def test_figure_that_no_tenant_reported_is_unknown_and_not_zero(key: str) -> None:
    park = make_park(leading_industries=["34"])
    make_occupancy(premises=make_premises(park=park), starts_on=date(2020, 1, 1))
    value = registry.facts.get(key).values(park_ids=[park.pk], period=period(key))[park.pk]
    assert (value.value, value.coverage) == (None, 0.0)


def test_coverage_is_the_share_of_tenants_with_a_return() -> None:
    park = make_park()
    for number in range(4):
        stay = make_occupancy(premises=make_premises(park=park), starts_on=date(2020, 1, 1))
        if number:
            make_return(enterprise=stay.enterprise, year=2025, output_wan=100)
    value = registry.facts.get("total_output_wan").values(park_ids=[park.pk], period=period("total_output_wan"))[
        park.pk
    ]
    assert (value.value, value.coverage, value.row_count) == (300.0, 0.75, 3)

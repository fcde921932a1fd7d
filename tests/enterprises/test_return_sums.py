"""Sums of returns find every firm's own figures, in whatever order firms were written down."""

from __future__ import annotations

import numpy as np
import pytest

from parkbrain.calc.intervals import period_of
from parkbrain.enterprises.queries.tenancies import get_figures
from parkbrain.kernel import registry
from parkbrain.kernel.reading import read_once
from tests.factories import ON, make_enterprise, make_occupancy, make_park, make_premises, make_return

pytestmark = pytest.mark.django_db


def test_figures_are_those_of_the_firm_though_codes_and_rows_are_in_different_orders() -> None:
    park = make_park()
    codes = ["91440300MA5F000" + f"{n:03d}" for n in (9, 3, 7, 1, 5)]
    firms = [make_enterprise(uscc=code) for code in codes]
    for place, firm in enumerate(firms):
        make_occupancy(premises=make_premises(park=park), enterprise=firm)
        if place != 2:
            make_return(enterprise=firm, revenue_wan=10 ** (place + 1))
    with read_once():
        found = get_figures(park_ids=[park.pk], on=ON, year=ON.year - 1, field="revenue_wan")
    expected = [10.0, 100.0, np.nan, 10_000.0, 100_000.0]
    assert np.array_equal(found, expected, equal_nan=True), "by the firms' numbers, not by their codes"
    fact = registry.facts.get("revenue_wan")
    assert fact is not None
    value = fact.values(park_ids=[park.pk], period=period_of("fy", ON))[park.pk]
    assert (value.value, value.coverage) == (110_110.0, 0.8)

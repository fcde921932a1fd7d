"""Parks of like kind: the group each is compared with, and its place there."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parkbrain.calc.peers import LEAST_PEERS, STEPS, band_of, like_parks, places

traits = st.lists(
    st.tuples(st.integers(0, 2), st.integers(-1, 2), st.integers(-1, 2), st.floats(0, 100) | st.just(float("nan"))),
    min_size=1,
    max_size=60,
)


def grouped(parks, least=LEAST_PEERS):
    columns = list(zip(*parks, strict=True))
    return like_parks(columns[0], columns[1], columns[2], least=least), np.array(columns[3], dtype=float)


@given(traits, st.integers(1, 10))
def test_a_group_is_the_narrowest_with_enough_others_and_all_parks_where_none_has(parks, least):
    groups, _values = grouped(parks, least)
    names = ("kind", "size", "age")
    for row, park in enumerate(parks):
        own = dict(zip(names, park[:3], strict=True))
        for step, wanted in enumerate(STEPS):
            if any(own[name] < 0 for name in wanted):
                assert step != groups.step[row]
                continue
            alike = [
                other
                for other in range(len(parks))
                if all(dict(zip(names, parks[other][:3], strict=True))[name] == own[name] for name in wanted)
            ]
            if len(alike) - 1 >= least or step == len(STEPS) - 1:
                assert groups.step[row] == step
                assert groups.members(row).tolist() == alike
                assert groups.peer_count[row] == len(alike) - 1
                break


@given(traits)
def test_a_place_counts_the_better_ones_of_the_group_and_an_unknown_value_has_none(parks):
    groups, values = grouped(parks, 3)
    place, known = places(values, groups)
    for row in range(len(parks)):
        members = values[groups.members(row)]
        assert known[row] == np.count_nonzero(~np.isnan(members))
        if np.isnan(values[row]):
            assert place[row] == 0
        else:
            assert place[row] == 1 + np.count_nonzero(members > values[row])


@given(traits, st.randoms(use_true_random=False))
def test_the_order_of_parks_changes_nothing(parks, shuffler):
    order = list(range(len(parks)))
    shuffler.shuffle(order)
    (groups, values), (turned, moved) = grouped(parks, 2), grouped([parks[i] for i in order], 2)
    assert turned.step.tolist() == groups.step[order].tolist()
    assert places(moved, turned)[0].tolist() == places(values, groups)[0][order].tolist()


def test_a_park_of_unknown_age_is_compared_by_type_and_size():
    groups = like_parks([0] * 12, [1] * 12, [-1, *[2] * 11], least=8)
    assert (groups.step[0], groups.peer_count[0]) == (1, 11)
    assert (groups.step[1], groups.peer_count[1]) == (0, 10)


def test_bands_begin_at_their_edge():
    assert band_of([0.0, 9.99, 10.0, float("nan")], (10.0, 20.0)).tolist() == [0, 0, 1, -1]


def test_no_peers_or_columns_of_other_lengths_are_refused():
    with pytest.raises(ValueError, match="peer"):
        like_parks([0], [0], [0], least=0)
    with pytest.raises(ValueError, match="same parks"):
        like_parks([0, 0], [0], [0])


def test_no_parks_have_no_groups():
    groups = like_parks([], [], [])
    place, known = places([], groups)
    assert len(groups.step) == len(place) == len(known) == 0

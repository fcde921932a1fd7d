"""The figures published about real series are still those that are computed."""

from __future__ import annotations

from benchmarks.real_series import PAGE, tables


def test_the_page_on_real_series_shows_what_is_computed(shared_data):
    page = PAGE.read_text(encoding="utf-8")
    computed = tables(shared_data)
    assert computed.count("\n| ") > 20
    assert computed in page

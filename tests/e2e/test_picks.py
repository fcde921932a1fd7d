"""A long field of check boxes: narrowed by typing, ticked as shown, whole without scripts."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


def test_long_field_is_narrowed_by_typing_and_ticked_as_shown(open_as: Callable[..., Page]) -> None:
    page = open_as("operator")
    page.goto("/ui/")
    picks = page.locator("park-picks")
    boxes = picks.get_by_role("checkbox")
    expect(picks.get_by_role("status")).to_have_text("2 of 18 chosen")
    picks.get_by_role("searchbox").fill("p-1")
    expect(boxes).to_have_count(9)
    picks.get_by_role("button", name="Choose all shown").click()
    expect(picks.get_by_role("status")).to_have_text("11 of 18 chosen")
    picks.get_by_role("searchbox").press("Enter")
    assert page.url.endswith("/ui/"), "Enter narrows and sends nothing"
    picks.get_by_role("button", name="Choose none of them").click()
    picks.get_by_role("searchbox").fill("")
    expect(boxes).to_have_count(18)
    expect(picks.get_by_role("status")).to_have_text("2 of 18 chosen")


def test_long_field_is_whole_without_scripts(open_as: Callable[..., Page]) -> None:
    page = open_as("operator", scripts=False)
    page.goto("/ui/")
    expect(page.locator("park-picks").get_by_role("checkbox")).to_have_count(18)
    expect(page.locator("park-picks").get_by_role("searchbox")).to_have_count(0)

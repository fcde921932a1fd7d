"""An operator composes the home, reads the monthly brief, has it sent, and finds it in the log."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from .conftest import System

pytestmark = pytest.mark.browser


def tiles_of(page: Page) -> list[str]:
    return page.locator(".tile header h2").all_inner_texts()


def test_operator_orders_tiles_reads_the_monthly_brief_and_has_it_sent(
    open_as: Callable[..., Page], system: System
) -> None:
    page = open_as("operator")
    page.goto("/")
    before = tiles_of(page)
    page.get_by_role("link", name="Choose tiles").click()
    page.get_by_role("checkbox", name="Carbon").check()
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Choose tiles").click()
    first, second = page.locator(".choices li:not(.off) .strong").all_inner_texts()[:2]
    page.get_by_role("button", name=f"{first} further down").click()
    expect(page.locator(".choices li:not(.off) .strong").first).to_have_text(second)
    page.get_by_role("link", name="Back to today").click()
    expect(page.locator(".tile header h2")).to_have_count(len(before) + 1)

    page.get_by_role("link", name="Brief", exact=True).click()
    page.get_by_role("link", name="Monthly brief").click()
    sentences = page.locator(".brief li a")
    assert sentences.count() > 5
    page.locator("#past a").first.click()
    expect(page.get_by_text("As sent at")).to_be_visible()
    sentences.first.click()
    expect(page.locator("h1")).to_be_visible()
    page.go_back()

    page.get_by_role("link", name="Send regularly").click()
    expect(page.get_by_text("By the clock of this installation")).to_be_visible()
    page.get_by_label("Name").fill("Monthly brief for the board")
    page.get_by_label("Speaks of").select_option("LAST_MONTH")
    page.get_by_label("How often").select_option("MONTH")
    page.get_by_role("button", name="Schedule").click()
    row = page.locator("tr", has_text="Monthly brief for the board")
    expect(row).to_contain_text("The month before")
    row.get_by_role("button", name="Send now").click()
    row = page.locator("tr", has_text="Monthly brief for the board")
    expect(row).to_contain_text("Kept for download")
    with page.expect_download() as given:
        row.get_by_role("link", name="Download").click()
    assert given.value.suggested_filename.endswith(".pdf")

    page.goto(f"{system.url}/home/tiles/")
    page.get_by_role("button", name="As it is for my role").click()
    page.goto(f"{system.url}/")
    expect(page.locator(".tile header h2")).to_have_text(before)

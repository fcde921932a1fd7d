"""What people do, in a real browser, from end to end."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from .conftest import System

pytestmark = pytest.mark.browser


def test_newcomer_gets_from_the_home_to_the_rows_behind_the_lowest_dimension(
    open_as: Callable[..., Page], system: System
) -> None:
    page = open_as("operator")
    page.goto("/")
    page.get_by_role("link", name="Stars", exact=True).first.click()
    expect(page.locator("h1")).to_contain_text("Stars")
    page.get_by_role("link", name=re.compile("^F Operating performance")).first.click()
    page.get_by_role("link", name=re.compile("^F1.1")).click()
    expect(page.locator("h1")).to_contain_text("Occupancy")
    expect(page.get_by_text("÷")).to_be_visible()
    page.get_by_role("link", name="Area let").click()
    expect(page.get_by_role("heading", name="The rows behind it")).to_be_visible()
    page.locator("main table a").first.click()
    expect(page).to_have_url(re.compile(r"/premises/\d+/"))
    page.go_back()
    expect(page.locator("h1")).to_contain_text("Area let")


def test_impossible_value_is_refused_in_place_and_a_good_one_moves_the_stars(
    open_as: Callable[..., Page], system: System
) -> None:
    page = open_as("operator")
    address = f"/parks/{system.places['park']}/facts/satisfaction_score/"
    page.goto(address)
    page.fill("input[name=value]", "140")
    page.get_by_role("button", name="Declare").click()
    expect(page.locator(".error")).to_contain_text("cannot be more than")
    expect(page.locator("input[name=value]")).to_have_value("140")
    page.fill("input[name=value]", "88")
    page.fill("input[name=note]", "survey of June")
    page.get_by_role("button", name="Declare").click()
    expect(page.locator(".message.success")).to_be_visible()
    page.goto(f"/parks/{system.places['park']}/stars/five-star-reference/F2.1/")
    expect(page.locator(".page-head")).to_contain_text("declared")
    # Taking it back makes it unknown again, not zero.
    page.goto(address)
    page.get_by_role("button", name=re.compile("Take back")).first.click()
    expect(page.locator(".page-head")).to_contain_text("Not known")


def test_filled_workbook_is_checked_previewed_and_taken_in(
    open_as: Callable[..., Page], system: System, tmp_path: Path
) -> None:
    page = open_as("operator")
    page.goto("/imports/new/")
    with page.expect_download() as download:
        page.get_by_role("link", name="English", exact=True).click()
    path = tmp_path / "park.xlsx"
    download.value.save_as(path)
    book = openpyxl.load_workbook(path)
    names = {sheet.title for sheet in book}
    assert len(names) >= 9
    sheet = next(s for s in book if "nterprises" in s.title)
    heads = {
        str(cell.value or "").strip("* ").lower(): cell.column for row in sheet.iter_rows(max_row=6) for cell in row
    }
    code_column = next(column for head, column in heads.items() if "credit code" in head)
    name_column = next(column for head, column in heads.items() if head.startswith("name"))
    row = sheet.max_row + 1
    sheet.cell(row, code_column, "91440300MA5FAKE0XX")
    sheet.cell(row, name_column, "错码科技有限公司")
    book.save(path)
    page.set_input_files("input[type=file]", path)
    page.get_by_role("button", name=re.compile("Check|Upload")).first.click()
    expect(page.locator("main")).to_contain_text("91440300MA5FAKE0XX", timeout=30_000)
    expect(page.get_by_role("button", name="Apply")).to_have_count(0)


def test_search_opens_with_the_keyboard_and_finds_firms(open_as: Callable[..., Page], system: System) -> None:
    page = open_as("operator")
    page.goto("/")
    page.keyboard.press("Control+k")
    page.keyboard.type("T1-05", delay=20)
    hit = page.locator("#search-hits a").first
    # The hits of all that was typed, not those of its first letters.
    expect(hit).to_contain_text("T1-05")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/(premises|enterprises)/\d+/"))


def test_what_a_page_says_of_its_list_follows_the_filters(open_as: Callable[..., Page], system: System) -> None:
    page = open_as("operator")
    page.goto("/premises/")
    said = page.locator("[data-list-sentence]")
    before = said.inner_text()
    page.locator("#list-filter input[name=q]").fill("T1-02")
    # The sentence stands above the part that is replaced.
    expect(said).not_to_have_text(before)
    expect(page.locator("#list tbody tr").first).to_contain_text("T1-02")


def test_pages_and_forms_work_without_scripts(open_as: Callable[..., Page], system: System) -> None:
    page = open_as("bureau", scripts=False)
    page.goto("/city/")
    page.locator("details.multi:has(input[name=stars]) > summary").click()
    page.locator("input[name=stars][value='3']").check()
    page.locator("form.filterbar > button").click()
    expect(page).to_have_url(re.compile("stars=3"))
    assert page.locator("#list tbody tr").count() > 0
    page.goto("/search/?q=Park")
    assert page.locator(".hits a").count() > 0


def test_language_and_theme_stay_chosen(open_as: Callable[..., Page], system: System) -> None:
    page = open_as("operator", language="en")
    page.goto("/")
    page.locator("summary[aria-label='Language and theme']").click()
    page.get_by_role("button", name="繁體中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-hant")
    page.locator("details.menu summary").first.click()
    page.locator("button[name=theme][value=dark]").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


@pytest.mark.parametrize(
    "address",
    [
        "/parks/{park}/stars/",
        "/parks/{park}/facts/",
        "/ratings/{frozen}/",
        "/parks/{other_park}/",
        "/city/",
        "/people/",
        "/imports/",
    ],
)
def test_tenant_meets_no_page_beyond_their_own(open_as: Callable[..., Page], system: System, address: str) -> None:
    page = open_as("tenant")
    answer = page.goto(address.format(**system.places))
    assert answer is not None
    assert answer.status in {403, 404}
    page.goto("/")
    shown = {link.get_attribute("href") for link in page.locator(".rail a").all()}
    assert not shown & {"/city/", "/people/", "/imports/"}


def test_wrong_password_is_refused_without_saying_which_part_was_wrong(browser: object, system: System) -> None:
    context = browser.new_context(base_url=system.url, locale="en")  # type: ignore[attr-defined]
    page = context.new_page()
    answer = page.goto("/sign-in/")
    page.fill("input[name=username]", "operator")
    page.fill("input[name=password]", "wrong")
    page.click("form button[type=submit] >> nth=-1")
    expect(page.locator(".form-error:not([hidden])")).to_be_visible()
    assert answer.status == 200
    context.close()

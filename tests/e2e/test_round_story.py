"""A bureau asks, a park answers with a slip and mends it, the bureau returns, accepts and publishes; small cells stay back."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from .conftest import System

pytestmark = pytest.mark.browser

NAME = "Half-year figures"
VALUES = {"total_tax_wan": "2,345", "staff_total": "1 234", "fresh_water_m3": "5.6万"}


def violations(page: Page) -> list[tuple[str, str]]:
    return [(v["id"], v["nodes"][0]["html"][:160]) for v in Axe().run(page).response["violations"]]


def test_a_round_from_its_opening_to_its_published_table(open_as: Callable[..., Page], system: System) -> None:
    bureau, operator = open_as("bureau"), open_as("operator", theme="dark", size=(390, 844))
    number = open_round(bureau)
    answer = f"/parks/{system.places['park']}/rounds/{number}/"
    answer_with_a_slip(operator, answer)
    hand_in(operator)
    return_with_a_remark(bureau, number)
    operator.goto(answer)
    expect(operator.locator("main")).to_contain_text("as the certificate says")
    operator.fill("input[name=value-total_tax_wan]", "2,400")
    hand_in(operator)
    accept_and_publish(bureau, number)
    bureau.goto("/published/")
    bureau.get_by_role("link", name=NAME).click()
    # One park alone stands behind every cell.
    expect(bureau.locator("main")).to_contain_text("kept back")
    expect(bureau.locator("main")).not_to_contain_text("2,400")
    assert violations(bureau) == []
    # Of many parks the sums are printed, and only the small cells are kept back.
    operator.goto("/published/")
    operator.get_by_role("link", name=re.compile(r"Economy of parks")).first.click()
    expect(operator.locator("main")).to_contain_text("kept back")
    expect(operator.locator("tbody").first).to_contain_text(re.compile(r"\d,\d{3}"))


def open_round(page: Page) -> int:
    page.goto("/city/rounds/add/")
    last_year = date.fromisoformat(page.evaluate("new Date().toISOString().slice(0, 10)")).replace(month=1, day=1)
    today = date.fromisoformat(page.evaluate("new Date().toISOString().slice(0, 10)"))
    page.select_option("select[name=branch]", label="Shenzhen")
    page.select_option("select[name=operator]", label="Xingting Parks (demo)")
    page.fill("input[name=name_zh_hans]", "半年数据")
    page.fill("input[name=name_en]", NAME)
    page.fill("input[name=cut_off_on]", str(last_year - timedelta(days=1)))
    page.fill("input[name=opens_on]", str(today - timedelta(days=1)))
    page.fill("input[name=due_on]", str(today + timedelta(days=10)))
    for key in VALUES:
        page.check(f"input[name=facts][value={key}]")
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url(re.compile(r"/city/rounds/\d+/$"))
    page.get_by_role("button", name=re.compile("Open: ask")).click()
    expect(page.locator("main")).to_contain_text("How far the parks are")
    assert violations(page) == []
    found = re.search(r"/rounds/(\d+)/", page.url)
    assert found is not None
    return int(found.group(1))


def answer_with_a_slip(page: Page, address: str) -> None:
    page.goto(address)
    for key, value in VALUES.items():
        page.fill(f"input[name=value-{key}]", value)
    page.fill("input[name=value-total_tax_wan]", "2,3O5")
    page.get_by_role("button", name="Hand in").click()
    expect(page.get_by_role("alert").filter(has_text="has a letter in it")).to_be_visible()
    # Nothing that was typed is lost.
    expect(page.locator("input[name=value-staff_total]")).to_have_value("1 234")
    assert violations(page) == []
    page.fill("input[name=value-total_tax_wan]", VALUES["total_tax_wan"])


def hand_in(page: Page) -> None:
    page.get_by_role("button", name="Hand in").click()
    expect(page.locator("body")).to_contain_text("Handed in. The bureau reads it now.")


def open_answer(page: Page, number: int) -> None:
    page.goto(f"/city/rounds/{number}/?state=SUBMITTED")
    page.locator("#list tbody a").first.click()
    page.wait_for_url(re.compile(r"/rounds/\d+/parks/\d+/"))


def return_with_a_remark(page: Page, number: int) -> None:
    open_answer(page, number)
    expect(page.locator("main")).to_contain_text("56,000")
    page.fill("[name=objection-total_tax_wan]", "as the certificate says")
    page.get_by_role("button", name="Return to the park").click()
    expect(page.locator("body")).to_contain_text("Returned to")


def accept_and_publish(page: Page, number: int) -> None:
    open_answer(page, number)
    page.get_by_role("button", name="Accept", exact=True).click()
    expect(page.locator("body")).to_contain_text("are declared facts now")
    page.goto(f"/city/rounds/{number}/")
    page.get_by_role("button", name="Close", exact=True).click()
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.locator("body")).to_contain_text("Version 1 is published.")

"""A firm's way through the house in a real browser: from a lead to a paid bill, and from a notice to a vacated room."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Locator, Page, expect

from .conftest import System

pytestmark = pytest.mark.browser

FIRM, USCC = "岭南微纳传感有限公司", "91440300MA5G2RLY0E"


def _today() -> date:
    """Return the day of the park, which is not the day of whoever runs the tests."""
    return datetime.now(ZoneInfo("Asia/Shanghai")).date()


def _button(page: Page, name: str) -> Locator:
    return page.locator("main").get_by_role("button", name=name, exact=True)


def _link(page: Page, name: str | re.Pattern[str]) -> Locator:
    return page.locator("main").get_by_role("link", name=name, exact=isinstance(name, str))


def _panel(page: Page, title: str) -> Locator:
    return page.locator("section.panel").filter(has=page.get_by_role("heading", name=title, exact=True))


def _said(page: Page) -> None:
    expect(page.locator(".message.success").first).to_be_visible()


def _rail(page: Page, name: str) -> None:
    page.locator(".rail").get_by_role("link", name=name, exact=True).click()


def _record_lead(page: Page) -> str:
    """Record a lead with what it needs; return the address of its page."""
    page.goto("/")
    _rail(page, "Leasing")
    _link(page, "Leads").click()
    _link(page, "Add a lead").click()
    page.get_by_label("Company").fill(FIRM)
    page.get_by_label("Unified social credit code").fill(USCC)
    page.get_by_label("Industry code (GB/T 4754)").fill("3983")
    page.get_by_label("Contact person").fill("陈工")
    page.get_by_label("Area from (m²)").fill("60")
    page.get_by_label("Area to (m²)").fill("900")
    page.get_by_label("Budget (yuan/m²·month)").fill("200")
    page.get_by_label("Moves in on").fill(_today().isoformat())
    _button(page, "Save").click()
    _said(page)
    expect(page.locator("h1")).to_contain_text(FIRM)
    return page.url


def _offer_and_accept(page: Page) -> str:
    """Quote the best premises that stand empty, let the firm accept; return the code of the premises."""
    offers = _panel(page, "Premises by fit").locator("tbody > tr")
    fit = offers.filter(has=page.locator(".badge", has_text=re.compile("^fits$"))).first
    code = fit.locator("a").first.inner_text()
    fit.get_by_role("link", name="Make a quote").click()
    chosen = page.locator("select[name=premises] option:checked")
    expect(chosen).to_contain_text(code)
    page.get_by_label("Rent (yuan/m²·month)").fill("88")
    page.get_by_label("Property fee (yuan/m²·month)").fill("12")
    page.get_by_label("Rent-free months").fill("0")
    _button(page, "Save").click()
    _said(page)
    _panel(page, "Quotes").get_by_role("button", name="Accepted").click()
    expect(_panel(page, "Quotes")).to_contain_text("Accepted")
    return code


def _review(page: Page) -> None:
    """Admit the firm: every subject has a finding."""
    _link(page, "Review").click()
    for field in page.locator("select[name^=met_]").all():
        field.select_option("yes")
    _button(page, "Save").click()
    _said(page)


def _draft(page: Page) -> str:
    """Draft the lease from the quote, add a clause, and ask for approval; return its number."""
    _link(page, "Draft the lease").click()
    number = page.get_by_label("Lease number").input_value()
    _button(page, "Save").click()
    _said(page)
    expect(page.locator("h1")).to_contain_text(number)
    expect(_panel(page, "Draft")).to_contain_text("88")
    _link(page, "Add a clause").click()
    _link(page, "Late fee").click()
    page.get_by_label("Percent a day").fill("0.05")
    _button(page, "Save").click()
    _said(page)
    _link(page, "Ask for approval").click()
    _button(page, "Ask for approval").click()
    _said(page)
    return number


def _approve(page: Page, what: str, button: Callable[[Page], None]) -> None:
    """Let a second person find the request, read what it is about, and approve it there."""
    page.goto("/")
    _rail(page, "Approvals")
    _link(page, re.compile(what)).first.click()
    button(page)
    _said(page)


def _approve_lease(page: Page) -> None:
    _link(page, "Approve").click()
    _button(page, "Approve").click()


def _sign_and_activate(page: Page) -> None:
    page.reload()
    _link(page, "Sign").click()
    _button(page, "Sign").click()
    _said(page)
    _link(page, "Make active").click()
    _button(page, "Make active").click()
    _said(page)


def _turn_to(page: Page, title: str, text: str) -> None:
    """Turn the pages of a panel until it shows the text."""
    while text not in _panel(page, title).inner_text():
        _panel(page, title).get_by_role("link", name="Next").click()
    expect(_panel(page, title)).to_contain_text(text)


def _preview_bills(page: Page) -> str:
    """Begin this month's run in the place of the one that waits; return what names the run."""
    _rail(page, "Billing")
    waiting = _link(page, re.compile("is not finished$"))
    if waiting.count():
        waiting.first.click()
        _button(page, "Discard").click()
        _said(page)
    page.locator("input[name=month_on]").fill(f"{_today():%Y-%m}")
    _button(page, "Preview the bills").click()
    expect(page.locator("h1")).to_contain_text("Bill run")
    _turn_to(page, "Differences to last month", FIRM)
    _button(page, "Ask for approval").click()
    _said(page)
    return page.url


def _pay(page: Page) -> None:
    """Lock the run, open the firm's bill, take in what it asks for."""
    page.reload()
    _button(page, "Lock").click()
    _said(page)
    _panel(page, "The run").get_by_role("link", name=re.compile(r"^\d+$")).first.click()
    page.get_by_label("Number or firm").fill(FIRM)
    page.keyboard.press("Enter")
    page.locator("main tbody tr").filter(has_text=FIRM).get_by_role("link").first.click()
    expect(page.locator("h1")).to_contain_text(re.compile(r"^Bill \d"))
    _link(page, "Enter a payment").click()
    expect(page.get_by_label("Amount (yuan)")).not_to_have_value("")
    _button(page, "Save").click()
    _panel(page, "What it paid").get_by_role("link").first.click()


def test_lead_becomes_a_lease_whose_first_bill_is_paid_and_explained(
    open_as: Callable[..., Page], system: System
) -> None:
    page, second = open_as("operator"), open_as("admin")
    _record_lead(page)
    code = _offer_and_accept(page)
    _review(page)
    number = _draft(page)
    _approve(second, number, _approve_lease)
    _sign_and_activate(page)
    run = _preview_bills(page)
    _approve(second, f"{_today():%Y-%m}", lambda p: _button(p, "Approve and issue the bills").click())
    page.goto(run)
    _pay(page)
    expect(page.locator(".page-head")).to_contain_text("Paid")
    lines = _panel(page, "Every line explained")
    for kind in ("Rent", "Property fee"):
        line = lines.locator("tbody tr").filter(has_text=f"{kind} · {code}")
        line.get_by_text("Explain").click()
        expect(line.locator(".said")).to_contain_text(re.compile("88|12"))
    lines.get_by_role("link", name="Rent", exact=True).first.click()
    _link(page, re.compile("^The price is 88.00")).click()
    expect(page.locator(".page-head")).to_contain_text(number)


def _open_exit(page: Page, system: System) -> tuple[str, str]:
    """Open the exit of a firm that gives notice today; return its room and the address of the exit."""
    page.goto(f"/enterprises/{system.places['leaver']}/")
    _link(page, "Open an exit").click()
    room = page.locator("input[name=premises]").first
    expect(room).to_be_checked()
    code = room.locator("xpath=..").inner_text().split("·")[0].strip()
    page.get_by_label("Reason").select_option(label="By agreement")
    page.get_by_label("To be vacated by").fill(_today().isoformat())
    _button(page, "Save").click()
    _said(page)
    return code, page.url


def _do_step(page: Page, name: str, fill: dict[str, str]) -> None:
    row = _panel(page, "Steps").locator("tbody tr").filter(has_text=name)
    row.get_by_role("link", name="Done", exact=True).click()
    for label, value in fill.items():
        page.get_by_label(label).fill(value)
    _button(page, "Save").click()
    _said(page)


def _inspect(page: Page) -> None:
    """Note a defect with what it costs, as the joint inspection finds it."""
    page.get_by_label("What was looked at").fill("墙面与隔断")
    page.get_by_label("Found").select_option(label="defect")
    page.get_by_label("To be borne by the firm (yuan)").fill("1200")
    _button(page, "Add").click()
    _said(page)


def _give_deposit_back(page: Page, exit_url: str) -> str:
    """Give back what the books hold of the firm's deposit, coming from the exit; return the amount."""
    held = _panel(page, "Money").get_by_role("link").last
    amount = held.inner_text().split()[0].replace(",", "")
    held.click()
    form = _panel(page, "Book")
    expect(form.locator("select[name=enterprise]")).to_have_count(0)
    form.get_by_label("What happened").select_option(label="Refunded")
    form.get_by_label("Amount (yuan)").fill(amount)
    form.get_by_label("Reason").fill("退租结清")
    _button(page, "Book").click()
    _said(page)
    page.goto(exit_url)
    return amount


def test_notice_becomes_a_vacated_room_with_its_deposit_settled(open_as: Callable[..., Page], system: System) -> None:
    page = open_as("operator")
    code, exit_url = _open_exit(page, system)
    _do_step(page, "Settlement and final readings", {"Final readings": f"E-{code}: 48 211.6 kWh"})
    _inspect(page)
    _do_step(page, "Restoration and joint inspection", {})
    _do_step(page, "Licence address moved", {})
    _do_step(page, "Handover of keys", {"Keys and cards": "3"})
    expect(page.locator(".page-head")).to_contain_text("vacated on")
    amount = _give_deposit_back(page, exit_url)
    _do_step(page, "Deposit settled", {"Paid back (yuan)": amount})
    expect(page.locator(".page-head")).to_contain_text("Finished")
    expect(_panel(page, "Handover")).to_contain_text("in order")
    _rail(page, "Leasing")
    page.get_by_text("Show as table").last.click()
    row = page.locator("details.twin tbody tr").filter(has_text=code)
    expect(row.first).to_contain_text("vacant")
    _rail(page, "Life cycle")
    _link(page, "Exits").first.click()
    _link(page, "Vacated and re-let space").click()
    page.get_by_label("Enterprise or premises").fill(code)
    page.keyboard.press("Enter")
    vacated = page.locator("main #list tbody tr").filter(has_text=code).first
    expect(vacated).to_contain_text(_today().isoformat())
    expect(vacated).to_contain_text("vacant")

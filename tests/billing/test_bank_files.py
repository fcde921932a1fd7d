"""A statement of the bank: matched with its reasons, booked once somebody looked, the same file changes nothing."""

from datetime import date
from decimal import Decimal

import pytest

from parkbrain.billing import services
from parkbrain.billing.models import BankLine, Payment
from parkbrain.kernel.roles import Role
from tests.factories import AT, make_user

HEAD = "交易日期,收入金额,对方户名,摘要,交易流水号\n"


def take(money, text, actor=None):
    return services.take_bank_file(
        park=money.park, name="bank.csv", content=text.encode(), actor=actor or money.clerk, at=AT
    )


@pytest.fixture
def text(money):
    money.rent()
    money.rent(money.other, "500.00", tax="0")
    money.bill()
    bill, other = money.bill_of(), money.bill_of(money.other)
    return HEAD + (
        f"2026-06-03,1090.00,{money.firm.name_zh_hans},{bill.number},B1\n"
        f"2026-06-04,500.00,{money.firm.name_zh_hans},{other.number},B2\n"
        "2026-06-05,77.70,nobody we know,thanks,B3\n"
        "2026-06-05,,paid out,,B4\n"
    )


def test_sure_lines_are_booked_and_doubtful_ones_are_asked_about(money, text):
    file, new, known = take(money, text)
    assert (new, known, Payment.objects.count()) == (3, 0, 0)
    assert [line.state for line in file.lines.all()] == ["SURE", "DOUBTFUL", "UNKNOWN"]
    services.book_lines(file=file, actor=money.clerk, at=AT)
    assert money.bill_of().state == "PAID" and money.bill_of().settled_on == date(2026, 6, 3)
    doubtful, unknown = file.lines.exclude(state="BOOKED")
    services.decide_line(line=doubtful, enterprise=money.other, note="", actor=money.clerk, at=AT)
    assert money.bill_of(money.other).state == "PAID"
    with pytest.raises(services.CannotBook, match="write why"):
        services.decide_line(line=unknown, enterprise=None, note=" ", actor=money.clerk, at=AT)
    services.decide_line(line=unknown, enterprise=None, note="not ours", actor=money.clerk, at=AT)
    with pytest.raises(services.CannotBook, match="already"):
        services.decide_line(line=unknown, enterprise=money.firm, note="", actor=money.clerk, at=AT)


def test_the_same_file_and_the_same_lines_in_another_file_change_nothing(money, text):
    take(money, text)
    assert take(money, text)[1] == 0
    more = text + "2026-06-06,5.00,nobody we know,thanks,B9\n"
    assert take(money, more)[1:] == (1, 3)
    assert BankLine.objects.count() == 4


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ("a,b\n1,2\n", "headings"),
        (HEAD + "2026-06-05,12x.5,a,b,c\n", "Row 2"),
        (HEAD + "someday,12.50,a,b,c\n", "Row 2"),
        (HEAD + "2026-06-05,-5.00,a,b,c\n", "No line"),
        ("", "empty"),
    ],
)
def test_a_wrong_file_is_refused_with_its_row_and_leaves_nothing(money, wrong, why):
    with pytest.raises(services.CannotBook, match=why):
        take(money, wrong)
    assert not BankLine.objects.exists()


def test_who_only_sees_money_takes_no_file_in(money, text):
    with pytest.raises(services.CannotBook, match="may not"):
        take(money, text, make_user(Role.BUREAU, money.park.branch))


def test_invoice_numbers_come_back_by_file(money, text):
    rows = f"账单号,发票号码,开票日期\n{money.bill_of().number},2644000001,2026-06-07\n"
    record = {"park": money.park, "name": "invoices.csv", "content": rows.encode(), "actor": money.clerk, "at": AT}
    assert services.take_invoice_file(**record) == (1, 0)
    assert services.take_invoice_file(**record) == (0, 1)
    assert money.bill_of().invoices.get().number == "2644000001"
    assert money.bill_of().open_yuan == Decimal("1090.00")

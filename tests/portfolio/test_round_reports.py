"""The tables of rounds on a schedule: what their pages hand out, to whoever may open these pages."""

from __future__ import annotations

import csv
import io
from typing import Any

import openpyxl
import pytest
from pypdf import PdfReader

from parkbrain.cockpit import queries as reports
from parkbrain.cockpit import services as sending
from parkbrain.cockpit.models import ReportSchedule
from parkbrain.kernel.models import Branch, Membership, User
from parkbrain.kernel.roles import Role
from parkbrain.portfolio import services
from tests.factories import make_branch, make_user

from .test_rounds import VALUES, City, accept_all, city, sign_in

__all__ = ["city"]

pytestmark = pytest.mark.django_db

TYPED = {"name": "x", "kind": "xlsx", "every": "MONTH", "hour": "8", "weekday": "0", "month_day": "2"}


def scheduled(city: City, key: str, user: User, **values: Any) -> ReportSchedule:
    base = {"name": "x", "kind": "xlsx", "every": "DAY", "report_key": key, "subject_number": city.round.pk}
    return sending.schedule_report(**{**base, "actor": user, "at": city.now, **values})


def sent(city: City, key: str, user: User, **values: Any) -> bytes:
    schedule = scheduled(city, key, user, **values)
    sending.send_report_now(schedule_id=schedule.pk, actor=user, at=city.now)
    return bytes(reports.find_delivery(user=user, schedule_id=schedule.pk).content)


def rows_of(content: bytes) -> list[tuple[Any, ...]]:
    return list(openpyxl.load_workbook(io.BytesIO(content)).worksheets[0].values)


def test_the_answers_of_a_round_are_handed_out_and_sent_a_park_a_row(city: City) -> None:
    city.hand_in({**VALUES, "total_tax_wan": None})
    address = f"/city/rounds/{city.round.pk}/answers.xlsx"
    page = sign_in(city.bureau).get(f"/city/rounds/{city.round.pk}/").content.decode()
    assert address in page and f"report=portfolio.round_answers&amp;of={city.round.pk}" in page
    heads, *rows = rows_of(sign_in(city.bureau).get(address).content)
    assert len(rows) == len(city.parks) and [row[0] for row in rows] == sorted(park.code for park in city.parks)
    (own,) = [row for row in rows if row[0] == city.parks[0].code]
    assert own[heads.index("State")] == "Submitted" and own[6:] == (8123, 9456, 51234, None, 3456789)
    assert all(set(row[6:]) == {None} for row in rows if row is not own), "what is not given is not nought"
    assert rows_of(sent(city, "portfolio.round_answers", city.bureau)) == [heads, *rows]
    text = sent(city, "portfolio.round_answers", city.bureau, kind="csv").decode("utf-8-sig")
    assert [row[0] for row in csv.reader(io.StringIO(text))][1:] == [row[0] for row in rows]
    assert sign_in(city.bureau).get(address.replace("xlsx", "docx")).status_code == 404


def test_the_table_of_a_round_is_sent_in_the_version_that_is_newest_then(city: City) -> None:
    accept_all(city)
    first = services.publish_round(data_round=city.round, actor=city.bureau, at=city.now)
    address = f"/published/{first.pk}/"
    page = sign_in(city.operator).get(address).content.decode()
    assert f"report=portfolio.round_published&amp;of={city.round.pk}" in page
    on_page = rows_of(sign_in(city.operator).get(f"{address}?format=xlsx").content)
    schedule = scheduled(city, "portfolio.round_published", city.operator)
    sending.send_due_reports(at=schedule.next_at)
    made = reports.find_delivery(user=city.operator, schedule_id=schedule.pk)
    assert rows_of(bytes(made.content)) == on_page and f"round-{city.round.pk}-v1" in made.file_name
    type(first).objects.create(
        round=city.round, version=2, published_at=city.now, park_count=1, content=first.content, sha256="0" * 64
    )
    schedule.refresh_from_db()
    sending.send_due_reports(at=schedule.next_at)
    made = reports.find_delivery(user=city.operator, schedule_id=schedule.pk)
    assert f"round-{city.round.pk}-v2" in made.file_name
    paper = PdfReader(io.BytesIO(sign_in(city.bureau).get(f"{address}?format=pdf").content))
    said = "".join(paper.pages[0].extract_text().split())
    assert "Yearlyround" in said and first.sha256 in said and "Allparks" in said


@pytest.mark.parametrize("key", ["portfolio.round_answers", "portfolio.round_published"])
def test_whoever_may_open_the_page_has_the_table_sent_and_nobody_else(city: City, key: str) -> None:
    accept_all(city)
    version = services.publish_round(data_round=city.round, actor=city.bureau, at=city.now)
    pages = {"portfolio.round_answers": f"/city/rounds/{city.round.pk}/"}
    page = pages.get(key, f"/published/{version.pk}/")
    address, is_open = f"/reports/add/?report={key}&of={city.round.pk}", {}
    people = {
        "bureau": city.bureau,
        "operator": city.operator,
        "assessor": make_user(Role.ASSESSOR, city.district),
        "city": make_user(Role.BUREAU, city.city),
        "other": make_user(Role.BUREAU, make_branch(Branch.Kind.DISTRICT, city.city)),
        "outside": make_user(Role.OPERATOR, make_branch(Branch.Kind.OPERATOR)),
        "nobody": make_user(None),
    }
    for name, user in people.items():
        client = sign_in(user)
        is_open[name] = client.get(page).status_code == 200
        assert client.get(address).status_code == (200 if is_open[name] else 404), name
        assert client.post(address, TYPED).status_code == (302 if is_open[name] else 404), name
        if not is_open[name]:
            with pytest.raises(sending.CannotScheduleReport):
                scheduled(city, key, user)
    assert is_open["bureau"] and is_open["city"] and not (is_open["other"] or is_open["outside"] or is_open["nobody"])
    assert is_open["operator"] == (key == "portfolio.round_published")
    for wrong in (f"&park={city.parks[0].pk}&of={city.round.pk}", "&of=999999", ""):
        assert sign_in(city.bureau).get(f"/reports/add/?report={key}{wrong}").status_code == 404


def test_who_oversees_the_branch_no_more_is_sent_no_answers_any_more(city: City) -> None:
    schedule = scheduled(city, "portfolio.round_answers", city.bureau)
    Membership.objects.filter(user=city.bureau).delete()
    sending.send_due_reports(at=schedule.next_at)
    schedule.refresh_from_db()
    assert schedule.state == ReportSchedule.State.STOPPED
    assert reports.find_delivery(user=city.bureau, schedule_id=schedule.pk) is None

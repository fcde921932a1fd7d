"""Papers of pages on a schedule: each as every file and of every span, checked for each recipient at each sending."""

from __future__ import annotations

import html
from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from parkbrain.billing.queries import list_arrears
from parkbrain.cockpit import queries, services, takers
from parkbrain.cockpit.models import ReportSchedule
from parkbrain.cockpit.queries.reports import list_people, span_of
from parkbrain.kernel import audit, registry
from parkbrain.kernel.models import AuditEvent, Membership, Park, User
from parkbrain.kernel.roles import Role
from parkbrain.leasing.models import Lease
from parkbrain.lifecycle.models import LifeSubject
from parkbrain.portfolio.models import Publication
from tests.factories import make_park, make_user
from tests.query_counts import pinned_queries

AT = datetime(2026, 11, 30, 1, 0, tzinfo=UTC)
BEGINS = {"pdf": b"%PDF", "xlsx": b"PK", "csv": b"\xef\xbb\xbf"}


@pytest.fixture
def operator(demo_park: Park) -> User:
    ReportSchedule.objects.all().delete()
    return User.objects.get(username="operator")


def scheduled(user: User, park: Park | None, **values: Any) -> ReportSchedule:
    base = {"name": "x", "park": park, "kind": "pdf", "every": "MONTH", "actor": user, "at": AT}
    return services.schedule_report(**{**base, **values})


def browser(user: User, language: str = "en") -> Client:
    client = Client()
    client.cookies["django_language"] = language
    client.force_login(user)
    return client


@pytest.mark.parametrize(
    ("period", "since", "last"),
    [
        ("", date(2026, 3, 31), date(2026, 3, 31)),
        ("LAST_MONTH", date(2026, 2, 1), date(2026, 2, 28)),
        ("MONTH_SO_FAR", date(2026, 3, 1), date(2026, 3, 31)),
        ("LAST_YEAR", date(2025, 1, 1), date(2025, 12, 31)),
        ("YEAR_SO_FAR", date(2026, 1, 1), date(2026, 3, 31)),
    ],
)
def test_a_span_follows_from_the_day_of_sending(period: str, since: date, last: date) -> None:
    assert span_of(period=period, on=date(2026, 3, 31)) == (since, last)
    assert set(registry.PERIODS) == set(ReportSchedule.Period.values)


def a_thing(key: str, park: Park) -> int:
    """Return the number of one thing of the demo that the paper can be of."""
    if key.startswith("portfolio."):
        return Publication.objects.latest("pk").round_id
    lease = (
        Lease.objects.filter(park=park, state=Lease.State.ACTIVE, enterprise__bills__park=park).order_by("pk").first()
    )
    assert lease is not None
    others = {
        "leasing.lease": lease.pk,
        "billing.run": lease.enterprise.bills.filter(park=park).latest("pk").run_id,
        "lifecycle.subject_matrix": LifeSubject.objects.filter(park=park)[0].pk,
    }
    return others.get(key, lease.enterprise_id)


def test_every_paper_is_made_as_every_file_and_of_every_span(operator: User, demo_park: Park) -> None:
    bureau, names = User.objects.get(username="bureau"), set()
    for key, report in registry.page_reports.items():
        user, park = (bureau, None) if report.is_of_city else (operator, demo_park)
        number = a_thing(key, demo_park) if report.find is not None else None
        for kind in report.kinds:
            for period in report.periods or ("",):
                schedule = scheduled(user, park, report_key=key, kind=kind, period=period, subject_number=number)
                services.send_report_now(schedule_id=schedule.pk, actor=user, at=AT)
                made = queries.find_delivery(user=user, schedule_id=schedule.pk)
                assert bytes(made.content).startswith(BEGINS[kind]), (key, kind, period)
                names.add(made.file_name)
                schedule.delete()
    assert any(name.startswith("demo-xingting-carbon-2025-01-01-2025-12-31") for name in names)
    of_parks = {"assessment.rating", "billing.arrears", "billing.bills", "carbon.statement", "energy.audit"}
    of_parks |= {"intake.record", "leasing.schedules", "lifecycle.matrix"}
    of_parks |= {"billing.account", "billing.run", "carbon.footprint", "leasing.lease", "lifecycle.subject_matrix"}
    of_city = {"carbon.exchange_between", "portfolio.published", "portfolio.round_published", "portfolio.round_answers"}
    assert of_parks | of_city <= registry.page_reports.keys()


def test_the_page_of_reports_offers_the_papers_that_are_open_to_the_person(operator: User, demo_park: Park) -> None:
    bureau = User.objects.get(username="bureau")
    reader = make_user(Role.SERVICE_PROVIDER, demo_park.branch)
    offered = {one.key for one in queries.list_offers(user=operator, park=demo_park)}
    assert {"billing.bills", "intake.record", "energy.audit"} <= offered and "portfolio.published" not in offered
    assert {one.key for one in queries.list_offers(user=bureau, park=None)} >= {"portfolio.published"}
    assert "billing.bills" not in {one.key for one in queries.list_offers(user=reader, park=demo_park)}
    for one in queries.list_offers(user=operator, park=demo_park):
        address = f"/reports/add/?report={one.key}" + (f"&park={one.park.pk}" if one.park else "")
        assert address.replace("&", "&amp;") in browser(operator).get("/reports/").content.decode()
        assert browser(operator).get(address).status_code == 200
    assert browser(reader).get(f"/reports/add/?report=billing.bills&park={demo_park.pk}").status_code == 403


def test_who_may_see_no_money_any_more_is_sent_no_bills(operator: User, demo_park: Park) -> None:
    other = make_user(Role.OPERATOR, demo_park.branch)
    schedule = scheduled(operator, demo_park, report_key="billing.bills", kind="xlsx", people=[other])
    Membership.objects.filter(user=other).update(role=Role.SERVICE_PROVIDER)
    services.send_report_now(schedule_id=schedule.pk, actor=operator, at=AT)
    assert queries.find_delivery(user=other, schedule_id=schedule.pk) is None
    assert queries.find_delivery(user=operator, schedule_id=schedule.pk) is not None


def test_the_usual_span_is_taken_and_what_is_not_offered_is_refused(operator: User, demo_park: Park) -> None:
    assert scheduled(operator, demo_park, report_key="carbon.statement").period == "LAST_YEAR"
    assert scheduled(operator, demo_park, report_key="cockpit.brief_month").period == "LAST_MONTH"
    assert scheduled(operator, demo_park, report_key="cockpit.brief_day").period == ""
    for wrong in ({"period": "LAST_MONTH"}, {"kind": "xlsx"}, {"kind": "csv"}):
        with pytest.raises(services.CannotScheduleReport):
            scheduled(operator, demo_park, report_key="lifecycle.matrix", **wrong)
    client, address = browser(operator), f"/reports/add/?report=carbon.statement&park={demo_park.pk}"
    page = client.get(address)
    assert "Asia/Shanghai, UTC+08" in page.content.decode() and "The year before" in page.content.decode()
    typed = {"name": "Carbon", "kind": "xlsx", "every": "MONTH", "hour": "8", "weekday": "0", "month_day": "2"}
    wrong_span = client.post(address, {**typed, "period": "NEVER"})
    assert wrong_span.status_code == 422 and "period" in wrong_span.context["form"].errors
    assert client.post(address, {**typed, "period": "LAST_MONTH"}).status_code == 302
    assert ReportSchedule.objects.get(name="Carbon").period == "LAST_MONTH"


def test_another_park_takes_a_report_over_with_its_span(operator: User, demo_park: Park) -> None:
    scheduled(operator, demo_park, report_key="carbon.statement", period="MONTH_SO_FAR", name="so far")
    other = make_park(operator=demo_park.branch.parent)
    make_member = {"user": operator, "branch": other.branch, "role": Role.OPERATOR}
    Membership.objects.get_or_create(**make_member)
    (part,) = takers.SETUP
    (row,) = part.read(park=demo_park, on=AT.date(), actor=operator)
    part.write(park=other, values=row, starts_on=AT.date(), actor=operator, at=AT)
    assert ReportSchedule.objects.get(park=other).period == "MONTH_SO_FAR"


def test_each_recipient_is_checked_at_each_sending(operator: User, demo_park: Park) -> None:
    reader = make_user(Role.SERVICE_PROVIDER, demo_park.branch)
    other = make_user(Role.ASSESSOR, demo_park.branch)
    asked = {"user": operator, "park": demo_park, "list_key": ""}
    assert reader not in list_people(**asked, report_key="assessment.rating")
    assert reader not in list_people(**asked, report_key="lifecycle.matrix")
    assert reader in list_people(**asked, report_key="cockpit.brief_day")
    with pytest.raises(services.CannotScheduleReport):
        scheduled(operator, demo_park, report_key="assessment.rating", people=[reader])
    schedule = scheduled(operator, demo_park, report_key="assessment.rating", people=[other])
    Membership.objects.filter(user=other).update(role=Role.SERVICE_PROVIDER)
    services.send_report_now(schedule_id=schedule.pk, actor=operator, at=AT)
    assert queries.find_delivery(user=other, schedule_id=schedule.pk) is None
    assert list(schedule.recipients.all()) == [operator]


@pytest.mark.django_db
def test_why_a_report_stopped_is_said_in_the_language_of_whoever_reads() -> None:
    park = make_park()
    user = make_user(Role.OPERATOR, park.branch)
    schedule = scheduled(user, park, report_key="assessment.rating")
    with pytest.raises(services.CannotScheduleReport):
        services.send_report_now(schedule_id=schedule.pk, actor=user, at=AT)
    schedule.refresh_from_db()
    assert schedule.state == ReportSchedule.State.STOPPED
    assert "The park is not rated yet." in browser(user).get("/reports/").content.decode()
    with translation.override("zh-hans"):
        said = schedule.why
    assert said != "The park is not rated yet." and said in browser(user, "zh-hans").get("/reports/").content.decode()
    leases = scheduled(user, park, list_key="leasing.leases", query=f"park={park.pk}")
    Membership.objects.filter(user=user).delete()
    services.send_due_reports(at=leases.next_at)
    leases.refresh_from_db()
    with translation.override("en"):
        assert leases.why == f"{user} may no longer see this."
    with translation.override("zh-hans"):
        assert str(user) in leases.why and "may no longer" not in leases.why


@pytest.mark.django_db
def test_a_filter_that_no_longer_holds_is_named_in_the_language_of_whoever_reads() -> None:
    park = make_park()
    user = make_user(Role.OPERATOR, park.branch)
    schedule = scheduled(user, park, list_key="leasing.leases", query=f"park={park.pk}&state=SOLD&on=2026-13-01")
    with translation.override("zh-hans"), pytest.raises(services.CannotScheduleReport, match="SOLD"):
        services.send_report_now(schedule_id=schedule.pk, actor=user, at=AT)
    schedule.refresh_from_db()
    event = AuditEvent.objects.get(code="cockpit.report.stopped")
    said = "A filter no longer holds: “State”: “SOLD” is none of the choices. “As of”: “2026-13-01” is not a date"
    with translation.override("en"):
        assert schedule.why.startswith(said) and said in audit.sentence(event)
    with translation.override("zh-hans"):
        chinese = schedule.why
    assert "“状态”：“SOLD”" in chinese.replace(": ", "：") and "“2026-13-01”" in chinese
    assert not any(word in chinese for word in ("none of", "no longer", "between"))
    assert chinese in html.unescape(browser(user, "zh-hans").get("/reports/").content.decode())
    assert said in html.unescape(browser(user).get("/reports/").content.decode())


def test_briefs_and_reports_need_no_more_queries_than_pinned(operator: User, demo_park: Park) -> None:
    bureau = User.objects.get(username="bureau")
    day = demo_park.kept_briefs.filter(kind="day").order_by("-on")[0].on
    for name in ("Leases", "Brief", "Statement"):
        scheduled(operator, demo_park, report_key="carbon.statement", name=name)
    for who, name, path in (
        (operator, "brief.day", f"/parks/{demo_park.pk}/brief/"),
        (operator, "brief.month", f"/parks/{demo_park.pk}/brief/?kind=month"),
        (operator, "brief.sent", f"/parks/{demo_park.pk}/brief/?on={day}"),
        (bureau, "brief.city", "/city/brief/?kind=month"),
        (operator, "reports", "/reports/"),
        (operator, "reports.add", f"/reports/add/?report=carbon.statement&park={demo_park.pk}"),
    ):
        client = browser(who)
        assert client.get(path).status_code == 200
        with pinned_queries(f"cockpit.{name}"):
            client.get(path)


@pytest.mark.parametrize("key", ["billing.arrears", "energy.audit"])
def test_the_paper_of_a_page_is_handed_out_of_the_day_the_page_shows(key: str, operator: User, demo_park: Park) -> None:
    asked, pages = {"report": key, "park": demo_park.pk, "on": "2026-10-31"}, browser(operator)
    for kind in registry.page_reports.get(key).kinds:
        paper = pages.get(reverse("report_now", args=[kind]), asked)
        with translation.override("en"):
            made = queries.make_page_report(
                user=operator,
                list_key="",
                report_key=key,
                park=demo_park,
                subject_number=None,
                kind=kind,
                on=date(2026, 10, 31),
            )
        assert paper.status_code == 200 and paper.headers["Content-Disposition"].startswith("attachment")
        assert paper.content.startswith(BEGINS[kind])
        assert rows_of(paper.content) == rows_of(made.content) if kind == "xlsx" else "pdf" in made.name
    page = pages.get(
        reverse({"billing.arrears": "billing_arrears", "energy.audit": "metering_audit"}[key], args=[demo_park.pk])
    )
    assert reverse("report_now", args=["xlsx"]) in page.content.decode()


def rows_of(content: bytes) -> list[list[Any]]:
    sheets = CalamineWorkbook.from_filelike(BytesIO(content))
    return [row for name in sheets.sheet_names for row in sheets.get_sheet_by_name(name).to_python()]


def test_a_paper_that_is_none_or_has_nothing_to_say_is_no_file(operator: User, demo_park: Park) -> None:
    pages, asked = browser(operator), {"report": "billing.arrears", "park": demo_park.pk}
    assert pages.get(reverse("report_now", args=["docx"]), asked).status_code == 404
    assert pages.get(reverse("report_now", args=["pdf"]), {**asked, "report": "none.such"}).status_code == 404
    assert pages.get(reverse("report_now", args=["pdf"]), {**asked, "park": "x"}).status_code == 404
    other = make_user(Role.OPERATOR, make_park().branch)
    assert browser(other).get(reverse("report_now", args=["pdf"]), asked).status_code == 404
    Publication.objects.all().delete()
    bureau = browser(User.objects.get(username="bureau"))
    nothing = bureau.get(reverse("report_now", args=["xlsx"]), {"report": "portfolio.published"}, follow=True)
    assert nothing.redirect_chain[0][0] == reverse("report_list")
    assert "published" in nothing.content.decode()


def test_money_on_paper_stands_to_the_fen(operator: User, demo_park: Park) -> None:
    firms = list_arrears(park=demo_park, on=date(2026, 10, 31))
    made = queries.make_page_report(
        user=operator,
        list_key="",
        report_key="billing.arrears",
        park=demo_park,
        subject_number=None,
        kind="pdf",
        on=date(2026, 10, 31),
    )
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(made.content)).pages)
    assert firms and all(f"{firm.total_yuan:,.2f}" in text for firm in firms)

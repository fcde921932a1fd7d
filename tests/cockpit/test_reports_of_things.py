"""Papers of one thing on a schedule: whoever may open its page may have them sent, and nobody else, at any time."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from pypdf import PdfReader

from parkbrain.billing.models import BillRun
from parkbrain.billing.queries import get_account
from parkbrain.cockpit import queries, services, takers
from parkbrain.cockpit.models import ReportDelivery, ReportSchedule
from parkbrain.enterprises.models import Enterprise
from parkbrain.kernel import registry
from parkbrain.kernel.models import AuditEvent, Membership, Park, User
from parkbrain.kernel.roles import Role
from parkbrain.leasing.models import Lease
from parkbrain.leasing.services import ClauseRow, PlaceRow, discard_draft, draft_lease, end_lease
from parkbrain.lifecycle.models import LifeSubject
from tests.factories import (
    make_activity,
    make_assignment,
    make_bill,
    make_duty,
    make_enterprise,
    make_factor,
    make_lease,
    make_life,
    make_occupancy,
    make_park,
    make_payment,
    make_premises,
    make_tenant_user,
    make_user,
)
from tests.query_counts import pinned_queries

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 30, 1, 0, tzinfo=UTC)
#: Those whose page a firm of its own may open.
OF_FIRMS = ("billing.account", "carbon.footprint", "leasing.lease")
THINGS = (*OF_FIRMS, "billing.run", "lifecycle.subject_matrix")
TYPED = {"name": "x", "kind": "xlsx", "every": "MONTH", "hour": "8", "weekday": "0", "month_day": "2"}


@dataclass
class World:
    """A park with a firm that has a lease, bills and recorded use, a run and a stage, who runs it, and who works for the firm."""

    park: Park
    firm: Enterprise
    lease: Lease
    run: BillRun
    subject: LifeSubject
    operator: User
    tenant: User

    def number(self, key: str) -> int:
        others = {"leasing.lease": self.lease, "billing.run": self.run, "lifecycle.subject_matrix": self.subject}
        return others.get(key, self.firm).pk

    def page(self, key: str) -> str:
        pages = {
            "billing.account": reverse("billing_firm", args=[self.park.pk, self.firm.pk]),
            "carbon.footprint": reverse("carbon_footprint", args=[self.park.pk, self.firm.pk]),
            "leasing.lease": reverse("lease_detail", args=[self.lease.pk]),
            "billing.run": reverse("billing_run", args=[self.run.pk]),
            "lifecycle.subject_matrix": f"{reverse('life_matrix', args=[self.park.pk])}?subject={self.subject.pk}",
        }
        return pages[key]

    def address(self, key: str, *, park: Any = None, of: Any = None) -> str:
        return f"/reports/add/?report={key}&park={park or self.park.pk}&of={of or self.number(key)}"

    def scheduled(self, key: str, user: User | None = None, **values: Any) -> ReportSchedule:
        base = {"name": "x", "park": self.park, "kind": wanted_kind(key), "every": "MONTH", "at": AT, "report_key": key}
        wanted = {**base, "subject_number": self.number(key), "actor": user or self.operator, **values}
        return services.schedule_report(**wanted)

    def sent(self, key: str, user: User | None = None, **values: Any) -> ReportDelivery:
        user = user or self.operator
        schedule = self.scheduled(key, user, **values)
        services.send_report_now(schedule_id=schedule.pk, actor=user, at=AT)
        return queries.find_delivery(user=user, schedule_id=schedule.pk)


@pytest.fixture
def world() -> World:
    park = make_park()
    firm = make_enterprise()
    lease = make_lease(park=park, enterprise=firm, premises=make_premises(park=park), number="L-0012")
    make_occupancy(premises=make_premises(park=park), enterprise=firm)
    run = make_bill(park=park, enterprise=firm, gross_yuan="327.00").run
    subject = make_life(park=park)
    make_assignment(duty=make_duty(subject=subject))
    make_bill(park=park, enterprise=make_enterprise())
    make_payment(park=park, enterprise=firm)
    make_factor(branch=park.branch, value=0.5)
    make_activity(park=park, quantity=1000, enterprise=firm, is_breakdown=True)
    return World(park, firm, lease, run, subject, make_user(Role.OPERATOR, park.branch), make_tenant_user(firm, park))


def wanted_kind(key: str) -> str:
    return registry.page_reports.get(key).kinds[0]


def browser(user: User, language: str = "en") -> Client:
    client = Client()
    client.cookies["django_language"] = language
    client.force_login(user)
    return client


def rows_of(content: bytes) -> list[list[tuple[Any, ...]]]:
    return [list(sheet.values) for sheet in openpyxl.load_workbook(io.BytesIO(content)).worksheets]


def text_of(content: bytes) -> str:
    """Return what a paper says, without the gaps that are set between Chinese and Latin letters."""
    return "".join("".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(content)).pages)


def people_of(world: World) -> dict[str, User]:
    found = {str(role): make_user(role, world.park.branch) for role in Role if role != Role.TENANT}
    elsewhere = make_park()
    return {
        **found,
        "TENANT": world.tenant,
        # Works for the firm and belongs to another park: the firm's own papers are theirs wherever they are.
        "FARAWAY": make_tenant_user(world.firm, elsewhere),
        "NEIGHBOUR": make_tenant_user(make_enterprise(), world.park),
        "STRANGER": make_user(Role.OPERATOR, elsewhere.branch),
        "NOBODY": make_user(None),
    }


def test_every_report_of_one_thing_is_held_to_its_page() -> None:
    of_parks = {key: report for key, report in registry.page_reports.items() if not report.is_of_city}
    assert {key for key, report in of_parks.items() if report.find is not None} == set(THINGS)


@pytest.mark.parametrize("key", THINGS)
def test_whoever_may_open_the_page_may_have_its_paper_sent_and_nobody_else(world: World, key: str) -> None:
    owner, is_open = make_user(Role.ADMINISTRATOR, world.park.branch), {}
    people, typed = people_of(world), {**TYPED, "period": "LAST_YEAR", "kind": wanted_kind(key)}
    offered = queries.list_people(
        user=owner, park=world.park, list_key="", report_key=key, subject_number=world.number(key)
    )
    for name, user in people.items():
        client = browser(user)
        page = client.get(world.page(key))
        is_open[name] = page.status_code == 200
        assert client.get(world.address(key)).status_code == (200 if is_open[name] else 404), name
        assert client.post(world.address(key), typed).status_code == (302 if is_open[name] else 404), name
        assert ReportSchedule.objects.filter(owner=user).exists() == is_open[name], name
        assert (user in offered) == (is_open[name] and name != "FARAWAY"), name
        if is_open[name]:
            assert world.address(key).replace("&", "&amp;") in page.content.decode(), name
            continue
        for wanted in ({"actor": user}, {"actor": owner, "people": [user]}):
            with pytest.raises(services.CannotScheduleReport):
                world.scheduled(key, **wanted)
    assert is_open["OPERATOR"] and is_open["TENANT"] == (key in OF_FIRMS)
    assert is_open["FARAWAY"] == (key in ("billing.account", "leasing.lease"))
    assert not (is_open["NEIGHBOUR"] or is_open["STRANGER"] or is_open["SERVICE_PROVIDER"] or is_open["NOBODY"])


@pytest.mark.parametrize("key", THINGS)
def test_a_wrong_number_and_a_park_that_does_not_fit_are_not_found(world: World, key: str) -> None:
    client, other = browser(world.operator), make_park(operator=world.park.branch.parent)
    make_user(Role.OPERATOR, other.branch)
    Membership.objects.create(user=world.operator, branch=other.branch, role=Role.OPERATOR)
    hidden = make_park()
    lease = make_lease(park=hidden, enterprise=make_enterprise(), premises=make_premises(park=hidden))
    make_bill(park=hidden, enterprise=lease.enterprise)
    others = {
        "leasing.lease": lease.pk,
        "billing.run": BillRun.objects.get(park=hidden).pk,
        "lifecycle.subject_matrix": make_life(park=hidden).pk,
    }
    of_hidden = others.get(key, lease.enterprise_id)
    wrong = [
        world.address(key, park=other.pk),
        world.address(key, park=hidden.pk),
        world.address(key, of=of_hidden),
        world.address(key, park=hidden.pk, of=of_hidden),
        *(world.address(key, of=typed) for typed in (999_999, "x", "-1", "9" * 40, "1.5")),
        f"/reports/add/?report={key}&park={world.park.pk}",
        f"/reports/add/?report={key}&of={world.number(key)}",
        f"/reports/add/?report=energy.audit&park={world.park.pk}&of={world.number(key)}",
        f"/reports/add/?list=leasing.leases&of={world.number(key)}",
    ]
    for address in wrong:
        assert client.get(address).status_code == 404, address
        assert client.post(address, {**TYPED, "kind": wanted_kind(key)}).status_code == 404, address
    for values in ({"park": other}, {"park": None}, {"subject_number": 999_999}, {"subject_number": None}):
        with pytest.raises(services.CannotScheduleReport):
            world.scheduled(key, **values)
    with pytest.raises(services.CannotScheduleReport):
        world.scheduled("energy.audit", subject_number=world.number(key))
    assert not ReportSchedule.objects.exists()


@pytest.mark.parametrize("key", THINGS)
def test_the_name_says_which_thing_and_the_list_of_papers_offers_none(world: World, key: str) -> None:
    form = browser(world.operator).get(world.address(key)).context["form"]
    named = {"leasing.lease": "L-0012", "billing.run": "2026-06 · 1", "lifecycle.subject_matrix": world.park.name_en}
    label = named.get(key, world.firm.name_en)
    assert form.initial["name"] == f"{registry.page_reports.get(key).label} · {label} · {world.park.name_en}"
    assert key not in {one.key for one in queries.list_offers(user=world.operator, park=world.park)}


@pytest.mark.parametrize("language", ["en", "zh-hans", "zh-hant"])
def test_what_a_lease_will_charge_is_sent_as_its_page_hands_it_out(world: World, language: str) -> None:
    User.objects.filter(pk=world.tenant.pk).update(language=language)
    tenant = User.objects.get(pk=world.tenant.pk)
    client = browser(tenant, language)
    made = world.sent("leasing.lease", tenant, kind="xlsx")
    on_page = client.get(reverse("lease_schedule", args=[world.lease.pk, "xlsx"]))
    assert rows_of(bytes(made.content)) == rows_of(on_page.content) and len(rows_of(on_page.content)[0]) > 30
    paper = client.get(reverse("lease_schedule", args=[world.lease.pk, "pdf"]))
    said, printed = (
        text_of(one) for one in (bytes(world.sent("leasing.lease", tenant, kind="pdf").content), paper.content)
    )
    total = client.get(world.page("leasing.lease")).context["schedule"].totals.gross_yuan
    assert f"{total:,.2f}" in said and "L-0012" in said
    with translation.override(language):
        assert world.firm.name.replace(" ", "") in said
    assert f"{total:,.2f}" in printed
    charged = [row[9] for row in rows_of(bytes(made.content))[0][1:]]
    assert sum(charged) == pytest.approx(float(total)) and total > 0
    assert client.get(reverse("lease_schedule", args=[world.lease.pk, "docx"])).status_code == 404


def test_the_sheet_of_a_firm_speaks_of_the_span_and_is_that_of_its_page(world: World) -> None:
    made = world.sent("carbon.footprint", world.tenant, period="LAST_YEAR", kind="xlsx")
    assert ReportSchedule.objects.get().period == "LAST_YEAR"
    assert made.file_name == f"{world.firm.uscc}-footprint-2025-01-01-2025-12-31.xlsx"
    address = reverse("carbon_footprint_file", args=[world.park.pk, world.firm.pk, "xlsx"])
    client = browser(world.tenant)
    on_page = rows_of(client.get(f"{address}?from=2025-01-01&to=2025-12-31").content)
    assert rows_of(bytes(made.content)) == on_page
    assert rows_of(client.get(f"{address}?from=2024-01-01&to=2024-12-31").content) != on_page
    assert world.scheduled("carbon.footprint", kind="pdf").period == "LAST_YEAR", "the usual one"


def test_the_account_of_a_firm_is_sent_with_the_sums_and_bills_of_its_page(world: World) -> None:
    account = get_account(park=world.park, enterprise=world.firm, on=date(2026, 11, 30))
    made = world.sent("billing.account", world.tenant, kind="xlsx")
    heads, *rows = rows_of(bytes(made.content))[0]
    assert [row[heads.index("Bill")] for row in rows] == [bill.number for bill in account.bills]
    assert sum(row[heads.index("Open (yuan)")] for row in rows) == float(account.open_yuan) == 327.0
    said = text_of(bytes(world.sent("billing.account", world.tenant, kind="pdf").content))
    assert "327.00yuanbilledinall" in said and "Credit(yuan):50.00" in said and "Balance(yuan):277.00" in said
    assert all(bill.number in said for bill in account.bills) and "daysoverdue" in said


def test_the_page_of_an_account_hands_out_what_the_schedule_sends(world: World) -> None:
    client, today = browser(world.tenant), timezone.localdate()
    page = client.get(world.page("billing.account")).content.decode()
    addresses = {
        kind: reverse("billing_firm_file", args=[world.park.pk, world.firm.pk, kind]) for kind in ("pdf", "xlsx")
    }
    assert all(f'href="{address}"' in page for address in addresses.values())
    made = services_at(world, today)
    got = client.get(addresses["xlsx"])
    assert rows_of(got.content) == rows_of(bytes(made.content)) and made.file_name in got["Content-Disposition"]
    paper = text_of(client.get(addresses["pdf"]).content)
    assert "327.00yuanbilledinall" in paper and f"Asof{today.isoformat()}" in paper
    assert "Asof2026-07-01" in text_of(client.get(f"{addresses['pdf']}?on=2026-07-01").content)
    for person, wanted in ((world.operator, 200), (make_tenant_user(make_enterprise(), world.park), 404)):
        assert browser(person).get(addresses["pdf"]).status_code == wanted
    assert client.get(addresses["pdf"].replace("account.pdf", "account.csv")).status_code == 404


def services_at(world: World, on: date) -> ReportDelivery:
    """Return the account as it is sent on a day."""
    schedule = world.scheduled("billing.account", world.tenant, kind="xlsx")
    noon = datetime(on.year, on.month, on.day, 4, tzinfo=UTC)
    services.send_report_now(schedule_id=schedule.pk, actor=world.tenant, at=noon)
    return queries.find_delivery(user=world.tenant, schedule_id=schedule.pk)


@pytest.mark.parametrize("kind", ["xlsx", "pdf"])
def test_the_bills_of_one_run_are_sent_as_its_page_hands_them_out(world: World, kind: str) -> None:
    made = world.sent("billing.run", kind=kind)
    on_page = browser(world.operator).get(reverse("run_export", args=[world.run.pk, kind]))
    assert made.file_name in on_page["Content-Disposition"]
    read = rows_of if kind == "xlsx" else text_of
    assert read(bytes(made.content)) == read(on_page.content)


def test_a_run_that_is_still_open_has_no_bills_to_send(world: World) -> None:
    BillRun.objects.filter(pk=world.run.pk).update(state=BillRun.State.PREVIEWED)
    assert browser(world.operator).get(world.address("billing.run")).status_code == 404
    assert "report=billing.run" not in browser(world.operator).get(world.page("billing.run")).content.decode()


def test_the_matrix_of_one_subject_is_sent_as_its_page_hands_it_out(world: World) -> None:
    made = world.sent("lifecycle.subject_matrix")
    address = reverse("matrix_pdf", args=[world.park.pk])
    on_page = browser(world.operator).get(f"{address}?subject={world.subject.pk}&on=2026-11-30")
    assert text_of(bytes(made.content)) == text_of(on_page.content)


@pytest.mark.parametrize("key", OF_FIRMS)
def test_who_may_see_the_thing_no_more_is_sent_nothing_more(world: World, key: str) -> None:
    schedule = world.scheduled(key, people=[world.tenant])
    services.send_report_now(schedule_id=schedule.pk, actor=world.operator, at=AT)
    assert queries.find_delivery(user=world.tenant, schedule_id=schedule.pk) is not None
    Membership.objects.filter(user=world.tenant).update(subject=make_enterprise().uscc)
    services.send_report_now(schedule_id=schedule.pk, actor=world.operator, at=AT)
    assert queries.find_delivery(user=world.tenant, schedule_id=schedule.pk) is None
    assert list(schedule.recipients.all()) == [world.operator]
    assert AuditEvent.objects.filter(code="cockpit.report.recipient_lost").count() == 1
    Membership.objects.filter(user=world.operator).update(role=Role.SERVICE_PROVIDER)
    services.send_due_reports(at=schedule.next_at)
    schedule.refresh_from_db()
    assert schedule.state == ReportSchedule.State.STOPPED
    said = {}
    for language in ("en", "zh-hans"):
        with translation.override(language):
            said[language] = schedule.why
    assert said["en"] == f"{world.operator} may no longer see this, or it is no longer there."
    assert said["zh-hans"] != said["en"] and str(world.operator) in said["zh-hans"]


def test_a_lease_that_is_thrown_away_stops_its_schedule(world: World) -> None:
    draft = draft_lease(
        park=world.park,
        enterprise=world.firm,
        number="L-0013",
        starts_on=date(2030, 1, 1),
        ends_on=date(2031, 1, 1),
        premises=[PlaceRow(make_premises(park=world.park))],
        clauses=[ClauseRow("RENT", {"price_yuan_per_m2": "60"})],
        actor=world.operator,
        at=AT,
    )
    with pytest.raises(services.CannotScheduleReport):
        world.scheduled("leasing.lease", world.tenant, subject_number=draft.pk)
    schedule = world.scheduled("leasing.lease", subject_number=draft.pk)
    discard_draft(lease=draft, actor=world.operator, at=AT)
    with translation.override("en"), pytest.raises(services.CannotScheduleReport, match="no longer there"):
        services.send_report_now(schedule_id=schedule.pk, actor=world.operator, at=AT)
    schedule.refresh_from_db()
    assert schedule.state == ReportSchedule.State.STOPPED and schedule.next_at is None
    assert AuditEvent.objects.filter(code="cockpit.report.stopped").count() == 1
    assert browser(world.operator).get("/reports/").status_code == 200


def test_a_lease_that_ended_is_sent_as_long_as_its_page_stands(world: World) -> None:
    schedule = world.scheduled("leasing.lease", world.tenant, kind="xlsx")
    services.send_report_now(schedule_id=schedule.pk, actor=world.tenant, at=AT)
    before = rows_of(bytes(queries.find_delivery(user=world.tenant, schedule_id=schedule.pk).content))[0]
    end_lease(lease=world.lease, ends_on=date(2026, 8, 1), reason="moved", actor=world.operator, at=AT)
    services.send_report_now(schedule_id=schedule.pk, actor=world.tenant, at=AT)
    after = rows_of(bytes(queries.find_delivery(user=world.tenant, schedule_id=schedule.pk).content))[0]
    assert 1 < len(after) < len(before)


def test_another_park_takes_over_no_report_of_one_thing(world: World) -> None:
    world.scheduled("leasing.lease", name="of one lease")
    services.schedule_report(
        name="all",
        report_key="leasing.schedules",
        park=world.park,
        kind="xlsx",
        every="DAY",
        actor=world.operator,
        at=AT,
    )
    (part,) = takers.SETUP
    found = part.read(park=world.park, on=AT.date(), actor=world.operator)
    assert [row["name"] for row in found] == ["all"]
    part.write(
        park=world.park, values={**found[0], "name": "of one lease"}, starts_on=AT.date(), actor=world.operator, at=AT
    )
    assert ReportSchedule.objects.filter(name="of one lease").count() == 2, "the one of the lease is not replaced"


def test_setting_up_needs_no_more_queries_than_pinned(world: World) -> None:
    client = browser(world.operator)
    for key in THINGS:
        assert client.get(world.address(key)).status_code == 200
        with pinned_queries(f"cockpit.reports.add.{key}"):
            client.get(world.address(key))

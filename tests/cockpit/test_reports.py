"""Briefs, and reports on a schedule: who gets what, when, what a failed mail and a lost permission do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from smtplib import SMTPServerDisconnected
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import translation

from parkbrain.cockpit import queries, services
from parkbrain.cockpit.models import ReportDelivery, ReportSchedule
from parkbrain.cockpit.queries.reports import next_run
from parkbrain.kernel.models import AuditEvent, Membership, Park, User
from parkbrain.kernel.roles import Role
from tests.demo_fixtures import DEMO_ON
from tests.factories import make_branch, make_park, make_user

AT = datetime(2026, 11, 30, 1, 0, tzinfo=UTC)
Every = ReportSchedule.Every


@pytest.fixture
def operator(demo_park: Park, settings: Any) -> User:
    settings.EMAIL_HOST = "mail.test"
    ReportSchedule.objects.all().delete()
    user = User.objects.get(username="operator")
    User.objects.filter(pk=user.pk).update(email="operator@demo.test", language="en")
    return User.objects.get(pk=user.pk)


def scheduled(operator: User, park: Park, **values: Any) -> ReportSchedule:
    base = {
        "name": "Leases",
        "list_key": "leasing.leases",
        "query": f"park={park.pk}&within=90",
        "park": park,
        "kind": "xlsx",
        "every": Every.DAY,
        "actor": operator,
        "at": AT,
    }
    return services.schedule_report(**{**base, **values})


@pytest.mark.parametrize(
    ("every", "weekday", "month_day", "hour", "after", "expected"),
    [
        (Every.DAY, 0, 1, 7, datetime(2026, 11, 29, 22, tzinfo=UTC), datetime(2026, 11, 29, 23, tzinfo=UTC)),
        (Every.DAY, 0, 1, 7, datetime(2026, 11, 29, 23, tzinfo=UTC), datetime(2026, 11, 30, 23, tzinfo=UTC)),
        (Every.WEEK, 4, 1, 8, datetime(2026, 11, 30, 1, tzinfo=UTC), datetime(2026, 12, 4, 0, tzinfo=UTC)),
        (Every.MONTH, 0, 1, 0, datetime(2026, 12, 30, 1, tzinfo=UTC), datetime(2026, 12, 31, 16, tzinfo=UTC)),
    ],
)
def test_the_next_run_is_at_the_hour_of_the_parks_clock(
    every: str, weekday: int, month_day: int, hour: int, after: datetime, expected: datetime
) -> None:
    assert next_run(every=every, weekday=weekday, month_day=month_day, hour=hour, after=after) == expected


@pytest.mark.parametrize("kind", ["csv", "xlsx", "pdf"])
def test_a_list_is_made_as_filtered_mailed_and_kept(operator: User, demo_park: Park, kind: str) -> None:
    schedule = scheduled(operator, demo_park, kind=kind)
    assert schedule.next_at > AT
    assert services.send_due_reports(at=AT) == 0 and not mail.outbox
    assert services.send_due_reports(at=schedule.next_at) == 1
    (sent,) = mail.outbox
    name, content, _type = sent.attachments[0]
    assert sent.to == ["operator@demo.test"] and name.endswith(kind) and len(content) > 100
    kept = queries.find_delivery(user=operator, schedule_id=schedule.pk)
    assert kept.state == ReportDelivery.State.SENT
    schedule.refresh_from_db()
    assert schedule.next_at == schedule.last_at + timedelta(days=1)
    codes = set(AuditEvent.objects.values_list("code", flat=True))
    assert {"cockpit.report.scheduled", "cockpit.report.made"} <= codes


def test_a_failed_mail_is_shown_and_tried_again(
    operator: User, demo_park: Park, monkeypatch: pytest.MonkeyPatch
) -> None:
    schedule = scheduled(operator, demo_park)

    def refuse(*_args: Any, **_kwargs: Any) -> int:
        raise SMTPServerDisconnected("gone")

    with monkeypatch.context() as patch:
        patch.setattr("django.core.mail.EmailMultiAlternatives.send", refuse)
        services.send_report_now(schedule_id=schedule.pk, actor=operator, at=AT)
    kept = queries.find_delivery(user=operator, schedule_id=schedule.pk)
    assert kept.state == ReportDelivery.State.FAILED and kept.error == "gone" and kept.retry_at > AT
    client = Client()
    client.force_login(operator)
    assert "gone" in client.get("/reports/").content.decode()
    services.send_due_reports(at=kept.retry_at)
    kept.refresh_from_db()
    assert kept.state == ReportDelivery.State.SENT and kept.retry_at is None and len(mail.outbox) == 1


def test_without_a_mail_server_the_result_is_kept_and_the_page_says_so(
    operator: User, demo_park: Park, settings: Any
) -> None:
    settings.EMAIL_HOST = ""
    schedule = scheduled(operator, demo_park)
    client = Client(headers={"accept-language": "en"})
    client.cookies["django_language"] = "en"
    client.force_login(operator)
    client.post(f"/reports/{schedule.pk}/", {"act": "send"})
    assert not mail.outbox
    assert "Mail is not set up" in client.get("/reports/").content.decode()
    assert client.get(f"/reports/{schedule.pk}/file/").content[:2] == b"PK"


def test_a_lost_permission_stops_the_schedule_and_says_why(operator: User, demo_park: Park) -> None:
    schedule = scheduled(operator, demo_park)
    Membership.objects.filter(user=operator).delete()
    services.send_due_reports(at=schedule.next_at)
    schedule.refresh_from_db()
    assert schedule.state == ReportSchedule.State.STOPPED and schedule.reason and schedule.next_at is None
    assert not mail.outbox and not ReportDelivery.objects.filter(schedule=schedule).exists()
    with pytest.raises(services.CannotScheduleReport):
        services.send_report_now(schedule_id=schedule.pk, actor=operator, at=AT)


def test_a_recipient_who_lost_the_permission_is_left_out_and_the_others_go_on(operator: User, demo_park: Park) -> None:
    other = make_user(Role.OPERATOR, demo_park.branch)
    User.objects.filter(pk=other.pk).update(email="other@demo.test")
    schedule = scheduled(operator, demo_park, people=[other])
    services.send_report_now(schedule_id=schedule.pk, actor=operator, at=AT)
    assert {one.to[0] for one in mail.outbox} == {"operator@demo.test", "other@demo.test"}
    Membership.objects.filter(user=other).delete()
    services.send_report_now(schedule_id=schedule.pk, actor=operator, at=AT)
    schedule.refresh_from_db()
    assert schedule.state == ReportSchedule.State.ACTIVE and list(schedule.recipients.all()) == [operator]
    assert queries.find_delivery(user=other, schedule_id=schedule.pk) is None


def test_somebody_of_another_park_can_neither_be_sent_it_nor_touch_or_read_it(operator: User, demo_park: Park) -> None:
    stranger = make_user(Role.OPERATOR, make_park().branch)
    with pytest.raises(services.CannotScheduleReport):
        scheduled(operator, demo_park, people=[stranger])
    with pytest.raises(services.CannotScheduleReport):
        scheduled(stranger, demo_park)
    schedule = scheduled(operator, demo_park)
    services.send_report_now(schedule_id=schedule.pk, actor=operator, at=AT)
    client = Client()
    client.force_login(stranger)
    assert client.post(f"/reports/{schedule.pk}/", {"act": "delete"}).status_code == 404
    assert client.get(f"/reports/{schedule.pk}/file/").status_code == 404
    assert client.get(f"/parks/{demo_park.pk}/brief/").status_code == 404
    assert client.get(f"/reports/add/?report=cockpit.brief_day&park={demo_park.pk}").status_code == 404


def test_a_report_is_paused_taken_up_and_deleted(operator: User, demo_park: Park) -> None:
    schedule = scheduled(operator, demo_park)
    client = Client()
    client.force_login(operator)
    client.post(f"/reports/{schedule.pk}/", {"act": "pause"})
    assert services.send_due_reports(at=AT + timedelta(days=3)) == 0
    client.post(f"/reports/{schedule.pk}/", {"act": "resume"})
    schedule.refresh_from_db()
    assert schedule.state == ReportSchedule.State.ACTIVE and schedule.next_at
    client.post(f"/reports/{schedule.pk}/", {"act": "delete"})
    assert not ReportSchedule.objects.filter(pk=schedule.pk).exists()


def test_a_wrong_hour_is_refused_beside_the_field_and_what_was_typed_stays(operator: User, demo_park: Park) -> None:
    client = Client()
    client.force_login(operator)
    address = f"/reports/add/?list=leasing.leases&query=park%3D{demo_park.pk}"
    good = {"name": "Every Monday", "kind": "pdf", "every": "WEEK", "hour": "8", "weekday": "0", "month_day": "1"}
    page = client.post(address, {**good, "hour": "25"})
    assert page.status_code == 422 and "hour" in page.context["form"].errors
    assert "Every Monday" in page.content.decode() and not ReportSchedule.objects.exists()
    assert client.post(address, good).status_code == 302
    assert ReportSchedule.objects.get().query == f"park={demo_park.pk}"
    assert client.get("/reports/add/?list=no.such").status_code == 404


def test_a_brief_says_its_numbers_in_each_language_and_its_sentences_open(operator: User, demo_park: Park) -> None:
    for language in ("zh-hans", "zh-hant", "en"):
        with translation.override(language):
            brief = queries.make_brief(user=operator, park=demo_park, kind="month", on=DEMO_ON)
        weights = [one.weight for one in brief.sentences]
        assert len(weights) > 8 and weights == sorted(weights, reverse=True)
        assert all(one.text[-1] in ".。" for one in brief.sentences)
    client = Client()
    client.force_login(operator)
    for url in {one.url for one in brief.sentences}:
        assert client.get(url, follow=True).status_code == 200, url


def test_a_brief_shows_no_money_to_whoever_may_not_see_it_and_is_mailed_with_its_pdf(
    operator: User, demo_park: Park
) -> None:
    reader = make_user(Role.SERVICE_PROVIDER, demo_park.branch)
    with translation.override("en"):
        said = " ".join(
            s.text for s in queries.make_brief(user=reader, park=demo_park, kind="day", on=DEMO_ON).sentences
        )
    assert "yuan" not in said and "stars" not in said
    values = {"list_key": "", "query": "", "report_key": "cockpit.brief_day", "kind": "pdf"}
    schedule = scheduled(operator, demo_park, **values)
    services.send_report_now(schedule_id=schedule.pk, actor=operator, at=AT)
    (sent,) = mail.outbox
    assert sent.attachments[0][1][:4] == b"%PDF" and "overdue" in sent.body and "<ol>" in sent.alternatives[0][0]


@pytest.mark.django_db
def test_a_brief_of_a_park_of_which_nothing_is_kept_says_so() -> None:
    park = make_park()
    user = make_user(Role.OPERATOR, park.branch)
    client = Client()
    client.force_login(user)
    for kind in ("day", "month"):
        assert client.get(f"/parks/{park.pk}/brief/?kind={kind}").status_code == 200
    assert client.get(f"/parks/{park.pk}/brief/?format=pdf").content[:4] == b"%PDF"
    assert client.get(f"/parks/{park.pk}/brief/?on=nonsense").status_code == 422
    bureau = make_user(Role.BUREAU, make_branch())
    client.force_login(bureau)
    assert client.get("/city/brief/").status_code == 200

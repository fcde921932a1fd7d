"""Briefs that were sent: kept once, read in any language within what one may see, held against the record of today."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone, translation

from parkbrain.billing.models import Bill
from parkbrain.billing.services import Incoming, receive_payments
from parkbrain.cockpit import queries, services
from parkbrain.cockpit.models import KeptBrief, ReportSchedule
from parkbrain.kernel.models import AuditEvent, Park, User
from parkbrain.kernel.roles import Role
from tests.demo_fixtures import DEMO_ON
from tests.factories import make_branch, make_park, make_user
from tests.figures import numbers
from tests.integration.conftest import caller_for

AT = datetime(2026, 11, 22, 23, 0, tzinfo=UTC)
DAY = DEMO_ON - timedelta(days=1)


@pytest.fixture
def operator(demo_park: Park) -> User:
    KeptBrief.objects.all().delete()
    return User.objects.get(username="operator")


def keep(user: User, park: Park | None, **values: Any) -> KeptBrief:
    return services.keep_brief(**{"user": user, "park": park, "kind": "day", "on": DAY, "at": AT, **values})


def find(user: User, park: Park | None, **values: Any) -> queries.Brief | None:
    return queries.find_kept_brief(**{"user": user, "park": park, "kind": "day", "on": DAY, **values})


def browser(user: User, language: str = "en") -> Client:
    client = Client()
    client.cookies["django_language"] = language
    client.force_login(user)
    return client


def test_a_brief_is_kept_once_and_read_in_every_language_with_its_figures(operator: User, demo_park: Park) -> None:
    first = keep(operator, demo_park)
    again = keep(operator, demo_park, at=AT + timedelta(hours=3))
    assert again.pk == first.pk and again.sent_at == AT and KeptBrief.objects.count() == 1
    assert AuditEvent.objects.filter(code="cockpit.brief.kept", target_id=first.pk).count() == 1
    said = {}
    for language in ("en", "zh-hans", "zh-hant"):
        with translation.override(language):
            brief = find(operator, demo_park)
            composed = queries.make_brief(user=operator, park=demo_park, kind="day", on=DAY)
        assert brief is not None and brief.sent_at == AT
        assert [(s.text, s.url) for s in brief.sentences] == [(s.text, s.url) for s in composed.sentences]
        said[language] = [one.text for one in brief.sentences]
    assert said["en"] != said["zh-hans"] != said["zh-hant"]


@pytest.mark.parametrize("kind", ["day", "month"])
def test_every_sentence_has_a_key_of_its_own_and_its_figures_as_data(
    operator: User, demo_park: Park, kind: str
) -> None:
    bureau = User.objects.get(username="bureau")
    for user, park in ((operator, demo_park), (bureau, None)):
        with translation.override("en"):
            brief = queries.make_brief(user=user, park=park, kind=kind, on=DEMO_ON)
        keys = [one.key for one in brief.sentences]
        assert all(keys) and len(set(keys)) == len(keys), keys
        for one in brief.sentences:
            assert one.values or not set(numbers(one.text)) - set(numbers(one.url)), one


def test_a_day_sent_is_shown_as_sent_and_what_changed_since_is_said(operator: User, demo_park: Park) -> None:
    keep(operator, demo_park)
    client, address = browser(operator), f"/parks/{demo_park.pk}/brief/?on={DAY}"
    page = client.get(address)
    assert "As sent at 2026-11-23 07:00" in page.content.decode() and page.context["changes"] == []
    bill = Bill.objects.filter(park=demo_park, open_yuan__gt=900).awaiting().select_related("enterprise")[0]
    late = [Incoming(bill.enterprise, Decimal(900), DAY, reference="late", payer="A", bills=[bill])]
    receive_payments(park=demo_park, incoming=late, actor=operator, at=AT)
    with translation.override("en"):
        changes = queries.list_changes(user=operator, kept=find(operator, demo_park), today=DEMO_ON)
    assert any("came in" in one.then + one.now and one.then != one.now for one in changes)
    assert not [one for one in changes if "stars" in one.then + one.now], (
        "the star of today is not held against a past day"
    )
    page = client.get(address)
    assert page.context["changes"] and changes[0].then in page.content.decode()
    now = client.get(f"{address}&as=now")
    assert "Composed now" in now.content.decode() and now.context["changes"] == []
    assert changes[0].then not in now.content.decode()
    for chosen in ("now", "sent"):
        assert client.get(f"{address}&as={chosen}&format=pdf").content[:4] == b"%PDF"


def test_today_is_composed_now_though_it_was_sent_and_a_day_never_sent_is_composed(
    operator: User, demo_park: Park
) -> None:
    today = timezone.localdate()
    keep(operator, demo_park, on=today)
    client = browser(operator)
    for query in ("", f"?on={DAY}"):
        assert "Composed now" in client.get(f"/parks/{demo_park.pk}/brief/{query}").content.decode()
    assert "As sent at" in client.get(f"/parks/{demo_park.pk}/brief/?as=sent").content.decode()


def test_nobody_reads_of_a_kept_brief_what_they_may_not_see(operator: User, demo_park: Park) -> None:
    keep(operator, demo_park)
    reader = make_user(Role.SERVICE_PROVIDER, demo_park.branch)
    with translation.override("en"):
        said = " ".join(one.text for one in find(reader, demo_park).sentences)
    assert said and "yuan" not in said and "star" not in said
    stranger = make_user(Role.OPERATOR, make_park().branch)
    assert find(stranger, demo_park) is None
    assert browser(stranger).get(f"/parks/{demo_park.pk}/brief/?on={DAY}").status_code == 404


def test_who_may_see_more_adds_only_what_they_alone_may_read(operator: User, demo_park: Park) -> None:
    reader = make_user(Role.SERVICE_PROVIDER, demo_park.branch)
    kept = keep(reader, demo_park)
    few, before = len(kept.makers), kept.sentences
    kept = keep(operator, demo_park, at=AT + timedelta(hours=1))
    assert len(kept.makers) > few and kept.sentences[: len(before)] == before and kept.sent_at == AT


def test_a_citys_brief_is_kept_for_the_branches_of_its_reader(demo_park: Park) -> None:
    bureau, other = User.objects.get(username="bureau"), make_user(Role.BUREAU, make_branch())
    keep(bureau, None, kind="month")
    assert find(bureau, None, kind="month") is not None and find(other, None, kind="month") is None


def test_what_goes_out_in_its_time_is_kept_and_send_now_is_composed(operator: User, demo_park: Park) -> None:
    schedule = services.schedule_report(
        name="Brief",
        report_key="cockpit.brief_day",
        park=demo_park,
        kind="pdf",
        every=ReportSchedule.Every.DAY,
        actor=operator,
        at=AT,
    )
    services.send_report_now(schedule_id=schedule.pk, actor=operator, at=AT)
    assert not KeptBrief.objects.exists()
    services.send_due_reports(at=schedule.next_at)
    kept = KeptBrief.objects.get()
    assert kept.sent_at == schedule.next_at and kept.on == timezone.localdate(schedule.next_at)
    services.send_due_reports(at=schedule.next_at)
    assert KeptBrief.objects.count() == 1


def test_briefs_past_their_time_go(operator: User, demo_park: Park) -> None:
    old = keep(operator, demo_park, on=DAY - services.KEPT_FOR["day"] - timedelta(days=1))
    month = keep(operator, demo_park, kind="month", on=old.on)
    keep(operator, demo_park)
    assert not KeptBrief.objects.filter(pk=old.pk).exists() and KeptBrief.objects.filter(pk=month.pk).exists()


def test_the_api_gives_the_kept_or_the_composed_brief(operator: User, demo_park: Park) -> None:
    keep(operator, demo_park)
    caller, base = caller_for(operator), f"parks/{demo_park.pk}"
    sent = caller.get(f"{base}/brief?on={DAY}").json()
    assert sent["sent_at"] and {"key", "text", "values", "url"} <= set(sent["sentences"][0])
    now = caller.get(f"{base}/brief?on={DAY}&composed=true").json()
    assert now["sent_at"] is None and len(now["sentences"]) == len(sent["sentences"])
    assert caller.get(f"{base}/brief.pdf?on={DAY}").content[:4] == b"%PDF"
    assert caller.get(f"{base}/briefs").json()["total"] == 1
    assert caller.get(f"{base}/brief?kind=year").status_code == 422
    assert caller.get("city/brief").status_code == 403
    bureau = caller_for(User.objects.get(username="bureau"))
    assert bureau.get("city/brief").json()["park_id"] is None
    assert bureau.get("city/brief.pdf").content[:4] == b"%PDF"
    assert bureau.get("city/briefs?kind=month").status_code == 200
    stranger = caller_for(make_user(Role.OPERATOR, make_park().branch))
    assert stranger.get(f"{base}/brief").status_code == 404

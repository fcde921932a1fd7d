"""What a list's page refuses, a schedule refuses: at setting up for oneself or others, and at every sending."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse

from parkbrain.cockpit import services
from parkbrain.cockpit.models import ReportDelivery, ReportSchedule
from parkbrain.cockpit.queries import list_people
from parkbrain.kernel.models import Membership, Park, User
from parkbrain.kernel.roles import Permission, Role
from parkbrain.lists import ListSpec, lists
from tests.factories import make_park, make_user

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 30, 1, 0, tzinfo=UTC)
LISTS = sorted(lists, key=lambda spec: spec.key)
ROLES = list(Role)


def person(role: Role, park: Park) -> User:
    return make_user(role, park.branch, subject="91440300MA5FAKE01X" if role == Role.TENANT else "")


def is_open(spec: ListSpec, user: User, park: Park) -> bool:
    client = Client()
    client.force_login(user)
    status = client.get(reverse(spec.url_name), {"park": park.pk, "view": "0"}).status_code
    assert status in {200, 403}, (spec.key, status)
    return status == 200


def may_have(spec: ListSpec, user: User, park: Park) -> bool:
    """Tell whether the page is open, and where it is open to everybody, whether there can be a row for the person."""
    readers = [user.may(one, park.branch.path) for one in spec.readers]
    return is_open(spec, user, park) and (not readers or any(readers))


def scheduled(spec: ListSpec, owner: User, park: Park, **values: object) -> ReportSchedule:
    base = {"name": "x", "list_key": spec.key, "query": f"park={park.pk}", "park": park, "kind": "csv", "every": "DAY"}
    return services.schedule_report(**{**base, "actor": owner, "at": AT, **values})  # type: ignore[arg-type]


@pytest.mark.parametrize("role", ROLES)
def test_a_role_schedules_the_lists_whose_page_it_may_open_and_no_other(role: Role) -> None:
    park = make_park()
    user, refused = person(role, park), []
    for spec in LISTS:
        if may_have(spec, user, park):
            assert scheduled(spec, user, park).owner == user, spec.key
            ReportSchedule.objects.all().delete()
        else:
            refused.append(spec.key)
            with pytest.raises(services.CannotScheduleReport):
                scheduled(spec, user, park)
    if role == Role.SERVICE_PROVIDER:
        assert {"leasing.leases", "leasing.leads", "leasing.roll", "billing.bills", "billing.payments"} <= set(refused)
    if role == Role.TENANT:
        assert {"leasing.leads", "leasing.roll"} <= set(refused) and "leasing.leases" not in refused


@pytest.mark.parametrize("role", [role for role in ROLES if role != Role.ADMINISTRATOR])
def test_a_recipient_is_offered_and_sent_only_what_their_role_may_open(role: Role) -> None:
    park = make_park()
    owner, other = person(Role.ADMINISTRATOR, park), person(role, park)
    for spec in LISTS:
        is_offered = other in list_people(user=owner, park=park, list_key=spec.key, report_key="")
        assert is_offered == may_have(spec, other, park), spec.key
        if not is_offered:
            with pytest.raises(services.CannotScheduleReport):
                scheduled(spec, owner, park, people=[other])


@pytest.mark.parametrize("spec", LISTS, ids=lambda spec: spec.key)
def test_who_loses_the_role_is_sent_nothing_more_though_the_list_stays_theirs_in_name(spec: ListSpec) -> None:
    park = make_park()
    owner, other = person(Role.ADMINISTRATOR, park), person(Role.ADMINISTRATOR, park)
    schedule = scheduled(spec, owner, park, people=[other])
    Membership.objects.filter(user=other).delete()
    services.send_report_now(schedule_id=schedule.pk, actor=owner, at=AT)
    assert set(ReportDelivery.objects.filter(schedule=schedule).values_list("user", flat=True)) == {owner.pk}


def test_nobody_of_another_park_schedules_a_list_of_this_one() -> None:
    park, elsewhere = make_park(), make_park()
    stranger = person(Role.OPERATOR, elsewhere)
    assert not stranger.may(Permission.VIEW_PARK, park.branch.path)
    for spec in LISTS:
        with pytest.raises(services.CannotScheduleReport):
            scheduled(spec, stranger, park)

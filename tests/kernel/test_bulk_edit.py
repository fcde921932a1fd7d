"""Changing one field of many rows: what is previewed is what is done, for all rows or none."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from parkbrain.enterprises.models import Enterprise
from parkbrain.kernel.models import AuditEvent, Membership, Park, User
from parkbrain.kernel.roles import Role
from parkbrain.lists import bulk
from parkbrain.space.models import Premises
from tests.factories import (
    make_branch,
    make_enterprise,
    make_occupancy,
    make_park,
    make_premises,
    make_return,
    make_user,
)

pytestmark = pytest.mark.django_db


@dataclass
class Story:
    """A park with four premises, and its operator."""

    park: Park
    premises: list[Premises]
    operator: User


@pytest.fixture
def story() -> Story:
    park = make_park()
    premises = [make_premises(park=park, code=f"A-{n}", use="OFFICE") for n in range(4)]
    return Story(park, premises, make_user(Role.OPERATOR, park.branch))


def browser(user: User) -> Client:
    client = Client(headers={"host": "localhost"})
    client.cookies["django_language"] = "en"
    client.force_login(user)
    return client


def post(user: User, name: str, query: str = "", **data: Any) -> Any:
    return browser(user).post(f"{reverse(name)}{query}", data)


def previewed(user: User, name: str, query: str = "", **data: Any) -> Any:
    return post(user, name, query, act="edit", **data)


def token_of(response: Any) -> str:
    found = re.search(r'name="token" value="([^"]+)"', response.content.decode())
    assert found, "the preview offers to apply it"
    return found[1]


def picks(story: Story, *numbers: int) -> list[int]:
    return [story.premises[n].pk for n in numbers]


def test_rows_are_previewed_and_then_changed_with_an_event_each(story: Story) -> None:
    chosen = picks(story, 0, 1)
    first = previewed(story.operator, "premises_list", pick=chosen, field="use")
    assert first.status_code == 200 and first.context["preview"] is None
    seen = previewed(story.operator, "premises_list", pick=chosen, field="use", value="LAB")
    assert [(line.name, line.old, line.new) for line in seen.context["preview"].lines] == [
        ("A-0", "Office", "Laboratory"),
        ("A-1", "Office", "Laboratory"),
    ]
    assert not Premises.objects.filter(use="LAB").exists(), "a preview writes nothing"
    answer = post(
        story.operator, "premises_list", "?use=OFFICE", act="apply", field="use", value="LAB", token=token_of(seen)
    )
    assert answer.headers["Location"] == "/premises/?use=OFFICE"
    assert sorted(Premises.objects.filter(use="LAB").values_list("code", flat=True)) == ["A-0", "A-1"]
    events = AuditEvent.objects.filter(code="space.premises.changed", actor=story.operator)
    assert {event.target_name: event.details["fields"]["use"] for event in events} == {
        "A-0": ["OFFICE", "LAB"],
        "A-1": ["OFFICE", "LAB"],
    }


def test_all_rows_of_the_filter_are_changed_and_no_other(story: Story) -> None:
    Premises.objects.filter(pk=story.premises[3].pk).update(use="RETAIL")
    seen = previewed(story.operator, "premises_list", "?use=OFFICE", all="1", field="lettable", value="no")
    assert len(seen.context["preview"].lines) == 3
    post(story.operator, "premises_list", act="apply", token=token_of(seen), field="lettable")
    assert list(Premises.objects.filter(lettable=True)) == [story.premises[3]]


def test_row_that_somebody_else_changed_meanwhile_stops_all_of_it(story: Story) -> None:
    seen = previewed(story.operator, "premises_list", pick=picks(story, 0, 1), field="use", value="LAB")
    Premises.objects.filter(pk=story.premises[1].pk).update(use="RETAIL")
    answer = post(story.operator, "premises_list", act="apply", token=token_of(seen), field="use", value="LAB")
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "A-1: somebody else changed it meanwhile" in text and "Nothing was written." in text
    assert not Premises.objects.filter(use="LAB").exists()
    assert not AuditEvent.objects.filter(code="space.premises.changed").exists()
    again = previewed(story.operator, "premises_list", pick=picks(story, 0, 1), field="use", value="LAB")
    post(story.operator, "premises_list", act="apply", token=token_of(again), field="use")
    assert Premises.objects.filter(use="LAB").count() == 2


def test_rows_beyond_the_persons_record_are_left_out_by_name(story: Story) -> None:
    seen_only = make_premises(park=make_park(), code="SEEN-1")
    hidden = make_premises(park=make_park(), code="HIDDEN-1")
    Membership.objects.create(user=story.operator, branch=seen_only.park.branch, role=Role.BUREAU)
    chosen = [*picks(story, 0), seen_only.pk, hidden.pk]
    seen = previewed(story.operator, "premises_list", pick=chosen, field="use", value="LAB")
    names = [refusal.name for refusal in seen.context["preview"].refusals]
    assert names == ["SEEN-1", f"Row {hidden.pk}"], "a name that may not be known is not told"
    assert "HIDDEN-1" not in seen.content.decode()
    post(story.operator, "premises_list", act="apply", token=token_of(seen), field="use")
    assert list(Premises.objects.filter(use="LAB").values_list("code", flat=True)) == ["A-0"]


def test_role_that_was_lost_meanwhile_stops_all_of_it(story: Story) -> None:
    other = make_park()
    Membership.objects.create(user=story.operator, branch=other.branch, role=Role.OPERATOR)
    there = make_premises(park=other, code="B-1", use="OFFICE")
    seen = previewed(story.operator, "premises_list", pick=[*picks(story, 0), there.pk], field="use", value="LAB")
    Membership.objects.filter(branch=other.branch).delete()
    answer = post(story.operator, "premises_list", act="apply", token=token_of(seen), field="use", value="LAB")
    assert answer.status_code == 422 and "B-1" in answer.content.decode()
    assert not Premises.objects.filter(use="LAB").exists()


def test_preview_of_another_person_or_a_forged_one_changes_nothing(story: Story) -> None:
    colleague = make_user(Role.OPERATOR, story.park.branch)
    seen = previewed(colleague, "premises_list", pick=picks(story, 0), field="use", value="LAB")
    for token in (token_of(seen), "x" + token_of(seen), ""):
        post(story.operator, "premises_list", act="apply", token=token, field="use")
    assert not Premises.objects.filter(use="LAB").exists()


def test_preview_that_lay_open_too_long_is_looked_at_again(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = previewed(story.operator, "premises_list", pick=picks(story, 0), field="use", value="LAB")
    monkeypatch.setattr(bulk, "VALID_FOR_S", -1)
    answer = post(story.operator, "premises_list", act="apply", token=token_of(seen), field="use", value="LAB")
    assert answer.status_code == 422 and "too old" in answer.content.decode()
    assert not Premises.objects.filter(use="LAB").exists()


@pytest.mark.parametrize("role", [Role.BUREAU, Role.ASSESSOR, Role.SERVICE_PROVIDER])
def test_role_that_only_reads_is_offered_nothing_and_may_nothing(story: Story, role: str) -> None:
    reader = make_user(role, story.park.branch)
    assert 'id="bulk"' not in browser(reader).get("/premises/").content.decode()
    for act in ("edit", "apply"):
        assert post(reader, "premises_list", act=act, pick=picks(story, 0), field="use", value="LAB").status_code == 403
    assert not Premises.objects.filter(use="LAB").exists()


def test_choice_of_nothing_and_of_too_much_is_told(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    def told(**data: Any) -> str:
        answer = browser(story.operator).post("/premises/", {"act": "edit", "field": "use", **data}, follow=True)
        return answer.content.decode()

    assert "Choose at least one row." in told()
    assert "Choose the field to change." in told(field="park", pick=picks(story, 0))
    monkeypatch.setattr("parkbrain.lists.bulk_page.MOST_ROWS", 3)
    assert "At most 3 rows" in told(all="1")


def test_value_that_is_none_is_refused_beside_its_field(story: Story) -> None:
    answer = previewed(story.operator, "premises_list", pick=picks(story, 0), field="use", value="CASTLE")
    assert answer.status_code == 422
    assert "“CASTLE” is none of the choices." in answer.content.decode()


def test_industry_of_firms_is_checked_and_their_size_follows() -> None:
    park = make_park()
    operator = make_user(Role.OPERATOR, park.branch)
    firm = make_enterprise(industry_code="3491")
    make_occupancy(premises=make_premises(park=park), enterprise=firm)
    make_return(enterprise=firm, staff_count=150, revenue_wan=9000)
    wrong = previewed(operator, "enterprise_list", pick=[firm.pk], field="industry_code", value="9999")
    assert wrong.status_code == 422 and "GB/T 4754" in wrong.content.decode()
    seen = previewed(operator, "enterprise_list", pick=[firm.pk], field="industry_code", value="6513")
    post(operator, "enterprise_list", act="apply", token=token_of(seen), field="industry_code")
    firm.refresh_from_db()
    assert (firm.industry_code, firm.size_class) == ("6513", "MEDIUM")
    listed = previewed(operator, "enterprise_list", pick=[firm.pk], field="is_listed", value="yes")
    post(operator, "enterprise_list", act="apply", token=token_of(listed), field="is_listed")
    assert Enterprise.objects.get().is_listed is True


def test_firm_that_another_operator_keeps_is_not_changed_by_this_one() -> None:
    park = make_park()
    operator = make_user(Role.OPERATOR, park.branch)
    firm = make_enterprise()
    make_occupancy(premises=make_premises(park=make_park(operator=make_branch())), enterprise=firm)
    seen = previewed(operator, "enterprise_list", pick=[firm.pk], field="is_listed", value="yes")
    assert seen.context["preview"].lines == []
    assert [refusal.name for refusal in seen.context["preview"].refusals] == [f"Row {firm.pk}"]


def test_thousand_rows_are_changed_within_a_bounded_number_of_statements(
    story: Story, django_assert_max_num_queries: Any
) -> None:
    Premises.objects.bulk_create(
        Premises(park=story.park, building=story.premises[0].building, code=f"Z-{n}", use="OFFICE", billing_area_m2=10)
        for n in range(1000)
    )
    seen = previewed(story.operator, "premises_list", all="1", field="use", value="LAB")
    assert len(seen.context["preview"].lines) == 1004 and len(seen.context["lines"]) == 200
    with django_assert_max_num_queries(120):
        post(story.operator, "premises_list", act="apply", token=token_of(seen), field="use")
    assert Premises.objects.filter(use="LAB").count() == 1004

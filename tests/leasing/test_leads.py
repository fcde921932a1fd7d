"""Leads from the first word to the signed lease: what is done, what is refused, who may."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from parkbrain.calc.intervals import DatePeriod
from parkbrain.kernel import registry
from parkbrain.kernel.models import AuditEvent, Park, User
from parkbrain.kernel.roles import Role
from parkbrain.leasing import services
from parkbrain.leasing.models import Lead, Lease, Quote, ReviewFinding
from parkbrain.leasing.queries import list_namesakes
from tests.factories import (
    AT,
    ON,
    make_bill,
    make_enterprise,
    make_lead,
    make_occupancy,
    make_park,
    make_premises,
    make_user,
)

pytestmark = pytest.mark.django_db
YEAR = DatePeriod(date(2025, 7, 1), date(2026, 7, 1))
OFFER = {
    "offered_on": date(2026, 6, 1),
    "valid_to_on": date(2026, 8, 1),
    "starts_on": date(2026, 9, 1),
    "term_months": 36,
    "rent_yuan_per_m2_month": Decimal("55"),
    "rent_free_months": 2,
}


@pytest.fixture
def park() -> Park:
    return make_park()


@pytest.fixture
def operator(park: Park) -> User:
    return make_user(Role.OPERATOR, park.branch)


def review(lead: Lead, actor: User, **values: Any) -> None:
    findings = {subject: (True, "") for subject in ReviewFinding.Subject.values}
    row = {"reviewed_on": date(2026, 6, 5), "outcome": "ADMITTED", **values}
    services.review_lead(lead=lead, values=row, findings=findings, actor=actor, at=AT)


def accepted(lead: Lead, actor: User, park: Park) -> Quote:
    quote = services.make_quote(lead=lead, premises=[make_premises(park=park)], values=OFFER, actor=actor, at=AT)
    return services.answer_quote(quote=quote, accepted=True, on=ON, actor=actor, at=AT)


def signed(lead: Lead, actor: User, park: Park) -> Lease:
    accepted(lead, actor, park)
    review(lead, actor)
    lease = services.draft_lease_of_lead(lead=lead, number="HT-1", actor=actor, at=AT)
    services.submit_version(version=lease.versions.get(), actor=None, at=AT)
    lease.refresh_from_db()
    return services.sign_lease(lease=lease, signed_on=ON, actor=actor, at=AT)


def test_an_accepted_quote_becomes_a_lease_and_its_signature_signs_the_lead(park: Park, operator: User) -> None:
    lead = make_lead(park=park, uscc=make_enterprise().uscc)
    lease = signed(lead, operator, park)
    lead.refresh_from_db()
    assert (lead.stage, lead.lease) == (Lead.Stage.SIGNED, lease)
    assert sorted(lease.versions.get().clauses.values_list("kind", flat=True)) == ["RENT", "RENT_FREE"]
    assert [m.stage for m in lead.moves.all()] == ["NEW", "QUOTED", "NEGOTIATING", "SIGNED"]
    assert AuditEvent.objects.filter(code="leasing.lead.moved").count() == 3


def test_no_lease_is_drafted_without_a_full_review(park: Park, operator: User) -> None:
    lead = make_lead(park=park, uscc=make_enterprise().uscc)
    accepted(lead, operator, park)
    with pytest.raises(services.CannotChangeLead, match=r"review|评审"):
        services.draft_lease_of_lead(lead=lead, number="HT-1", actor=operator, at=AT)
    assert not Lease.objects.exists()


def test_premises_promised_to_one_lead_are_not_promised_to_another(park: Park, operator: User) -> None:
    room = make_premises(park=park)
    first, second = make_lead(park=park), make_lead(park=park)
    one, two = (
        services.make_quote(lead=lead, premises=[room], values=OFFER, actor=operator, at=AT) for lead in (first, second)
    )
    services.answer_quote(quote=one, accepted=True, on=ON, actor=operator, at=AT)
    with pytest.raises(services.CannotChangeLead):
        services.answer_quote(quote=two, accepted=True, on=ON, actor=operator, at=AT)


def test_an_expired_quote_is_not_accepted(park: Park, operator: User) -> None:
    quote = services.make_quote(
        lead=make_lead(park=park), premises=[make_premises(park=park)], values=OFFER, actor=operator, at=AT
    )
    with pytest.raises(services.CannotChangeLead):
        services.answer_quote(quote=quote, accepted=True, on=OFFER["valid_to_on"], actor=operator, at=AT)


def test_a_new_version_takes_the_place_of_the_open_one(park: Park, operator: User) -> None:
    lead, room = make_lead(park=park), make_premises(park=park)
    for _ in range(2):
        services.make_quote(lead=lead, premises=[room], values=OFFER, actor=operator, at=AT)
    assert [(q.version, q.state) for q in lead.quotes.all()] == [(2, "OFFERED"), (1, "REPLACED")]


def test_a_lead_is_lost_only_with_a_reason(park: Park, operator: User) -> None:
    lead = make_lead(park=park)
    with pytest.raises(services.CannotChangeLead):
        services.move_lead(lead=lead, stage="LOST", moved_on=ON, actor=operator, at=AT)
    assert (
        services.move_lead(lead=lead, stage="LOST", moved_on=ON, reason="PRICE", actor=operator, at=AT).stage == "LOST"
    )


def test_who_only_reads_changes_nothing(park: Park) -> None:
    lead, reader = make_lead(park=park), make_user(Role.ASSESSOR, park.branch)
    with pytest.raises(services.CannotChangeLead):
        services.move_lead(lead=lead, stage="QUALIFIED", moved_on=ON, actor=reader, at=AT)
    assert lead.moves.count() == 1


def test_another_parks_person_finds_no_lead(client: Client, park: Park) -> None:
    lead = make_lead(park=park)
    client.force_login(make_user(Role.OPERATOR, make_park().branch))
    assert client.get(reverse("lead_detail", args=[lead.pk])).status_code == 404
    assert client.get(reverse("lettings_board", args=[park.pk])).status_code == 404


def test_the_same_credit_code_is_the_same_firm_and_says_so(park: Park, operator: User) -> None:
    lead, other = make_lead(park=park, uscc="91440300MA5DEM0006"), make_lead(park=park, uscc="91440300MA5DEM0006")
    hidden = make_lead(park=make_park(), uscc="91440300MA5DEM0006")
    found = {one.pk: one.is_sure for one in list_namesakes(lead=lead, user=operator) if one.url_name == "lead_detail"}
    assert found[other.pk]
    assert hidden.pk not in found


def test_a_telephone_is_masked_for_who_may_not_see_it(client: Client, park: Park) -> None:
    lead = make_lead(park=park, contact_phone="0755-2600-1234")
    client.force_login(make_user(Role.ASSESSOR, park.branch))
    page = client.get(reverse("lead_detail", args=[lead.pk])).content.decode()
    assert "0755-2600-1234" not in page


def fact(key: str, park: Park) -> float | None:
    value = registry.facts.get(key).values(park_ids=[park.pk], period=YEAR).get(park.pk)  # type: ignore[union-attr]
    return value.value if value else None


def test_no_leads_kept_is_not_assessed_and_never_zero(park: Park) -> None:
    assert [fact(key, park) for key in ("leads_signed_12m", "leads_qualified_12m")] == [None, None]
    make_lead(park=park)
    assert [fact(key, park) for key in ("leads_signed_12m", "leads_qualified_12m")] == [0.0, 0.0]


def test_only_a_full_review_before_the_first_day_counts(park: Park, operator: User) -> None:
    firm = make_enterprise()
    make_occupancy(premises=make_premises(park=park), enterprise=firm, starts_on=date(2026, 6, 10))
    assert fact("new_leases_fully_reviewed_12m", park) is None
    lead = make_lead(park=park, uscc=firm.uscc)
    values = {"reviewed_on": date(2026, 6, 5), "outcome": "ADMITTED"}
    services.review_lead(lead=lead, values=values, findings={"FIRE": (True, "")}, actor=operator, at=AT)
    assert fact("new_leases_fully_reviewed_12m", park) == 0.0
    review(lead, operator)
    assert fact("new_leases_fully_reviewed_12m", park) == 1.0


@pytest.mark.parametrize("name", ["lettings_board", "lettings_what_if", "lead_funnel"])
def test_pages_of_lettings_open_with_and_without_rows(client: Client, park: Park, operator: User, name: str) -> None:
    client.force_login(operator)
    assert client.get(reverse(name, args=[park.pk])).status_code == 200
    make_occupancy(premises=make_premises(park=park), rent_yuan_per_m2_month="58.50", lease_ends_on=date(2028, 1, 1))
    make_lead(park=park, stage="QUOTED")
    assert client.get(reverse(name, args=[park.pk])).status_code == 200


def test_a_slider_that_is_moved_gets_the_answer_alone(client: Client, park: Park, operator: User) -> None:
    client.force_login(operator)
    make_occupancy(premises=make_premises(park=park), rent_yuan_per_m2_month="58.50", lease_ends_on=date(2028, 1, 1))
    address = reverse("lettings_what_if", args=[park.pk])
    whole = client.get(address, {"years": "3"}).content.decode()
    part = client.get(address, {"years": "3"}, headers={"hx-request": "true", "hx-target": "answer"}).content.decode()
    assert part.strip() in whole and "<form" not in part
    assert part != client.get(address, {"years": "4"}).content.decode()


def test_the_board_shows_what_is_overdue_by_age(client: Client, park: Park, operator: User) -> None:
    client.force_login(operator)
    firm = make_occupancy(premises=make_premises(park=park)).enterprise
    make_bill(park=park, enterprise=firm, gross_yuan="218.00")
    shown = client.get(reverse("lettings_board", args=[park.pk]), {"on": "2026-06-20"})
    assert [str(amount) for _label, amount in shown.context["arrears"]] == ["218.00", "0", "0", "0", "0"]
    assert reverse("billing_arrears", args=[park.pk]) in shown.content.decode()


def test_a_wrong_assumption_is_named_beside_its_field(client: Client, park: Park, operator: User) -> None:
    client.force_login(operator)
    response = client.get(reverse("lettings_what_if", args=[park.pk]), {"renewal_percent": "120"})
    assert response.status_code == 422
    assert "120" in response.content.decode()

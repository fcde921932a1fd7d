"""A lease from the draft to the end: two people approve, signing lets the rooms, changes count from their day."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.utils.translation import override

from parkbrain.calc import leases as calc
from parkbrain.enterprises.models import Occupancy
from parkbrain.kernel import approvals
from parkbrain.kernel.models import AuditEvent
from parkbrain.kernel.roles import Role
from parkbrain.leasing import queries, services
from parkbrain.leasing.models import Lease, LeaseVersion, Let
from parkbrain.leasing.services import ClauseRow, PlaceRow
from tests.factories import make_enterprise, make_park, make_premises, make_user

pytestmark = pytest.mark.django_db

AT = datetime(2026, 4, 1, 2, tzinfo=UTC)
START, END = date(2026, 4, 1), date(2029, 4, 1)


@pytest.fixture
def park():
    return make_park()


def person(park, role=Role.OPERATOR):
    return make_user(role, park.branch)


def draft(park, *, actor=None, number="L-1", room=None, start=START, end=END, clauses=None, firm=None) -> Lease:
    room = room or make_premises(park=park, area_m2=1000)
    return services.draft_lease(
        park=park,
        enterprise=firm or make_enterprise(),
        number=number,
        starts_on=start,
        ends_on=end,
        premises=[PlaceRow(room)],
        clauses=clauses
        or [ClauseRow("RENT", {"price_yuan_per_m2": "60"}), ClauseRow("LATE_FEE", {"percent_per_day": "0.05"})],
        actor=actor,
        at=AT,
    )


def in_force(park, **more) -> Lease:
    lease = draft(park, **more)
    services.submit_version(version=lease.versions.get(), actor=None, at=AT)
    lease = services.sign_lease(lease=lease, signed_on=START, actor=None, at=AT)
    return services.activate_lease(lease=lease, actor=None, at=AT)


def test_a_lease_is_approved_by_a_second_person(park) -> None:
    one, other = person(park), person(park)
    lease = draft(park, actor=one)
    version = services.submit_version(version=lease.versions.get(), actor=one, at=AT)
    assert version.state == LeaseVersion.State.WAITING
    with pytest.raises(approvals.CannotDecideApproval):
        approvals.decide_approval(approval=version.approval, approve=True, actor=one, at=AT)
    approvals.decide_approval(approval=version.approval, approve=True, actor=other, at=AT)
    lease.refresh_from_db()
    assert lease.state == Lease.State.APPROVED and lease.versions.get().approved_by == other


def test_where_nobody_else_could_the_lone_person_approves_and_the_event_says_so(park) -> None:
    one = person(park)
    lease = draft(park, actor=one)
    services.submit_version(version=lease.versions.get(), actor=one, at=AT)
    lease.refresh_from_db()
    assert lease.state == Lease.State.APPROVED
    assert AuditEvent.objects.filter(code="leasing.version.approved_alone", actor=one).count() == 1


def test_a_refused_request_makes_the_version_a_draft_again(park) -> None:
    one, other = person(park), person(park)
    lease = draft(park, actor=one)
    version = services.submit_version(version=lease.versions.get(), actor=one, at=AT)
    approvals.decide_approval(approval=version.approval, approve=False, actor=other, at=AT, reason="too cheap")
    assert lease.versions.get().state == LeaseVersion.State.DRAFT


def test_a_lease_without_rent_or_premises_is_not_submitted(park) -> None:
    lease = draft(park, clauses=[ClauseRow("PROPERTY_FEE", {"price_yuan_per_m2": "8"})])
    with pytest.raises(services.CannotDraftLease):
        services.submit_version(version=lease.versions.get(), actor=None, at=AT)
    assert lease.versions.get().state == LeaseVersion.State.DRAFT


def test_signing_lets_the_rooms_and_another_lease_is_told_who_has_them(park) -> None:
    room = make_premises(park=park)
    in_force(park, room=room, number="L-1")
    second = draft(park, room=room, number="L-2", start=date(2028, 1, 1), end=date(2030, 1, 1))
    services.submit_version(version=second.versions.get(), actor=None, at=AT)
    second.refresh_from_db()
    with pytest.raises(services.CannotLetPremises) as caught:
        services.sign_lease(lease=second, signed_on=START, actor=None, at=AT)
    assert "L-1" in str(caught.value) and room.code in str(caught.value)
    second.refresh_from_db()
    assert second.state == Lease.State.APPROVED and Let.objects.count() == 1


def test_a_draft_lease_is_not_signed_and_a_signed_one_not_twice(park) -> None:
    lease = draft(park)
    with pytest.raises(services.CannotSignLease):
        services.sign_lease(lease=lease, signed_on=START, actor=None, at=AT)
    lease = in_force(park, number="L-9")
    with pytest.raises(services.CannotSignLease):
        services.sign_lease(lease=lease, signed_on=START, actor=None, at=AT)


def test_an_active_lease_starts_the_stay_with_its_number_end_and_rent(park) -> None:
    lease = in_force(park)
    stay = Occupancy.objects.get()
    assert (stay.lease_number, stay.lease_ends_on, stay.starts_on) == ("L-1", END, START)
    assert stay.rent_yuan_per_m2_month == Decimal("60.00") and stay.enterprise == lease.enterprise


def test_a_deposit_of_months_of_rent_is_noted_in_the_books(park) -> None:
    from parkbrain.billing.models import DepositEntry

    lease = draft(park)
    services.agree_deposit(lease=lease, months_of_rent=Decimal(2), due_on=START, actor=None, at=AT)
    services.submit_version(version=lease.versions.get(), actor=None, at=AT)
    lease = services.sign_lease(lease=lease, signed_on=START, actor=None, at=AT)
    services.activate_lease(lease=lease, actor=None, at=AT)
    assert DepositEntry.objects.get().amount_yuan == Decimal("120000.00")


def test_a_change_counts_from_its_day_and_its_undoing_brings_back_what_was(park) -> None:
    lease = in_force(park)
    before = queries.get_schedule(lease=lease).totals.gross_yuan
    version = services.draft_change(lease=lease, effective_on=date(2027, 4, 1), reason="less rent", actor=None, at=AT)
    rent = version.clauses.get(kind="RENT")
    services.put_clause(
        version=version, kind="RENT", values={"price_yuan_per_m2": "50"}, clause=rent, actor=None, at=AT
    )
    assert queries.get_schedule(lease=Lease.objects.get()).totals.gross_yuan == before
    services.submit_version(version=version, actor=None, at=AT)
    changed = queries.get_schedule(lease=Lease.objects.get()).totals.gross_yuan
    assert before - changed == Decimal(10_000) * 24
    services.undo_version(version=LeaseVersion.objects.get(pk=version.pk), reason="mistake", actor=None, at=AT)
    assert queries.get_schedule(lease=Lease.objects.get()).totals.gross_yuan == before
    assert LeaseVersion.objects.get(pk=version.pk).undo_reason == "mistake"


def test_a_change_may_take_rooms_in_and_give_rooms_back(park) -> None:
    lease = in_force(park)
    old = lease.lets.get().premises
    new = make_premises(park=park, area_m2=500)
    version = services.draft_change(lease=lease, effective_on=date(2027, 4, 1), reason="moves", actor=None, at=AT)
    services.change_draft(version=version, premises=[PlaceRow(new, date(2027, 4, 1))], actor=None, at=AT)
    services.submit_version(version=version, actor=None, at=AT)
    spans = {x.premises_id: (x.starts_on, x.ends_on) for x in Let.objects.all()}
    assert spans == {old.pk: (START, date(2027, 4, 1)), new.pk: (date(2027, 4, 1), END)}
    assert Occupancy.objects.get(premises=old).ends_on == date(2027, 4, 1)
    assert Occupancy.objects.get(premises=new).starts_on == date(2027, 4, 1)


def test_a_correction_holds_from_where_the_wrong_words_held(park) -> None:
    lease = in_force(park)
    version = services.draft_change(
        lease=lease, effective_on=date(2027, 1, 15), reason="misread", kind="CORRECTION", actor=None, at=AT
    )
    assert version.effective_on == START


def test_only_one_change_is_drafted_at_a_time_and_it_needs_a_reason(park) -> None:
    lease = in_force(park)
    with pytest.raises(services.CannotChangeLease):
        services.draft_change(lease=lease, effective_on=START, reason=" ", actor=None, at=AT)
    services.draft_change(lease=lease, effective_on=START, reason="one", actor=None, at=AT)
    with pytest.raises(services.CannotChangeLease):
        services.draft_change(lease=lease, effective_on=START, reason="two", actor=None, at=AT)


def test_ending_early_frees_the_rooms_ends_the_stay_and_owes_nothing_more(park) -> None:
    lease = in_force(park)
    services.end_lease(
        lease=lease, ends_on=date(2027, 4, 1), reason="exit", actor=None, at=datetime(2027, 4, 2, tzinfo=UTC)
    )
    lease.refresh_from_db()
    assert lease.state == Lease.State.ENDED and lease.lets.get().ends_on == date(2027, 4, 1)
    assert Occupancy.objects.get().ends_on == date(2027, 4, 1)
    assert queries.get_schedule(lease=lease).totals.gross_yuan == Decimal(60_000) * 12


def test_a_lease_that_ends_in_future_stays_active_until_then(park) -> None:
    lease = in_force(park)
    services.end_lease(lease=lease, ends_on=date(2027, 4, 1), reason="notice", actor=None, at=AT)
    lease.refresh_from_db()
    assert lease.state == Lease.State.ACTIVE
    assert services.close_leases(on=date(2027, 3, 31), at=AT) == 0
    assert services.close_leases(on=date(2027, 4, 1), at=AT) == 1
    lease.refresh_from_db()
    assert lease.state == Lease.State.ENDED


def test_a_renewal_begins_where_the_lease_stops_and_the_firm_stays(park) -> None:
    lease = in_force(park)
    renewal = services.renew_lease(lease=lease, number="L-1R", ends_on=date(2032, 4, 1), actor=None, at=AT)
    assert renewal.starts_on == END and renewal.renewed_from == lease
    services.submit_version(version=renewal.versions.get(), actor=None, at=AT)
    services.sign_lease(lease=renewal, signed_on=START, actor=None, at=AT)
    services.end_lease(lease=lease, ends_on=END, reason="renewed", actor=None, at=datetime(2029, 4, 1, 2, tzinfo=UTC))
    assert Occupancy.objects.get().ends_on is None


def test_a_person_of_another_park_changes_nothing(park) -> None:
    stranger = person(make_park())
    lease = in_force(park)
    for act in (
        lambda: services.end_lease(lease=lease, ends_on=END, reason="x", actor=stranger, at=AT),
        lambda: services.draft_change(lease=lease, effective_on=START, reason="x", actor=stranger, at=AT),
        lambda: services.renew_lease(lease=lease, number="N", ends_on=date(2031, 1, 1), actor=stranger, at=AT),
        lambda: draft(park, actor=stranger, number="N-1"),
    ):
        with pytest.raises(services.CannotChangeLease):
            act()
    lease.refresh_from_db()
    assert lease.state == Lease.State.ACTIVE


def test_an_assessor_only_reads(park) -> None:
    with pytest.raises(services.CannotChangeLease):
        draft(park, actor=person(park, Role.ASSESSOR))


def test_a_term_of_more_than_twenty_years_is_refused(park) -> None:
    with pytest.raises(services.CannotDraftLease):
        draft(park, end=date(2046, 4, 2))


def test_every_cent_is_explained_to_billing(park) -> None:
    from parkbrain.billing.queries import reason_sentences

    in_force(park)
    [charge] = queries.propose_charges(park=park, starts_on=date(2026, 5, 1), ends_on=date(2026, 6, 1))
    assert (charge.kind, charge.net_yuan, charge.premises_id) == (
        "RENT",
        Decimal("60000.00"),
        Let.objects.get().premises_id,
    )
    with override("en"):
        said = reason_sentences(steps=[r.as_json() for r in charge.reasons])
    assert any("1,000.00 m²" in s and "60,000.00 yuan" in s for s in said)
    again = queries.propose_charges(park=park, starts_on=date(2026, 5, 1), ends_on=date(2026, 6, 1))
    assert [c.key for c in again] == [charge.key]


def test_twelve_months_of_charges_are_the_schedule(park) -> None:
    lease = in_force(
        park, clauses=[ClauseRow("RENT", {"price_yuan_per_m2": "61.37"}), ClauseRow("TAX", {"rate_percent": "9"})]
    )
    charges = [
        c
        for month in range(12)
        for c in queries.propose_charges(
            park=park,
            starts_on=date(2026 + (month + 3) // 12, (month + 3) % 12 + 1, 1),
            ends_on=date(2026 + (month + 4) // 12, (month + 4) % 12 + 1, 1),
        )
    ]
    lines = [x for x in queries.get_schedule(lease=lease).lines if x.starts_on < date(2027, 4, 1)]
    assert sum(c.gross_yuan for c in charges) == sum(x.gross_yuan for x in lines)
    assert len({c.key for c in charges}) == len(lines) == 12


def test_several_months_asked_at_once_are_the_months_one_by_one(park) -> None:
    clauses = [
        ClauseRow("RENT", {"price_yuan_per_m2": "61.37"}),
        ClauseRow("TURNOVER_RENT", {"percent": "5", "breakpoint": "NATURAL", "months_per_report": 3}),
        ClauseRow(
            "CONCESSION",
            {
                "programme": "relief",
                "percent": "50",
                "starts_on": START.isoformat(),
                "ends_on": date(2027, 4, 1).isoformat(),
                "limit_yuan": "100000",
            },
        ),
    ]
    in_force(park, clauses=clauses)
    row = {"number": "L-1", "starts_on": START, "ends_on": date(2026, 7, 1), "turnover_yuan": Decimal(9_000_000)}
    services.report_turnover(park=park, rows=[row], actor=None, at=AT)
    months = [date(2026, number, 1) for number in (3, 4, 5, 6, 7, 8, 9, 11, 12)]
    together = queries.propose_months(park=park, months=months)
    alone = {m: queries.propose_charges(park=park, starts_on=m, ends_on=calc.add_months(m, 1)) for m in months}
    assert together == alone
    assert not together[date(2026, 3, 1)]
    assert {c.kind for c in together[date(2026, 6, 1)]} == {"RENT", "TURNOVER_RENT"}


def test_turnover_rent_waits_for_the_report_and_then_is_charged(park) -> None:
    clauses = [
        ClauseRow("RENT", {"price_yuan_per_m2": "60"}),
        ClauseRow("TURNOVER_RENT", {"percent": "5", "breakpoint": "NONE", "months_per_report": 3}),
    ]
    in_force(park, clauses=clauses)
    june = {"park": park, "starts_on": date(2026, 6, 1), "ends_on": date(2026, 7, 1)}
    assert "TURNOVER_RENT" not in {c.kind for c in queries.propose_charges(**june)}
    assert [g.code for g in queries.list_gaps(**june)] == ["leasing.turnover_unknown"]
    row = {"number": "L-1", "starts_on": START, "ends_on": date(2026, 7, 1), "turnover_yuan": Decimal(1_000_000)}
    services.report_turnover(park=park, rows=[row], actor=None, at=AT)
    [charge] = [c for c in queries.propose_charges(**june) if c.kind == "TURNOVER_RENT"]
    assert charge.gross_yuan == Decimal("50000.00")
    assert queries.list_gaps(**june) == []

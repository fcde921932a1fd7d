"""A lease from the draft to the end: two people approve, signing lets the rooms, changes count from their day."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.utils.translation import override

from parkbrain.billing.queries import explain_reasons
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
    [gap] = queries.list_gaps(**june)
    with override("en"):
        [said] = explain_reasons(steps=[gap.as_json()])
    assert gap.code == "leasing.waits" and "lease L-1: " in said.text
    assert "2026-07-01 is not reported" in said.text and "lease-clauses" in said.url
    row = {"number": "L-1", "starts_on": START, "ends_on": date(2026, 7, 1), "turnover_yuan": Decimal(1_000_000)}
    services.report_turnover(park=park, rows=[row], actor=None, at=AT)
    [charge] = [c for c in queries.propose_charges(**june) if c.kind == "TURNOVER_RENT"]
    assert charge.gross_yuan == Decimal("50000.00")
    assert queries.list_gaps(**june) == []


def billed(park, firm, *lines):
    """A bill of June of lines (lease or None, amount), overdue from 5 June on."""
    from parkbrain.billing.models import Bill, Charge
    from tests.factories import make_run

    run, due = make_run(park=park), date(2026, 6, 5)
    common = {"park": park, "enterprise": firm, "run": run, "month_on": run.month_on, "due_on": due}
    whole = sum(Decimal(amount) for _lease, amount in lines)
    bill = Bill.objects.create(
        **common,
        number="202606-0001",
        issued_on=run.month_on,
        net_yuan=whole,
        tax_yuan=0,
        gross_yuan=whole,
        open_yuan=whole,
    )
    for number, (lease, amount) in enumerate(lines):
        Charge.objects.create(
            **common,
            bill=bill,
            kind="RENT" if lease else "ELECTRICITY",
            source="leasing.leases" if lease else "energy.statements",
            key=f"lease:{lease.pk}:RENT:0:2026-06-01" if lease else f"energy:{number}",
            starts_on=run.month_on,
            ends_on=date(2026, 7, 1),
            net_yuan=Decimal(amount),
            tax_yuan=Decimal(0),
            gross_yuan=Decimal(amount),
        )
    return bill


def late(park):
    rows = queries.propose_charges(park=park, starts_on=date(2026, 6, 1), ends_on=date(2026, 7, 1))
    return {c.key.split(":")[1]: c for c in rows if c.kind == "LATE_FEE"}


def with_late(percent, **more):
    return [
        ClauseRow("RENT", {"price_yuan_per_m2": "60"}),
        ClauseRow("LATE_FEE", {"percent_per_day": percent, **more}),
    ]


def test_a_late_fee_follows_the_lease_whose_lines_are_overdue_not_the_newest(park) -> None:
    firm = make_enterprise()
    old = in_force(park, firm=firm, number="L-1", clauses=with_late("0.05"))
    new = in_force(park, firm=firm, number="L-2", clauses=with_late("0.5"))
    billed(park, firm, (old, "10000"))
    fees = late(park)
    assert set(fees) == {str(old.pk)} and new.pk != old.pk
    # 25 days from 6 June on, 0.05 % a day of 10,000 yuan.
    assert fees[str(old.pk)].net_yuan == Decimal("125.00")


def test_a_bill_of_two_leases_owes_by_the_clause_of_each(park) -> None:
    firm = make_enterprise()
    one = in_force(park, firm=firm, number="L-1", clauses=with_late("0.05"))
    two = in_force(park, firm=firm, number="L-2", clauses=with_late("0.1", starts_on="2026-06-16"))
    billed(park, firm, (one, "6000"), (two, "4000"))
    fees = late(park)
    assert fees[str(one.pk)].net_yuan == Decimal("75.00")  # 25 days x 0.05 % x 6,000
    assert fees[str(two.pk)].net_yuan == Decimal("60.00")  # from 16 June on: 15 days x 0.1 % x 4,000
    assert "leasing.late_part" in {r.code for r in fees[str(two.pk)].reasons}


def test_electricity_on_a_bill_goes_with_the_lease_of_the_bill(park) -> None:
    firm = make_enterprise()
    one = in_force(park, firm=firm, number="L-1", clauses=with_late("0.05"))
    in_force(park, firm=firm, number="L-2", start=date(2026, 5, 1), clauses=with_late("0.5"))
    billed(park, firm, (one, "6000"), (None, "4000"))
    assert {k: c.net_yuan for k, c in late(park).items()} == {str(one.pk): Decimal("125.00")}


def test_a_lease_past_its_term_ends_by_itself_once_it_is_handed_over(park) -> None:
    lease = in_force(park)
    assert services.close_leases(on=END, at=AT) == 0, "the firm is still in: a person has to decide"
    Occupancy.objects.update(ends_on=date(2029, 4, 10))
    assert services.close_leases(on=date(2029, 4, 9), at=AT) == 0
    assert services.close_leases(on=date(2029, 4, 10), at=AT) == 1
    lease.refresh_from_db()
    assert lease.state == Lease.State.ENDED
    assert AuditEvent.objects.filter(code="leasing.lease.closed", target_id=str(lease.pk)).count() == 1
    assert services.close_leases(on=date(2029, 4, 11), at=AT) == 0


def test_a_lease_past_its_term_ends_by_itself_where_its_renewal_runs(park) -> None:
    lease = in_force(park)
    renewal = services.renew_lease(lease=lease, number="L-1R", ends_on=date(2032, 4, 1), actor=None, at=AT)
    services.submit_version(version=renewal.versions.get(), actor=None, at=AT)
    services.sign_lease(lease=renewal, signed_on=START, actor=None, at=AT)
    assert services.close_leases(on=END, at=AT) == 1
    renewal.refresh_from_db()
    assert renewal.state == Lease.State.SIGNED and Occupancy.objects.get().ends_on is None


def test_a_change_is_told_value_by_value(park) -> None:
    lease = in_force(park, clauses=[*with_late("0.05"), ClauseRow("RISE", {"percent": "5"})])
    version = services.draft_change(lease=lease, effective_on=date(2027, 4, 1), reason="less", actor=None, at=AT)
    rent = version.clauses.get(kind="RENT")
    services.put_clause(
        version=version, kind="RENT", values={"price_yuan_per_m2": "50"}, clause=rent, actor=None, at=AT
    )
    services.drop_clause(clause=version.clauses.get(kind="RISE"), actor=None, at=AT)
    services.put_clause(version=version, kind="TAX", values={"rate_percent": "9"}, actor=None, at=AT)
    services.change_draft(version=version, terms={"months_per_bill": 3}, actor=None, at=AT)
    before, after = queries.list_versions(lease=lease)
    with override("en"):
        change = queries.compare_versions(version=after, before=before)
    said = {c.row.kind: [(x.label, x.old, x.new) for x in c.changes] for c in change.clauses}
    assert said == {"RENT": [("Price (yuan/m²)", "60", "50")], "LATE_FEE": [], "TAX": []}
    assert [c.row.kind for c in change.clauses if c.is_new] == ["TAX"]
    assert len(change.gone) == 1 and "5 %" in change.gone[0]
    assert [(x.old, x.new) for x in change.terms] == [("1", "3")]


def test_the_first_version_of_a_lease_is_all_as_it_was(park) -> None:
    [first] = queries.list_versions(lease=in_force(park))
    change = queries.compare_versions(version=first, before=None)
    assert not any(c.is_new or c.changes for c in change.clauses) and not change.terms


def promised(park, room, *, start=date(2026, 6, 1), months=12):
    from tests.factories import make_lead, make_quote

    lead = make_lead(park=park, stage="NEGOTIATING")
    quote = make_quote(lead=lead, premises=[room], starts_on=start, term_months=months)
    type(quote).objects.filter(pk=quote.pk).update(state="ACCEPTED")
    return lead


def test_premises_of_an_accepted_quote_are_leased_to_nobody_else_in_its_days(park) -> None:
    room = make_premises(park=park)
    lead = promised(park, room)
    with pytest.raises(services.CannotTakeReserved) as caught:
        draft(park, room=room)
    assert room.code in str(caught.value) and str(lead) in str(caught.value) and "2027-06-01" in str(caught.value)
    assert not Lease.objects.exists()
    # Before and after the promised days the premises are free.
    draft(park, room=room, start=date(2026, 1, 1), end=date(2026, 6, 1))
    draft(park, room=room, number="L-2", start=date(2027, 6, 1), end=date(2028, 6, 1))


def test_a_draft_written_before_a_quote_was_accepted_is_not_approved(park) -> None:
    room = make_premises(park=park)
    lease = draft(park, room=room)
    promised(park, room)
    with pytest.raises(services.CannotTakeReserved):
        services.submit_version(version=lease.versions.get(), actor=None, at=AT)
    assert lease.versions.get().state == LeaseVersion.State.DRAFT


def test_the_firm_of_the_quote_itself_is_leased_what_it_accepted(park) -> None:
    room, firm = make_premises(park=park), make_enterprise()
    lead = promised(park, room)
    type(lead).objects.filter(pk=lead.pk).update(enterprise=firm)
    assert in_force(park, room=room, firm=firm).state == Lease.State.ACTIVE

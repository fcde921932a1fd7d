"""What may be declared, by whom, and what counts at a cut-off date."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import translation

from parkbrain.assessment import queries, services
from parkbrain.assessment.models import Declaration, Rating
from parkbrain.calc.intervals import months_before
from parkbrain.kernel import audit
from parkbrain.kernel.models import AuditEvent, Park
from parkbrain.kernel.roles import Role
from tests.assessment.factories import make_declaration, make_verification
from tests.factories import AT, ON, make_park, make_premises, make_user

pytestmark = pytest.mark.django_db


def value_of(park: Park, key: str, on: date = ON) -> tuple[float | None, str]:
    """Return the value that counts at the cut-off, and its standing."""
    line = next(line for line in queries.list_facts(park=park, cut_off_on=on) if line.fact.key == key)
    return line.value, line.standing


def declare(park: Park, key: str, value: float, role: str = Role.OPERATOR, on: date = ON) -> Declaration:
    actor = make_user(role, park.branch)
    return services.declare_fact(park=park, fact_key=key, value=value, cut_off_on=on, actor=actor, at=AT)


def test_a_declared_fact_counts_and_leaves_an_event() -> None:
    park = make_park()
    declaration = declare(park, "satisfaction_score", 86)
    assert value_of(park, "satisfaction_score") == (86.0, "d")
    event = AuditEvent.objects.get(code="assessment.fact.declared")
    assert (event.park, event.target_id, event.details["new"]) == (park, str(declaration.pk), 86)


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("en", "Area under green cover was declared as 5,553 m²"), ("zh-hans", "绿化覆盖面积 申报为 5,553 m²")],
)
def test_the_audit_trail_names_the_fact_and_its_unit_in_the_readers_language(language: str, sentence: str) -> None:
    declare(make_park(), "green_cover_m2", 5553)
    event = AuditEvent.objects.get(code="assessment.fact.declared")
    with translation.override(language):
        assert audit.sentence(event) == sentence


def test_the_audit_trail_says_yes_and_no_where_the_fact_is_one() -> None:
    declare(make_park(), "planning_positioning_study", 1)
    with translation.override("en"):
        assert audit.sentence(AuditEvent.objects.get(code="assessment.fact.declared")).endswith("was declared as yes")


def test_declaring_brings_the_current_rating_up_to_date() -> None:
    park = make_park()
    declare(park, "satisfaction_score", 100, on=date(2026, 6, 30))
    assert Rating.objects.get(park=park, scheme_id=queries.MAIN_SCHEME).total_proven == pytest.approx(3.0)


def test_declaring_the_same_again_changes_nothing() -> None:
    park = make_park()
    declare(park, "satisfaction_score", 86)
    declare(park, "satisfaction_score", 86)
    assert AuditEvent.objects.filter(code="assessment.fact.declared").count() == 1


@pytest.mark.parametrize(
    ("key", "value", "word"),
    [
        ("satisfaction_score", 140.0, "more than"),
        ("satisfaction_score", -3.0, "less than"),
        ("tenants_active", 12.5, "whole numbers"),
        ("no_such_fact", 1.0, "no_such_fact"),
        ("satisfaction_score", float("nan"), "number"),
    ],
)
def test_an_impossible_value_is_refused_with_the_reason(key: str, value: float, word: str) -> None:
    with translation.override("en"), pytest.raises(services.CannotDeclareFact, match=word):
        declare(make_park(), key, value)
    assert not Declaration.objects.exists()


def test_a_part_larger_than_its_whole_is_refused_with_both_numbers() -> None:
    park = make_park()
    declare(park, "leasable_area_m2", 10_000)
    with pytest.raises(services.CannotDeclareFact) as refusal:
        declare(park, "leased_area_m2", 12_500)
    assert "12,500" in str(refusal.value)
    assert "10,000" in str(refusal.value)


def test_a_whole_smaller_than_its_known_part_is_refused_with_both_numbers() -> None:
    park = make_park()
    declare(park, "leasable_area_m2", 10_000)
    declare(park, "leased_area_m2", 9_000)
    with pytest.raises(services.CannotDeclareFact) as refusal:
        declare(park, "leasable_area_m2", 8_000)
    assert "9,000" in str(refusal.value)
    assert "8,000" in str(refusal.value)


def test_of_several_facts_all_are_declared_or_none() -> None:
    park = make_park()
    entries = [services.FactEntry("satisfaction_score", 90), services.FactEntry("tenants_active", -1)]
    with pytest.raises(services.CannotDeclareFact):
        services.declare_facts(
            park=park, entries=entries, cut_off_on=ON, actor=make_user(Role.OPERATOR, park.branch), at=AT
        )
    assert not Declaration.objects.exists()


@pytest.mark.parametrize("role", [Role.ASSESSOR, Role.BUREAU, Role.SERVICE_PROVIDER, None])
def test_who_does_not_operate_the_park_cannot_declare(role: str | None) -> None:
    with pytest.raises(services.CannotDeclareFact):
        declare(make_park(), "satisfaction_score", 86, role=role)


def test_another_parks_operator_cannot_declare() -> None:
    park, other = make_park(), make_park()
    with pytest.raises(services.CannotDeclareFact):
        services.declare_fact(
            park=park,
            fact_key="satisfaction_score",
            value=86,
            cut_off_on=ON,
            actor=make_user(Role.OPERATOR, other.branch),
            at=AT,
        )


def test_a_withdrawn_fact_is_unknown_again() -> None:
    park = make_park()
    declaration = declare(park, "satisfaction_score", 86)
    services.withdraw_declaration(declaration=declaration, actor=make_user(Role.OPERATOR, park.branch), at=AT)
    assert value_of(park, "satisfaction_score") == (None, "")
    assert AuditEvent.objects.filter(code="assessment.fact.withdrawn", park=park).exists()


# --- What counts at a cut-off -----------------------------------------------------------------------------------------


def test_an_expired_declaration_does_not_count() -> None:
    park = make_park()
    make_declaration(park=park, fact_key="satisfaction_score", value=86, cut_off_on=months_before(ON, 13))
    assert value_of(park, "satisfaction_score") == (None, "")


def test_a_declaration_from_after_the_cut_off_does_not_count() -> None:
    park = make_park()
    make_declaration(park=park, fact_key="satisfaction_score", value=86, cut_off_on=ON + timedelta(days=1))
    assert value_of(park, "satisfaction_score") == (None, "")


def test_the_newest_of_several_periods_counts() -> None:
    park = make_park()
    for months, value in ((0, 91.0), (6, 70.0), (3, 80.0)):
        make_declaration(park=park, fact_key="satisfaction_score", value=value, cut_off_on=months_before(ON, months))
    assert value_of(park, "satisfaction_score") == (91.0, "d")


def test_a_yearly_fact_counts_for_the_last_closed_year_only() -> None:
    park = make_park()
    make_declaration(park=park, fact_key="total_output_wan", value=5_000, cut_off_on=date(2024, 12, 31))
    assert value_of(park, "total_output_wan") == (None, "")
    make_declaration(park=park, fact_key="total_output_wan", value=6_000, cut_off_on=date(2025, 12, 31))
    assert value_of(park, "total_output_wan") == (6_000.0, "d")


def test_computed_beats_declared_and_the_conflict_is_shown() -> None:
    park = make_park()
    make_premises(park=park, area_m2=800)
    make_declaration(park=park, fact_key="leasable_area_m2", value=950)
    assert value_of(park, "leasable_area_m2") == (800.0, "c")
    sheet = queries.get_fact_sheet(park=park, fact_key="leasable_area_m2", cut_off_on=ON)
    assert sheet is not None and sheet.conflicts


def test_verified_beats_computed_and_declared() -> None:
    park = make_park()
    make_premises(park=park, area_m2=800)
    make_declaration(park=park, fact_key="leasable_area_m2", value=950)
    make_verification(park=park, fact_key="leasable_area_m2", value=790)
    assert value_of(park, "leasable_area_m2") == (790.0, "v")


def test_unknown_is_never_zero() -> None:
    park = make_park()
    services.refresh_ratings(park_ids=[park.pk], on=ON, at=AT)
    lines = queries.list_facts(park=park, cut_off_on=ON)
    assert {line.value for line in lines} == {None}
    sheet = queries.get_star_sheet(park=park)
    assert all(row.value is None and row.reachable == 100.0 for row in sheet.rows if row.is_indicator)
    assert sheet.unit.total_reachable == 100.0
    assert {gate.holds for gate in sheet.gates} == {None}


def test_a_fact_that_is_really_zero_stays_zero() -> None:
    park = make_park()
    make_declaration(park=park, fact_key="leased_area_m2", value=0.0)
    assert value_of(park, "leased_area_m2") == (0.0, "d")


# --- Verifying --------------------------------------------------------------------------------------------------------


def verify(park: Park, value: float, *, actor: object = None, reason: str = "") -> None:
    services.verify_fact(
        park=park,
        fact_key="satisfaction_score",
        value=value,
        reason=reason,
        cut_off_on=ON,
        actor=actor or make_user(Role.ASSESSOR, park.branch),  # type: ignore[arg-type]
        at=AT,
    )


def test_an_assessor_verifies_and_the_declared_value_stays_beside_it() -> None:
    park = make_park()
    declare(park, "satisfaction_score", 86)
    verify(park, 81, reason="Ten tenants were asked again.")
    assert value_of(park, "satisfaction_score") == (81.0, "v")
    assert Declaration.objects.get(park=park).value == 86
    assert AuditEvent.objects.filter(code="assessment.fact.verified", park=park).exists()


def test_a_difference_without_a_reason_is_refused() -> None:
    park = make_park()
    declare(park, "satisfaction_score", 86)
    with pytest.raises(services.CannotVerifyFact):
        verify(park, 81)


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.BUREAU, Role.ADMINISTRATOR])
def test_only_assessors_verify(role: str) -> None:
    park = make_park()
    with pytest.raises(services.CannotVerifyFact):
        verify(park, 81, actor=make_user(role, park.branch))


def test_whoever_declared_in_a_park_cannot_verify_there_even_when_another_declared_over_it() -> None:
    from parkbrain.kernel.models import Membership

    park = make_park()
    operator = make_user(Role.OPERATOR, park.branch)
    services.declare_fact(park=park, fact_key="satisfaction_score", value=86, cut_off_on=ON, actor=operator, at=AT)
    declare(park, "satisfaction_score", 88)
    Membership.objects.create(user=operator, branch=park.branch, role=Role.ASSESSOR)
    operator = type(operator).objects.get(pk=operator.pk)
    with pytest.raises(services.CannotVerifyFact):
        verify(park, 88, actor=operator)


# --- A city's own tables ----------------------------------------------------------------------------------------------


def test_facts_in_bulk_are_declared_with_one_event() -> None:
    parks = [make_park() for _ in range(3)]
    rows = [(park.pk, "satisfaction_score", ON, ON + timedelta(days=1), 80.0 + i, "") for i, park in enumerate(parks)]
    assert services.declare_facts_bulk(rows=rows, actor=None, at=AT) == 3
    assert [value_of(park, "satisfaction_score")[0] for park in parks] == [80.0, 81.0, 82.0]
    assert AuditEvent.objects.filter(code="assessment.facts.loaded").count() == 1


def test_facts_in_bulk_are_refused_as_a_whole_where_one_is_impossible() -> None:
    park = make_park()
    rows = [
        (park.pk, "satisfaction_score", ON, ON + timedelta(days=1), 80.0, ""),
        (park.pk, "tenants_active", ON, ON + timedelta(days=1), -1.0, ""),
    ]
    with pytest.raises(services.CannotDeclareFact):
        services.declare_facts_bulk(rows=rows, actor=None, at=AT)
    assert not Declaration.objects.exists()


def test_facts_in_bulk_taken_twice_replace_what_they_said_before() -> None:
    park = make_park()
    for value in (80.0, 90.0):
        rows = [(park.pk, "satisfaction_score", ON, ON + timedelta(days=1), value, "")]
        services.declare_facts_bulk(rows=rows, actor=None, at=AT)
    assert value_of(park, "satisfaction_score") == (90.0, "d")
    assert Declaration.objects.count() == 1


def test_another_parks_operator_cannot_declare_in_bulk() -> None:
    park, other = make_park(), make_park()
    rows = [(park.pk, "satisfaction_score", ON, ON + timedelta(days=1), 80.0, "")]
    with pytest.raises(services.CannotDeclareFact):
        services.declare_facts_bulk(rows=rows, actor=make_user(Role.OPERATOR, other.branch), at=AT)

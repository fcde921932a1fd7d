"""Classes of a park's firms: figures from the record, one run that counts, the list of low-efficiency space."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from parkbrain.enterprises.models import Enterprise
from parkbrain.kernel.models import AuditEvent, Park, User
from parkbrain.kernel.roles import Role
from parkbrain.lifecycle.models import Commitment, EfficiencyMark, EfficiencyRun, LowEfficiencySpace
from parkbrain.lifecycle.queries import findings, land
from parkbrain.lifecycle.services import efficiency as services
from tests.factories import (
    AT,
    ON,
    make_enterprise,
    make_occupancy,
    make_park,
    make_premises,
    make_return,
    make_tenant_user,
    make_user,
)

pytestmark = pytest.mark.django_db
YEAR = ON.year - 1
SCHEME = "anhui_span"


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def a_park(firms: int = 20, *, year: int = YEAR) -> tuple[Park, User, list[Enterprise]]:
    """Return a park of firms of 100 m² each that pay 1, 2, 3 … wan of tax in a year."""
    park = make_park(land_area_m2=10_000.0, gross_floor_area_m2=20_000.0, leading_industries=["34"])
    made = []
    for number in range(1, firms + 1):
        firm = make_enterprise()
        make_occupancy(premises=make_premises(park=park, area_m2=100.0), enterprise=firm, starts_on=date(2020, 1, 1))
        make_return(enterprise=firm, year=year, tax_wan=number, revenue_wan=100 * number, output_wan=100 * number)
        made.append(firm)
    return park, make_user(Role.OPERATOR, park.branch), made


def classify(park: Park, actor: User, year: int = YEAR) -> EfficiencyRun:
    return services.classify_firms(park=park, year=year, scheme_key=SCHEME, actor=actor, at=AT)


def test_firms_are_classed_from_their_returns_and_their_share_of_the_land() -> None:
    park, actor, firms = a_park()
    run = classify(park, actor)
    best = run.results.get(enterprise=firms[-1])
    # 100 of 20,000 m² of floor are 50 of 10,000 m² of land: 0.075 mu.
    assert best.land_mu == pytest.approx(0.075)
    assert best.measures["tax_per_mu"] == pytest.approx(20 / 0.075)
    assert best.measures["tax_per_m2"] == pytest.approx(2000)
    assert (best.klass, best.rank, best.ranked) == ("A", 1, 20)
    assert run.results.get(enterprise=firms[0]).klass == "D"
    assert [run.results.filter(klass=k).count() for k in "ABCD"] == [5, 9, 5, 1]
    event = AuditEvent.objects.get(code="lifecycle.efficiency.classified")
    assert event.details["firms"] == 20


def test_the_same_figures_under_the_same_scheme_are_the_same_run() -> None:
    park, actor, firms = a_park(4)
    first = classify(park, actor)
    assert classify(park, actor) == first
    firms[0].returns.update(tax_wan=Decimal(90))
    second = classify(park, actor)
    assert second != first
    assert land.counting_run(park=park, year=YEAR) == second
    changed = land.compare_runs(run=second, other=first)[firms[0].pk]
    assert (changed.before, changed.now) == ("C", "A")


def test_a_firm_without_figures_has_no_class_and_never_a_zero() -> None:
    park, actor, firms = a_park(5)
    firms[2].returns.all().delete()
    result = classify(park, actor).results.get(enterprise=firms[2])
    assert (result.klass, result.score, result.measures["tax_per_mu"], result.why) == ("", None, None, "unknown")


def test_a_firm_that_came_within_the_year_counts_as_b() -> None:
    park, actor, _firms = a_park(5)
    late = make_enterprise()
    make_occupancy(premises=make_premises(park=park), enterprise=late, starts_on=date(YEAR, 3, 1))
    result = classify(park, actor).results.get(enterprise=late)
    assert (result.klass, result.why, result.rank) == ("B", "new", None)


def test_a_mark_of_safety_is_d_at_once_and_needs_what_shows_it() -> None:
    park, actor, firms = a_park(5)
    kind = EfficiencyMark.Kind.SAFETY
    with pytest.raises(services.CannotClassify, match="shows it"):
        services.mark_firm(park=park, enterprise=firms[-1], year=YEAR, kind=kind, note=" ", actor=actor, at=AT)
    services.mark_firm(park=park, enterprise=firms[-1], year=YEAR, kind=kind, note="罚单 2025-11", actor=actor, at=AT)
    assert classify(park, actor).results.get(enterprise=firms[-1]).klass == "D"


def test_locking_lists_the_space_of_d_firms_and_nothing_of_the_year_changes_after_it() -> None:
    park, actor, firms = a_park()
    run = services.lock_run(run=classify(park, actor), actor=actor, at=AT)
    listed = LowEfficiencySpace.objects.get()
    assert (listed.enterprise, listed.area_m2, listed.listed_on) == (firms[0], 100.0, ON)
    for change in (
        lambda: classify(park, actor),
        lambda: services.lock_run(run=run, actor=actor, at=AT),
        lambda: services.mark_firm(
            park=park, enterprise=firms[1], year=YEAR, kind="SAFETY", note="x", actor=actor, at=AT
        ),
    ):
        with pytest.raises(services.CannotClassify, match="locked"):
            change()


def test_a_firm_that_became_better_leaves_the_list() -> None:
    park, actor, firms = a_park(year=YEAR - 1)
    services.lock_run(run=classify(park, actor, YEAR - 1), actor=actor, at=AT)
    for number, firm in enumerate(firms):
        make_return(enterprise=firm, year=YEAR, tax_wan=50 - number)
    services.lock_run(run=classify(park, actor, YEAR), actor=actor, at=AT)
    assert LowEfficiencySpace.objects.get(enterprise=firms[0]).disposal == "UPGRADED"
    assert LowEfficiencySpace.objects.get(disposed_on=None).enterprise == firms[-1]


def test_disposal_is_said_once_with_what_shows_it() -> None:
    park, actor, _firms = a_park()
    services.lock_run(run=classify(park, actor), actor=actor, at=AT)
    space = LowEfficiencySpace.objects.get()
    told = {"space": space, "disposal": "RELET", "actor": actor, "at": AT}
    with pytest.raises(services.CannotClassify, match="shows it"):
        services.dispose_space(**told, disposed_on=ON, note="")
    with pytest.raises(services.CannotClassify, match="between"):
        services.dispose_space(**told, disposed_on=date(2020, 1, 1), note="x")
    services.dispose_space(**told, disposed_on=ON, note="新租约 XT-9")
    with pytest.raises(services.CannotClassify, match="already"):
        services.dispose_space(**told, disposed_on=ON, note="x")


def test_a_year_that_is_not_over_and_an_unknown_scheme_are_refused() -> None:
    park, actor, _firms = a_park(2)
    with pytest.raises(services.CannotClassify, match="not over"):
        classify(park, actor, ON.year)
    with pytest.raises(services.CannotClassify, match="no scheme"):
        services.classify_firms(park=park, year=YEAR, scheme_key="nobody", actor=actor, at=AT)
    with pytest.raises(services.CannotClassify, match="Nobody"):
        classify(make_park(), None, YEAR)  # type: ignore[arg-type]


@pytest.mark.parametrize("role", [Role.BUREAU, Role.ASSESSOR])
def test_those_who_only_look_cannot_class(role: str) -> None:
    park, _actor, _firms = a_park(2)
    with pytest.raises(services.CannotClassify, match="may not"):
        classify(park, make_user(role, park.branch))
    assert not EfficiencyRun.objects.exists()


def test_another_operators_person_cannot_class_and_sees_nothing(client: Client) -> None:
    park, actor, _firms = a_park(2)
    run = classify(park, actor)
    stranger = make_user(Role.OPERATOR)
    with pytest.raises(services.CannotClassify, match="may not"):
        services.lock_run(run=run, actor=stranger, at=AT)
    client.force_login(stranger)
    assert client.get(reverse("park_efficiency", args=[park.pk])).status_code == 404
    assert client.get(reverse("firm_efficiency", args=[run.results.first().pk])).status_code == 404
    assert client.post(reverse("efficiency_lock", args=[run.pk])).status_code == 404


def test_a_tenant_sees_its_own_class_only_once_it_is_shown(client: Client) -> None:
    park, actor, firms = a_park(3)
    run = classify(park, actor)
    own, other = (run.results.get(enterprise=firms[n]) for n in (0, 1))
    client.force_login(make_tenant_user(firms[0], park))
    assert client.get(reverse("firm_efficiency", args=[own.pk])).status_code == 404
    services.share_run(run=run, is_shared=True, actor=actor, at=AT)
    assert client.get(reverse("firm_efficiency", args=[own.pk])).status_code == 200
    assert client.get(reverse("firm_efficiency", args=[other.pk])).status_code == 404
    assert client.get(reverse("park_efficiency", args=[park.pk])).status_code == 404


def test_the_page_classes_a_year_and_one_firms_page_shows_the_numbers_put_in(client: Client) -> None:
    park, actor, firms = a_park()
    client.force_login(actor)
    url = reverse("park_efficiency", args=[park.pk])
    assert "No year is classed yet" in client.get(url).content.decode()
    wrong = client.post(url, {"year": 1999, "scheme": SCHEME})
    assert wrong.status_code == 422
    year = timezone.localdate().year - 1
    for firm in firms:
        if year != YEAR:
            make_return(enterprise=firm, year=year, tax_wan=3, revenue_wan=90)
    done = client.post(url, {"year": year, "scheme": SCHEME}, follow=True)
    assert done.status_code == 200
    run = EfficiencyRun.objects.get()
    page = client.get(reverse("firm_efficiency", args=[run.results.get(enterprise=firms[-1]).pk])).content.decode()
    assert "÷ 0.075" in page
    assert "of land" in page


def test_firms_are_advised_to_leave_to_move_or_to_be_helped_with_reasons() -> None:
    park, actor, firms = a_park()
    for number, firm in enumerate(firms, 1):
        make_return(enterprise=firm, year=YEAR - 1, tax_wan=number)
    services.lock_run(run=classify(park, actor, YEAR - 1), actor=actor, at=AT)
    services.lock_run(run=classify(park, actor, YEAR), actor=actor, at=AT)
    Enterprise.objects.filter(pk=firms[1].pk).update(industry_code="5411")
    found = findings.list_findings(park=park, on=ON)
    advice = {a.enterprise_id: a for a in findings.advise(findings=found)}
    assert advice[firms[0].pk].advice == findings.LEAVE
    assert f"Class D in {YEAR - 1} and in {YEAR}." in advice[firms[0].pk].reasons
    assert advice[firms[1].pk].advice == findings.MOVE
    assert advice[firms[2].pk].advice == findings.HELP
    assert firms[-1].pk not in advice
    # Nothing is promised and nothing was billed: that is said, not passed over.
    assert set(found.unchecked) == {"ARREARS", "COMMITMENT"}


def test_half_of_a_commitment_missed_in_two_years_is_found_and_one_year_is_not() -> None:
    park, actor, firms = a_park(3)
    for year in (YEAR - 1, YEAR):
        for firm in firms[:2]:
            Commitment.objects.create(park=park, enterprise=firm, year=year, output_wan=1000)
    make_return(enterprise=firms[0], year=YEAR - 1, output_wan=300)
    make_return(enterprise=firms[1], year=YEAR - 1, output_wan=900)
    found = findings.list_findings(park=park, on=ON).found
    assert [f.sentence for f in found[firms[0].pk]] == [
        f"output was 30 % of the commitment in {YEAR - 1} and 10 % in {YEAR}."
    ]
    assert firms[1].pk not in found


def test_an_installations_own_scheme_is_offered_and_a_broken_file_is_named(settings, tmp_path: Path) -> None:
    settings.HOME_DIR = tmp_path
    folder = tmp_path / "land_efficiency"
    folder.mkdir()
    shipped = land.shipped.path(land.FILE).read_text(encoding="utf-8")
    (folder / "own.yaml").write_text(shipped.replace("huangyan_2022", "our_county"), encoding="utf-8")
    (folder / "broken.yaml").write_text("schema: parkbrain.land_efficiency/1\nschemes: []\n", encoding="utf-8")
    entries, problems = land.list_schemes()
    assert "our_county" in {e.key for e in entries}
    assert len(problems) == 1
    assert problems[0].startswith("broken.yaml cannot be used")

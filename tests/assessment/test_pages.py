"""Pages: from the star down to the rows, and who may see and do what."""

from __future__ import annotations

import re
from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from parkbrain.assessment import queries, services
from parkbrain.assessment.models import Declaration, Rating
from parkbrain.kernel import registry
from parkbrain.kernel.documents import store_document
from parkbrain.kernel.models import Document, Park, User
from parkbrain.kernel.roles import Role
from parkbrain.ui.assets import DIST
from tests.assessment.factories import declare_scheme
from tests.factories import (
    make_enterprise,
    make_occupancy,
    make_park,
    make_premises,
    make_tenant_user,
    make_user,
)

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not (DIST / "manifest.json").is_file(), reason="the front end is not built: make setup"),
]

SCHEME = queries.MAIN_SCHEME


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def park() -> Park:
    """Return a park that is rated as of today, one indicator unknown, one in part, one not applicable."""
    park = make_park()
    today = timezone.localdate()
    left_out = ("leads_signed_12m", "planning_zoning_plan")
    # No move-out in the period: A5.3 does not apply.
    none_left = {"moveouts_12m": 0.0, "moveouts_compliant_12m": 0.0}
    declare_scheme(park=park, without=left_out, changed=none_left, on=today, at=timezone.now())
    return park


@pytest.fixture
def operator(park: Park) -> Client:
    return signed_in(make_user(Role.OPERATOR, park.branch))


def freeze(park: Park, title: str = "Half-year") -> Rating:
    actor = make_user(Role.ASSESSOR, park.branch)
    now = timezone.now()
    return services.freeze_rating(
        park=park, scheme_id=SCHEME, cut_off_on=timezone.localdate(), title=title, actor=actor, at=now
    )


def addresses(park: Park) -> list[str]:
    frozen = freeze(park)
    return [
        reverse("stars", args=[park.pk]),
        reverse("indicator_detail", args=[park.pk, SCHEME, "A"]),
        reverse("indicator_detail", args=[park.pk, SCHEME, "A1.2"]),
        reverse("fact_list", args=[park.pk]),
        reverse("fact_detail", args=[park.pk, "leased_area_m2"]),
        reverse("rating_list", args=[park.pk]),
        reverse("rating_detail", args=[frozen.pk]),
        reverse("rating_pdf", args=[frozen.pk]),
        reverse("rating_xlsx", args=[frozen.pk]),
        reverse("stars_pdf", args=[park.pk]),
        reverse("stars_xlsx", args=[park.pk]),
    ]


def test_every_page_opens_for_those_who_may_see_ratings(park: Park) -> None:
    for role in (Role.OPERATOR, Role.ASSESSOR, Role.BUREAU, Role.ADMINISTRATOR):
        client = signed_in(make_user(role, park.branch))
        assert {client.get(url).status_code for url in addresses(park)} == {200}


def test_another_parks_people_find_nothing(park: Park) -> None:
    stranger = signed_in(make_user(Role.OPERATOR, make_park().branch))
    assert {stranger.get(url).status_code for url in addresses(park)} == {404}


def test_tenants_and_service_providers_see_no_facts(park: Park) -> None:
    enterprise = make_enterprise()
    make_occupancy(premises=make_premises(park=park), enterprise=enterprise)
    for user in (make_tenant_user(enterprise, park), make_user(Role.SERVICE_PROVIDER, park.branch)):
        assert {signed_in(user).get(url).status_code for url in addresses(park)} == {404}


def test_who_is_not_signed_in_is_sent_to_sign_in(park: Park) -> None:
    assert {Client().get(url).status_code for url in addresses(park)} == {302}


def test_the_star_page_says_star_points_and_what_is_unknown(park: Park, operator: Client) -> None:
    page = operator.get(reverse("stars", args=[park.pk])).content.decode()
    sheet = queries.get_star_sheet(park=park)
    assert f"{sheet.unit.total_proven:g}" in page
    assert reverse("fact_detail", args=[park.pk, "leads_signed_12m"]) in page
    assert "not assessed" in page and "in part" in page and "not applicable" in page
    for one in sheet.scheme.indicators:
        assert reverse("indicator_detail", args=[park.pk, SCHEME, one.id]) in page


def test_the_star_page_counts_what_its_indicators_rest_on(park: Park, operator: Client) -> None:
    sheet = queries.get_star_sheet(park=park)
    origins, scheme = sheet.origins, sheet.scheme
    rows = [row for row in sheet.rows if row.is_indicator]
    aside = sum(row.state == "not_applicable" for row in rows)
    together = origins.computed + origins.verified + origins.declared + origins.unknown
    assert (origins.indicators, together) == (63, 63 - aside)
    known = set(registry.facts.keys())
    assert origins.computable == sum(one.facts <= known for one in scheme.indicators)
    assert 10 < origins.computable < 63
    page = operator.get(reverse("stars", args=[park.pk])).content.decode()
    assert f"Of 63 indicators {origins.computed} are computed from rows" in page


def test_every_scored_indicator_opens_down_to_a_row_or_a_statement(park: Park, operator: Client) -> None:
    """Provenance, whole: star, dimension, indicator, formula with numbers, fact, and what stands behind the fact."""
    make_premises(park=park, area_m2=800)
    services.refresh_ratings(park_ids=[park.pk], on=timezone.localdate(), at=timezone.now())
    sheet = queries.get_star_sheet(park=park)
    scored = [row for row in sheet.rows if row.is_indicator and row.state == "scored"]
    assert len(scored) > 40
    for row in scored:
        page = operator.get(reverse("indicator_detail", args=[park.pk, SCHEME, row.id]))
        assert page.status_code == 200
        one = sheet.scheme.indicator(row.id)
        for key in one.facts:
            assert reverse("fact_detail", args=[park.pk, key]) in page.content.decode(), (row.id, key)
        for key in one.facts & set(sheet.inputs):
            fact = queries.get_fact_sheet(park=park, fact_key=key, cut_off_on=timezone.localdate())
            assert fact is not None
            assert fact.rows or fact.declarations or fact.verifications, key


def test_a_computed_fact_shows_the_rows_and_they_add_up(park: Park, operator: Client) -> None:
    premises = [make_premises(park=park, area_m2=area) for area in (300.0, 500.0)]
    page = operator.get(reverse("fact_detail", args=[park.pk, "leasable_area_m2"])).content.decode()
    for one in premises:
        assert reverse("premises_detail", args=[one.pk]) in page
    sheet = queries.get_fact_sheet(park=park, fact_key="leasable_area_m2", cut_off_on=timezone.localdate())
    assert sheet is not None
    assert sum(row.value or 0 for row in sheet.rows) == sheet.value == 800.0


def test_an_operator_declares_in_place_with_a_file(park: Park, operator: Client) -> None:
    url = reverse("fact_detail", args=[park.pk, "leads_signed_12m"])
    file = SimpleUploadedFile("crm.csv", b"lead,signed\n1,yes\n")
    answer = operator.post(url, {"value": "40", "note": "from the CRM", "evidence": file})
    assert answer.status_code == 302
    declaration = Declaration.objects.get(park=park, fact_key="leads_signed_12m")
    assert (declaration.value, declaration.evidence.name) == (40.0, "crm.csv")  # type: ignore[union-attr]
    assert "crm.csv" in operator.get(url).content.decode()


@pytest.mark.parametrize("value", ["", "many", "-4", "2.5"])
def test_a_refused_value_comes_back_in_the_form_with_the_reason(park: Park, operator: Client, value: str) -> None:
    url = reverse("fact_detail", args=[park.pk, "leads_signed_12m"])
    answer = operator.post(url, {"value": value, "note": "kept"})
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    assert "kept" in answer.content.decode()
    assert not Declaration.objects.filter(park=park, fact_key="leads_signed_12m").exists()


def test_a_refused_value_leaves_no_file_behind(park: Park, operator: Client) -> None:
    url = reverse("fact_detail", args=[park.pk, "leads_signed_12m"])
    operator.post(url, {"value": "-4", "evidence": SimpleUploadedFile("crm.csv", b"x")})
    assert not Document.objects.filter(park=park).exists()


def test_a_bureau_cannot_declare(park: Park) -> None:
    bureau = signed_in(make_user(Role.BUREAU, park.branch))
    url = reverse("fact_detail", args=[park.pk, "leads_signed_12m"])
    assert bureau.post(url, {"value": "40"}).status_code == 403
    assert '<form method="post" enctype' not in bureau.get(url).content.decode()


def test_an_assessor_verifies_in_place(park: Park) -> None:
    assessor = signed_in(make_user(Role.ASSESSOR, park.branch))
    url = reverse("fact_detail", args=[park.pk, "satisfaction_score"])
    assert assessor.post(url, {"value": "70", "note": ""}).status_code == 422
    assert assessor.post(url, {"value": "70", "note": "Ten tenants were asked again."}).status_code == 302
    sheet = queries.get_fact_sheet(park=park, fact_key="satisfaction_score", cut_off_on=timezone.localdate())
    assert sheet is not None and (sheet.value, sheet.standing) == (70.0, "v")


def test_an_unknown_fact_or_indicator_is_not_found(park: Park, operator: Client) -> None:
    assert operator.get(reverse("fact_detail", args=[park.pk, "no_such_fact"])).status_code == 404
    assert operator.get(reverse("indicator_detail", args=[park.pk, SCHEME, "Z9"])).status_code == 404
    assert operator.get(reverse("indicator_detail", args=[park.pk, "no-scheme", "A1"])).status_code == 404
    assert operator.get(reverse("stars", args=[park.pk]) + "?scheme=no-scheme").status_code == 404


def test_facts_are_filtered_by_standing(park: Park, operator: Client) -> None:
    page = operator.get(reverse("fact_list", args=[park.pk]) + "?standing=u").content.decode()
    assert reverse("fact_detail", args=[park.pk, "leads_signed_12m"]) in page
    assert reverse("fact_detail", args=[park.pk, "leads_qualified_12m"]) not in page


def test_the_files_of_a_star_page_open_after_the_rating_was_worked_out_anew(park: Park, operator: Client) -> None:
    page = operator.get(reverse("stars", args=[park.pk])).content.decode()
    links = [unescape(url) for url in re.findall(r'href="([^"]+(?:report\.pdf|workbook\.xlsx)[^"]*)"', page)]
    assert len(links) == 2
    before = Rating.objects.get(park=park, scheme_id=SCHEME, state=Rating.State.CURRENT).pk
    operator.post(reverse("fact_detail", args=[park.pk, "leads_signed_12m"]), {"value": "12"})
    assert Rating.objects.get(park=park, scheme_id=SCHEME, state=Rating.State.CURRENT).pk != before
    files = [operator.get(url) for url in links]
    assert [file.status_code for file in files] == [200, 200]
    assert files[0].content.startswith(b"%PDF") and files[1].content.startswith(b"PK")


def test_the_files_of_a_star_page_are_of_its_day(park: Park, operator: Client) -> None:
    yesterday = timezone.localdate() - timedelta(days=1)
    page = operator.get(reverse("stars", args=[park.pk]) + f"?on={yesterday}").content.decode()
    assert f"report.pdf?scheme={SCHEME}&amp;on={yesterday}" in page
    file = operator.get(reverse("stars_xlsx", args=[park.pk]) + f"?scheme={SCHEME}&on={yesterday}")
    assert f"-{yesterday}.xlsx" in file.headers["Content-Disposition"]
    assert operator.get(reverse("stars_pdf", args=[park.pk]) + "?scheme=no-scheme").status_code == 404


def test_only_who_may_import_is_offered_it_where_nothing_is_rated() -> None:
    lone, offered = make_park(), reverse("import_upload")
    for role, is_offered in ((Role.OPERATOR, True), (Role.BUREAU, False), (Role.ASSESSOR, False)):
        client = signed_in(make_user(role, lone.branch))
        for name in ("stars", "star_certainty", "next_star", "measure_list"):
            page = client.get(reverse(name, args=[lone.pk])).content.decode()
            assert (offered in page.split("<main")[1]) == is_offered, (role, name)


def test_a_rating_is_frozen_from_its_page_and_says_that_its_hash_holds(park: Park, operator: Client) -> None:
    url = reverse("rating_list", args=[park.pk])
    answer = operator.post(url, {"title": "Half-year", "cut_off_on": timezone.localdate().isoformat()})
    row = Rating.objects.get(park=park, state=Rating.State.FROZEN)
    assert answer.headers["Location"] == reverse("rating_detail", args=[row.pk])
    assert row.result_hash in operator.get(answer.headers["Location"]).content.decode()


def test_a_cut_off_ahead_comes_back_with_the_reason(park: Park, operator: Client) -> None:
    ahead = timezone.localdate() + timedelta(days=3)
    answer = operator.post(reverse("rating_list", args=[park.pk]), {"title": "Early", "cut_off_on": ahead.isoformat()})
    assert answer.status_code == 422
    assert "lies ahead" in answer.content.decode()


def test_two_ratings_show_what_moved(park: Park, operator: Client) -> None:
    first = freeze(park, "First")
    url = reverse("fact_detail", args=[park.pk, "leads_signed_12m"])
    operator.post(url, {"value": "12"})
    second = freeze(park, "Second")
    compare = reverse("rating_compare", args=[park.pk])
    page = operator.get(f"{compare}?before={first.pk}&after={second.pk}").content.decode()
    assert url in page
    assert operator.get(compare).status_code == 404
    foreign = make_park()
    declare_scheme(park=foreign, on=timezone.localdate(), at=timezone.now())
    assert operator.get(f"{compare}?before={first.pk}&after={freeze(foreign).pk}").status_code == 404


def test_schemes_show_their_notice_weights_and_file(operator: Client) -> None:
    for scheme in queries.list_schemes():
        page = operator.get(reverse("scheme_detail", args=[scheme.id])).content.decode()
        assert scheme.indicators[-1].id in page
        file = b"".join(operator.get(reverse("scheme_file", args=[scheme.id])).streaming_content)  # type: ignore[attr-defined]
        assert f"id: {scheme.id}".encode() in file
    assert operator.get(reverse("scheme_detail", args=["no-scheme"])).status_code == 404


def test_a_document_opens_within_its_park_only(park: Park, operator: Client) -> None:
    document = store_document(name="plan.pdf", chunks=[b"%PDF"], actor=None, at=timezone.now(), park=park)
    url = reverse("document_download", args=[document.pk])
    assert b"".join(operator.get(url).streaming_content) == b"%PDF"  # type: ignore[attr-defined]
    stranger = signed_in(make_user(Role.OPERATOR, make_park().branch))
    assert stranger.get(url).status_code == 404
    assert signed_in(make_user(Role.SERVICE_PROVIDER, park.branch)).get(url).status_code == 404


def test_pages_take_no_more_queries_than_pinned(park: Park, operator: Client) -> None:
    from tests.query_counts import pinned_queries

    urls: dict[str, str] = {
        "assessment.stars": reverse("stars", args=[park.pk]),
        "assessment.indicator": reverse("indicator_detail", args=[park.pk, SCHEME, "A1.2"]),
        "assessment.facts": reverse("fact_list", args=[park.pk]),
        # No rating is kept of another day: its facts are gathered anew.
        "assessment.facts.another_day": reverse("fact_list", args=[park.pk]) + "?on=2026-03-31",
        "assessment.fact": reverse("fact_detail", args=[park.pk, "leased_area_m2"]),
    }
    for name, url in urls.items():
        operator.get(url)
        with pinned_queries(name):
            operator.get(url)


def test_search_finds_indicators_and_facts_of_the_park(park: Park) -> None:
    user = make_user(Role.OPERATOR, park.branch)
    found: list[Any] = queries.search_assessment(user=user, text="occupancy", limit=10, park=park)
    assert any(re.search(r"/stars/.+/F1\.1/$", hit.url) for hit in found)
    provider = make_user(Role.SERVICE_PROVIDER, park.branch)
    assert queries.search_assessment(user=provider, text="occupancy", limit=10, park=park) == []


def test_the_parks_page_carries_its_star(park: Park) -> None:
    panel = next(one for one in registry.panels_for("space.park") if one.template == "assessment/panel_park.html")

    class Request:
        user = make_user(Role.SERVICE_PROVIDER, park.branch)
        GET = QueryDict()

    assert panel.context(Request(), park) is None  # type: ignore[arg-type]
    frozen = freeze(park)
    shown = panel.context(Request(), park)  # type: ignore[arg-type]
    assert shown is not None and (shown["row"], shown["may_open"]) == (frozen, False)


def test_the_parks_page_of_another_day_carries_the_star_frozen_up_to_it(park: Park) -> None:
    operator = make_user(Role.OPERATOR, park.branch)
    frozen = freeze(park)

    def shown(on: date) -> object:
        panel = queries.get_park_panel(user=operator, park=park, before_on=on.isoformat())
        return panel and panel["row"]

    kept_on = timezone.localdate() - timedelta(days=60)
    Rating.objects.filter(pk=frozen.pk).update(cut_off_on=kept_on)
    current = Rating.objects.get(park=park, scheme_id=frozen.scheme_id, state="CURRENT")
    assert shown(kept_on) == shown(kept_on + timedelta(days=9)) == frozen
    assert shown(kept_on - timedelta(days=1)) is None
    assert shown(current.cut_off_on + timedelta(days=40)) == current


def test_another_day_shows_what_was_known_of_that_day(park: Park, operator: Client) -> None:
    url = reverse("stars", args=[park.pk])
    long_ago = timezone.localdate() - timedelta(days=700)
    before = operator.get(f"{url}?on={long_ago}")
    assert before.status_code == 200
    assert "Nothing is known yet" in before.content.decode()
    yesterday = timezone.localdate() - timedelta(days=1)
    services.declare_fact(
        park=park, fact_key="satisfaction_score", value=66, cut_off_on=yesterday, actor=None, at=timezone.now()
    )
    page = operator.get(
        reverse("indicator_detail", args=[park.pk, SCHEME, "F2.1"]) + f"?on={yesterday}"
    ).content.decode()
    assert "66 " in page or "66 score" in page
    assert f"{reverse('fact_detail', args=[park.pk, 'satisfaction_score'])}?on={yesterday}" in page
    assert operator.get(f"{url}?on=never").status_code == 200
    assert not Rating.objects.filter(park=park).exclude(cut_off_on=timezone.localdate()).exists()


def test_a_fact_is_declared_for_the_day_the_page_shows(park: Park, operator: Client) -> None:
    day = timezone.localdate() - timedelta(days=40)
    url = reverse("fact_detail", args=[park.pk, "leads_signed_12m"]) + f"?on={day}"
    assert operator.post(url, {"value": "12"}).status_code == 302
    assert Declaration.objects.get(park=park, fact_key="leads_signed_12m").ends_on == day + timedelta(days=1)

"""The demo passes the product's own checks: its export is taken in again and changes nothing; every page has data."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from parkbrain.assessment.models import Rating
from parkbrain.enterprises.models import Enterprise
from parkbrain.intake import services as intake
from parkbrain.kernel.models import Document, Park, User
from parkbrain.space.models import Building, Premises
from tests.demo_fixtures import DEMO_ON

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_exported_record_is_taken_in_again_without_a_change(demo_park: Park, tmp_path: Path, language: str) -> None:
    target = tmp_path / "park.xlsx"
    intake.write_export(park=demo_park, target=target, language=language)
    actor = User.objects.get(username="operator")
    summary = intake.import_file(path=target, actor=actor, at=AT, park_code=demo_park.code, dry_run=True)
    assert not summary.problems
    counts = summary.as_dict()
    assert counts["created"] == counts["updated"] == 0 and counts["unchanged"] > 1000, counts


def addresses(park: Park) -> list[str]:
    """Return one address of every page about the living park."""
    kept = Rating.objects.filter(park=park, state="FROZEN").order_by("cut_off_on")
    firm = Enterprise.objects.in_park(park, DEMO_ON)[0]
    return [
        "/",
        reverse("park_list"),
        reverse("park_detail", args=[park.pk]),
        *(reverse("building_detail", args=[b.pk]) for b in Building.objects.filter(site__park=park)),
        reverse("premises_list"),
        reverse("premises_detail", args=[Premises.objects.filter(park=park, occupancies__isnull=False)[0].pk]),
        reverse("enterprise_list"),
        reverse("enterprise_detail", args=[firm.pk]),
        reverse("occupancy_list"),
        reverse("import_list"),
        reverse("import_upload"),
        reverse("stars", args=[park.pk]),
        reverse("stars", args=[park.pk]) + "?scheme=hj274-2015",
        reverse("stars", args=[park.pk]) + "?scheme=green-park-index",
        *(reverse("indicator_detail", args=[park.pk, "five-star-reference", n]) for n in ("A", "A1", "A1.1", "F1.1")),
        reverse("fact_list", args=[park.pk]),
        *(reverse("fact_detail", args=[park.pk, k]) for k in ("tenants_active", "total_kwh", "satisfaction_score")),
        reverse("rating_list", args=[park.pk]),
        *(reverse("rating_detail", args=[r.pk]) for r in kept),
        reverse("scheme_list"),
        reverse("scheme_detail", args=["five-star-reference"]),
        reverse("document_download", args=[Document.objects.filter(park=park)[0].pk]),
        reverse("search") + "?q=T1",
    ]


@pytest.mark.parametrize("language", ["zh-hans", "zh-hant", "en"])
def test_every_page_has_data_in_the_demo(demo_park: Park, language: str) -> None:
    client = Client()
    client.force_login(User.objects.get(username="operator"))
    client.cookies["django_language"] = language
    for address in addresses(demo_park):
        answer = client.get(address)
        assert answer.status_code == 200, address


def test_the_demo_says_on_every_page_that_it_is_fictional(demo_park: Park) -> None:
    client = Client()
    client.force_login(User.objects.get(username="operator"))
    client.cookies["django_language"] = "en"
    for address in ("/", reverse("park_detail", args=[demo_park.pk]), reverse("stars", args=[demo_park.pk])):
        assert "fictional" in client.get(address).content.decode(), address

"""The mapping page works without JavaScript: suggestions with reasons, a wrong mapping comes back with the reason."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from parkbrain.intake.models import Batch, Profile
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.roles import Role
from parkbrain.space.models import Building
from tests.factories import make_user

from .conftest import workbook_bytes

pytestmark = pytest.mark.django_db
ROWS = [["property name", "address line 1", "Baujahr", "gross floor area"], ["East Hall", "1 Main St", 1990, "1,000"]]


@pytest.fixture
def browser(operator: User) -> Client:
    """The operator's browser."""
    client = Client()
    client.force_login(operator)
    return client


@pytest.fixture
def url(browser: Client, park: Park) -> Any:
    """The mapping page of an uploaded list."""
    file = SimpleUploadedFile("list.xlsx", workbook_bytes({"List": ROWS}))
    response = browser.post(reverse("import_upload"), {"file": file, "park": park.pk})
    assert response.url == reverse("import_mapping", args=[Batch.objects.get().pk])
    return response.url


def answers(**more: str) -> dict[str, str]:
    return {
        "s0-taker": "buildings", "s0-c0-field": "name_en", "s0-c1-field": "address", "s0-c2-field": "completed_year",
        "s0-c3-field": "gross_floor_area_m2", "s0-c3-unit": "ft2", "leave_out": "on", **more,
    }  # fmt: skip


def test_columns_are_offered_with_values_and_reason(browser: Client, url: str) -> None:
    shown = browser.get(url).content.decode()
    for text in ("East Hall", "1 Main St", "known as another name of it", "nothing like it is known"):
        assert text in shown


def test_numbers_stand_as_the_sheet_shows_them_and_merged_cells_are_asked_about_only_where_there_are_some(
    browser: Client, url: str
) -> None:
    shown = browser.get(url).content.decode()
    assert ">1990<" in shown and "1990.0" not in shown
    assert "Merged cells" not in shown


def test_mapping_is_used_and_saved_as_a_profile(browser: Client, url: str, park: Park) -> None:
    response = browser.post(url, answers(profile_name="Yearly"))
    batch = Batch.objects.get()
    assert response.url == reverse("import_batch", args=[batch.pk])
    assert batch.state == Batch.State.CHECKED
    assert not Building.objects.exists()
    browser.post(reverse("apply_import", args=[batch.pk]))
    building = Building.objects.get()
    assert (building.completed_year, round(building.gross_floor_area_m2 or 0, 1)) == (1990, 92.9)
    assert "Yearly" in browser.get(reverse("import_profiles")).content.decode()


def test_wrong_mapping_comes_back_with_the_reason(browser: Client, url: str) -> None:
    twice = browser.post(url, answers(**{"s0-c2-field": "address"}))
    assert twice.status_code == 422
    assert "both are" in twice.content.decode()
    unit = browser.post(url, answers(**{"s0-c3-unit": "kg"}))
    assert unit.status_code == 422
    assert browser.post(url, answers(**{"s0-taker": ""})).status_code == 422
    assert Batch.objects.get().mapping == {}


def test_other_thing_shows_its_fields(browser: Client, url: str) -> None:
    shown = browser.post(url, {"s0-taker": "enterprises", "action": "show"}).content.decode()
    assert 'value="uscc"' in shown


def test_strangers_and_readers_do_not_find_it(browser: Client, url: str, park: Park) -> None:
    browser.post(url, answers(profile_name="Yearly"))
    profile = Profile.objects.get()
    for person in (make_user(Role.OPERATOR), make_user(Role.BUREAU, park.branch)):
        other = Client()
        other.force_login(person)
        assert other.post(url, answers()).status_code == 404
        data = {"profile": profile.pk, "action": "delete"}
        assert other.post(reverse("import_profiles"), data).status_code in {403, 404}
    assert browser.post(reverse("import_profiles"), {"profile": profile.pk, "name": " "}).status_code == 422
    assert browser.post(reverse("import_profiles"), {"profile": profile.pk, "name": "B"}).status_code == 302
    browser.post(reverse("import_profiles"), {"profile": profile.pk, "action": "delete"})
    assert not Profile.objects.exists()


def test_decision_is_taken_on_the_page(browser: Client, url: str, park: Park) -> None:
    browser.post(url, answers())
    browser.post(reverse("apply_import", args=[Batch.objects.get().pk]))
    rows = [ROWS[0], ["East Hall", "3 Main St", 1990, "1,000"]]
    file = SimpleUploadedFile("next.xlsx", workbook_bytes({"List": rows}))
    browser.post(reverse("import_upload"), {"file": file, "park": park.pk})
    batch = Batch.objects.order_by("-pk")[0]
    browser.post(reverse("import_mapping", args=[batch.pk]), answers())
    page = browser.get(reverse("import_batch", args=[batch.pk])).content.decode()
    assert "please decide" in page
    assert "may be East Hall" in page
    browser.post(reverse("import_decide", args=[batch.pk]), {"List|2": "skip"})
    batch.refresh_from_db()
    assert batch.report["outcomes"]["skipped"] == 1
    assert browser.get(reverse("import_decide", args=[batch.pk])).status_code == 405

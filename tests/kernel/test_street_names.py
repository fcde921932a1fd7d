"""A street is kept as its register writes it and read in the reader's language."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from parkbrain.demo.draws import data
from parkbrain.kernel.names import GOODS, read_in_language, stored_street, street_name, streets_named
from parkbrain.kernel.roles import Role
from tests.factories import make_branch, make_park, make_user

NAMES = {"en": "Songgang Subdistrict", "zh-hans": "松岗街道", "zh-hant": "松崗街道"}


@pytest.mark.parametrize(("language", "name"), NAMES.items())
def test_a_street_is_named_in_the_readers_language_and_one_that_is_not_known_as_it_is(language: str, name: str) -> None:
    with translation.override(language):
        assert street_name("松岗街道") == name
        assert street_name("Rue de Rivoli") == "Rue de Rivoli" and street_name("") == ""


def test_every_street_of_shenzhen_has_a_name_in_english() -> None:
    with translation.override("en"):
        for district in data("city.yaml")["districts"]:
            names = [street_name(street) for street in district["streets"]]
            assert all(name.isascii() for name in names) and len(set(names)) == len(names), district["en"]


@pytest.mark.django_db
@pytest.mark.parametrize(("language", "name"), NAMES.items())
def test_pages_and_lists_name_streets_in_the_readers_language(language: str, name: str) -> None:
    park = make_park(operator=make_branch(), street="松岗街道", district_code="440306")
    client = Client()
    client.cookies["django_language"] = language
    client.force_login(make_user(Role.BUREAU, park.branch))
    others = set(NAMES.values()) - {name}
    for path in (reverse("park_detail", args=[park.pk]), "/parks/"):
        html = client.get(path).content.decode()
        assert name in html and not any(f">{other}<" in html for other in others), path


@pytest.mark.django_db
@pytest.mark.parametrize("language", NAMES)
@pytest.mark.parametrize("typed", ["Yuehai", "yue hai sub", "Yuehai Subdistrict", "粤海街道", "粵海街道", "粵海"])
def test_a_park_is_found_by_the_name_of_its_street_in_any_language(language: str, typed: str) -> None:
    operator = make_branch()
    here, there = (make_park(operator=operator, street=street) for street in ("粤海街道", "松岗街道"))
    client = Client()
    client.cookies["django_language"] = language
    client.force_login(make_user(Role.BUREAU, operator))
    for address in ("/parks/", reverse("search")):
        html = client.get(address, {"q": typed}).content.decode().partition("<main")[2]
        assert reverse("park_detail", args=[here.pk]) in html, address
        assert reverse("park_detail", args=[there.pk]) not in html, address


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Songgang", "松岗街道"),
        ("songgang subdistrict", "松岗街道"),
        ("松崗街道", "松岗街道"),
        ("松岗街道", "松岗街道"),
        ("Rue de Rivoli", "Rue de Rivoli"),
        ("", ""),
    ],
)
def test_a_street_is_known_by_any_of_its_names(typed: str, kept: str) -> None:
    assert stored_street(typed) == kept


@pytest.mark.parametrize("typed", ["", "district", "Subdistrict", "Rue de Rivoli", "'"])
def test_what_names_no_one_street_finds_none(typed: str) -> None:
    assert streets_named(typed) == []


def test_every_good_of_the_demo_has_a_name_in_each_language() -> None:
    goods = {row["substance"] for row in data("green.yaml")["exchange"]}
    with translation.override("en"):
        assert all(read_in_language(one, GOODS).isascii() for one in goods)
        assert read_in_language("Copper wire", GOODS) == "Copper wire"
    with translation.override("zh-hant"):
        assert read_in_language("铝屑", GOODS) == "鋁屑"
    with translation.override("zh-hans"):
        assert read_in_language("铝屑", GOODS) == "铝屑"

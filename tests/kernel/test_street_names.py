"""A street is kept as its register writes it and read in the reader's language."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from parkbrain.demo.draws import data
from parkbrain.kernel.names import GOODS, read_in_language, street_name
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


def test_every_good_of_the_demo_has_a_name_in_each_language() -> None:
    goods = {row["substance"] for row in data("green.yaml")["exchange"]}
    with translation.override("en"):
        assert all(read_in_language(one, GOODS).isascii() for one in goods)
        assert read_in_language("Copper wire", GOODS) == "Copper wire"
    with translation.override("zh-hant"):
        assert read_in_language("铝屑", GOODS) == "鋁屑"
    with translation.override("zh-hans"):
        assert read_in_language("铝屑", GOODS) == "铝屑"

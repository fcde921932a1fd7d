"""What the tests of the life cycle share: a park that operates, its operator, and English."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client
from django.utils.translation import override

from parkbrain.kernel.models import Park, User
from parkbrain.kernel.roles import Role
from parkbrain.lifecycle.models import LifeSubject
from tests.factories import make_life, make_park, make_user


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Say why something is refused in English, whatever ran before."""
    with override("en"):
        yield


@pytest.fixture
def park() -> Park:
    """A park."""
    return make_park()


@pytest.fixture
def operator(park: Park) -> User:
    """Who runs it."""
    return make_user(Role.OPERATOR, park.branch.parent)


@pytest.fixture
def life(park: Park) -> LifeSubject:
    """The park in operation since 2020, without duties."""
    return make_life(park=park)


def browser(user: User) -> Client:
    """Return a browser in which this person is signed in."""
    client = Client(headers={"host": "localhost"})
    client.force_login(user)
    client.cookies["django_language"] = "en"
    return client

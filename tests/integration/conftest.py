"""Fixtures of the tests of the API: a living park, its people with tokens, and a client that speaks JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone, translation

from parkbrain.integration.queries import list_areas
from parkbrain.integration.services import create_token
from parkbrain.kernel.models import User
from tests.demo_fixtures import demo_park, loaded_demo

__all__ = ["demo_park", "loaded_demo"]


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    cache.clear()
    with translation.override("en"):
        yield


@dataclass(frozen=True)
class Caller:
    """A program with a token: `get`, `post`, … return the answer; addresses are below the root of the API."""

    secret: str

    def ask(self, method: str, path: str, body: Any = None, **more: Any) -> Any:
        headers = {"authorization": f"Bearer {self.secret}", "accept-language": "en"}
        url = path if path.startswith("/") else f"/api/v1/{path}"
        data = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
        return Client(headers=headers).generic(method, url, **data, **more)

    def get(self, path: str, **more: Any) -> Any:
        return self.ask("GET", path, **more)

    def post(self, path: str, body: Any = None) -> Any:
        return self.ask("POST", path, {} if body is None else body)

    def patch(self, path: str, body: Any) -> Any:
        return self.ask("PATCH", path, body)

    def delete(self, path: str) -> Any:
        return self.ask("DELETE", path)


def all_scopes() -> list[str]:
    return [f"{area.key}:write" for area in list_areas()]


def caller_for(user: User, scopes: list[str] | None = None) -> Caller:
    now = timezone.now()
    new = create_token(
        owner=user,
        name="test",
        scopes=all_scopes() if scopes is None else scopes,
        expires_at=now + timedelta(days=30),
        actor=user,
        at=now,
    )
    return Caller(new.secret)


@pytest.fixture
def as_role(demo_park: object) -> Callable[[str], Caller]:
    """Return a function that gives a caller for a person of the demo: admin, operator, bureau, …"""
    return lambda username: caller_for(User.objects.get(username=username))

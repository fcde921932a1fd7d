"""Fixtures of the assessment's tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.utils import translation


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Let services and queries speak the language that the tests read."""
    with translation.override("en"):
        yield

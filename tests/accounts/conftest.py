"""Sign-in is tested with a quick hash: a slow one tests nothing more."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def quick_and_fresh(settings: object) -> None:
    """Hash quickly."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # type: ignore[attr-defined]

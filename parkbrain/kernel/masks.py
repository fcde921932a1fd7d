"""Sensitive values (telephone, identity number, bank account) are shown in full only to those who may see them."""

from __future__ import annotations

from .models import User
from .roles import Permission

#: What stands in the place of the hidden characters, and how many of the last ones stay.
HIDDEN, SHOWN = "•••• ", 4


def masked(value: str, *, user: User, permission: Permission, path: str | None) -> str:
    """Return the value in full to a person who holds the permission on the branch at `path`, else its last four."""
    if not value or user.may(permission, path):
        return value
    return HIDDEN + value[-SHOWN:]

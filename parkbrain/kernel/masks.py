"""Sensitive values (telephone, identity number, bank account) are shown in full only to those who may see them."""

from __future__ import annotations

from .models import User
from .roles import Permission

#: What stands for the hidden characters: always as many, so that even the length stays hidden.
HIDDEN = "••••"
#: So many last characters stay, of values that are long enough to hide the rest.
SHOWN, LONG_ENOUGH = 4, 8


def masked(value: str, *, user: User, permission: Permission, path: str | None) -> str:
    """Return the value in full to a person who holds the permission on the branch at `path`, else its last four."""
    if not value or user.may(permission, path):
        return value
    return f"{HIDDEN} {value[-SHOWN:]}" if len(value) >= LONG_ENOUGH else HIDDEN

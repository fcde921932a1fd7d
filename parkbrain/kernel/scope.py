"""Scope: every query of a park's rows is limited to the branches where the person holds the permission."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Model, Q

from .roles import MAY, Permission, roles_with

if TYPE_CHECKING:
    from .models import Membership, User


def memberships_of(user: User) -> list[Membership]:
    """Return the person's memberships, read once per request."""
    if not user.is_authenticated:
        return []
    cached = getattr(user, "_memberships", None)
    if cached is None:
        cached = list(user.memberships.select_related("branch"))
        user._memberships = cached  # type: ignore[attr-defined]
    return cached


def paths_of(user: User, permission: Permission, *, besides: frozenset[str] = frozenset()) -> set[str]:
    """Return the paths of the branches where `user` holds `permission`; roles in `besides` do not count."""
    roles = roles_with(permission) - besides
    return {m.branch.path for m in memberships_of(user) if m.role in roles}


def branches_q(user: User, permission: Permission, *, field: str) -> Q:
    """Return the filter that keeps rows whose branch path (`field`) lies in a branch where `user` holds `permission`.

    A person without the permission anywhere gets a filter that keeps nothing.
    """
    condition = Q(pk__in=[])
    for path in paths_of(user, permission):
        condition |= Q(**{f"{field}__startswith": path})
    return condition


def covers_everything(user: User, permission: Permission, *, besides: frozenset[str] = frozenset()) -> bool:
    """Tell whether the person holds the permission over the one root of the tree: no row lies outside their branches.

    Lists of a hundred thousand rows then ask for no branch at all. Roles in `besides` do not count.
    """
    roles = roles_with(permission) - besides
    root = next((m.branch for m in memberships_of(user) if m.branch.parent_id is None and m.role in roles), None)
    if root is None:
        return False
    cached: bool | None = getattr(user, "_one_root", None)
    if cached is None:
        cached = type(root)._default_manager.filter(parent=None).count() == 1
        user._one_root = cached  # type: ignore[attr-defined]
    return cached


def may(user: User, permission: Permission, *, path: str | None = None) -> bool:
    """Tell whether the person holds the permission on the branch at `path` (anywhere when None)."""
    return any(
        permission in MAY.get(m.role, frozenset()) and (path is None or path.startswith(m.branch.path))
        for m in memberships_of(user)
    )


def own_enterprise_codes(user: User) -> frozenset[str]:
    """Return the unified social credit codes of the enterprises the person acts for."""
    return frozenset(m.subject for m in memberships_of(user) if m.subject)


@dataclass(frozen=True)
class Masked:
    """A declaration that a field is shown whole only to people with a permission.

    Models declare it beside their fields: `masked_fields: ClassVar = {"bank_account": Masked()}`.
    """

    permission: Permission = Permission.VIEW_SENSITIVE


#: What stands for the hidden part; a fixed number of bullets, so that even the length stays hidden.
BULLETS = "••••"


def hide(value: str) -> str:
    """Return the value with all but its last four characters hidden; a short value is hidden whole."""
    return f"{BULLETS} {value[-4:]}" if len(value) >= 8 else BULLETS if value else ""


def masked(
    value: str,
    *,
    user: User,
    permission: Permission = Permission.VIEW_SENSITIVE,
    path: str | None,
    owner: str = "",
) -> str:
    """Return the value whole to whoever holds the permission at `path` or acts for its owner, else bullets and the end.

    `owner` is the unified social credit code of the enterprise the value belongs to.
    """
    if may(user, permission, path=path) or (owner and owner in own_enterprise_codes(user)):
        return value
    return hide(value)


def masked_fields_of(model: type[Model]) -> Mapping[str, Masked]:
    """Return the model's fields that are declared as masked."""
    return getattr(model, "masked_fields", {})


def masked_value(row: Model, field: str, *, user: User, path: str | None, owner: str = "") -> str:
    """Return a declared field of a row as this person may see it: in pages, exports, search and the API."""
    declared = masked_fields_of(type(row))[field]
    value = getattr(row, field)
    text = "" if value is None else str(value)
    return masked(text, user=user, permission=declared.permission, path=path, owner=owner)

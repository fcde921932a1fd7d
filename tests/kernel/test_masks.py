"""A bank account, an ID number, a private phone: whole for those who need it, its end for everybody else."""

from __future__ import annotations

import pytest

from parkbrain.kernel.models import Park
from parkbrain.kernel.roles import Permission, Role, roles_with
from parkbrain.kernel.scope import BULLETS, Masked, hide, masked, masked_value
from tests.factories import make_branch, make_park, make_user

pytestmark = pytest.mark.django_db
ACCOUNT = "4000021109200123456"
USCC = "91440300MA5FAKE012"


@pytest.mark.parametrize(
    ("value", "shown"),
    [(ACCOUNT, f"{BULLETS} 3456"), ("13800138000", f"{BULLETS} 8000"), ("1234567", BULLETS), ("1", BULLETS), ("", "")],
)
def test_only_the_end_of_a_long_value_is_left(value: str, shown: str) -> None:
    assert hide(value) == shown


def test_administrators_and_operators_hold_the_permission_and_nobody_else() -> None:
    assert roles_with(Permission.VIEW_SENSITIVE) == {Role.ADMINISTRATOR, Role.OPERATOR}


@pytest.mark.parametrize("role", list(Role))
def test_each_role_sees_the_value_or_its_end(role: Role) -> None:
    branch = make_branch()
    user = make_user(role, branch, subject=USCC if role == Role.TENANT else "")
    whole = role in roles_with(Permission.VIEW_SENSITIVE)
    assert masked(ACCOUNT, user=user, path=branch.path) == (ACCOUNT if whole else f"{BULLETS} 3456")


def test_the_permission_elsewhere_shows_nothing_here() -> None:
    operator = make_user(Role.OPERATOR, make_branch())
    assert masked(ACCOUNT, user=operator, path=make_branch().path) == f"{BULLETS} 3456"


def test_a_tenant_sees_the_account_of_their_own_enterprise_and_of_no_other() -> None:
    branch = make_branch()
    tenant = make_user(Role.TENANT, branch, subject=USCC)
    assert masked(ACCOUNT, user=tenant, path=branch.path, owner=USCC) == ACCOUNT
    assert masked(ACCOUNT, user=tenant, path=branch.path, owner="91440300MA5OTHER01") == f"{BULLETS} 3456"
    assert masked(ACCOUNT, user=make_user(Role.BUREAU, branch), path=branch.path, owner="") == f"{BULLETS} 3456"


def test_a_declared_field_is_masked_by_its_own_permission(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Park, "masked_fields", {"address": Masked(Permission.MANAGE_PEOPLE)}, raising=False)
    park = make_park(address=ACCOUNT)
    operator, bureau = make_user(Role.OPERATOR, park.branch), make_user(Role.BUREAU, park.branch)
    assert masked_value(park, "address", user=operator, path=park.branch.path) == ACCOUNT
    assert masked_value(park, "address", user=bureau, path=park.branch.path) == f"{BULLETS} 3456"
    with pytest.raises(KeyError):
        masked_value(park, "street", user=operator, path=park.branch.path)

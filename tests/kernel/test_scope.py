"""A person sees the parks of their branches, by role, and nothing else."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from parkbrain.kernel.models import Branch, Membership, Park, User
from parkbrain.kernel.roles import MAY, Permission, Role, roles_with
from parkbrain.kernel.scope import own_enterprise_codes

pytestmark = pytest.mark.django_db


@pytest.fixture
def tree() -> dict[str, Branch]:
    city = Branch.objects.create(kind="CITY", code="sz", path="/sz/", name_en="City")
    north = Branch.objects.create(kind="DISTRICT", code="north", path="/sz/north/", parent=city, name_en="North")
    # "north2" begins like "north": a prefix match without the closing slash would leak it.
    other = Branch.objects.create(kind="DISTRICT", code="north2", path="/sz/north2/", parent=city, name_en="Other")
    branches = {"city": city, "north": north, "other": other}
    for name, parent in (("a", north), ("b", other)):
        leaf = Branch.objects.create(kind="PARK", code=f"park-{name}", path=f"{parent.path}park-{name}/", parent=parent)
        Park.objects.create(code=f"park-{name}", branch=leaf, name_en=f"Park {name.upper()}")
    return branches


def person(role: str, branch: Branch, subject: str = "") -> User:
    user = User.objects.create(username=f"{role}-{branch.code}".lower())
    Membership.objects.create(user=user, branch=branch, role=role, subject=subject)
    return user


@pytest.mark.parametrize("role", [r for r in Role if r != Role.TENANT])
def test_every_role_sees_only_the_parks_of_its_branch(tree: dict[str, Branch], role: Role) -> None:
    visible = Park.objects.visible_to(person(role, tree["north"]))
    assert [p.code for p in visible] == ["park-a"]


@pytest.mark.parametrize("role", [r for r in Role if r != Role.TENANT])
@pytest.mark.parametrize("permission", list(Permission))
def test_a_permission_not_held_shows_nothing(tree: dict[str, Branch], role: Role, permission: Permission) -> None:
    visible = Park.objects.visible_to(person(role, tree["city"]), permission)
    assert visible.count() == (2 if permission in MAY[role] else 0)


def test_a_person_without_a_role_sees_nothing(tree: dict[str, Branch]) -> None:
    user = User.objects.create(username="nobody")
    assert not Park.objects.visible_to(user).exists()
    assert not user.may(Permission.VIEW_PARK)


def test_permission_holds_only_within_the_branch(tree: dict[str, Branch]) -> None:
    operator = person(Role.OPERATOR, tree["north"])
    assert operator.may(Permission.EDIT_RECORD, "/sz/north/park-a/")
    assert not operator.may(Permission.EDIT_RECORD, "/sz/north2/park-b/")
    assert not operator.may(Permission.EDIT_RECORD, "/sz/")


def test_assessor_never_declares_and_declarer_never_verifies() -> None:
    assert not roles_with(Permission.DECLARE_FACT) & roles_with(Permission.VERIFY_FACT)


def test_tenant_acts_for_a_named_enterprise(tree: dict[str, Branch]) -> None:
    tenant = person(Role.TENANT, tree["north"], subject="91440300MA5FAKE012")
    assert own_enterprise_codes(tenant) == {"91440300MA5FAKE012"}
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(user=tenant, branch=tree["other"], role=Role.TENANT)

"""Who oversees every premises there is asks for no branch; one park outside, and the branch is asked for again."""

from __future__ import annotations

import pytest

from parkbrain.enterprises.models import Enterprise, Occupancy
from parkbrain.enterprises.queries.finding import find_enterprise_hits
from parkbrain.enterprises.queries.viewing import visible_premises
from parkbrain.kernel.models import Branch, User
from parkbrain.kernel.roles import Permission, Role
from parkbrain.space.models import covers_all_premises
from tests.factories import make_branch, make_enterprise, make_occupancy, make_park, make_premises, make_user

pytestmark = pytest.mark.django_db


def again(user: User) -> User:
    return User.objects.get(pk=user.pk)


def test_bureau_of_the_one_city_sees_all_until_a_park_lies_outside_its_branch() -> None:
    root = make_branch(Branch.Kind.CITY)
    city = make_branch(Branch.Kind.CITY, root)
    operator = make_branch(Branch.Kind.OPERATOR, city)
    inside = make_occupancy(premises=make_premises(park=make_park(operator=operator)), enterprise=make_enterprise())
    bureau = make_user(Role.BUREAU, city)
    assert covers_all_premises(bureau, Permission.VIEW_ENTERPRISE)
    assert list(Enterprise.objects.visible_to(bureau)) == [inside.enterprise]
    # A park without premises outside the city holds nothing that could be seen.
    far = make_park(operator=make_branch(Branch.Kind.OPERATOR, root))
    assert covers_all_premises(again(bureau), Permission.VIEW_ENTERPRISE)
    outside = make_occupancy(premises=make_premises(park=far), enterprise=make_enterprise())
    bureau = again(bureau)
    assert not covers_all_premises(bureau, Permission.VIEW_ENTERPRISE)
    assert list(Enterprise.objects.visible_to(bureau)) == [inside.enterprise]
    assert list(Occupancy.objects.visible_to(bureau)) == [inside]
    assert outside.premises not in visible_premises(user=bureau)
    assert not find_enterprise_hits(user=bureau, text=outside.enterprise.uscc, limit=6)
    assert find_enterprise_hits(user=bureau, text=inside.enterprise.uscc, limit=6)


def test_firm_sees_its_own_premises_alone_where_its_park_is_the_only_one() -> None:
    park = make_park()
    own = make_occupancy(premises=make_premises(park=park), enterprise=make_enterprise())
    other = make_occupancy(premises=make_premises(park=park), enterprise=make_enterprise())
    tenant = make_user(Role.TENANT, park.branch, subject=own.enterprise.uscc)
    assert own.premises in visible_premises(user=tenant)
    assert other.premises not in visible_premises(user=tenant)

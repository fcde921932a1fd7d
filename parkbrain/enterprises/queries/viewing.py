"""What a person may see of who is where: names of firms only where the scope allows it."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q

from parkbrain.kernel import scope
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.roles import Permission, Role
from parkbrain.space.models import Premises, PremisesQuerySet, covers_all_premises

from ..models import Occupancy


@dataclass(frozen=True)
class Viewer:
    """What a person may see in one park."""

    sees_firms: bool
    opens_all_premises: bool
    edits: bool
    own_codes: frozenset[str]

    def may_see(self, uscc: str) -> bool:
        """Tell whether the person may know who this firm is."""
        return self.sees_firms or uscc in self.own_codes


def get_viewer(*, user: User, park: Park) -> Viewer:
    """Return what the person may see in a park."""
    path = park.branch.path
    return Viewer(
        sees_firms=user.may(Permission.VIEW_ENTERPRISE, path),
        opens_all_premises=any(path.startswith(p) for p in _paths_beyond_own(user)),
        edits=user.may(Permission.EDIT_RECORD, path),
        own_codes=scope.own_enterprise_codes(user),
    )


def _paths_beyond_own(user: User) -> set[str]:
    return scope.paths_of(user, Permission.VIEW_PARK, besides=frozenset({Role.TENANT}))


def visible_premises(*, user: User) -> PremisesQuerySet:
    """Return the premises of the person's branches; a tenant has those that its own firm was ever in."""
    if covers_all_premises(user, Permission.VIEW_PARK, besides=frozenset({Role.TENANT})):
        return Premises.objects.all()
    condition = Q(pk__in=[])
    if codes := scope.own_enterprise_codes(user):
        condition |= Q(Exists(Occupancy.objects.filter(premises=OuterRef("pk"), enterprise__uscc__in=codes)))
    for path in _paths_beyond_own(user):
        condition |= Q(park__branch__path__startswith=path)
    return Premises.objects.filter(condition)

"""What is so about people and roles."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from parkbrain.kernel import scope
from parkbrain.kernel.models import AuditEvent, Branch, Membership, Park, User
from parkbrain.kernel.registry import SearchHit
from parkbrain.kernel.roles import Permission, Role


@dataclass(frozen=True)
class PersonRow:
    """A person with one role, as the list of people shows it."""

    membership_id: int
    user_id: int
    username: str
    full_name: str
    email: str
    role: str
    branch: str
    subject: str
    is_active: bool


def list_people(*, user: User) -> list[PersonRow]:
    """Return the people of the branches where `user` may manage people."""
    members = (
        Membership.objects.filter(scope.branches_q(user, Permission.MANAGE_PEOPLE, field="branch__path"))
        .select_related("user", "branch")
        .order_by("branch__path", "role", "user__username")
    )
    return [
        PersonRow(
            membership_id=m.pk,
            user_id=m.user_id,
            username=m.user.username,
            full_name=m.user.full_name,
            email=m.user.email,
            role=str(Role(m.role).label),
            branch=m.branch.name,
            subject=m.subject,
            is_active=m.user.is_active,
        )
        for m in members
    ]


def find_person_hits(*, user: User, text: str, limit: int) -> list[SearchHit]:
    """Return the people of the branches where `user` manages people whose name, sign-in name or e-mail holds the text."""
    if not user.may(Permission.MANAGE_PEOPLE):
        return []
    names = Q(full_name__icontains=text) | Q(username__icontains=text) | Q(email__icontains=text)
    inside = scope.branches_q(user, Permission.MANAGE_PEOPLE, field="branch__path")
    members = Membership.objects.filter(inside, user__in=User.objects.filter(names)).select_related("user", "branch")
    hits = {m.user_id: m for m in members.order_by("user__username", "branch__path")[: limit * 4]}
    return [
        SearchHit(_("Person"), str(m.user), reverse("people"), f"{Role(m.role).label} · {m.branch.name}")
        for m in list(hits.values())[:limit]
    ]


def list_branches(*, user: User, permission: Permission) -> list[Branch]:
    """Return the branches in which the person holds a permission, the top ones first."""
    return list(Branch.objects.filter(scope.branches_q(user, permission, field="path")).order_by("path")[:200])


def list_grantable_roles(*, user: User) -> list[Role]:
    """Return the roles the person may give: an operator gives no role that reaches beyond operating."""
    if any(m.role == Role.ADMINISTRATOR for m in scope.memberships_of(user)):
        return list(Role)
    return [Role.OPERATOR, Role.TENANT, Role.SERVICE_PROVIDER]


def list_events(*, user: User, park: Park | None = None, limit: int = 200) -> list[AuditEvent]:
    """Return the newest audited events of the parks where the person may see the trail."""
    events = AuditEvent.objects.filter(
        scope.branches_q(user, Permission.VIEW_AUDIT, field="park__branch__path")
    ).select_related("actor", "park")
    if park is not None:
        events = events.filter(park=park)
    return list(events[:limit])

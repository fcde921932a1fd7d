"""What is so about people and roles."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet

from parkbrain.kernel import scope
from parkbrain.kernel.models import AuditEvent, Branch, Membership, Park, User
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


def list_branches(*, user: User, permission: Permission) -> list[Branch]:
    """Return the branches in which the person holds a permission, the top ones first."""
    return list(Branch.objects.filter(scope.branches_q(user, permission, field="path")).order_by("path")[:200])


def list_grantable_roles(*, user: User) -> list[Role]:
    """Return the roles the person may give: an operator gives no role that reaches beyond operating."""
    if any(m.role == Role.ADMINISTRATOR for m in scope.memberships_of(user)):
        return list(Role)
    return [Role.OPERATOR, Role.TENANT, Role.SERVICE_PROVIDER]


def visible_events(*, user: User) -> QuerySet[AuditEvent]:
    """Return the audited events of the parks where the person may see the trail."""
    within = scope.branches_q(user, Permission.VIEW_AUDIT, field="park__branch__path")
    return AuditEvent.objects.filter(within).select_related("actor", "park")


def list_events(*, user: User, park: Park | None = None, limit: int = 200) -> list[AuditEvent]:
    """Return the newest audited events of the parks where the person may see the trail."""
    events = visible_events(user=user)
    if park is not None:
        events = events.filter(park=park)
    return list(events[:limit])

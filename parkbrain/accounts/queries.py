"""What is so about people and roles."""

from __future__ import annotations

from django.db.models import QuerySet

from parkbrain.kernel import scope
from parkbrain.kernel.models import AuditEvent, Branch, Membership, User
from parkbrain.kernel.roles import Permission, Role


def list_members(*, user: User) -> QuerySet[Membership]:
    """Return the roles of the branches where `user` may manage people."""
    return Membership.objects.filter(scope.branches_q(user, Permission.MANAGE_PEOPLE, field="branch__path"))


def list_branches(*, user: User, permission: Permission) -> list[Branch]:
    """Return the branches in which the person holds a permission, the top ones first."""
    return list(Branch.objects.filter(scope.branches_q(user, permission, field="path")).order_by("path")[:200])


def list_grantable_roles(*, user: User) -> list[Role]:
    """Return the roles the person may give: an operator gives no role that reaches beyond operating."""
    if any(m.role == Role.ADMINISTRATOR for m in scope.memberships_of(user)):
        return list(Role)
    return [Role.OPERATOR, Role.TENANT, Role.SERVICE_PROVIDER]


def list_events(*, user: User) -> QuerySet[AuditEvent]:
    """Return the audited events of the parks where the person may see the trail, the newest first."""
    if scope.covers_everything(user, Permission.VIEW_AUDIT):
        return AuditEvent.objects.filter(park__isnull=False)
    return AuditEvent.objects.filter(scope.branches_q(user, Permission.VIEW_AUDIT, field="park__branch__path"))

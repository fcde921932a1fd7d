"""Giving and taking roles that reach far: what the two-person rule asks, and what it does once approved."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from parkbrain.kernel import audit
from parkbrain.kernel.approvals import CannotDecideApproval
from parkbrain.kernel.models import Branch, Membership, User
from parkbrain.kernel.roles import Role

from ..queries import list_grantable_roles

#: Roles that are given and taken away by two persons.
FAR_REACHING = frozenset({Role.ADMINISTRATOR, Role.BUREAU})
GRANT, REMOVAL = "accounts.role.grant", "accounts.role.removal"


def role_params(*, user: User, role: str, branch: Branch, subject: str) -> dict[str, str]:
    """Return a role as the parameters of a request: words, so that the request can be read when rows are gone."""
    return {"username": user.username, "role": str(role), "branch": branch.code, "subject": subject}


def describe_grant(*, params: Mapping[str, Any]) -> str:
    """Return what a request for a role asks for."""
    return _("Give %(name)s the role %(role)s on %(branch)s") % _words(params)


def describe_removal(*, params: Mapping[str, Any]) -> str:
    """Return what a request to take a role away asks for."""
    return _("Take the role %(role)s on %(branch)s away from %(name)s") % _words(params)


def _words(params: Mapping[str, Any]) -> dict[str, str]:
    branch = Branch.objects.filter(code=params["branch"]).first()
    where = branch.name if branch else params["branch"]
    return {"name": params["username"], "role": str(Role(params["role"]).label), "branch": where}


def may_decide_role(*, user: User, params: Mapping[str, Any]) -> bool:
    """Tell whether this person may give the role that a request names."""
    return Role(params["role"]) in list_grantable_roles(user=user) and user.username != params["username"]


@transaction.atomic
def carry_out_grant(*, params: Mapping[str, Any], asked_by: User, decided_by: User, at: datetime) -> None:
    """Give the role that a second person approved.

    :raises CannotDecideApproval: the person or the branch is gone, or the person has the role by now.
    """
    user = User.objects.filter(username=params["username"]).first()
    branch = Branch.objects.filter(code=params["branch"]).first()
    if user is None or branch is None:
        raise CannotDecideApproval(_("The person or the branch is no longer there."))
    member, fresh = Membership.objects.get_or_create(
        user=user, branch=branch, role=params["role"], subject=params["subject"]
    )
    if not fresh:
        raise CannotDecideApproval(_("%(name)s has this role already.") % {"name": user})
    User.objects.filter(pk=user.pk).update(is_active=True)
    audit.record("accounts.role.granted", target=member, actor=decided_by, at=at, asked_by=asked_by.username)


@transaction.atomic
def carry_out_removal(*, params: Mapping[str, Any], asked_by: User, decided_by: User, at: datetime) -> None:
    """Take away the role that a second person agreed to take away.

    :raises CannotDecideApproval: the person no longer has the role.
    """
    member = Membership.objects.filter(
        user__username=params["username"],
        branch__code=params["branch"],
        role=params["role"],
        subject=params["subject"],
    ).first()
    if member is None:
        raise CannotDecideApproval(_("The person no longer has this role."))
    drop_membership(membership=member, actor=decided_by, at=at)


@transaction.atomic
def drop_membership(*, membership: Membership, actor: User, at: datetime) -> None:
    """Take a role away without asking; a person without any role is set inactive."""
    user = membership.user
    audit.record("accounts.membership.removed", target=membership, actor=actor, at=at, role=membership.role)
    membership.delete()
    if not user.memberships.exists():
        User.objects.filter(pk=user.pk).update(is_active=False)

"""People and their roles; the roles that reach far are given and taken by two persons."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from parkbrain.kernel import approvals, audit
from parkbrain.kernel.models import Approval, Branch, Membership, User
from parkbrain.kernel.roles import Permission, Role

from ..queries import list_grantable_roles
from .passwords import generate_password
from .roles import FAR_REACHING, GRANT, REMOVAL, drop_membership, role_params


class CannotAddPerson(Exception):
    """The person or the role cannot be added."""


class CannotRemoveMembership(Exception):
    """The role cannot be taken away."""


def _check_grant(role: str, branch: Branch, subject: str, actor: User | None) -> None:
    if actor is not None:
        if not actor.may(Permission.MANAGE_PEOPLE, branch.path):
            raise CannotAddPerson(_("You may not add people to this branch."))
        if Role(role) not in list_grantable_roles(user=actor):
            raise CannotAddPerson(_("You may not give this role."))
    if (role == Role.TENANT) != bool(subject):
        raise CannotAddPerson(_("A tenant's role, and only a tenant's, names the enterprise they act for."))


def _give(
    user: User, role: str, branch: Branch, subject: str, actor: User | None, at: datetime, reason: str = ""
) -> Membership | Approval:
    """Give the role, or ask a second person where the role reaches far and there is a second person."""
    params = role_params(user=user, role=role, branch=branch, subject=subject)
    far = role in FAR_REACHING
    if far and actor is not None and approvals.has_second_person(GRANT, params=params, path=branch.path, actor=actor):
        return approvals.ask_approval(GRANT, params=params, branch=branch, actor=actor, at=at, reason=reason)
    return Membership.objects.create(user=user, branch=branch, role=role, subject=subject)


def add_person(
    *,
    username: str,
    full_name: str,
    role: str,
    branch: Branch,
    actor: User | None,
    at: datetime,
    subject: str = "",
    email: str = "",
    language: str = "zh-hans",
    password: str | None = None,
) -> tuple[User, str]:
    """Add a person with a role on a branch and return them with the password to hand over once.

    A role that reaches far waits for a second person's approval; until then the person has no role.

    :raises CannotAddPerson: the sign-in name is taken, or the actor may not give this role here.
    """
    _check_grant(role, branch, subject, actor)
    password = password or generate_password()
    user = User(username=username, full_name=full_name, email=email.lower(), language=language)
    user.set_password(password)
    user.search_text = user.fresh_search_text()
    try:
        with transaction.atomic():
            user.save()
            given = _give(user, role, branch, subject, actor, at)
            target = given if isinstance(given, Membership) else user
            audit.record("accounts.person.added", target=target, actor=actor, at=at, role=role)
    except IntegrityError as error:
        raise CannotAddPerson(_("The sign-in name %(name)s is already taken.") % {"name": username}) from error
    return user, password


@transaction.atomic
def grant_role(
    *, user: User, role: str, branch: Branch, actor: User, at: datetime, subject: str = "", reason: str = ""
) -> Membership | Approval:
    """Give a person who is there already a further role; return the role, or the request that waits for approval.

    :raises CannotAddPerson: the person has the role, the request waits, or the actor may not give it here.
    """
    _check_grant(role, branch, subject, actor)
    if Membership.objects.filter(user=user, branch=branch, role=role, subject=subject).exists():
        raise CannotAddPerson(_("%(name)s has this role already.") % {"name": user})
    try:
        given = _give(user, role, branch, subject, actor, at, reason)
    except approvals.CannotAskApproval as waits:
        raise CannotAddPerson(str(waits)) from waits
    if isinstance(given, Membership):
        User.objects.filter(pk=user.pk).update(is_active=True)
        audit.record("accounts.role.granted", target=given, actor=actor, at=at, role=role)
    return given


@transaction.atomic
def remove_membership(*, membership: Membership, actor: User, at: datetime) -> Approval | None:
    """Take a role away, or ask a second person where the role reaches far; return the request that waits, if any.

    A person whose last role goes is set inactive.

    :raises CannotRemoveMembership: it is the actor's own role, lies outside their branch, or is asked for already.
    """
    branch, user = membership.branch, membership.user
    if user.pk == actor.pk:
        raise CannotRemoveMembership(_("You cannot take away your own role."))
    if not actor.may(Permission.MANAGE_PEOPLE, branch.path):
        raise CannotRemoveMembership(_("You may not manage people of this branch."))
    if Role(membership.role) not in list_grantable_roles(user=actor):
        raise CannotRemoveMembership(_("You may not take away a role that you may not give."))
    if membership.role in FAR_REACHING:
        params = role_params(user=user, role=membership.role, branch=branch, subject=membership.subject)
        if approvals.has_second_person(REMOVAL, params=params, path=branch.path, actor=actor):
            try:
                return approvals.ask_approval(REMOVAL, params=params, branch=branch, actor=actor, at=at)
            except approvals.CannotAskApproval as waits:
                raise CannotRemoveMembership(str(waits)) from waits
    drop_membership(membership=membership, actor=actor, at=at)
    return None


@transaction.atomic
def add_person_from_issuer(*, username: str, full_name: str, email: str, at: datetime) -> User:
    """Add a person whom single sign-on vouches for: no password, no role; somebody must give them one."""
    base = (
        "".join(c for c in (username or email.partition("@")[0]).lower() if c.isalnum() or c in "._-")[:50] or "person"
    )
    name, number = base, 1
    while User.objects.filter(username=name).exists():
        number += 1
        name = f"{base}-{number}"
    user = User(username=name, full_name=full_name[:80], email=email.lower())
    user.set_unusable_password()
    user.search_text = user.fresh_search_text()
    user.save()
    audit.record("accounts.person.arrived", target=user, actor=None, at=at)
    return user


@transaction.atomic
def create_root_branch(*, at: datetime) -> Branch:
    """Make the top of an empty installation's tree.

    :raises CannotAddPerson: there is a tree already.
    """
    if Branch.objects.exists():
        raise CannotAddPerson(_("This installation already has its branches."))
    names = {"name_zh_hans": "本地安装", "name_zh_hant": "本地安裝", "name_en": "This installation"}
    branch = Branch.objects.create(kind=Branch.Kind.CITY, code="root", path="/root/", **names)
    audit.record("accounts.branch.created", target=branch, actor=None, at=at)
    return branch

"""What may change about people and roles."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from parkbrain.kernel import audit
from parkbrain.kernel.models import Branch, Membership, User
from parkbrain.kernel.roles import Permission, Role

from .queries import list_grantable_roles


class CannotAddPerson(Exception):
    """The person or the role cannot be added."""


class CannotRemoveMembership(Exception):
    """The role cannot be taken away."""


class CannotChangePassword(Exception):
    """The new password is not good enough."""


def generate_password() -> str:
    """Return a random password that is easy to read aloud and hard to guess (about 70 bits)."""
    alphabet = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(alphabet) for _ in range(5)) for _ in range(3))


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

    :raises CannotAddPerson: the sign-in name is taken, or the actor may not give this role here.
    """
    if actor is not None:
        if not actor.may(Permission.MANAGE_PEOPLE, branch.path):
            raise CannotAddPerson(_("You may not add people to this branch."))
        if Role(role) not in list_grantable_roles(user=actor):
            raise CannotAddPerson(_("You may not give this role."))
    if (role == Role.TENANT) != bool(subject):
        raise CannotAddPerson(_("A tenant's role, and only a tenant's, names the enterprise they act for."))
    password = password or generate_password()
    user = User(username=username, full_name=full_name, email=email, language=language)
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save()
            membership = Membership.objects.create(user=user, branch=branch, role=role, subject=subject)
            audit.record("accounts.person.added", target=membership, actor=actor, at=at, role=role)
    except IntegrityError as error:
        raise CannotAddPerson(_("The sign-in name %(name)s is already taken.") % {"name": username}) from error
    return user, password


@transaction.atomic
def remove_membership(*, membership: Membership, actor: User, at: datetime) -> None:
    """Take a role away; a person without any role is set inactive.

    :raises CannotRemoveMembership: it is the actor's own role, or lies outside their branch.
    """
    if membership.user_id == actor.pk:
        raise CannotRemoveMembership(_("You cannot take away your own role."))
    if not actor.may(Permission.MANAGE_PEOPLE, membership.branch.path):
        raise CannotRemoveMembership(_("You may not manage people of this branch."))
    user = membership.user
    audit.record("accounts.membership.removed", target=membership, actor=actor, at=at, role=membership.role)
    membership.delete()
    if not user.memberships.exists():
        User.objects.filter(pk=user.pk).update(is_active=False)


@transaction.atomic
def change_password(*, user: User, password: str, actor: User, at: datetime) -> None:
    """Set a person's password.

    :raises CannotChangePassword: the password is too short, too common or too like the person's name.
    """
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise CannotChangePassword(" ".join(error.messages)) from error
    user.set_password(password)
    user.save(update_fields=["password"])
    audit.record("accounts.password.changed", target=user, actor=actor, at=at)


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

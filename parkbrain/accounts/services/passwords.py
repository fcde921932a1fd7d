"""Passwords: generated, changed, and set anew through a link that works once."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.tokens import default_token_generator
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.db import transaction
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _
from django.utils.translation import override

from parkbrain.kernel import audit
from parkbrain.kernel.models import User

from ..queries import is_administrator, may_manage


class CannotChangePassword(Exception):
    """The new password is not good enough."""


class CannotMakeLink(Exception):
    """The actor may not make a link for this person."""


def generate_password() -> str:
    """Return a random password that is easy to read aloud and hard to guess (about 70 bits)."""
    alphabet = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(alphabet) for _ in range(5)) for _ in range(3))


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


def _link_parts(user: User) -> tuple[str, str]:
    """Return what stands in the link; the token hangs on the present password and last sign-in, so it works once."""
    return urlsafe_base64_encode(force_bytes(user.pk)), default_token_generator.make_token(user)


@transaction.atomic
def make_password_link(*, user: User, actor: User, at: datetime) -> tuple[str, str]:
    """Return the two parts of a link with which a person sets a new password once; for where no mail is set up.

    Not for an administrator: who could set another administrator's password could act as the second person too.

    :raises CannotMakeLink: the actor does not manage this person everywhere, the person is not active, or is an
        administrator.
    """
    if is_administrator(person=user):
        raise CannotMakeLink(_("An administrator's sign-in is renewed at the terminal: parkbrain password."))
    if not user.is_active or not may_manage(user=actor, person=user):
        raise CannotMakeLink(_("You may not manage this person."))
    audit.record("accounts.password_link.made", target=user, actor=actor, at=at)
    return _link_parts(user)


@transaction.atomic
def send_password_link(*, email: str, address_of: Callable[[str, str], str], at: datetime) -> int:
    """Send a link for a new password to whoever has this e-mail address, and return how many were sent.

    `address_of(uid, token)` makes the whole address. Nobody learns whether the address is known.
    """
    if not email or not settings.EMAIL_HOST:
        return 0
    found = list(User.objects.filter(email__iexact=email, is_active=True))
    for user in found:
        with override(user.language):
            text = _(
                "Somebody asked for a new password for %(name)s. Open this address to set one; it works once:\n\n"
                "%(address)s\n\nIf it was not you, do nothing."
            ) % {"name": user.username, "address": address_of(*_link_parts(user))}
            send_mail(_("ParkBrain: set a new password"), text, None, [user.email])
        audit.record("accounts.password_link.sent", target=user, actor=None, at=at)
    return len(found)

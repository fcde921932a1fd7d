"""Make and revoke personal tokens."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from parkbrain.kernel import audit
from parkbrain.kernel.models import User

from ..models import Token
from ..queries import TOKEN_MARK, list_scope_keys

LONGEST = timedelta(days=366)
#: Tokens of one person that open the API at the same time.
MOST_TOKENS = 20
#: A token's last use is stored at most this often: reading must not wait for a write.
USE_STORED_EVERY = timedelta(minutes=10)


class CannotCreateToken(Exception):
    """The token cannot be made."""


@dataclass(frozen=True)
class NewToken:
    """A token with its secret, which is known only now."""

    token: Token
    secret: str


@transaction.atomic
def create_token(
    *, owner: User, name: str, scopes: Sequence[str], expires_at: datetime, actor: User, at: datetime
) -> NewToken:
    """Make a token and return it with its secret, which is stored nowhere.

    :raises CannotCreateToken: it would open nothing or something unknown, or last longer than a year.
    """
    if actor.pk != owner.pk:
        raise CannotCreateToken(_("Tokens are personal: everybody makes their own."))
    if not scopes or not set(scopes) <= list_scope_keys():
        raise CannotCreateToken(_("Choose at least one area that the token opens."))
    if not at < expires_at <= at + LONGEST:
        raise CannotCreateToken(_("A token lasts at least until tomorrow and at most a year."))
    if Token.objects.visible_to(owner).usable_at(at).count() >= MOST_TOKENS:
        raise CannotCreateToken(_("You have %(count)s tokens already; revoke one first.") % {"count": MOST_TOKENS})
    prefix = f"{TOKEN_MARK}{secrets.token_hex(4)}"
    secret = f"{prefix}_{secrets.token_urlsafe(32)}"
    token = Token.objects.create(
        owner=owner,
        name=name,
        prefix=prefix,
        secret_sha256=hashlib.sha256(secret.encode()).hexdigest(),
        scopes=sorted(scopes),
        created_at=at,
        expires_at=expires_at,
    )
    audit.record("integration.token.created", target=token, actor=actor, at=at, scopes=token.scopes)
    return NewToken(token, secret)


@transaction.atomic
def revoke_token(*, token: Token, actor: User, at: datetime) -> None:
    """Close a token for good; revoking it again changes nothing.

    :raises CannotCreateToken: it is somebody else's.
    """
    if actor.pk != token.owner_id:
        raise CannotCreateToken(_("Tokens are personal: everybody makes their own."))
    if Token.objects.filter(pk=token.pk, revoked_at__isnull=True).update(revoked_at=at):
        audit.record("integration.token.revoked", target=token, actor=actor, at=at)


def mark_token_used(*, token: Token, at: datetime) -> None:
    """Remember when a token was last used."""
    if token.last_used_at is None or at - token.last_used_at >= USE_STORED_EVERY:
        Token.objects.filter(pk=token.pk).update(last_used_at=at)

"""Tokens and the areas they open."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime

from parkbrain.kernel import registry
from parkbrain.kernel.models import User

from ..models import Token

#: How every token begins, so that scanners of source code recognize a lost one.
TOKEN_MARK = "pbt_"


@dataclass(frozen=True)
class Area:
    """A part of the API that scopes name."""

    key: str
    label: str


def list_areas() -> list[Area]:
    """Return the areas of the API, each once under the label that was registered first."""
    labels: dict[str, str] = {}
    for part in registry.api_parts:
        # What has no area says nothing but who the token is: every token opens it.
        if part.area:
            labels.setdefault(part.area, str(part.label))
    return [Area(key, label) for key, label in labels.items()]


def list_scope_keys() -> frozenset[str]:
    """Return every scope that a token may have."""
    return frozenset(f"{area.key}:{kind}" for area in list_areas() for kind in ("read", "write"))


def list_tokens(*, user: User) -> list[Token]:
    """Return the person's tokens, the newest first; revoked and expired ones stay visible."""
    return list(Token.objects.visible_to(user))


def find_token(*, secret: str, at: datetime) -> Token | None:
    """Return the token with this secret if it opens the API now, or None."""
    prefix = secret[: len(TOKEN_MARK) + 8]
    if not secret.startswith(TOKEN_MARK) or not secret.isascii() or len(secret) > 100:
        return None
    token = Token.objects.usable_at(at).filter(prefix=prefix).select_related("owner").first()
    given = hashlib.sha256(secret.encode()).hexdigest()
    # Compared in constant time, and the hash rather than the secret: nothing is learnt from how long it takes.
    return token if token is not None and hmac.compare_digest(given, token.secret_sha256) else None

"""Who asks: a token opens its areas for its owner, so many times a minute."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from ninja.security import HttpBearer

from parkbrain.ui.rest import Problem

from .. import queries, services
from ..models import Token

WINDOW_S = 60
READING = frozenset({"GET", "HEAD"})


class TokenAuth(HttpBearer):
    """A bearer token whose scopes open one area ("" is open to every token); the request then acts as its owner."""

    openapi_description = "A personal token, made on the page “Tokens” of one's account."

    def __init__(self, area: str) -> None:
        super().__init__()
        self.area = area

    def authenticate(self, request: HttpRequest, token: str) -> Token | None:
        """Return the token; refuse one that does not open this area, or asks too often."""
        now = timezone.now()
        found = queries.find_token(secret=token, at=now)
        if found is None:
            return None
        _count(found, now)
        request.user = found.owner  # type: ignore[assignment]
        if "accept-language" not in request.headers:
            translation.activate(found.owner.language)
        is_write = request.method not in READING
        if self.area and not found.allows(self.area, write=is_write):
            scope = f"{self.area}:{'write' if is_write else 'read'}"
            raise Problem(403, _("The token lacks the scope %(scope)s.") % {"scope": scope})
        services.mark_token_used(token=found, at=now)
        return found


def _count(token: Token, now: datetime) -> None:
    """Count the request in the minute; each web process counts for itself, so that reading never writes."""
    second = int(now.timestamp())
    key = f"integration.rate.{token.pk}.{second // WINDOW_S}"
    cache.add(key, 0, 2 * WINDOW_S)
    try:
        count = cache.incr(key)
    except ValueError:  # thrown out of a full cache between the two lines
        count = 1
    if count > settings.API_REQUESTS_PER_MINUTE:
        wait_s = WINDOW_S - second % WINDOW_S
        detail = _("At most %(count)s requests a minute; wait %(seconds)s s.") % {
            "count": settings.API_REQUESTS_PER_MINUTE,
            "seconds": wait_s,
        }
        raise Problem(429, detail, headers={"Retry-After": str(wait_s)})

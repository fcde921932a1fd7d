"""What the pages of sign-in share."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from parkbrain.kernel.models import User
from parkbrain.kernel.roles import Permission

from ..models import SignInLock


def client_address(request: HttpRequest) -> str:
    """Return the address the request came from, behind as many proxies as the settings name."""
    return str(get_adapter().get_client_ip(request))


def lock_message(lock: SignInLock) -> str:
    """Return how long a lock lasts, in words for the person before it."""
    seconds = (lock.locked_until - timezone.now()).total_seconds() if lock.locked_until else 0
    minutes = max(1, -(-int(seconds) // 60))
    wait = ngettext("Try again in %(count)s minute", "Try again in %(count)s minutes", minutes) % {"count": minutes}
    return _("Too many failed attempts. %(wait)s, or ask an administrator to unlock it.") % {"wait": wait}


def safe_next(request: HttpRequest) -> str:
    """Return where the person wanted to go, if that is one of our own pages, else nothing."""
    target = request.POST.get("next") or request.GET.get("next", "")
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if safe else ""


def require_permission(user: User | AnonymousUser, permission: Permission) -> None:
    """Refuse a page to whoever does not hold the permission anywhere."""
    if isinstance(user, AnonymousUser) or not user.may(permission):
        raise PermissionDenied


class AnswersInvalid:
    """Answers a form that is not valid with status 422 and the same page."""

    def form_invalid(self, form: Any) -> HttpResponse:
        """Show the form again with what is wrong."""
        return self.render_to_response(self.get_context_data(form=form), status=422)

"""Setting a new password through a link that works once."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.tokens import default_token_generator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlsafe_base64_decode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from parkbrain.kernel.models import User
from parkbrain.ui.htmx import page

from .. import services
from ..forms import NewPasswordForm, RenewForm
from .common import client_address, lock_message


@login_not_required
@never_cache
def password_forgotten(request: HttpRequest) -> HttpResponse:
    """Send a link for a new password to an e-mail address, if somebody has it; the answer is the same either way."""
    if not settings.EMAIL_HOST:
        raise Http404
    form, status, done = RenewForm(request.POST or None), 200, False
    if request.method == "POST":
        status = 422
        if form.is_valid():
            email, address = form.cleaned_data["email"], client_address(request)
            lock = services.count_attempt(account=f"mail {email}", address=address, at=timezone.now())
            if lock is not None:
                form.add_error(None, lock_message(lock))
                status = 429
            else:
                services.send_password_link(
                    email=email,
                    address_of=lambda uid, token: request.build_absolute_uri(
                        reverse("password_set", args=[uid, token])
                    ),
                    at=timezone.now(),
                )
                done, status = True, 200
    return page(request, "accounts/password_forgotten.html", {"form": form, "done": done}, status=status)


def _person(uid: str) -> User | None:
    try:
        return User.objects.filter(pk=int(urlsafe_base64_decode(uid)), is_active=True).first()
    except (ValueError, OverflowError):
        return None


@login_not_required
@never_cache
@sensitive_post_parameters("new_password1", "new_password2")
def password_set(request: HttpRequest, uid: str, token: str) -> HttpResponse:
    """Set a new password through the link; it works once and for a day."""
    user = _person(uid)
    if user is None or not default_token_generator.check_token(user, token):
        return page(request, "accounts/password_set.html", {"form": None}, status=404)
    form, status = NewPasswordForm(user, request.POST or None), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            password, now = form.cleaned_data["new_password1"], timezone.now()
            services.change_password(user=user, password=password, actor=user, at=now)
            services.close_other_sessions(user=user, kept_key="", actor=user, at=now)
            services.clear_attempts(account=user.username, address="")
            messages.success(request, _("Your password was changed. Sign in with it."))
            return redirect("sign_in")
    return page(request, "accounts/password_set.html", {"form": form, "person": user}, status=status)

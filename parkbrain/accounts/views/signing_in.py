"""Signing in: the password, the second factor, a passkey; and confirming that it is still oneself."""

from __future__ import annotations

from typing import Any

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.internal.stagekit import clear_login
from allauth.account.models import Login
from allauth.account.views import ReauthenticateView
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.base.views import ReauthenticateView as ReauthenticateCodeView
from allauth.mfa.webauthn.views import LoginWebAuthnView, ReauthenticateWebAuthnView
from allauth.socialaccount.adapter import get_adapter as get_issuer_adapter
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from parkbrain.kernel.models import User
from parkbrain.ui.htmx import page

from .. import queries, services
from ..forms import CodeForm, ConfirmCodeForm, ConfirmForm, SignInForm
from .common import AnswersInvalid, client_address, lock_message, safe_next


@login_not_required
@never_cache
@sensitive_post_parameters("password")
def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign a person in by name or e-mail address and password; who has a second factor is asked for it next."""
    if request.user.is_authenticated:
        return redirect("home")
    form, status = SignInForm(request, data=request.POST or None), 200
    if request.method == "POST":
        account, address = request.POST.get("username", ""), client_address(request)
        lock = services.count_attempt(account=account, address=address, at=timezone.now())
        if lock is not None:
            form = SignInForm(request, initial={"username": account})
            return page(request, "accounts/sign_in.html", _entrance(request, form, lock_message(lock)), status=429)
        if form.is_valid():
            user = form.get_user()
            if queries.has_second_factor(user=user):
                # Failed codes keep counting until one is right, or the password would buy new guesses.
                services.take_back_attempt(account=account, address=address)
            else:
                services.clear_attempts(account=account, address=address)
            # A password typed just now also confirms what comes next, without being asked for it again.
            record_authentication(request, user, method="password", username=user.username, reauthenticated=True)
            return perform_login(request, Login(user=user, redirect_url=safe_next(request) or None))
        status = 422
    return page(request, "accounts/sign_in.html", _entrance(request, form), status=status)


def _entrance(request: HttpRequest, form: SignInForm, locked: str = "") -> dict[str, Any]:
    target = safe_next(request)
    issuer = get_issuer_adapter().list_apps(request, provider="openid_connect")
    query = f"?{urlencode({'next': target})}" if target else ""
    return {
        "form": form,
        "next": target,
        "locked": locked,
        "issuer": issuer[0].name if issuer else "",
        "issuer_url": reverse("openid_connect_login", args=["oidc"]) + query if issuer else "",
        "mail": bool(settings.EMAIL_HOST),
    }


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    logout(request)
    return redirect("sign_in")


def _is_fresh(form: Any, user: User) -> bool:
    """Tell whether the code of a valid form is used for the first time; a passkey's answer always is."""
    if "code" not in form.cleaned_data:
        return True
    fresh = services.use_code(user=user, code=form.cleaned_data["code"], at=timezone.now())
    if not fresh:
        form.add_error("code", str(get_adapter().error_messages["incorrect_code"]))
    return fresh


class CodePage(AuthenticateView):
    """The second factor at sign-in."""

    form_class = CodeForm
    template_name = "accounts/code.html"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Count the attempt, and go on only if the code or the passkey is right."""
        account, address = self.stage.login.user.username, client_address(request)
        lock = services.count_attempt(account=account, address=address, at=timezone.now())
        if lock is not None:
            clear_login(request)
            messages.error(request, lock_message(lock))
            return redirect("sign_in")
        if not self.form.is_valid() or not _is_fresh(self.form, self.stage.login.user):
            return self.render_to_response(self.get_context_data(), status=422)
        services.clear_attempts(account=account, address=address)
        return self.form_valid(self.form)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Tell the page which second factors the person has."""
        context = super().get_context_data(**kwargs)
        types = set(self.stage.login.user.authenticator_set.values_list("type", flat=True))
        return {**context, "has_app": types & {"totp", "recovery_codes"}, "has_passkey": "webauthn" in types}


class PasskeyPage(LoginWebAuthnView):
    """Signing in with a passkey alone: GET gives the browser its challenge, POST brings the answer."""


class _Confirms(AnswersInvalid):
    """Counts attempts to confirm like attempts to sign in."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Count the attempt before looking at it; a locked person is signed out."""
        user, address = request.user, client_address(request)
        lock = services.count_attempt(account=user.username, address=address, at=timezone.now())
        if lock is not None:
            logout(request)
            messages.error(request, lock_message(lock))
            return redirect("sign_in")
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        """Forget the attempts and go on with what was asked."""
        if not _is_fresh(form, self.request.user):
            return self.form_invalid(form)
        services.clear_attempts(account=self.request.user.username, address=client_address(self.request))
        return super().form_valid(form)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Name the other ways to confirm."""
        return {**super().get_context_data(**kwargs), "next": safe_next(self.request), "ways": _ways(self.request.user)}


def _ways(user: User) -> set[str]:
    types = set(user.authenticator_set.values_list("type", flat=True))
    ways = {"password"} if user.has_usable_password() else set()
    return ways | ({"code"} if types & {"totp", "recovery_codes"} else set()) | (types & {"webauthn"})


class ConfirmPage(_Confirms, ReauthenticateView):
    """Confirming by the password."""

    form_class = ConfirmForm
    template_name = "accounts/confirm.html"


class ConfirmCodePage(_Confirms, ReauthenticateCodeView):
    """Confirming by a code."""

    form_class = ConfirmCodeForm
    template_name = "accounts/confirm.html"


class ConfirmPasskeyPage(_Confirms, ReauthenticateWebAuthnView):
    """Confirming by a passkey."""

    template_name = "accounts/confirm_passkey.html"


code = CodePage.as_view()
passkey = login_not_required(PasskeyPage.as_view())
confirm = ConfirmPage.as_view()
confirm_code = ConfirmCodePage.as_view()
confirm_passkey = ConfirmPasskeyPage.as_view()

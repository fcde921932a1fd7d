"""One's own profile: roles, password, second factors, open sessions."""

from __future__ import annotations

from typing import Any

from allauth.account.decorators import reauthentication_required
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.views import (
    DownloadRecoveryCodesView,
    GenerateRecoveryCodesView,
    ViewRecoveryCodesView,
)
from allauth.mfa.totp.views import ActivateTOTPView, DeactivateTOTPView
from allauth.mfa.webauthn.views import AddWebAuthnView, RemoveWebAuthnView
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from parkbrain.kernel import scope
from parkbrain.kernel.models import User
from parkbrain.ui.htmx import page

from .. import queries, services
from ..forms import AddAppForm, AddPasskeyForm, PasswordForm
from .common import AnswersInvalid


def profile(request: HttpRequest) -> HttpResponse:
    """Show one's own roles and change one's password."""
    form = PasswordForm(request.user, request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                services.change_password(
                    user=request.user,
                    password=form.cleaned_data["new_password1"],
                    actor=request.user,
                    at=timezone.now(),
                )
            except services.CannotChangePassword as refusal:
                form.add_error(None, str(refusal))
            else:
                old_key = request.session.session_key
                update_session_auth_hash(request, request.user)
                services.move_session(old_key=old_key or "", new_key=request.session.session_key)
                messages.success(request, _("Your password was changed; you are signed out everywhere else."))
                return redirect("profile")
    memberships = scope.memberships_of(request.user)
    return page(request, "accounts/profile.html", {"form": form, "memberships": memberships}, status=status)


@never_cache
def security(request: HttpRequest) -> HttpResponse:
    """Show one's second factors and open sessions."""
    factors = list(Authenticator.objects.filter(user=request.user).order_by("created_at"))
    codes_left = next((len(f.wrap().get_unused_codes()) for f in factors if f.type == "recovery_codes"), 0)
    context = {
        "app": next((f for f in factors if f.type == Authenticator.Type.TOTP), None),
        "passkeys": [f for f in factors if f.type == Authenticator.Type.WEBAUTHN],
        "has_codes": any(f.type == Authenticator.Type.RECOVERY_CODES for f in factors),
        "codes_left": codes_left,
        "sessions": queries.list_sessions(user=request.user),
        "session_key": request.session.session_key,
        "required": queries.needs_second_factor(user=request.user),
    }
    return page(request, "accounts/security.html", context)


def _added(user: User, what: str) -> None:
    services.record_factor_added(user=user, what=what, at=timezone.now())


class AppPage(AnswersInvalid, ActivateTOTPView):
    """Adding an authenticator app: a picture to scan, a secret to type, a first code as proof."""

    form_class = AddAppForm
    template_name = "accounts/add_app.html"

    def form_valid(self, form: Any) -> HttpResponse:
        """Keep the app as second factor."""
        response = super().form_valid(form)
        _added(self.request.user, _("authenticator app"))
        return response


class RemoveAppPage(AnswersInvalid, DeactivateTOTPView):
    """Removing the authenticator app."""

    template_name = "accounts/remove_factor.html"

    def form_valid(self, form: Any) -> HttpResponse:
        """Remove it."""
        response = super().form_valid(form)
        services.record_factor_removed(user=self.request.user, what=_("authenticator app"), at=timezone.now())
        return response


class AddPasskeyPage(AnswersInvalid, AddWebAuthnView):
    """Adding a passkey."""

    form_class = AddPasskeyForm
    template_name = "accounts/add_passkey.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Keep the form that was sent, where there is one."""
        return {**super().get_context_data(**kwargs), **kwargs}

    def form_valid(self, form: Any) -> HttpResponse:
        """Keep the passkey."""
        response = super().form_valid(form)
        _added(self.request.user, _("passkey"))
        return response


class RemovePasskeyPage(RemoveWebAuthnView):
    """Removing a passkey."""

    template_name = "accounts/remove_factor.html"

    def form_valid(self, form: Any) -> HttpResponse:
        """Remove it, unless it is the last second factor of a role that must have one."""
        authenticator = self.get_object()
        if not get_adapter().can_delete_authenticator(authenticator):
            messages.error(self.request, str(get_adapter().error_messages["cannot_delete_authenticator"]))
            return redirect("account_security")
        response = super().form_valid(form)
        services.record_factor_removed(user=self.request.user, what=_("passkey"), at=timezone.now())
        return response


class CodesPage(ViewRecoveryCodesView):
    """The recovery codes that are left."""

    template_name = "accounts/codes.html"


class NewCodesPage(AnswersInvalid, GenerateRecoveryCodesView):
    """Making new recovery codes; the old ones stop working."""

    template_name = "accounts/new_codes.html"

    def form_valid(self, form: Any) -> HttpResponse:
        """Replace the codes."""
        response = super().form_valid(form)
        _added(self.request.user, _("recovery codes"))
        return response


class DownloadCodesPage(DownloadRecoveryCodesView):
    """The recovery codes as a text file."""

    template_name = "accounts/codes.txt"


@require_POST
@reauthentication_required
def end_session(request: HttpRequest, session_id: int) -> HttpResponse:
    """Sign oneself out of another browser."""
    sessions = [s for s in queries.list_sessions(user=request.user) if s.pk == session_id]
    session = sessions[0] if sessions else get_object_or_404(request.user.open_sessions, pk=session_id)
    services.close_session(session=session, actor=request.user, at=timezone.now())
    messages.success(request, _("You were signed out there."))
    return redirect("account_security")


@require_POST
@reauthentication_required
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    """Sign oneself out everywhere else."""
    key = request.session.session_key or ""
    services.close_other_sessions(user=request.user, kept_key=key, actor=request.user, at=timezone.now())
    messages.success(request, _("You were signed out everywhere else."))
    return redirect("account_security")


activate_app = AppPage.as_view()
deactivate_app = RemoveAppPage.as_view()
add_passkey = AddPasskeyPage.as_view()
remove_passkey = RemovePasskeyPage.as_view()
codes = CodesPage.as_view()
new_codes = NewCodesPage.as_view()
download_codes = DownloadCodesPage.as_view()

"""Where django-allauth meets the house: its hooks call our services, and it sends nobody to pages we do not have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkbrain.accounts import queries, services
from parkbrain.kernel.models import User

#: Where a person who must still set up a second factor may go.
BEFORE_SECOND_FACTOR = (
    "/profile/security/",
    "/confirm/",
    "/sign-out/",
    "/language/",
    "/theme/",
    "/static/",
    "/healthz",
)


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Signing in: nobody registers alone, an inactive person is told so, and each sign-in is written down."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody makes an account for themselves."""
        return False

    def add_message(self, request: HttpRequest, level: int, *args: Any, message: str | None = None, **kw: Any) -> None:
        """Show messages that carry their own text; those from the library's templates are not in our words."""
        if message:
            messages.add_message(request, level, message)

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        """Send an inactive person back to the sign-in page with the reason."""
        messages.error(request, _("This account is not active. Ask your administrator."))
        return redirect("sign_in")

    def login(self, request: HttpRequest, user: User) -> None:
        """Sign the person in and write down from where."""
        super().login(request, user)
        services.open_session(
            user=user,
            session_key=request.session.session_key or "",
            address=self.get_client_ip(request),
            agent=self.get_http_user_agent(request),
            at=timezone.now(),
        )


class FactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """The second factor, in our words; a role that must have one cannot drop its last."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": gettext_lazy("The code is wrong or no longer valid."),
        "cannot_delete_authenticator": gettext_lazy("Your role must keep a second factor; add another one first."),
    }

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Keep the last second factor of a person whose role must have one."""
        others = Authenticator.objects.filter(user=authenticator.user).exclude(pk=authenticator.pk)
        return others.exclude(type=Authenticator.Type.RECOVERY_CODES).exists() or not queries.needs_second_factor(
            user=authenticator.user
        )

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Name this installation to the passkey."""
        return {**super().get_public_key_credential_rp_entity(), "name": "ParkBrain"}


class IssuerAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Single sign-on: matched by an e-mail address the issuer verified, else added without any role."""

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Tie the issuer's account to the person it belongs to."""
        if sociallogin.is_existing:
            return
        verified = [a.email for a in sociallogin.email_addresses if a.verified]
        if not verified:
            self._refuse(request, _("The single sign-on did not vouch for your e-mail address."))
        found = list(User.objects.filter(email__iexact=verified[0])[:2])
        if len(found) > 1:
            self._refuse(request, _("Several people have this e-mail address. Ask your administrator."))
        data = sociallogin.account.extra_data.get("userinfo") or sociallogin.account.extra_data.get("id_token") or {}
        user = (
            found[0]
            if found
            else services.add_person_from_issuer(
                username=str(data.get("preferred_username") or ""),
                full_name=str(data.get("name") or ""),
                email=verified[0],
                at=timezone.now(),
            )
        )
        sociallogin.connect(request, user)

    def on_authentication_error(self, request: HttpRequest, provider: Any, **details: Any) -> None:
        """Bring whatever went wrong at the issuer back to our sign-in page."""
        self._refuse(request, _("The single sign-on did not work. Try again, or sign in with a password."))

    def _refuse(self, request: HttpRequest, text: str) -> None:
        messages.error(request, text)
        raise ImmediateHttpResponse(redirect("sign_in"))


def require_second_factor(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[..., HttpResponse]:
    """Let people whose role must have a second factor nowhere before they have one."""

    def middleware(request: HttpRequest) -> HttpResponse:
        user = request.user
        if user.is_authenticated and not request.path.startswith(BEFORE_SECOND_FACTOR):
            missing = queries.needs_second_factor(user=user) and not queries.has_second_factor(user=user)
            if missing:
                messages.warning(request, _("Your role must have a second factor. Set one up to go on."))
                return redirect("account_security")
        return get_response(request)

    return middleware

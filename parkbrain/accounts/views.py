"""Pages of sign-in, language and theme, people and the audit trail."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout, update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone, translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from parkbrain.kernel import lists, scope
from parkbrain.kernel.models import Membership, Park
from parkbrain.kernel.roles import Permission
from parkbrain.ui.htmx import page

from . import services
from .forms import PasswordForm, PersonForm, SignInForm
from .tables import AUDIT, PEOPLE

THEMES = ("light", "dark", "auto")
YEAR_SECONDS = 365 * 24 * 3600


def _back(request: HttpRequest) -> str:
    """Return where the person came from, if that is one of our own pages."""
    target = request.POST.get("next") or request.META.get("HTTP_REFERER", "")
    if target and url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        parts = urlsplit(target)
        return parts.path + (f"?{parts.query}" if parts.query else "")
    return "/"


@login_not_required
def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign a person in."""
    if request.user.is_authenticated:
        return redirect("home")
    form = SignInForm(request, data=request.POST or None)
    if request.method == "POST" and form.is_valid():
        login(request, form.get_user())
        target = request.POST.get("next", "")
        safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
        return redirect(target if safe else settings.LOGIN_REDIRECT_URL)
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "next": request.GET.get("next", request.POST.get("next", ""))}
    return page(request, "accounts/sign_in.html", context, status=status)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    logout(request)
    return redirect("sign_in")


@login_not_required
@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Remember the language in this browser."""
    response = redirect(_back(request))
    language = request.POST.get("language", "")
    if translation.check_for_language(language) and language in dict(settings.LANGUAGES):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            max_age=YEAR_SECONDS,
            samesite=settings.LANGUAGE_COOKIE_SAMESITE,
            secure=settings.LANGUAGE_COOKIE_SECURE,
        )
    return response


@login_not_required
@require_POST
def choose_theme(request: HttpRequest) -> HttpResponse:
    """Remember light, dark or the system's choice in this browser."""
    response = redirect(_back(request))
    theme = request.POST.get("theme", "")
    if theme in THEMES:
        response.set_cookie("theme", theme, max_age=YEAR_SECONDS, samesite="Lax", secure=request.is_secure())
    return response


@require_POST
def choose_park(request: HttpRequest) -> HttpResponse:
    """Make a park the current one and open it."""
    park_id = request.POST.get("park", "")
    park = get_object_or_404(Park.objects.visible_to(request.user), pk=park_id if park_id.isdigit() else 0)
    request.session["park_id"] = park.pk
    return redirect("park_detail", park.pk)


def people(request: HttpRequest) -> HttpResponseBase:
    """List the people of one's branches and add one."""
    if not request.user.may(Permission.MANAGE_PEOPLE):
        raise PermissionDenied
    # What is posted with an act is about the list, everything else is the form.
    adds = request.method == "POST" and "act" not in request.POST
    form = PersonForm(request.POST if adds else None, user=request.user)
    status = 200
    if adds:
        status = 422
        if form.is_valid():
            try:
                user, password = services.add_person(**form.cleaned_data, actor=request.user, at=timezone.now())
            except services.CannotAddPerson as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(
                    request,
                    _("%(name)s can now sign in as %(username)s with the password %(password)s. It is shown only once.")
                    % {"name": user.full_name, "username": user.username, "password": password},
                )
                return redirect("people")
    return lists.respond(request, PEOPLE, template="accounts/people.html", context={"form": form}, status=status)


@require_POST
def remove_member(request: HttpRequest, membership_id: int) -> HttpResponse:
    """Take a role away."""
    within = Membership.objects.filter(scope.branches_q(request.user, Permission.MANAGE_PEOPLE, field="branch__path"))
    membership = get_object_or_404(within, pk=membership_id)
    name = str(membership)
    try:
        services.remove_membership(membership=membership, actor=request.user, at=timezone.now())
    except services.CannotRemoveMembership as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("%(name)s was taken away.") % {"name": name})
    return redirect("people")


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
                update_session_auth_hash(request, request.user)
                messages.success(request, _("Your password was changed."))
                return redirect("profile")
    memberships = scope.memberships_of(request.user)
    return page(request, "accounts/profile.html", {"form": form, "memberships": memberships}, status=status)


def audit_trail(request: HttpRequest) -> HttpResponseBase:
    """List what was changed in one's parks, by whom and when."""
    return lists.respond(request, AUDIT)

"""People and their roles, locks and links; the audit trail."""

from __future__ import annotations

from typing import Any

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from parkbrain import lists
from parkbrain.kernel import audit, scope
from parkbrain.kernel.models import Membership, User
from parkbrain.kernel.roles import Permission
from parkbrain.ui.htmx import page

from .. import queries, services
from ..forms import GrantForm, PersonForm
from ..models import SignInLock
from ..tables import AUDIT, PEOPLE
from .common import require_permission

#: So many of the newest links are walked whenever the audit page is opened; the terminal walks the whole chain.
WALKED_ON_PAGE = 1000


def _people_page(
    request: HttpRequest, *, form: PersonForm | None = None, grant_form: GrantForm | None = None, status: int = 200
) -> HttpResponseBase:
    context: dict[str, Any] = {
        "form": form or PersonForm(user=request.user),
        "grant_form": grant_form or GrantForm(user=request.user, prefix="grant"),
        "locks": queries.list_locks(user=request.user, at=timezone.now()),
        "without_role": queries.list_people_without_role(user=request.user),
    }
    return lists.respond(request, PEOPLE, template="accounts/people.html", context=context, status=status)


@never_cache
def people(request: HttpRequest) -> HttpResponseBase:
    """List the people of one's branches and add one."""
    require_permission(request.user, Permission.MANAGE_PEOPLE)
    # What is posted to the list (a saved view, columns) changes nobody's sign-in: no second look at the person is needed.
    if request.method == "POST" and "act" not in request.POST:
        return _add_person(request)
    return _people_page(request)


@reauthentication_required
def _add_person(request: HttpRequest) -> HttpResponseBase:
    form = PersonForm(request.POST, user=request.user)
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
            if not user.memberships.exists():
                messages.warning(request, _("The role waits until a second person approves it."))
            return redirect("people")
    return _people_page(request, form=form, status=422)


@require_POST
@reauthentication_required
def grant(request: HttpRequest) -> HttpResponseBase:
    """Give a person who is there already a further role."""
    require_permission(request.user, Permission.MANAGE_PEOPLE)
    form = GrantForm(request.POST, user=request.user, prefix="grant")
    if form.is_valid():
        username = form.cleaned_data.pop("username")
        person = User.objects.filter(username=username).first()
        if person is None:
            form.add_error("username", _("Nobody signs in as %(name)s.") % {"name": username})
        else:
            try:
                given = services.grant_role(user=person, **form.cleaned_data, actor=request.user, at=timezone.now())
            except services.CannotAddPerson as refusal:
                form.add_error(None, str(refusal))
            else:
                if isinstance(given, Membership):
                    messages.success(request, _("The role %(name)s was given.") % {"name": given})
                else:
                    messages.warning(request, _("The role waits until a second person approves it."))
                return redirect("people")
    return _people_page(request, grant_form=form, status=422)


@require_POST
@reauthentication_required
def remove_member(request: HttpRequest, membership_id: int) -> HttpResponse:
    """Take a role away."""
    within = Membership.objects.filter(scope.branches_q(request.user, Permission.MANAGE_PEOPLE, field="branch__path"))
    membership = get_object_or_404(within, pk=membership_id)
    name = str(membership)
    try:
        waits = services.remove_membership(membership=membership, actor=request.user, at=timezone.now())
    except services.CannotRemoveMembership as refusal:
        messages.error(request, str(refusal))
    else:
        if waits is None:
            messages.success(request, _("%(name)s was taken away.") % {"name": name})
        else:
            messages.warning(request, _("The role is taken away once a second person approves it."))
    return redirect("people")


def _managed(request: HttpRequest, user_id: int) -> User:
    """Return a person of one's branches, or 404."""
    require_permission(request.user, Permission.MANAGE_PEOPLE)
    theirs = queries.managed_memberships(user=request.user).order_by().values("user")
    return get_object_or_404(User, pk__in=theirs, pk=user_id)


@never_cache
@require_POST
@reauthentication_required
def person_link(request: HttpRequest, user_id: int) -> HttpResponse:
    """Make a link with which a person sets a new password once."""
    person = _managed(request, user_id)
    try:
        uid, token = services.make_password_link(user=person, actor=request.user, at=timezone.now())
    except services.CannotMakeLink as refusal:
        messages.error(request, str(refusal))
        return redirect("people")
    address = request.build_absolute_uri(reverse("password_set", args=[uid, token]))
    return page(request, "accounts/link.html", {"person": person, "address": address})


@require_POST
@reauthentication_required
def reset_factor(request: HttpRequest, user_id: int) -> HttpResponse:
    """Take away the second factors of a person who lost theirs."""
    person = _managed(request, user_id)
    try:
        services.reset_second_factor(user=person, actor=request.user, at=timezone.now())
    except services.CannotResetSecondFactor as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("%(name)s has no second factor now and is signed out.") % {"name": person})
    return redirect("people")


@require_POST
@reauthentication_required
def unlock(request: HttpRequest, lock_id: int) -> HttpResponse:
    """Open a lock before its time is over."""
    require_permission(request.user, Permission.MANAGE_PEOPLE)
    mine = [lock.pk for lock in queries.list_locks(user=request.user, at=timezone.now())]
    lock = get_object_or_404(SignInLock, pk__in=mine, pk=lock_id)
    services.unlock_sign_in(lock=lock, actor=request.user, at=timezone.now())
    messages.success(request, _("%(name)s can try again.") % {"name": lock})
    return redirect("people")


def audit_trail(request: HttpRequest) -> HttpResponseBase:
    """List what was changed in one's parks, by whom and when, and whether the chain of events holds."""
    require_permission(request.user, Permission.VIEW_AUDIT)
    chain = audit.verify_chain(last=WALKED_ON_PAGE)
    context = {"chain": chain, "walked": WALKED_ON_PAGE}
    return lists.respond(request, AUDIT, template="accounts/audit_trail.html", context=context)

"""What is so about people and roles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from parkbrain.kernel import approvals, scope
from parkbrain.kernel.models import AuditEvent, Branch, Membership, Park, User
from parkbrain.kernel.names import search_q
from parkbrain.kernel.registry import Attention, SearchHit
from parkbrain.kernel.roles import Permission, Role

from .models import OpenSession, SignInLock


@dataclass(frozen=True)
class PersonRow:
    """A person with one role, as the list of people shows it; who may be managed has actions, and so has a sign-in."""

    membership: Membership
    has_second_factor: bool
    manageable: bool
    renewable: bool


def managed_memberships(*, user: User) -> QuerySet[Membership]:
    """Return the roles of people in the branches where `user` may manage people."""
    return Membership.objects.filter(scope.branches_q(user, Permission.MANAGE_PEOPLE, field="branch__path"))


def memberships_holding(*, rows: QuerySet[Membership], text: str) -> QuerySet[Membership]:
    """Keep the roles of people whose name, sign-in name or e-mail holds the text."""
    return rows.filter(search_q(text, field="user__search_text") | Q(user__email__icontains=text))


def memberships_with_factor(*, rows: QuerySet[Membership], has: bool | None) -> QuerySet[Membership]:
    """Keep the roles of people with, or without, a second factor; of nobody it is unknown."""
    if has is None:
        return rows.none()
    held = Q(user__in=Authenticator.objects.order_by().values("user"))
    return rows.filter(held if has else ~held)


def person_rows(*, members: Sequence[Membership], user: User) -> list[PersonRow]:
    """Return the rows of one page of people: what each has, and what `user` may do with them."""
    people = {m.user_id for m in members}
    factors = set(Authenticator.objects.filter(user__in=people).values_list("user", flat=True))
    theirs: dict[int, list[Membership]] = {}
    for membership in Membership.objects.filter(user__in=people).select_related("branch"):
        theirs.setdefault(membership.user_id, []).append(membership)
    return [
        PersonRow(
            membership=m,
            has_second_factor=m.user_id in factors,
            manageable=m.user_id != user.pk and _reaches(user, theirs[m.user_id]),
            renewable=not any(t.role == Role.ADMINISTRATOR for t in theirs[m.user_id]),
        )
        for m in members
    ]


def find_person_hits(*, user: User, text: str, limit: int) -> list[SearchHit]:
    """Return the people of the branches where `user` manages people whose name, sign-in name or e-mail holds the text."""
    if not user.may(Permission.MANAGE_PEOPLE):
        return []
    members = memberships_holding(rows=managed_memberships(user=user), text=text).select_related("user", "branch")
    hits = {m.user_id: m for m in members.order_by("user__username", "branch__path")[: limit * 4]}
    return [
        SearchHit(_("Person"), str(m.user), reverse("people"), f"{Role(m.role).label} · {m.branch.name}")
        for m in list(hits.values())[:limit]
    ]


def list_branches(*, user: User, permission: Permission) -> list[Branch]:
    """Return the branches in which the person holds a permission, the top ones first."""
    return list(Branch.objects.filter(scope.branches_q(user, permission, field="path")).order_by("path")[:200])


def list_grantable_roles(*, user: User) -> list[Role]:
    """Return the roles the person may give: an operator gives no role that reaches beyond operating."""
    if any(m.role == Role.ADMINISTRATOR for m in scope.memberships_of(user)):
        return list(Role)
    if not user.may(Permission.MANAGE_PEOPLE):
        return []
    return [Role.OPERATOR, Role.TENANT, Role.SERVICE_PROVIDER]


def _reaches(user: User, memberships: Sequence[Membership]) -> bool:
    """Tell whether `user` manages people wherever these roles hold, and may give each of them."""
    roles = list_grantable_roles(user=user)
    return all(user.may(Permission.MANAGE_PEOPLE, m.branch.path) and Role(m.role) in roles for m in memberships)


def may_manage(*, user: User, person: User) -> bool:
    """Tell whether `user` may act on the other person's sign-in: who reaches less must not take over who reaches more."""
    memberships = list(person.memberships.select_related("branch"))
    return _reaches(user, memberships) if memberships else is_over_everything(user=user)


def is_administrator(*, person: User) -> bool:
    """Tell whether the person is an administrator of any branch."""
    return person.memberships.filter(role=Role.ADMINISTRATOR).exists()


def is_over_everything(*, user: User) -> bool:
    """Tell whether the person is an administrator of a top branch."""
    return any(m.role == Role.ADMINISTRATOR and m.branch.parent_id is None for m in scope.memberships_of(user))


def may_unlock(*, user: User, lock: SignInLock) -> bool:
    """Tell whether the person may open a lock: of people they manage; of addresses and unknown names only from the top."""
    if lock.kind == SignInLock.Kind.ACCOUNT:
        person = User.objects.filter(Q(username=lock.key) | Q(email=lock.key)).first()
        if person is not None:
            return user.may(Permission.MANAGE_PEOPLE) and may_manage(user=user, person=person)
    return is_over_everything(user=user)


def list_locks(*, user: User, at: datetime) -> list[SignInLock]:
    """Return the locks that hold now and that the person may open."""
    holding = SignInLock.objects.filter(locked_until__gt=at).order_by("kind", "key")
    return [lock for lock in holding if may_unlock(user=user, lock=lock)]


def list_people_without_role(*, user: User) -> list[User]:
    """Return people who can sign in but have no role yet; only an administrator of a top branch sees them."""
    if not is_over_everything(user=user):
        return []
    return list(User.objects.filter(is_active=True, memberships=None).order_by("created_at")[:100])


def list_sessions(*, user: User) -> list[OpenSession]:
    """Return the browsers in which the person is signed in now."""
    alive = Session.objects.filter(expire_date__gt=timezone.now()).values("session_key")
    return list(OpenSession.objects.filter(user=user, session_key__in=alive))


def needs_second_factor(*, user: User) -> bool:
    """Tell whether a role of the person must have a second factor by setting."""
    wanted = {role.upper() for role in settings.REQUIRE_SECOND_FACTOR}
    return bool(wanted) and any(m.role in wanted for m in scope.memberships_of(user))


def has_second_factor(*, user: User) -> bool:
    """Tell whether the person has an authenticator app or a passkey."""
    return bool(Authenticator.objects.filter(user=user).exclude(type=Authenticator.Type.RECOVERY_CODES).exists())


def list_attention(*, user: User, park: Park, on: date) -> list[Attention]:
    """Return the requests that wait for this person as the second one."""
    if not any(user.may(rule.permission) for rule in approvals.rules):
        return []
    now = timezone.now()
    waiting = [a for a in approvals.list_approvals(user=user, at=now, waiting=True) if a.asked_by_id != user.pk]
    return [
        Attention(
            title=_("A change waits for your approval"),
            detail=approvals.describe_approval(approval),
            url=approvals.link_of(approval) or reverse("approvals"),
            due_on=timezone.localdate(approval.expires_at),
        )
        for approval in waiting
    ]


def visible_events(*, user: User) -> QuerySet[AuditEvent]:
    """Return the audited events of the parks where the person may see the trail; from the top also the rest."""
    # What belongs to no park is the installation's own: for whoever looks after all of it.
    over_everything = is_over_everything(user=user)
    if over_everything and scope.covers_everything(user, Permission.VIEW_AUDIT):
        return AuditEvent.objects.select_related("actor", "park")
    # The parks are found once, and not asked event by event.
    seen = Q(park__in=Park.objects.visible_to(user, Permission.VIEW_AUDIT).order_by().values("pk"))
    if over_everything:
        seen |= Q(park=None)
    return AuditEvent.objects.filter(seen).select_related("actor", "park")

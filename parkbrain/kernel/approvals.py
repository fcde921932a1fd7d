"""The two-person rule: a change that one person asks for is carried out only when a second one approves it.

A module registers a `Rule` in its `apps.py` and calls `ask_approval` in its service where the rule applies; approving
calls the rule's `carry_out` in the same transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from . import audit
from .models import Approval, Branch, User
from .registry import Registry
from .roles import Permission, roles_with


class CannotDecideApproval(Exception):
    """The request cannot be approved, refused or withdrawn by this person, or not any more."""


class CannotAskApproval(Exception):
    """The same request waits already."""


@dataclass(frozen=True)
class Rule:
    """A kind of change that needs a second person.

    `describe(params=…)` says what is asked for; `carry_out(params=…, asked_by=…, decided_by=…, at=…)`
    does it and refuses by raising; `may_decide(user=…, params=…)` narrows the permission further where one is not enough.
    """

    describe: Callable[..., str]
    permission: Permission
    carry_out: Callable[..., None]
    may_decide: Callable[..., bool] | None = None
    valid_days: int = 14
    #: Address of what is asked about, from the params: nobody should have to approve what they cannot read.
    link: Callable[..., str] | None = None


rules: Registry[Rule] = Registry("approval rule")


def rule_of(approval: Approval) -> Rule:
    """Return the rule of a request."""
    rule = rules.get(approval.kind)
    if rule is None:
        raise CannotDecideApproval(_("This version does not know this kind of request."))
    return rule


def describe_approval(approval: Approval) -> str:
    """Return what is asked for as a sentence in the active language."""
    rule = rules.get(approval.kind)
    return rule.describe(params=approval.params) if rule else approval.kind


def link_of(approval: Approval) -> str:
    """Return the address of what is asked about; empty where the rule has none."""
    rule = rules.get(approval.kind)
    return rule.link(params=approval.params) if rule and rule.link else ""


def may_decide(*, user: User, approval: Approval) -> bool:
    """Tell whether this person is a second one who may decide: not the asker, with the permission there today."""
    rule = rules.get(approval.kind)
    if rule is None or user.pk == approval.asked_by_id or not user.may(rule.permission, approval.path):
        return False
    return rule.may_decide is None or rule.may_decide(user=user, params=approval.params)


def has_second_person(kind: str, *, params: Mapping[str, Any], path: str, actor: User) -> bool:
    """Tell whether anybody but the actor could decide; a lone first administrator is not locked in by the rule."""
    rule = rules.get(kind)
    if rule is None:
        raise LookupError(f"approval rule {kind} is not registered in apps.py")
    others = User.objects.filter(is_active=True, memberships__role__in=roles_with(rule.permission)).exclude(pk=actor.pk)
    probe = Approval(kind=kind, params=dict(params), path=path, asked_by=actor)
    return any(may_decide(user=other, approval=probe) for other in others.distinct())


@transaction.atomic
def ask_approval(
    kind: str, *, params: Mapping[str, Any], branch: Branch, actor: User, at: datetime, reason: str = ""
) -> Approval:
    """Ask for a change that a second person must approve.

    :raises CannotAskApproval: the same request waits already.
    """
    rule = rules.get(kind)
    if rule is None:
        raise LookupError(f"approval rule {kind} is not registered in apps.py")
    same = Approval.objects.filter(kind=kind, params=dict(params), state=Approval.State.WAITING, expires_at__gt=at)
    if same.exists():
        raise CannotAskApproval(_("The same request waits for a decision already."))
    approval = Approval.objects.create(
        kind=kind,
        params=dict(params),
        path=branch.path,
        reason=reason[:300],
        asked_by=actor,
        asked_at=at,
        expires_at=at + timedelta(days=rule.valid_days),
    )
    audit.record("kernel.approval.asked", target=approval, actor=actor, at=at, what=describe_approval(approval))
    return approval


def _waiting(approval: Approval, at: datetime) -> Approval:
    """Return the request locked and read anew, so that two deciders cannot both decide."""
    locked = Approval.objects.select_for_update().get(pk=approval.pk)
    if locked.state != Approval.State.WAITING:
        raise CannotDecideApproval(_("This request was decided already."))
    if at >= locked.expires_at:
        raise CannotDecideApproval(_("This request has expired; it must be asked for again."))
    return locked


@transaction.atomic
def decide_approval(*, approval: Approval, approve: bool, actor: User, at: datetime, reason: str = "") -> Approval:
    """Approve a request, which carries it out, or refuse it.

    :raises CannotDecideApproval: the actor asked for it, may not decide it, it was decided or expired, or what it
        asks for cannot be done any more.
    """
    approval = _waiting(approval, at)
    if actor.pk == approval.asked_by_id:
        raise CannotDecideApproval(_("A second person must decide: this is your own request."))
    if not may_decide(user=actor, approval=approval):
        raise CannotDecideApproval(_("You may not decide on this request."))
    approval.state = Approval.State.APPROVED if approve else Approval.State.REFUSED
    approval.decided_by, approval.decided_at, approval.decision_reason = actor, at, reason[:300]
    approval.save(update_fields=["state", "decided_by", "decided_at", "decision_reason"])
    what, why = describe_approval(approval), approval.decision_reason
    if not approve:
        audit.record("kernel.approval.refused", target=approval, actor=actor, at=at, what=what, reason=why)
        return approval
    rule_of(approval).carry_out(params=approval.params, asked_by=approval.asked_by, decided_by=actor, at=at)
    audit.record("kernel.approval.approved", target=approval, actor=actor, at=at, what=what, reason=why)
    return approval


@transaction.atomic
def withdraw_approval(*, approval: Approval, actor: User, at: datetime) -> None:
    """Take one's own request back.

    :raises CannotDecideApproval: it is somebody else's, or was decided already.
    """
    approval = _waiting(approval, at)
    if actor.pk != approval.asked_by_id:
        raise CannotDecideApproval(_("Only the person who asked can withdraw a request."))
    _withdraw(approval, actor, at)


def _withdraw(approval: Approval, actor: User | None, at: datetime, reason: str = "") -> None:
    approval.state, approval.decided_by, approval.decided_at = Approval.State.WITHDRAWN, actor, at
    approval.decision_reason = reason
    approval.save(update_fields=["state", "decided_by", "decided_at", "decision_reason"])
    audit.record("kernel.approval.withdrawn", target=approval, actor=actor, at=at, what=describe_approval(approval))


@transaction.atomic
def drop_approvals(kind: str, *, about: Mapping[str, Any], actor: User | None, at: datetime, reason: str) -> int:
    """Take back the requests about something that is gone or changed, whoever asked; return how many.

    `about` names the thing by params of the request: nobody is asked any more to decide on what is not there.
    """
    named = {f"params__{name}": value for name, value in about.items()}
    waiting = Approval.objects.select_for_update().filter(kind=kind, state=Approval.State.WAITING, **named)
    found = list(waiting)
    for approval in found:
        _withdraw(approval, actor, at, reason)
    return len(found)


def list_approvals(*, user: User, at: datetime, waiting: bool) -> list[Approval]:
    """Return the requests that concern this person: their own, and those they hold the permission to decide."""
    found = Approval.objects.select_related("asked_by", "decided_by")
    if not any(user.may(rule.permission) for rule in rules):
        # Whoever can decide nothing has at most requests of their own.
        found = found.filter(asked_by=user)
    if waiting:
        found = found.filter(state=Approval.State.WAITING, expires_at__gt=at)
    else:
        found = found.exclude(state=Approval.State.WAITING, expires_at__gt=at)[:100]
    return [a for a in found if a.asked_by_id == user.pk or may_decide(user=user, approval=a)]

"""Sign-in: counting failed attempts and locking, the sessions that are open, the second factor."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from parkbrain.kernel import audit
from parkbrain.kernel.models import User

from ..models import OpenSession, SignInLock
from ..queries import is_administrator, may_manage, may_unlock


class CannotUnlockSignIn(Exception):
    """The actor may not open this lock."""


class CannotResetSecondFactor(Exception):
    """The actor may not take away this person's second factor."""


@transaction.atomic
def count_attempt(*, account: str, address: str, at: datetime) -> SignInLock | None:
    """Count an attempt to sign in before it is looked at, and return the lock that forbids it, if any.

    Counting first keeps attempts at the same time from slipping past the limit; a success takes its count back.
    """
    window = timedelta(minutes=settings.SIGN_IN_LOCK_MINUTES)
    SignInLock.objects.filter(first_at__lt=at - timedelta(days=1)).delete()
    found: SignInLock | None = None
    for kind, key, limit in (
        (SignInLock.Kind.ACCOUNT, account.strip().lower()[:120], settings.SIGN_IN_FAILURES_PER_ACCOUNT),
        (SignInLock.Kind.ADDRESS, address[:120], settings.SIGN_IN_FAILURES_PER_ADDRESS),
    ):
        lock, _fresh = SignInLock.objects.select_for_update().get_or_create(
            kind=kind, key=key, defaults={"first_at": at}
        )
        if lock.locked_until is not None and lock.locked_until > at:
            found = found or lock
            continue
        if lock.locked_until is not None or lock.first_at <= at - window:
            lock.failures, lock.first_at, lock.locked_until = 0, at, None
        lock.failures += 1
        if lock.failures > limit:
            lock.locked_until = at + window
            minutes = settings.SIGN_IN_LOCK_MINUTES
            audit.record("accounts.sign_in.locked", target=lock, actor=None, at=at, minutes=minutes, address=address)
            found = found or lock
        lock.save()
    return found


@transaction.atomic
def clear_attempts(*, account: str, address: str) -> None:
    """Forget the failed attempts of a sign-in name after it signed in; of the address only this one attempt."""
    take_back_attempt(account=account, address=address)
    SignInLock.objects.filter(kind=SignInLock.Kind.ACCOUNT, key=account.strip().lower()[:120]).delete()


@transaction.atomic
def take_back_attempt(*, account: str, address: str) -> None:
    """Take one attempt back that was right but is not yet a sign-in: earlier failures, also of codes, keep counting."""
    keys = ((SignInLock.Kind.ACCOUNT, account.strip().lower()[:120]), (SignInLock.Kind.ADDRESS, address[:120]))
    for kind, key in keys:
        SignInLock.objects.filter(kind=kind, key=key, failures__gt=0).update(failures=F("failures") - 1)


@transaction.atomic
def use_code(*, user: User, code: str, at: datetime) -> bool:
    """Mark a code of the second factor as used, and tell whether it was fresh: whoever saw it typed cannot type it too."""
    key = hashlib.sha256(f"{user.pk}:{code.strip()}".encode()).hexdigest()
    row, fresh = SignInLock.objects.select_for_update().get_or_create(
        kind=SignInLock.Kind.CODE, key=key, defaults={"first_at": at}
    )
    # The same six digits may come again by chance; a code is accepted for a minute and a half at most.
    if not fresh and row.first_at <= at - timedelta(minutes=5):
        row.first_at, fresh = at, True
        row.save(update_fields=["first_at"])
    return fresh


@transaction.atomic
def unlock_sign_in(*, lock: SignInLock, actor: User, at: datetime) -> None:
    """Open a lock before its time is over.

    :raises CannotUnlockSignIn: the actor manages neither this person nor the whole installation.
    """
    if not may_unlock(user=actor, lock=lock):
        raise CannotUnlockSignIn(_("You may not manage this person."))
    audit.record("accounts.sign_in.unlocked", target=lock, actor=actor, at=at)
    lock.delete()


@transaction.atomic
def open_session(*, user: User, session_key: str, address: str, agent: str, at: datetime) -> OpenSession:
    """Write down that a person signed in, from where and with what."""
    session = OpenSession.objects.create(
        user=user, session_key=session_key, address=address[:45], agent=agent[:200], opened_at=at
    )
    audit.record("accounts.session.opened", target=user, actor=user, at=at, address=address)
    return session


@transaction.atomic
def move_session(*, old_key: str, new_key: str) -> None:
    """Follow a session whose key changed, as it does after a new password."""
    OpenSession.objects.filter(session_key=old_key).update(session_key=new_key)


@transaction.atomic
def close_session(*, session: OpenSession, actor: User | None, at: datetime) -> None:
    """Sign a person out of one browser."""
    audit.record("accounts.session.closed", target=session.user, actor=actor, at=at, address=session.address)
    Session.objects.filter(session_key=session.session_key).delete()
    session.delete()


@transaction.atomic
def close_other_sessions(*, user: User, kept_key: str, actor: User | None, at: datetime) -> int:
    """Sign a person out everywhere but here, and return from how many browsers."""
    others = list(OpenSession.objects.filter(user=user).exclude(session_key=kept_key))
    for session in others:
        close_session(session=session, actor=actor, at=at)
    return len(others)


@transaction.atomic
def record_factor_added(*, user: User, what: str, at: datetime) -> None:
    """Write down that a person added a second factor."""
    audit.record("accounts.factor.added", target=user, actor=user, at=at, what=what)


@transaction.atomic
def record_factor_removed(*, user: User, what: str, at: datetime) -> None:
    """Write down that a person removed a second factor."""
    audit.record("accounts.factor.removed", target=user, actor=user, at=at, what=what)


@transaction.atomic
def reset_second_factor(*, user: User, actor: User | None, at: datetime) -> None:
    """Take away all second factors of a person who lost theirs, and sign them out everywhere.

    :raises CannotResetSecondFactor: the actor does not manage this person everywhere, or it is an administrator, for
        whom only the terminal (no actor) does it.
    """
    if actor is not None and (user.pk == actor.pk or not may_manage(user=actor, person=user)):
        raise CannotResetSecondFactor(_("You may not manage this person."))
    if actor is not None and is_administrator(person=user):
        raise CannotResetSecondFactor(_("An administrator's sign-in is renewed at the terminal: parkbrain password."))
    Authenticator.objects.filter(user=user).delete()
    audit.record("accounts.factor.reset", target=user, actor=actor, at=at)
    close_other_sessions(user=user, kept_key="", actor=actor, at=at)

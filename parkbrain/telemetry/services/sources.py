"""Sources and the tokens of their devices."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from parkbrain.kernel import audit
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.roles import Permission
from parkbrain.space.services import Recorded, upsert

from ..drivers import DRIVERS, check_settings, explain_settings
from ..models import DeviceToken, Source
from ..queries import digest_of_secret

#: How a device's secret begins, so that a scanner of leaked secrets knows it.
MARK = "pbd_"
LONGEST = timedelta(days=5 * 366)
#: Tokens of one source that open the front door at the same time.
MOST_TOKENS = 10


class CannotRecordSource(Exception):
    """The source cannot be recorded."""


class CannotCreateDeviceToken(Exception):
    """The token cannot be made."""


@dataclass(frozen=True)
class NewDeviceToken:
    """A token with its secret, which is known only now."""

    token: DeviceToken
    secret: str


def may_change(*, park: Park, actor: User | None) -> bool:
    """Tell whether the actor may change what belongs to the park; the system itself (None) may."""
    return actor is None or actor.may(Permission.EDIT_RECORD, park.branch.path)


@transaction.atomic
def create_source(
    *,
    park: Park,
    code: str,
    driver: str,
    actor: User | None,
    at: datetime,
    name_zh_hans: str = "",
    name_en: str = "",
    settings: Mapping[str, Any] | None = None,
) -> Source:
    """Make a source; its code stands once in the park. Without the settings that its driver needs it is not active yet.

    :raises CannotRecordSource: the code is taken, the driver unknown or its settings wrong, or the actor may not.
    """
    if park.sources.filter(code=code).exists():
        raise CannotRecordSource(_("There is a source %(code)s already.") % {"code": code})
    known = DRIVERS.get(driver)
    given = dict(settings or {})
    if known is not None:
        given = {**{s.key: s.default for s in known.settings if s.default is not None}, **given}
    is_complete = known is None or not check_settings(known, given)
    values = {"name_zh_hans": name_zh_hans, "name_en": name_en, "driver": driver, "settings": given}
    return _record_source(park, code, {**values, "is_active": is_complete or settings is not None}, actor, at).row


@transaction.atomic
def change_source(*, source: Source, values: Mapping[str, Any], actor: User | None, at: datetime) -> Source:
    """Change the names, the settings or the state of a source.

    :raises CannotRecordSource: the settings are wrong, or the actor may not.
    """
    wanted = {**values, "driver": values.get("driver", source.driver)}
    return _record_source(source.park, source.code, wanted, actor, at).row


def _record_source(
    park: Park, code: str, values: Mapping[str, Any], actor: User | None, at: datetime
) -> Recorded[Source]:
    if not may_change(park=park, actor=actor):
        raise CannotRecordSource(_("You may not change the record of this park."))
    if not code.strip():
        raise CannotRecordSource(_("A source needs a code."))
    driver = DRIVERS.get(str(values["driver"]))
    if driver is None:
        raise CannotRecordSource(_("There is no driver %(key)s.") % {"key": str(values["driver"])[:40]})
    wrong = check_settings(driver, values.get("settings") or {})
    if wrong and set(wrong.values()) == {"missing"} and not values.get("is_active", True):
        # A new source is made first and told the rest on its page; until then it brings nothing.
        wrong = {}
    if wrong:
        raise CannotRecordSource(explain_settings(driver, values.get("settings") or {}))
    found = {s.code: s for s in park.sources.filter(code=code)}
    recorded = upsert(
        model=Source, found=found, rows=[(code, {**values, "park": park, "code": code, "changed_at": at})]
    )
    outcome = recorded[0]
    shown = {k: v for k, v in outcome.details()["fields"].items() if k not in {"changed_at", "settings"}}
    # Settings may hold passwords: the trail says only that they changed.
    if "settings" in outcome.fields:
        shown["settings"] = None
    if outcome.action == "create":
        audit.record("telemetry.source.added", target=outcome.row, actor=actor, at=at, park=park)
    elif shown:
        audit.record("telemetry.source.changed", target=outcome.row, actor=actor, at=at, park=park, fields=shown)
    return outcome


@transaction.atomic
def create_device_token(
    *, source: Source, name: str, actor: User | None, at: datetime, expires_at: datetime | None = None
) -> NewDeviceToken:
    """Make a token for the devices of a source and return it with its secret, which is stored nowhere.

    :raises CannotCreateDeviceToken: the source's driver has none, there are enough, it would end at once or last more
        than five years, or the actor may not.
    """
    if not may_change(park=source.park, actor=actor):
        raise CannotCreateDeviceToken(_("You may not change the record of this park."))
    if not DRIVERS[source.driver].has_tokens:
        raise CannotCreateDeviceToken(_("Devices of this source need no token."))
    if expires_at is not None and not at < expires_at <= at + LONGEST:
        raise CannotCreateDeviceToken(_("A token lasts at least until tomorrow and at most five years."))
    if source.device_tokens.usable_at(at).count() >= MOST_TOKENS:
        raise CannotCreateDeviceToken(
            _("There are %(count)s tokens already; revoke one first.") % {"count": MOST_TOKENS}
        )
    prefix = f"{MARK}{secrets.token_hex(4)}"
    secret = f"{prefix}_{secrets.token_urlsafe(32)}"
    token = DeviceToken.objects.create(
        source=source,
        name=name,
        prefix=prefix,
        digest=digest_of_secret(secret=secret),
        created_at=at,
        expires_at=expires_at,
        created_by=actor,
    )
    audit.record("telemetry.token.created", target=token, actor=actor, at=at, park=source.park, source=source.code)
    return NewDeviceToken(token, secret)


@transaction.atomic
def revoke_device_token(*, token: DeviceToken, actor: User | None, at: datetime) -> None:
    """Close a token for good; the front door knows within seconds. Revoking it again changes nothing.

    :raises CannotCreateDeviceToken: the actor may not.
    """
    source = token.source
    if not may_change(park=source.park, actor=actor):
        raise CannotCreateDeviceToken(_("You may not change the record of this park."))
    if DeviceToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=at):
        audit.record("telemetry.token.revoked", target=token, actor=actor, at=at, park=source.park, source=source.code)


def report_fault(*, source_ids: Sequence[int], fault: str) -> None:
    """Note what a driver says of the connections of its sources; empty is well."""
    Source.objects.filter(pk__in=source_ids).exclude(last_error=fault[:300]).update(last_error=fault[:300])

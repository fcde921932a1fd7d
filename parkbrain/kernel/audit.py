"""The audit trail: every state change is one event with an actor, a time and a sentence, chained by hashes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db import connection, models, transaction
from django.utils.functional import Promise
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from . import bulk, scope
from .models import AuditEvent, AuditHead, Park, User
from .registry import events_recorded

Words = Callable[[Mapping[str, Any]], Mapping[str, str]]

_rehearsing: ContextVar[bool] = ContextVar("rehearsing", default=False)
_SENTENCES: dict[str, str | Promise] = {}
_WORDS: dict[str, Words] = {}

#: What the first event of a chain names as the one before it.
GENESIS = "0" * 64
#: The name that the chain and searches know a target by, and where the others stand when it has several.
OWN_NAME, NAMES_KEY = settings.LANGUAGE_CODE, "names"
#: Where the names of rows and labels that a detail holds stand, by detail and language.
DETAIL_NAMES_KEY = "names_of_details"


def describe(code: str, sentence: str | Promise, words: Words | None = None) -> None:
    """Register the sentence people read for an event; `%(target)s` and keys of the details may stand in it.

    `words` says details in the reader's language, where the row keeps a key or a bare number.
    """
    if code in _SENTENCES:
        raise ValueError(f"event {code} is described twice")
    _SENTENCES[code] = sentence
    if words is not None:
        _WORDS[code] = words


def described_codes() -> frozenset[str]:
    """Return every event code that has a sentence."""
    return frozenset(_SENTENCES)


_encode = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode


def _canonical(value: Any) -> Any:
    """Return the details as they are read back from either database: text keys, lists, and 2.0 as PostgreSQL's 2."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return {key if isinstance(key, str) else json.dumps(key): _canonical(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_canonical(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


@lru_cache(maxsize=16)
def _moment(at: datetime) -> str:
    """Return a time as the hash takes it; events of one piece of work share one."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def hash_event(event: AuditEvent) -> str:
    """Return the SHA-256 of the event's canonical content and of the hash of the event before it.

    Who acted and in which park go in as words (sign-in name, park code), never as references that may be cleared.
    """
    content = [
        event.previous_hash,
        event.position,
        event.code,
        _moment(event.at),
        event.actor_name,
        event.park_code,
        event.target_label,
        event.target_id,
        event.target_name,
        _canonical(event.details),
    ]
    return hashlib.sha256(_encode(content).encode()).hexdigest()


def _lock_head() -> AuditHead:
    """Return the newest link, locked until the transaction ends: writers form one line on both databases."""
    lock = " FOR UPDATE" if connection.features.has_select_for_update else ""
    with connection.cursor() as cursor:
        # Plain SQL: every change asks this, and making the statement took longer than its answer.
        cursor.execute(f"SELECT position, hash FROM {AuditHead._meta.db_table} WHERE id = 1{lock}")
        found = cursor.fetchone()
    if found is not None:
        return AuditHead(1, *found)
    last = AuditEvent.objects.order_by("-position").first()
    start = {"position": last.position, "hash": last.hash} if last else {"position": 0, "hash": GENESIS}
    return AuditHead.objects.select_for_update().get_or_create(pk=1, defaults=start)[0]


def get_head(*, lock: bool = False) -> str:
    """Return the hash of the newest link: as long as it stays the same, nobody changed anything that leaves an event.

    With `lock` nobody else can add one before the transaction ends.
    """
    head = _lock_head() if lock else AuditHead.objects.filter(pk=1).first()
    return head.hash if head else GENESIS


def newest_of(*, codes: Sequence[str]) -> str:
    """Return what stays the same as long as no event of these codes was written: a hash of the newest of each.

    One statement that looks up the end of an index for each code, whatever the length of the trail.
    """
    # Plain SQL: pages ask this of what they keep, and making the statement took longer than its answer. Hashes, not
    # numbers: the number of an event that was rolled back is given again.
    newest = f"(SELECT hash FROM {AuditEvent._meta.db_table} WHERE code = %s ORDER BY id DESC LIMIT 1)"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join([newest] * len(codes))}", list(codes))
        found = "/".join(one or "" for one in cursor.fetchone())
    return hashlib.sha256(found.encode()).hexdigest()


@contextmanager
def rehearse() -> Iterator[None]:
    """Roll back what is done inside the block: a trial, whose events are neither chained nor written nor told."""
    token = _rehearsing.set(True)
    try:
        with transaction.atomic():
            yield
            transaction.set_rollback(True)
    finally:
        _rehearsing.reset(token)


def _append(events: Sequence[AuditEvent]) -> None:
    """Chain the events to the newest link and write them; they hold or fall with the transaction around."""
    if not events or _rehearsing.get():
        return
    with transaction.atomic(savepoint=False):
        head = _lock_head()
        for event in events:
            event.position, event.previous_hash = head.position + 1, head.hash
            event.hash = hash_event(event)
            head.position, head.hash = event.position, event.hash
        bulk.insert_unlogged(model=AuditEvent, rows=events)
        with connection.cursor() as cursor:
            moved = f"UPDATE {AuditHead._meta.db_table} SET position = %s, hash = %s WHERE id = 1"
            cursor.execute(moved, [head.position, head.hash])
        events_recorded(events=events)


def _masked_details(target: models.Model, details: Mapping[str, Any]) -> dict[str, Any]:
    """Return the details with the values of masked fields hidden: the trail has more readers than the field."""
    masked, fields = scope.masked_fields_of(type(target)), details.get("fields")
    if not masked or not isinstance(fields, Mapping):
        return dict(details)
    hidden = {
        name: [None if v is None else scope.hide(str(v)) for v in pair] if name in masked else pair
        for name, pair in fields.items()
    }
    return {**details, "fields": hidden}


def _events(
    code: str,
    targets: Iterable[tuple[models.Model, Mapping[str, Any]]],
    actor: User | None,
    at: datetime,
    park: Park | None,
) -> list[AuditEvent]:
    """Return an event for each target, not yet chained."""
    # Keys instead of rows, which Django looks at one by one; what follows the trail finds the rows beside them.
    rows = {"actor": actor, "park": park}
    same: dict[str, Any] = {"code": code, "at": at}
    same |= {"actor_id": actor.pk if actor else None, "actor_name": actor.username if actor else ""}
    same |= {"park_id": park.pk if park else None, "park_code": park.code if park else ""}
    events = []
    targets = list(targets)
    for (target, details), names in zip(targets, _names_of([target for target, _details in targets]), strict=True):
        event = AuditEvent(
            **same,
            target_label=target._meta.label_lower,
            target_id=str(target.pk),
            target_name=names[OWN_NAME],
            details={
                **_spoken_details(_masked_details(target, details)),
                **({NAMES_KEY: names} if len(set(names.values())) > 1 else {}),
            },
        )
        event._state.fields_cache.update(rows)
        events.append(event)
    return events


def _spoken_details(details: dict[str, Any]) -> dict[str, Any]:
    """Return the details with rows and labels among them as what they are called, in every language."""
    spoken = {key: value for key, value in details.items() if isinstance(value, (models.Model, Promise))}
    if not spoken:
        return details
    names = dict(zip(spoken, _names_of(list(spoken.values())), strict=True))
    own = {key: said[OWN_NAME] for key, said in names.items()}
    return {**details, **own, DETAIL_NAMES_KEY: names}


def _names_of(targets: Sequence[models.Model | Promise]) -> list[dict[str, str]]:
    """Return what each target is called, by language: readers of the trail do not share that of whoever acted."""
    said = {}
    for language, _label in settings.LANGUAGES:
        with override(language):
            said[language] = [str(target)[:200] for target in targets]
    return [dict(zip(said, names, strict=True)) for names in zip(*said.values(), strict=True)]


def target_name(event: AuditEvent) -> str:
    """Return what the target of an event was called then, in the reader's language."""
    names = event.details.get(NAMES_KEY)
    return str(names.get(get_language()) or event.target_name) if isinstance(names, dict) else event.target_name


def _detail_names(event: AuditEvent) -> dict[str, str]:
    """Return what the rows and labels among the details were called, in the reader's language."""
    names: Mapping[str, Mapping[str, str]] = event.details.get(DETAIL_NAMES_KEY) or {}
    language = get_language() or OWN_NAME
    return {key: said.get(language) or said[OWN_NAME] for key, said in names.items()}


def details_of(event: AuditEvent) -> dict[str, Any]:
    """Return what the service wrote about an event, without the names of its target."""
    return {key: value for key, value in event.details.items() if key not in (NAMES_KEY, DETAIL_NAMES_KEY)}


def _check_described(code: str) -> None:
    if code not in _SENTENCES:
        raise LookupError(f"event {code} has no sentence: register it with audit.describe in apps.py")


def record(
    code: str,
    *,
    target: models.Model,
    actor: User | None,
    at: datetime,
    park: Park | None = None,
    **details: Any,
) -> AuditEvent:
    """Write one event; call it inside the transaction that makes the change."""
    _check_described(code)
    events = _events(code, [(target, details)], actor, at, park)
    _append(events)
    return events[0]


def record_many(
    code: str,
    *,
    targets: Iterable[tuple[models.Model, Mapping[str, Any]]],
    actor: User | None,
    at: datetime,
    park: Park | None = None,
    park_of: Callable[[Any], Park] | None = None,
) -> None:
    """Write one event per target with its own details, in one statement; for services that take many rows at once.

    `park_of` gives the park of each target where they are not all of one.
    """
    _check_described(code)
    if _rehearsing.get():
        return
    listed = list(targets)
    events = _events(code, listed, actor, at, park)
    if park_of is not None:
        for event, (target, _details) in zip(events, listed, strict=True):
            event.park = park_of(target)
            event.park_code = event.park.code
    _append(events)


@dataclass(frozen=True)
class ChainState:
    """What a walk along the chain found: `broken_at` is the position of the first link that does not hold."""

    length: int
    head_hash: str
    broken_at: int | None = None
    fault: str = ""

    @property
    def holds(self) -> bool:
        """Whether every link that was walked holds."""
        return self.broken_at is None


def _first_fault(events: Iterator[AuditEvent], position: int, previous: str) -> tuple[int, str, str | None]:
    """Return where the walk ended, with which hash, and what was wrong there (None: nothing)."""
    for event in events:
        if event.position != position + 1:
            return position + 1, previous, _("an event is missing here")
        if event.previous_hash != previous:
            return event.position, previous, _("it does not follow from the event before it")
        if hash_event(event) != event.hash:
            return event.position, previous, _("its content was changed after it was written")
        position, previous = event.position, event.hash
    return position, previous, None


def verify_chain(*, last: int | None = None, expect: str | None = None) -> ChainState:
    """Walk the chain and return its state; only the `last` events when given.

    `expect` is a head hash noted down earlier: it must still be a link of the chain, or events were cut off and redone.
    """
    events, position, previous = AuditEvent.objects.order_by("position"), 0, GENESIS
    head = AuditHead.objects.filter(pk=1).first()
    newest = events.last()
    if last is not None and newest is not None and newest.position > last:
        before = events.filter(position__lte=newest.position - last).last()
        if before is not None:
            position, previous = before.position, before.hash
            events = events.filter(position__gt=position)
    length = newest.position if newest else 0
    at, reached, fault = _first_fault(events.iterator(chunk_size=2000), position, previous)
    if fault is None and (head.position, head.hash if head.position else GENESIS) != (at, reached) if head else at:
        at, fault = at + 1, _("the newest events are missing")
    if fault is None and expect and not AuditEvent.objects.filter(hash=expect).exists():
        at, fault = at + 1, _("the noted hash is not a link of this chain")
    return ChainState(length, reached, None if fault is None else at, fault or "")


def sentence(event: AuditEvent) -> str:
    """Return the event as a sentence in the active language."""
    template = str(_SENTENCES.get(event.code, event.code))
    values = {
        "target": target_name(event),
        **{k: v for k, v in event.details.items() if not isinstance(v, (dict, list))},
        **_detail_names(event),
        **(_WORDS[event.code](event.details) if event.code in _WORDS else {}),
    }
    try:
        return template % values
    except (KeyError, ValueError, TypeError):
        # An old event may lack a key that a newer sentence names; its code still says what happened.
        return _("%(code)s: %(target)s") % {"code": event.code, "target": target_name(event)}

"""Change one field of many rows: a preview of old and new, then all of it or nothing.

The preview travels with the page as a signed text that holds the value each row had. On applying, a row that has another
value by then was changed meanwhile, and nothing is written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core import signing
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from parkbrain.kernel.models import User

from .spec import Edit, ListSpec

#: Rows that one bulk edit may hold; beyond it the person narrows the list first.
MOST_ROWS = 5000
#: A preview that lay open for longer is made again [s].
VALID_FOR_S = 3600
_SALT = "parkbrain.lists.bulk"


@dataclass(frozen=True)
class FieldChange:
    """One row's field on its way from old to new; the service writes it only where the row still says old."""

    key: int
    field: str
    old: Any
    new: Any


@dataclass(frozen=True)
class Refusal:
    """A row that is not changed: its name and why."""

    name: str
    reason: str


class CannotChangeRows(Exception):
    """Nothing was changed; the refusals name the rows and say why."""

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        super().__init__("; ".join(f"{r.name}: {r.reason}" for r in refusals[:5]))
        self.refusals = list(refusals)


@dataclass(frozen=True)
class Line:
    """A row of the preview: its name, old and new in words."""

    key: int
    name: str
    old: str
    new: str


@dataclass(frozen=True)
class Preview:
    """What a bulk edit would do: rows that change, rows that say so already, rows that are refused."""

    edit: Edit
    new: str
    lines: Sequence[Line]
    unchanged: int
    refusals: Sequence[Refusal]
    token: str


def shown_value(edit: Edit, value: Any) -> str:
    """Return a stored value in the words of the field's choices."""
    if edit.choices:
        labels = {_stored(code): str(label) for code, label in edit.choices()}
        if _stored(value) in labels:
            return labels[_stored(value)]
    return "" if value in (None, "") else str(value)


def _stored(value: Any) -> str:
    return {None: "", True: "yes", False: "no"}.get(value, str(value)) if not isinstance(value, str) else value


def parse_value(edit: Edit, typed: str) -> Any:
    """Return the value to store.

    :raises ValueError: it is none; the text says why.
    """
    if edit.choices and typed not in {str(code) for code, _label in edit.choices()}:
        raise ValueError(_("“%(typed)s” is none of the choices.") % {"typed": typed[:40]})
    return edit.parse(typed)


def preview(*, spec: ListSpec, rows: QuerySet[Any], keys: Sequence[int], edit: Edit, value: Any, user: User) -> Preview:
    """Return what changing the field would do to the rows of these keys; `rows` are all that the person may see."""
    assert spec.changeable is not None
    seen = {row.pk: row for row in rows.model._default_manager.filter(pk__in=rows.order_by().filter(pk__in=keys))}
    mine = spec.changeable(rows.model._default_manager.filter(pk__in=list(seen)), user)
    allowed = set(mine.order_by().values_list("pk", flat=True))
    lines, refusals, packed, unchanged = [], [], [], 0
    new = shown_value(edit, value)
    for key in keys:
        row = seen.get(key)
        if row is None:
            refusals.append(
                Refusal(_("Row %(key)s") % {"key": key}, _("there is no such entry, or it is not yours to see"))
            )
        elif key not in allowed:
            refusals.append(Refusal(str(row), _("its record is not yours to change")))
        elif getattr(row, edit.field) == value:
            unchanged += 1
        else:
            old = getattr(row, edit.field)
            lines.append(Line(key, str(row), shown_value(edit, old), new))
            packed.append([key, old])
    content = {"list": spec.key, "user": user.pk, "field": edit.field, "value": value, "rows": packed}
    return Preview(edit, new, lines, unchanged, refusals, signing.dumps(content, salt=_SALT, compress=True))


def keys_of(token: str) -> list[int]:
    """Return the rows of a preview, also of one that is too old."""
    try:
        return [key for key, _old in signing.loads(token, salt=_SALT)["rows"]]
    except signing.BadSignature:
        return []


def check_changes(*, changes: Sequence[FieldChange], rows: Mapping[int, Any], may: Callable[[Any], bool]) -> None:
    """Refuse unless every row is there, may be changed, and still says what the person saw; for the modules' services.

    :raises CannotChangeRows: with every row that is not so.
    """
    refusals = []
    for change in changes:
        row = rows.get(change.key)
        if row is None:
            refusals.append(Refusal(_("Row %(key)s") % {"key": change.key}, _("is not there any more")))
        elif not may(row):
            refusals.append(Refusal(str(row), _("its record is not yours to change")))
        elif getattr(row, change.field) != change.old:
            refusals.append(Refusal(str(row), _("somebody else changed it meanwhile")))
    if refusals:
        raise CannotChangeRows(refusals)


@transaction.atomic
def apply(*, spec: ListSpec, token: str, user: User, at: datetime) -> int:
    """Make the changes of a preview, all of them or none, and return how many rows changed.

    :raises CannotChangeRows: the preview is too old or another person's, a row changed meanwhile, or is not theirs.
    """
    try:
        content = signing.loads(token, salt=_SALT, max_age=VALID_FOR_S)
    except signing.BadSignature:
        raise CannotChangeRows([Refusal(_("The preview"), _("is too old; look at it again"))]) from None
    if content["list"] != spec.key or content["user"] != user.pk or spec.change is None:
        raise CannotChangeRows([Refusal(_("The preview"), _("belongs to another list or person"))])
    field, value = content["field"], content["value"]
    changes = [FieldChange(key, field, old, value) for key, old in content["rows"]]
    return spec.change(changes=changes, actor=user, at=at)

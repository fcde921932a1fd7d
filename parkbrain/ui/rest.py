"""The JSON face of the product: pages of a list, problems, and what the parameters of every list share.

Modules build their `api.py` from it, as their pages are built from `table.py` and `htmx.py`. Texts of the OpenAPI
document are English; texts of problems follow the language of the request.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any, Generic, TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from ninja import Schema
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

T = TypeVar("T")
M = TypeVar("M", bound=Model)
MOST_ROWS = 1000
#: The largest number that a key of a table holds.
MOST_ID = 2**63 - 1
EARLIEST, LATEST = date(1900, 1, 1), date(2200, 1, 1)

#: What went wrong, by HTTP status: the name in `type`, and the title people read.
TITLES: dict[int, tuple[str, str | Promise]] = {
    400: ("bad-request", gettext_lazy("The request cannot be read.")),
    401: ("no-token", gettext_lazy("A valid token is missing.")),
    403: ("not-allowed", gettext_lazy("You or your token may not do this.")),
    404: ("not-found", gettext_lazy("There is nothing here for you.")),
    405: ("method-not-allowed", gettext_lazy("This address does not take this method.")),
    409: ("refused", gettext_lazy("The change was refused.")),
    413: ("too-large", gettext_lazy("The request is too large.")),
    422: ("invalid", gettext_lazy("Something in the request is not as it must be.")),
    429: ("too-many-requests", gettext_lazy("Too many requests.")),
    500: ("failure", gettext_lazy("Something went wrong on our side.")),
}


@dataclass(frozen=True)
class FieldProblem:
    """One field that is not as it must be: where it stands, a machine code, the words for people."""

    field: str
    code: str
    message: str


@dataclass
class Problem(Exception):
    """An answer that is not a success, told as problem details (RFC 9457)."""

    status: int
    detail: str = ""
    errors: Sequence[FieldProblem] = ()
    headers: Mapping[str, str] = field(default_factory=dict)


class Out(BaseModel):
    """What the API answers: built field by field, never straight from a table."""

    model_config = ConfigDict(frozen=True)


class In(Schema):
    """What the API takes: a field it does not know is a mistake, not silence."""

    model_config = ConfigDict(extra="forbid")


class Names(Out):
    """A name in the three languages of the product."""

    zh_hans: str = Field(description="Simplified Chinese")
    zh_hant: str = Field(description="Traditional Chinese")
    en: str = Field(description="English")


class Page(Out, Generic[T]):
    """A part of a list."""

    total: int = Field(description="Number of rows of the whole list.")
    limit: int = Field(description="Most rows of this part.")
    offset: int = Field(description="Rows before this part.")
    next: str | None = Field(description="Address of the next part; null at the end.")
    items: list[T] = Field(description="The rows.")


class Slice(Schema):
    """Which part of a list."""

    limit: int = Field(100, ge=1, le=MOST_ROWS, description=f"Most rows of the answer, up to {MOST_ROWS}.")
    offset: int = Field(0, ge=0, le=2**31 - 1, description="Rows to leave out before the first.")


def _plausible(day: date) -> date:
    if not EARLIEST <= day <= LATEST:
        raise ValueError(_("The day must lie between %(first)s and %(last)s.") % {"first": EARLIEST, "last": LATEST})
    return day


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise ValueError(_("The value must be a finite number."))
    return value


#: A day within two centuries: arithmetic on it never leaves the calendar.
Day = Annotated[date, AfterValidator(_plausible)]
Finite = Annotated[float, AfterValidator(_finite)]


class AsOf(Schema):
    """The day an answer is about."""

    as_of: Day | None = Field(None, description="The day the answer is about; today unless given.")

    @property
    def day(self) -> date:
        """The day asked for, or today."""
        return self.as_of or timezone.localdate()

    @property
    def past_day(self) -> date:
        """The day asked for, or today; a day that lies ahead is refused."""
        if self.day > timezone.localdate():
            raise Problem(422, errors=[FieldProblem("query.as_of", "day_ahead", _("The day lies ahead."))])
        return self.day


def names_of(thing: Any) -> Names:
    """Return the three names of a thing."""
    return Names(zh_hans=thing.name_zh_hans, zh_hant=thing.name_zh_hant, en=thing.name_en)


def text_filter(description: str, *, longest: int = 80) -> Any:
    """Return a filter that is a text."""
    return Field("", max_length=longest, description=description)


def id_filter(description: str) -> Any:
    """Return a filter that is the number of a row."""
    return Field(None, ge=1, le=MOST_ID, description=description)


def choice(values: Iterable[str], description: str, *, default: str | None = "") -> Any:
    """Return a parameter that is one of some values; without a default it is required."""
    known = list(values)
    pattern = f"^({'|'.join(known if default is None else ['', *known])})$"
    said = f"{description} One of {', '.join(known)}."
    if default is None:
        return Field(pattern=pattern, description=said)
    return Field(default, pattern=pattern, description=said)


def ordering(keys: Iterable[str], *, default: str) -> Any:
    """Return the parameter that orders a list by one of some keys, downwards with a minus before it."""
    known = list(keys)
    return Field(
        default,
        pattern=f"^-?({'|'.join(known)})$",
        description=f"Order of the rows: {', '.join(known)}; with a minus before it downwards.",
    )


def ordered(rows: QuerySet[M], key: str, fields: Mapping[str, Sequence[str]]) -> QuerySet[M]:
    """Return the rows in the order asked for; the key of the row last, so that parts never overlap."""
    sign = "-" if key.startswith("-") else ""
    return rows.order_by(*(f"{sign}{name}" for name in fields[key.lstrip("-")]), "pk")


def paged(
    page: type[Page[T]],
    request: HttpRequest,
    rows: QuerySet[Any] | Sequence[Any],
    part: Slice,
    item: Callable[[Any], T],
    *,
    total: int | None = None,
    prepare: Callable[[Sequence[Any]], Sequence[Any]] | None = None,
) -> Page[T]:
    """Return the part of a list that was asked for.

    `prepare` turns the rows of the part into what `item` reads, for example by loading related rows at once.
    """
    if total is None:
        total = rows.count() if isinstance(rows, QuerySet) else len(rows)
    end = part.offset + part.limit
    shown: Sequence[Any] = list(rows[part.offset : end])
    if prepare is not None:
        shown = prepare(shown)
    following = None
    if end < total:
        params = request.GET.copy()
        params["limit"], params["offset"] = str(part.limit), str(end)
        following = request.build_absolute_uri(f"{request.path}?{params.urlencode()}")
    items = [item(row) for row in shown]
    return page(total=total, limit=part.limit, offset=part.offset, next=following, items=items)


#: The largest number of a row that a database keeps.
MOST_NUMBER = 2**63 - 1


def found(rows: QuerySet[M], **lookup: Any) -> M:
    """Return the one row; where it is not there, or not for this person, the answer is 404."""
    # No row has such a number, and the database would refuse it as the number of a related row.
    if any(isinstance(value, int) and abs(value) > MOST_NUMBER for value in lookup.values()):
        raise Problem(404)
    row = rows.filter(**lookup).first()
    if row is None:
        raise Problem(404)
    return row


def require(allowed: bool) -> None:
    """Answer 403 where the person may not."""
    if not allowed:
        raise Problem(403)


def given(values: Schema) -> dict[str, Any]:
    """Return the fields that the request gave, for services that touch only those."""
    return {name: value for name, value in values.dict(exclude_unset=True).items()}


@contextmanager
def refusals(*kinds: type[Exception]) -> Iterator[None]:
    """Tell the refusal of a service as the answer 409, in the words of the service."""
    try:
        yield
    except kinds as refusal:
        raise Problem(409, str(refusal)) from refusal

"""What the record of duties shows: who is named for them, which records of construction are held, what is proven."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy

from parkbrain.calc.intervals import DatePeriod
from parkbrain.kernel.reading import among, shared
from parkbrain.kernel.registry import FactRow, FactValue, fact

from ..models import STAGES, Duty, LifeSubject, Stage
from ..queries.stages import existing_subjects_q
from ..queries.standing import DONE, LATE, WAIVED, DutyRow, list_duty_rows
from ..queries.template import list_build_doc_keys, list_proving_keys

Rows = dict[int, list[DutyRow]]


@shared
def _duty_rows_by_park(*, park_ids: Sequence[int], on: date, is_named: bool = False) -> Rows:
    """Return the duties of the subjects that are there on the day, by park; what is waived then is none."""
    condition = Q(subject__park__in=among(park_ids)) & existing_subjects_q(on=on, field="subject__")
    found: Rows = {}
    for row in list_duty_rows(condition=condition, on=on, is_named=is_named):
        if row.standing != WAIVED:
            found.setdefault(row.duty.subject.park_id, []).append(row)
    return found


def _fact_row(row: DutyRow, detail: str = "") -> FactRow:
    label = f"{row.duty.subject} · {row.duty.name}"
    return FactRow(label, 1.0, reverse("duty_detail", args=[row.duty.pk]), detail, "lifecycle.duty", row.duty.pk)


Keep = Callable[[Sequence[DutyRow]], list[DutyRow]]


def _lister(keep: Keep, detail: Callable[[DutyRow], str]) -> Callable[..., list[FactRow]]:
    def rows(*, park_id: int, period: DatePeriod) -> list[FactRow]:
        """Return the duties that are counted."""
        found = _duty_rows_by_park(park_ids=[park_id], on=period.last_on, is_named=True).get(park_id, [])
        return [_fact_row(row, detail(row)) for row in keep(found)]

    return rows


def _named(rows: Sequence[DutyRow]) -> list[DutyRow]:
    return [row for row in rows if row.responsible is not None]


def _asked(rows: Sequence[DutyRow]) -> list[DutyRow]:
    # Where nobody is named for anything no matrix is kept: that is unknown, not a coverage of zero.
    return list(rows) if _named(rows) else []


def _who(row: DutyRow) -> str:
    return row.responsible.who if row.responsible else ""


def _count(keep: Keep, park_ids: Sequence[int], period: DatePeriod) -> dict[int, FactValue]:
    values = {}
    for park_id, rows in _duty_rows_by_park(park_ids=park_ids, on=period.last_on).items():
        if _asked(rows):
            found = keep(rows)
            values[park_id] = FactValue(float(len(found)), 1.0, len(found))
    return values


@fact(
    "duties_required",
    how=gettext_lazy(
        "The duties of the park, its buildings and its projects in all five stages that are not waived on the day. "
        "Unknown while nobody is named for any of them."
    ),
    rows=_lister(_asked, _who),
)
def duties_required(*, park_ids: Sequence[int], period: DatePeriod) -> dict[int, FactValue]:
    """Return how many duties somebody has to be named for."""
    return _count(_asked, park_ids, period)


@fact(
    "duties_assigned_valid",
    how=gettext_lazy("Of these duties, those for which a firm, a body or a person is named as responsible on the day."),
    rows=_lister(_named, _who),
)
def duties_assigned(*, park_ids: Sequence[int], period: DatePeriod) -> dict[int, FactValue]:
    """Return for how many duties somebody is named."""
    return _count(_named, park_ids, period)


def _in_use(row: DutyRow) -> bool:
    """Tell whether the subject has left construction on the day: until then records are still being made."""
    built = STAGES.index(Stage.BUILD)
    return any(p.starts_on <= row.on and STAGES.index(p.stage) > built for p in row.duty.subject.stages.all())


def _build_docs(rows: Sequence[DutyRow]) -> list[DutyRow]:
    keys = list_build_doc_keys()
    docs = [
        r for r in rows if r.duty.template_key in keys and r.duty.subject.kind != LifeSubject.Kind.PARK and _in_use(r)
    ]
    # A subject none of whose records was ever looked at is unknown.
    looked_at = {r.duty.subject_id for r in docs if r.outcome is not None or r.evidence}
    return [r for r in docs if r.duty.subject_id in looked_at]


def _all_docs(rows: Sequence[DutyRow]) -> int:
    keys = list_build_doc_keys()
    return sum(
        r.duty.template_key in keys and r.duty.subject.kind != LifeSubject.Kind.PARK and _in_use(r) for r in rows
    )


def _held_docs(rows: Sequence[DutyRow]) -> list[DutyRow]:
    return [row for row in _build_docs(rows) if row.standing == DONE]


def _number(row: DutyRow) -> str:
    return next((one.number for one in row.valid_evidence if one.number), "")


def _count_docs(keep: Keep, park_ids: Sequence[int], period: DatePeriod) -> dict[int, FactValue]:
    values = {}
    for park_id, rows in _duty_rows_by_park(park_ids=park_ids, on=period.last_on).items():
        known = _build_docs(rows)
        if known:
            found = keep(rows)
            values[park_id] = FactValue(float(len(found)), len(known) / _all_docs(rows), len(found))
    return values


@fact(
    "build_docs_required",
    how=gettext_lazy(
        "The construction and acceptance records that the template asks of buildings and projects that have left "
        "construction, without what is waived. A building none of whose records was looked at lowers the coverage."
    ),
    rows=_lister(_build_docs, _number),
)
def build_docs_required(*, park_ids: Sequence[int], period: DatePeriod) -> dict[int, FactValue]:
    """Return how many records have to be held."""
    return _count_docs(_build_docs, park_ids, period)


@fact(
    "build_docs_held",
    how=gettext_lazy("Of these records, those that are done and shown by a file valid on the day."),
    rows=_lister(_held_docs, _number),
)
def build_docs_held(*, park_ids: Sequence[int], period: DatePeriod) -> dict[int, FactValue]:
    """Return how many records are held."""
    return _count_docs(_held_docs, park_ids, period)


def _proof(row: DutyRow) -> float | None:
    """Return whether a duty proves its fact on the day; unknown while it is neither done nor late."""
    if row.standing == DONE:
        return 1.0
    reopened = any(o.state == Duty.State.DONE and o.ends_on and o.ends_on <= row.on for o in row.duty.outcomes.all())
    return 0.0 if row.standing in LATE or reopened else None


def _register(fact_key: str, duty_key: str) -> None:
    def proving(rows: Sequence[DutyRow]) -> list[DutyRow]:
        mine = [r for r in rows if r.duty.template_key == duty_key and r.duty.subject.kind == LifeSubject.Kind.PARK]
        return [row for row in mine if _proof(row) is not None]

    def list_rows(*, park_id: int, period: DatePeriod) -> list[FactRow]:
        """Return the duty that proves it."""
        named = _duty_rows_by_park(park_ids=[park_id], on=period.last_on, is_named=True)
        found = proving(named.get(park_id, []))
        return [_fact_row(row, _number(row)) for row in found if _proof(row)]

    @fact(
        fact_key,
        how=gettext_lazy(
            "Yes while the duty of this name is done and a valid file shows it; no where it is overdue, has lapsed or "
            "was opened again. Neither while it is open and not yet due."
        ),
        rows=list_rows,
    )
    def value(*, park_ids: Sequence[int], period: DatePeriod) -> dict[int, FactValue]:
        """Return whether the duty proves the fact."""
        values = {}
        for park_id, rows in _duty_rows_by_park(park_ids=park_ids, on=period.last_on).items():
            for row in proving(rows):
                proof = _proof(row)
                values[park_id] = FactValue(proof, 1.0, int(proof or 0))
        return values


for _fact_key, _duty_key in list_proving_keys().items():
    _register(_fact_key, _duty_key)

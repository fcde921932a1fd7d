"""A bureau's own table taken in: into the drafts of a round, or as declared facts of its parks with their source."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from parkbrain.assessment.queries import get_catalogue
from parkbrain.assessment.services import ParkFact, find_problems_of_parks, state_facts_of_parks
from parkbrain.intake.models import Batch
from parkbrain.intake.services import upload_batch
from parkbrain.kernel import audit, bulk
from parkbrain.kernel.models import Branch, Park, User
from parkbrain.kernel.taking import Area

from ..models import DataRound, Entry, Submission
from ..queries.city_tables import get_cut_off, get_table_round
from .rounds import CannotRunRound, check_may_run


@dataclass(frozen=True)
class TakenFact:
    """A value of a row: the fact, the value in its unit, a note, and the field of the column it stands in."""

    key: str
    value: float
    note: str
    column: str


@dataclass(frozen=True)
class TableRow:
    """A row of a table: its number, the park it was found to be about, and its values."""

    number: int
    park_code: str
    facts: Sequence[TakenFact]


@dataclass(frozen=True)
class TableProblem:
    """What is wrong with a row, or worth a remark where it `refuses` not."""

    number: int
    field: str
    code: str
    message: str
    value: str = ""
    refuses: bool = True


@dataclass(frozen=True)
class Outcome:
    """What became of a value: the old and the new one, and the row of the record that holds it."""

    key: str
    column: str
    old: float | None
    new: float
    is_new: bool
    label: str
    pk: int


def make_area(
    *, branch: Branch, actor: User, source: str, data_round: DataRound | None = None, cut_off_on: date | None = None
) -> Area:
    """Return what a table is taken into: the drafts of a round, or facts as of a day with their source.

    :raises CannotRunRound: the actor may not, the round is not open, no source is given, or the day lies ahead.
    """
    check_may_run(branch=branch, actor=actor)
    said = " ".join(source.split())[:120]
    if not said:
        raise CannotRunRound(_("Say where the table comes from."), "source")
    if data_round is not None:
        if data_round.branch_id != branch.pk or data_round.state != DataRound.State.OPEN:
            raise CannotRunRound(_("This round is not open."))
        return Area(branch, {"round": data_round.pk, "source": said})
    if cut_off_on is None or cut_off_on > timezone.localdate():
        raise CannotRunRound(_("The cut-off date lies ahead.") if cut_off_on else _("Give a day."), "cut_off_on")
    return Area(branch, {"cut_off_on": cut_off_on.isoformat(), "source": said})


def upload_table(*, name: str, chunks: Iterable[bytes], area: Area, actor: User, at: datetime) -> Batch:
    """Keep a table as it is and open a batch for it; it is checked, previewed, applied and rolled back as any import.

    :raises CannotRunRound: the actor may not run rounds of the branch.
    """
    check_may_run(branch=area.branch, actor=actor)
    return upload_batch(name=name, chunks=chunks, park=None, area=area, actor=actor, at=at)


def find_table_problems(*, area: Area, rows: Sequence[TableRow]) -> list[TableProblem]:
    """Return what is wrong with rows: parks that cannot take them, facts not asked for, parts larger than their whole."""
    data_round = get_table_round(area=area)
    problems = [] if data_round is None else list(_round_problems(data_round, rows))
    refused = {one.number for one in problems if one.refuses}
    parks = dict(Park.objects.in_branch(area.branch).values_list("code", "pk"))
    places: dict[tuple[int, str], tuple[int, TakenFact]] = {}
    values: dict[int, dict[str, float]] = {}
    for row in rows:
        if row.number in refused or row.park_code not in parks:
            continue
        for fact in row.facts:
            values.setdefault(parks[row.park_code], {})[fact.key] = fact.value
            places[parks[row.park_code], fact.key] = (row.number, fact)
    for park_id, wrong in find_problems_of_parks(values=values, cut_off_on=get_cut_off(area=area)).items():
        for key, message in wrong.items():
            number, fact = places[park_id, key]
            problems.append(TableProblem(number, fact.column, "implausible_fact", message, f"{fact.value:.15g}"))
    return problems


def _round_problems(data_round: DataRound, rows: Sequence[TableRow]) -> Iterator[TableProblem]:
    answers = {one.park.code: one for one in data_round.submissions.select_related("park")}
    typed = _typed_by_parks(data_round)
    asked, catalogue = set(data_round.fact_keys), get_catalogue()
    for row in rows:
        answer = answers.get(row.park_code)
        if answer is None:
            yield TableProblem(row.number, "park_code", "not_asked", _("This round does not ask this park."))
        elif answer.state not in Submission.WAITING_STATES:
            message = _("The park has handed in already; return its answer first.")
            yield TableProblem(row.number, "park_code", "handed_in", message)
        else:
            for fact in row.facts:
                words = {"fact": catalogue[fact.key].name}
                if fact.key not in asked:
                    message = _("this round does not ask for “%(fact)s”: it is left out") % words
                    yield TableProblem(row.number, fact.column, f"not_asked_{fact.key}", message, refuses=False)
                elif typed.get((answer.pk, fact.key), fact.value) != fact.value:
                    message = _("the park itself has given another value of “%(fact)s”, which stays") % words
                    yield TableProblem(row.number, fact.column, f"typed_{fact.key}", message, refuses=False)


def _typed_by_parks(data_round: DataRound) -> dict[tuple[int, str], float]:
    """Return what parks saved themselves: a table never writes over it."""
    saved = Entry.objects.filter(submission__round=data_round, submission__saved_at__isnull=False)
    rows = saved.exclude(value=None).values_list("submission_id", "fact_key", "value")
    return {(submission, key): value for submission, key, value in rows if value is not None}


def take_table(
    *, area: Area, rows: Sequence[TableRow], actor: User, at: datetime
) -> list[tuple[TableRow, Park, list[Outcome]]]:
    """Take checked rows in, inside the caller's transaction; return for each its park and what became of its values.

    :raises CannotRunRound: the actor may not, or the round is closed meanwhile.
    :raises CannotDeclareFact: a fact cannot be stated.
    """
    check_may_run(branch=area.branch, actor=actor)
    data_round = get_table_round(area=area)
    source = str(area.subject.get("source", ""))
    if data_round is not None:
        return _fill(data_round, rows, source, actor, at)
    parks = {park.code: park for park in Park.objects.in_branch(area.branch).select_related("branch")}
    wanted = [
        ParkFact(parks[row.park_code], fact.key, fact.value, f"{source} {fact.note}".strip()[:300])
        for row in rows
        for fact in row.facts
    ]
    stated = iter(
        state_facts_of_parks(
            branch=area.branch, facts=wanted, cut_off_on=get_cut_off(area=area), source=source, actor=actor, at=at
        )
    )
    done = []
    for row in rows:
        outcomes = [
            Outcome(fact.key, fact.column, one.old, one.new, one.is_new, "assessment.declaration", one.declaration_id)
            for fact, one in zip(row.facts, stated, strict=False)
        ]
        done.append((row, parks[row.park_code], outcomes))
    return done


def _fill(
    data_round: DataRound, rows: Sequence[TableRow], source: str, actor: User, at: datetime
) -> list[tuple[TableRow, Park, list[Outcome]]]:
    """Write values into the drafts of a round; the parks read them, add to them and hand them in."""
    if data_round.state != DataRound.State.OPEN:
        raise CannotRunRound(_("This round is not open."))
    # In one order, as whoever else locks several: two tables at once wait for each other, not for ever.
    locked = data_round.submissions.select_for_update(of=("self",)).waiting().select_related("park").order_by("pk")
    answers = {one.park.code: one for one in locked}
    known = {(e.submission_id, e.fact_key): e for e in Entry.objects.filter(submission__round=data_round)}
    typed, asked = _typed_by_parks(data_round), set(data_round.fact_keys)
    new: list[Entry] = []
    changed: list[tuple[Entry, Mapping[str, Any]]] = []
    written: dict[str, int] = {}
    filled: list[tuple[TableRow, Submission, list[tuple[TakenFact, Entry, float | None]]]] = []
    for row in rows:
        answer = answers[row.park_code]
        taken: list[tuple[TakenFact, Entry, float | None]] = []
        for fact in row.facts:
            place = (answer.pk, fact.key)
            if fact.key not in asked or place in typed:
                continue
            entry = known.get(place)
            before = entry.value if entry else None
            remark = f"{source} {fact.note}".strip()[:300]
            if entry is None:
                entry = known[place] = Entry(submission=answer, fact_key=fact.key, value=fact.value, remark=remark)
                new.append(entry)
            elif before != fact.value:
                changed.append((entry, {"value": before, "remark": entry.remark}))
                entry.value, entry.remark = fact.value, remark
            written[row.park_code] = written.get(row.park_code, 0) + (before != fact.value)
            taken.append((fact, entry, before))
        filled.append((row, answer, taken))
    bulk.insert_rows(model=Entry, rows=new)
    bulk.update_rows(model=Entry, changes=changed)
    _note_filled(data_round, [answers[code] for code, count in written.items() if count], known, written, actor, at)
    return [
        (
            row,
            answer.park,
            [
                Outcome(fact.key, fact.column, before, fact.value, before is None, "portfolio.entry", entry.pk)
                for fact, entry, before in taken
            ],
        )
        for row, answer, taken in filled
    ]


def _note_filled(
    data_round: DataRound,
    answers: Sequence[Submission],
    known: Mapping[tuple[int, str], Entry],
    written: Mapping[str, int],
    actor: User,
    at: datetime,
) -> None:
    """Bring the answers that were written into up to date, and record who did it."""
    given: dict[int, int] = {}
    for (submission, _key), entry in known.items():
        given[submission] = given.get(submission, 0) + (entry.value is not None)
    changes: list[tuple[Submission, Mapping[str, Any]]] = []
    for one in answers:
        one.round = data_round
        before = {"state": one.state, "given_count": one.given_count}
        one.state = Submission.State.DRAFT if one.state == Submission.State.ASKED else one.state
        one.given_count = given.get(one.pk, 0)
        after = {"state": one.state, "given_count": one.given_count}
        if before != after:
            changes.append((one, {name: old for name, old in before.items() if old != after[name]}))
    bulk.update_rows(model=Submission, changes=changes)
    audit.record_many(
        "portfolio.submission.filled",
        targets=[(one, {"given": written[one.park.code]}) for one in answers],
        actor=actor,
        at=at,
        park_of=lambda one: one.park,
    )

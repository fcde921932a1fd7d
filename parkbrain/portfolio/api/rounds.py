"""Data rounds as JSON: what a bureau asks, what each park answers, what is decided, what is published."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router
from pydantic import Field

from parkbrain.kernel.models import Park
from parkbrain.kernel.roles import Permission
from parkbrain.ui.rest import FieldProblem, In, Out, Page, Problem, Slice, choice, found, paged, refusals, require

from .. import queries, services
from ..models import DataRound, Publication, Submission

router = Router()
State = Submission.State


class RoundOut(Out):
    """A data round."""

    id: int
    name: str
    branch_id: int
    state: str = Field(description=f"One of {', '.join(DataRound.State.values)}.")
    cut_off_on: date
    opens_on: date
    due_on: date
    fact_keys: list[str] = Field(description="What is asked, in its order.")


class RoundProgressOut(RoundOut):
    """A data round with how far its parks are."""

    asked_count: int
    submitted_count: int
    accepted_count: int
    overdue_count: int


class AnswerOut(Out):
    """Where the answer of one park is."""

    round_id: int
    park_id: int
    state: str = Field(description=f"One of {', '.join(State.values)}.")
    given_count: int
    hint_count: int
    submitted_at: datetime | None
    decided_at: datetime | None


class EntryOut(Out):
    """A fact of an answer."""

    fact_key: str
    name: str
    unit: str
    value: float | None = Field(description="Null is not known.")
    before: float | None = Field(description="The value of a year before.")
    computed: float | None = Field(description="What the park's own rows give.")
    remark: str
    objection: str = Field(description="What the bureau wrote when it returned this fact.")
    hints: list[str]


class AnswerSheetOut(AnswerOut):
    """An answer with all its facts."""

    is_open: bool = Field(description="Whether the park may write in it now.")
    is_late: bool
    return_note: str
    hints: list[str] = Field(description="Hints about the answer as a whole.")
    entries: list[EntryOut]


class EntryIn(In):
    """A fact as a park gives it; null is not known."""

    fact_key: str = Field(max_length=60)
    value: float | None
    remark: str = Field("", max_length=300)


class DraftIn(In):
    """Facts to keep; those that are not among them stay as they are."""

    entries: list[EntryIn] = Field(max_length=400)


class AnswerReturnIn(In):
    """What is to be mended: a note, or a text by fact."""

    note: str = Field("", max_length=1000)
    objections: dict[str, str] = Field(default_factory=dict)


class PublishedCellOut(Out):
    """A number of a published table; null where it is kept back or nothing is known."""

    fact_key: str
    park_count: int | None
    sum: float | None
    median: float | None
    is_kept_back: bool


class PublishedRowOut(Out):
    """All parks, a district, a street or a kind of park."""

    group: str
    name: str
    cells: list[PublishedCellOut]


class PublishedOut(Out):
    """A published version of the table of a round."""

    id: int
    round_id: int
    round_name: str
    version: int
    published_at: datetime
    park_count: int
    sha256: str


class PublishedTableOut(PublishedOut):
    """A published version with its rows."""

    rows: list[PublishedRowOut]


class AnswerParams(Slice):
    """Which answers."""

    state: str = choice(State.values, "Only answers in this state.")


def _round(one: DataRound) -> dict[str, Any]:
    names = ("state", "cut_off_on", "opens_on", "due_on", "branch_id")
    return {"id": one.pk, "name": one.name, "fact_keys": list(one.fact_keys), **{n: getattr(one, n) for n in names}}


def _with_progress(one: DataRound, progress: queries.Progress) -> RoundProgressOut:
    names = ("asked_count", "submitted_count", "accepted_count", "overdue_count")
    return RoundProgressOut(**_round(one), **{name: getattr(progress, name) for name in names})


def _answer(one: Submission) -> dict[str, Any]:
    return {
        "round_id": one.round_id,
        "park_id": one.park_id,
        "state": one.state,
        "given_count": one.given_count,
        "hint_count": one.finding_count,
        "submitted_at": one.submitted_at,
        "decided_at": one.decided_at,
    }


def _run(request: HttpRequest, round_id: int) -> DataRound:
    """Return a round of a branch that the person oversees; outside it there is nothing."""
    return found(DataRound.objects.run_by(request.user).select_related("branch"), pk=round_id)


@router.get("/rounds", response=Page[RoundProgressOut], summary="Data rounds")
def list_rounds(request: HttpRequest, part: Query[Slice]) -> Page[RoundProgressOut]:
    """The rounds of the branches that you oversee, the newest first."""
    require(request.user.may(Permission.VIEW_CITY))
    lines = queries.list_rounds(user=request.user, on=timezone.localdate())
    return paged(Page[RoundProgressOut], request, lines, part, lambda one: _with_progress(one.data_round, one.progress))


@router.get("/rounds/{int:round_id}", response=RoundProgressOut, summary="One data round")
def get_round(request: HttpRequest, round_id: int) -> RoundProgressOut:
    """A round with how far its parks are."""
    require(request.user.may(Permission.VIEW_CITY))
    one = _run(request, round_id)
    return _with_progress(one, queries.get_progress(data_round=one, on=timezone.localdate()))


@router.get("/rounds/{int:round_id}/answers", response=Page[AnswerOut], summary="Answers of a round")
def list_answers(request: HttpRequest, round_id: int, part: Query[AnswerParams]) -> Page[AnswerOut]:
    """Where the answer of every asked park is."""
    require(request.user.may(Permission.VIEW_CITY))
    rows = _run(request, round_id).submissions.order_by("park_id")
    if part.state:
        rows = rows.filter(state=part.state)
    return paged(Page[AnswerOut], request, rows, part, lambda one: AnswerOut(**_answer(one)))


@router.get("/parks/{int:park_id}/rounds", response=Page[AnswerOut], summary="Rounds that ask a park")
def list_park_rounds(request: HttpRequest, park_id: int, part: Query[Slice]) -> Page[AnswerOut]:
    """What a park is and was asked, from the first day of each round on."""
    park = found(Park.objects.visible_to(request.user, Permission.VIEW_RATING), pk=park_id)
    rows = queries.list_park_submissions(park=park, on=timezone.localdate())
    return paged(Page[AnswerOut], request, rows, part, lambda one: AnswerOut(**_answer(one)))


def _visible(request: HttpRequest, park_id: int, round_id: int) -> Submission:
    """Return the answer of a park of the person's; a round shows to its parks from its first day on."""
    rows = Submission.objects.of_parks_of(request.user).exclude(round__state=DataRound.State.DRAFT)
    shown = rows.filter(round__opens_on__lte=timezone.localdate())
    return found(shown.select_related("round__branch", "park__branch"), park_id=park_id, round_id=round_id)


def _sheet(answer: Submission) -> AnswerSheetOut:
    sheet = queries.get_submission_sheet(submission=answer, on=timezone.localdate())
    entries = [
        EntryOut(
            fact_key=line.fact.key,
            name=line.fact.name,
            unit=line.fact.unit,
            value=line.value,
            before=line.before,
            computed=line.computed,
            remark=line.entry.remark if line.entry else "",
            objection=line.entry.objection if line.entry else "",
            hints=[hint.found for hint in line.hints],
        )
        for line in sheet.lines
    ]
    return AnswerSheetOut(
        **_answer(answer),
        is_open=sheet.is_open,
        is_late=sheet.is_late,
        return_note=answer.return_note,
        hints=[hint.found for hint in sheet.hints],
        entries=entries,
    )


@router.get("/parks/{int:park_id}/rounds/{int:round_id}", response=AnswerSheetOut, summary="Answer of a park")
def get_answer(request: HttpRequest, park_id: int, round_id: int) -> AnswerSheetOut:
    """What a round asks of a park and what it gives, with last year's values and hints."""
    return _sheet(_visible(request, park_id, round_id))


@router.put("/parks/{int:park_id}/rounds/{int:round_id}", response=AnswerSheetOut, summary="Keep a draft")
def save_answer(request: HttpRequest, park_id: int, round_id: int, values: DraftIn) -> AnswerSheetOut:
    """Keep what a park gives so far; nothing is handed in."""
    answer = _visible(request, park_id, round_id)
    require(request.user.may(Permission.DECLARE_FACT, answer.park.branch.path))
    given = {one.fact_key: services.Given(one.value, one.remark) for one in values.entries}
    with refusals(services.CannotSubmit):
        services.save_draft(submission=answer, given=given, actor=request.user, at=timezone.now())
    return _sheet(_visible(request, park_id, round_id))


@router.post("/parks/{int:park_id}/rounds/{int:round_id}/hand-in", response=AnswerSheetOut, summary="Hand in")
def hand_in(request: HttpRequest, park_id: int, round_id: int) -> AnswerSheetOut:
    """Hand in what the draft holds; values that cannot be are named by fact and nothing is handed in."""
    answer = _visible(request, park_id, round_id)
    require(request.user.may(Permission.DECLARE_FACT, answer.park.branch.path))
    try:
        services.submit(submission=answer, actor=request.user, at=timezone.now())
    except services.CannotSubmit as refusal:
        wrong = [FieldProblem(key, "implausible_fact", text) for key, text in refusal.problems.items()]
        raise Problem(422 if wrong else 409, str(refusal), errors=wrong) from refusal
    return _sheet(_visible(request, park_id, round_id))


def _to_decide(request: HttpRequest, round_id: int, park_id: int) -> Submission:
    require(request.user.may(Permission.VIEW_CITY))
    one = _run(request, round_id)
    require(request.user.may(Permission.RUN_ROUNDS, one.branch.path))
    return found(one.submissions.select_related("round__branch", "park__branch"), park_id=park_id)


@router.post("/rounds/{int:round_id}/answers/{int:park_id}/return", response=AnswerOut, summary="Return an answer")
def return_answer(request: HttpRequest, round_id: int, park_id: int, values: AnswerReturnIn) -> AnswerOut:
    """Give an answer back to its park with what is to be mended."""
    answer = _to_decide(request, round_id, park_id)
    with refusals(services.CannotDecide):
        done = services.return_submission(
            submission=answer,
            note=values.note,
            objections=values.objections,
            actor=request.user,
            at=timezone.now(),
        )
    return AnswerOut(**_answer(done))


@router.post("/rounds/{int:round_id}/answers/{int:park_id}/accept", response=AnswerOut, summary="Accept an answer")
def accept_answer(request: HttpRequest, round_id: int, park_id: int) -> AnswerOut:
    """Accept an answer: its values become declared facts of the park, stated by whoever handed them in."""
    answer = _to_decide(request, round_id, park_id)
    with refusals(services.CannotDecide):
        services.accept_submissions(submissions=[answer], actor=request.user, at=timezone.now())
    answer.refresh_from_db()
    return AnswerOut(**_answer(answer))


def _published(one: Publication) -> dict[str, Any]:
    names = ("version", "published_at", "park_count", "sha256", "round_id")
    return {"id": one.pk, "round_name": one.round.name, **{name: getattr(one, name) for name in names}}


@router.get("/published-tables", response=Page[PublishedOut], summary="Published tables")
def list_published(request: HttpRequest, part: Query[Slice]) -> Page[PublishedOut]:
    """The newest published table of every round of your branches and of those above them."""
    rows = queries.list_publications(user=request.user)
    return paged(Page[PublishedOut], request, rows, part, lambda one: PublishedOut(**_published(one)))


@router.get("/published-tables/{int:publication_id}", response=PublishedTableOut, summary="One published table")
def get_published(request: HttpRequest, publication_id: int) -> PublishedTableOut:
    """A published version with its sums and medians; small cells are kept back."""
    visible = Publication.objects.visible_to(request.user).select_related("round__branch")
    one = found(visible, pk=publication_id)
    table = queries.get_published(publication=one)
    rows = [
        PublishedRowOut(
            group=row.group,
            name=row.label,
            cells=[
                PublishedCellOut(
                    fact_key=fact.key,
                    park_count=None if cell.is_kept_back and not cell.count else cell.count,
                    sum=cell.total,
                    median=cell.median,
                    is_kept_back=cell.is_kept_back,
                )
                for fact, cell in zip(table.facts, row.cells, strict=True)
            ],
        )
        for row in table.rows
    ]
    return PublishedTableOut(**_published(one), rows=rows)

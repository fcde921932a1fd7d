"""A bureau's own tables as JSON: uploaded into a round or as facts, previewed, decided row by row, taken in."""

from __future__ import annotations

from datetime import date
from pathlib import PurePath

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import File, Form, Query, Router
from ninja.files import UploadedFile
from pydantic import Field

from parkbrain.intake import queries as found_by_check
from parkbrain.intake import services as intake
from parkbrain.intake.api import BatchOut, BatchReportOut, batch_of, report_values
from parkbrain.intake.models import Batch
from parkbrain.kernel.models import Branch
from parkbrain.kernel.roles import Permission
from parkbrain.kernel.taking import Area
from parkbrain.ui.rest import Day, FieldProblem, In, Out, Page, Problem, Slice, found, paged, refusals, require

from .. import queries, services
from ..forms.city_tables import TABLE_KINDS
from ..models import DataRound
from ..queries.city_tables import get_cut_off

router = Router()
RUN = Permission.RUN_ROUNDS


class TableOut(BatchReportOut):
    """A table of a bureau with what its check found: nothing is taken in before that is asked for."""

    branch_id: int
    round_id: int | None = Field(description="Null where the values become facts of the parks.")
    cut_off_on: date
    source: str
    left_out_count: int = Field(description="Rows or values that cannot be read and are left out by name.")
    waiting_count: int = Field(description="Rows of which somebody has to say which park they are about.")


class TableProblemOut(Out):
    """Something wrong in a table."""

    sheet: str
    row: int | None
    column: str = Field(description="Letters of the column; empty where it is about the row.")
    heading: str
    value: str
    message: str
    is_left_out: bool = Field(description="Whether the rest is taken without it; otherwise the whole table is refused.")


class TableMatchOut(Out):
    """What a row was found to be about, and why."""

    sheet: str
    row: int
    name: str
    outcome: str = Field(description="taken, decide (somebody has to say), or why it is left aside.")
    park: str = Field(description="The park, or the nearest one; empty where none is near.")
    why: str


class TableRowIn(In):
    """What somebody says of a row that waits."""

    sheet: str = Field(max_length=120)
    row: int = Field(ge=1, le=10_000_000)
    join: bool = Field(description="Whether the row is about the nearest park; otherwise it is left out.")


class TableDecisionsIn(In):
    """Decisions about rows of a table."""

    rows: list[TableRowIn] = Field(min_length=1, max_length=5000)


def _table(batch: Batch) -> TableOut:
    area = Area(batch.branch, batch.subject)
    waiting = [one for one in found_by_check.list_aside_lines(batch=batch) if one.outcome == "decide"]
    return TableOut(
        **report_values(batch=batch),
        branch_id=batch.branch_id,
        round_id=area.subject.get("round"),
        cut_off_on=get_cut_off(area=area),
        source=str(area.subject.get("source", "")),
        left_out_count=len(batch.report.get("unread", ())),
        waiting_count=len(waiting),
    )


def _visible(request: HttpRequest, table_id: int) -> Batch:
    """Return a table of a branch whose rounds the person runs; outside it there is nothing."""
    require(request.user.may(RUN))
    batch = found_by_check.get_batch(user=request.user, batch_id=table_id)
    if batch is None or batch.branch is None or not request.user.may(RUN, batch.branch.path):
        raise Problem(404)
    return batch


def _run(request: HttpRequest, round_id: int) -> DataRound:
    require(request.user.may(RUN))
    one = found(DataRound.objects.run_by(request.user).select_related("branch"), pk=round_id)
    require(request.user.may(RUN, one.branch.path))
    return one


def _upload(
    request: HttpRequest, file: UploadedFile, branch: Branch, data_round: DataRound | None, on: date | None, source: str
) -> TableOut:
    name, now = file.name or "", timezone.now()
    kind = PurePath(name).suffix.lstrip(".").lower()
    if (file.size or 0) > settings.UPLOAD_MAX_BYTES:
        raise Problem(413)
    if kind not in TABLE_KINDS:
        message = _("Files of the kind “%(kind)s” cannot be read: use .xlsx, .xls, .ods or .csv.") % {
            "kind": kind or "?"
        }
        raise Problem(422, errors=[FieldProblem("file", "kind_unknown", message)])
    try:
        area = services.make_area(
            branch=branch, actor=request.user, source=source, data_round=data_round, cut_off_on=on
        )
        batch = services.upload_table(name=name, chunks=file.chunks(), area=area, actor=request.user, at=now)
    except services.CannotRunRound as refusal:
        wrong = [FieldProblem(refusal.field, "refused", str(refusal))] if refusal.field else []
        raise Problem(422 if wrong else 409, str(refusal), errors=wrong) from refusal
    with refusals(intake.CannotTakeIn, intake.CannotCheckBatch):
        intake.start_check(batch=batch, actor=request.user, at=now)
    return _table(_visible(request, batch.pk))


@router.post("/rounds/{int:round_id}/tables", response={201: TableOut}, summary="Upload a table into a round")
def upload_round_table(
    request: HttpRequest, round_id: int, file: File[UploadedFile], source: Form[str]
) -> tuple[int, TableOut]:
    """Keep a wide or long table of the bureau's own and check it against the round; nothing is taken in yet.

    `source` stands beside every value. A large table is checked by a worker: watch the job.
    """
    one = _run(request, round_id)
    return 201, _upload(request, file, one.branch, one, None, source)


@router.post("/city/tables", response={201: TableOut}, summary="Upload a table of facts")
def upload_city_table(
    request: HttpRequest, file: File[UploadedFile], branch_id: Form[int], cut_off_on: Form[Day], source: Form[str]
) -> tuple[int, TableOut]:
    """Keep a table whose values become declared facts of the branch's parks as of a day, and check it."""
    require(request.user.may(RUN))
    branch = found(queries.list_branches(user=request.user), pk=branch_id)
    return 201, _upload(request, file, branch, None, cut_off_on, source)


@router.get("/rounds/{int:round_id}/tables", response=Page[BatchOut], summary="Tables of a round")
def list_round_tables(request: HttpRequest, round_id: int, part: Query[Slice]) -> Page[BatchOut]:
    """The newest tables that were uploaded into a round."""
    rows = queries.list_tables(user=request.user, data_round=_run(request, round_id))
    return paged(Page[BatchOut], request, rows, part, batch_of)


@router.get("/city/tables", response=Page[BatchOut], summary="Tables of facts")
def list_city_tables(request: HttpRequest, part: Query[Slice]) -> Page[BatchOut]:
    """The newest tables whose values become facts of parks."""
    require(request.user.may(RUN))
    return paged(Page[BatchOut], request, queries.list_tables(user=request.user), part, batch_of)


@router.get("/city/tables/{int:table_id}", response=TableOut, summary="One table of a bureau")
def get_table(request: HttpRequest, table_id: int) -> TableOut:
    """A table of either kind with what its check found."""
    return _table(_visible(request, table_id))


@router.get(
    "/city/tables/{int:table_id}/problems", response=Page[TableProblemOut], summary="Problems of a bureau's table"
)
def list_table_problems(request: HttpRequest, table_id: int, part: Query[Slice]) -> Page[TableProblemOut]:
    """What is wrong with the table by row, column and value: what refuses it, then what is left out."""
    report = found_by_check.get_report(batch=_visible(request, table_id))
    lines = [*((one, False) for one in report.problems), *((one, True) for one in report.unread)]
    return paged(Page[TableProblemOut], request, lines, part, _problem)


def _problem(line: tuple[found_by_check.ProblemLine, bool]) -> TableProblemOut:
    one, is_left_out = line
    return TableProblemOut(
        sheet=one.sheet,
        row=one.row,
        column=one.cell.rstrip("0123456789"),
        heading=one.heading,
        value=one.value,
        message=one.message,
        is_left_out=is_left_out,
    )


@router.get("/city/tables/{int:table_id}/matches", response=Page[TableMatchOut], summary="Parks of a bureau's table")
def list_table_matches(request: HttpRequest, table_id: int, part: Query[Slice]) -> Page[TableMatchOut]:
    """Which park every row was found to be about, and why: rows that wait first, then those that are taken."""
    batch = _visible(request, table_id)
    waiting = [
        TableMatchOut(
            sheet=one.sheet, row=one.row, name=one.name, outcome=one.outcome, park=one.target_label, why=one.why
        )
        for one in found_by_check.list_aside_lines(batch=batch)
    ]
    taken = [
        TableMatchOut(sheet=one.sheet, row=one.row, name=one.name, outcome="taken", park=one.name, why=one.why)
        for one in found_by_check.get_report(batch=batch).changes
    ]
    return paged(Page[TableMatchOut], request, [*waiting, *taken], part, lambda one: one)


@router.post("/city/tables/{int:table_id}/decisions", response=TableOut, summary="Say what rows are about")
def decide_table(request: HttpRequest, table_id: int, values: TableDecisionsIn) -> TableOut:
    """Say of rows that wait whether they are about the nearest park; the table is checked again."""
    batch, now = _visible(request, table_id), timezone.now()
    waiting = {(one.sheet, one.row): one for one in found_by_check.list_aside_lines(batch=batch)}
    decisions, wrong = {}, []
    for place, row in enumerate(values.rows):
        line = waiting.get((row.sheet, row.row))
        if line is None or (row.join and not line.target):
            message = _("Row %(row)s of “%(sheet)s” has no park to be joined with.")
            field = f"rows.{place}.row"
            wrong.append(FieldProblem(field, "not_waiting", message % {"row": row.row, "sheet": row.sheet}))
        else:
            decisions[line.key] = f"{intake.JOIN}{line.target}" if row.join else intake.SKIP
    if wrong:
        raise Problem(422, errors=wrong)
    with refusals(intake.CannotDecideRows, intake.CannotCheckBatch):
        batch = intake.decide_rows(batch=batch, decisions=decisions, actor=request.user, at=now)
        intake.start_check(batch=batch, actor=request.user, at=now)
    return _table(_visible(request, table_id))


@router.post("/city/tables/{int:table_id}/apply", response=TableOut, summary="Take a bureau's table in")
def apply_table(request: HttpRequest, table_id: int) -> TableOut:
    """Take what was previewed in, in one transaction; `/imports/{id}/roll-back` takes it back."""
    with refusals(intake.CannotApplyBatch):
        intake.start_apply(batch=_visible(request, table_id), actor=request.user, at=timezone.now())
    return _table(_visible(request, table_id))


@router.post("/city/tables/{int:table_id}/discard", response=TableOut, summary="Discard a bureau's table")
def discard_table(request: HttpRequest, table_id: int) -> TableOut:
    """Close a table that is not wanted; the file stays with it."""
    with refusals(intake.CannotDiscardBatch):
        intake.discard_batch(batch=_visible(request, table_id), actor=request.user, at=timezone.now())
    return _table(_visible(request, table_id))

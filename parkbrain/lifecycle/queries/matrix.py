"""The responsibility matrix: stage by duty by party, as of a day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from parkbrain.kernel.models import Park

from ..models import STAGES, Assignment, LifeSubject, PartyKind, RaciRole, Stage
from .stages import existing_subjects_q, list_subjects
from .standing import WAIVED, DutyRow, list_duty_rows


@dataclass(frozen=True)
class Holder:
    """Somebody with all the roles held in one duty."""

    letters: str
    body: str
    person: str
    ends_on: date | None


@dataclass(frozen=True)
class Cell:
    """What one kind of party has to do with a duty: who holds which role, and which roles nobody holds."""

    kind: str
    held: Sequence[Assignment]
    missing: Sequence[str]

    @property
    def holders(self) -> list[Holder]:
        """Who is named, each once with all roles."""
        found: dict[tuple[str, str, date | None], list[str]] = {}
        for one in self.held:
            body = one.enterprise.name if one.enterprise else one.body
            found.setdefault((body, str(one.person or ""), one.ends_on), []).append(one.role)
        return [Holder("/".join(roles), *who) for who, roles in found.items()]


@dataclass(frozen=True)
class MatrixRow:
    """A duty with a cell for each kind of party."""

    row: DutyRow
    cells: Sequence[Cell]

    @property
    def has_gap(self) -> bool:
        """Whether nobody is responsible for the duty on the day."""
        return self.row.responsible is None


@dataclass(frozen=True)
class MatrixStage:
    """The duties of a stage."""

    stage: str
    label: str
    rows: Sequence[MatrixRow]

    @property
    def gap_count(self) -> int:
        """For how many duties nobody is responsible."""
        return sum(row.has_gap for row in self.rows)


@dataclass(frozen=True)
class Matrix:
    """The matrix of a park, or of one of its subjects, on a day."""

    on: date
    subject: LifeSubject | None
    subjects: Sequence[LifeSubject]
    stages: Sequence[MatrixStage]
    kinds: Sequence[tuple[str, str]]

    @property
    def rows(self) -> list[MatrixRow]:
        """All duties."""
        return [row for stage in self.stages for row in stage.rows]

    @property
    def named_count(self) -> int:
        """For how many duties somebody is responsible."""
        return sum(not row.has_gap for row in self.rows)

    @property
    def share(self) -> float | None:
        """The share of duties for which somebody is responsible; None where there are none."""
        return self.named_count / len(self.rows) if self.rows else None


def get_matrix(*, park: Park, on: date, subject: LifeSubject | None = None) -> Matrix:
    """Return the responsibility matrix on a day; of the whole park, or of one subject. What is waived is left out."""
    condition = Q(subject=subject) if subject else Q(subject__park=park)
    rows = list_duty_rows(condition=condition & existing_subjects_q(on=on, field="subject__"), on=on)
    counted = [_matrix_row(row) for row in rows if row.standing != WAIVED]
    stages = [
        MatrixStage(stage, str(Stage(stage).label), [r for r in counted if r.row.duty.stage == stage])
        for stage in STAGES
    ]
    kinds = [(str(kind.value), str(kind.label)) for kind in PartyKind]
    return Matrix(on, subject, list_subjects(park=park, on=on), stages, kinds)


def _matrix_row(row: DutyRow) -> MatrixRow:
    held = {(a.role, a.party_kind) for a in row.assignments}
    roles = {a.role for a in row.assignments}
    by_role = sorted(row.assignments, key=lambda a: RaciRole.values.index(a.role))
    cells = []
    for kind in PartyKind.values:
        asked = [role for role in RaciRole.values if kind in row.duty.asked.get(role, ())]
        # One does it and one answers for it, of whatever kind: the place is filled; others are asked kind by kind.
        missing = [
            role for role in asked if (role, kind) not in held and not (role in Assignment.ANSWERING and role in roles)
        ]
        cells.append(Cell(kind, [a for a in by_role if a.party_kind == kind], missing))
    return MatrixRow(row, cells)

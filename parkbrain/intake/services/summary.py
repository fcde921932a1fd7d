"""What an import did or would do, for the terminal and for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from ..models import Batch
from ..queries import Problem, get_field_label, get_problem_sentence, get_sentence

#: Problems that the terminal prints one by one.
_PRINTED = 20


@dataclass(frozen=True)
class ImportSummary:
    """The outcome of an import: its state, what happened to the rows, and what is wrong."""

    state: str
    rows: int
    created: int
    updated: int
    unchanged: int
    problems: Sequence[Problem]
    park_code: str = ""
    batch_id: int | None = None
    dry_run: bool = False
    # What would change row by row, and what the record holds beside the file; said only before anything is written.
    changes: Sequence[Mapping[str, Any]] = ()
    left_out: Sequence[Mapping[str, Any]] = ()
    # What became of every row (joined, new, duplicate, decide, skipped, refused, taken): sums to the rows.
    outcomes: Mapping[str, int] = field(default_factory=dict)
    unread: Sequence[Problem] = ()
    remarks: Sequence[Mapping[str, Any]] = ()
    not_taken: Sequence[str] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the outcome as plain values for programs."""
        problems = [{**p.as_dict(), "cell": p.cell, "message": get_problem_sentence(problem=p)} for p in self.problems]
        return {
            "state": self.state,
            "dry_run": self.dry_run,
            "park": self.park_code,
            "batch_id": self.batch_id,
            "rows": self.rows,
            "created": self.created,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "changes": list(self.changes),
            "left_out": list(self.left_out),
            "outcomes": dict(self.outcomes),
            "unread": [{"row": p.row, "message": get_problem_sentence(problem=p)} for p in self.unread],
            "remarks": [get_sentence(code=r["code"], params=r["params"]) for r in self.remarks],
            "not_taken": list(self.not_taken),
            "problem_count": len(self.problems),
            "problems": [{k: v for k, v in p.items() if k != "said"} for p in problems],
        }

    def as_text(self) -> str:
        """Return the outcome as sentences."""
        if self.problems:
            lines = [_("Nothing was taken in: %(count)s problems.") % {"count": len(self.problems)}]
            lines += [self._line(p) for p in self.problems[:_PRINTED]]
            return "\n".join([*lines, *self._more(len(self.problems))])
        return "\n".join([self._outcome(), *self._beside(), *self._changed_lines(), *self._left_out_lines()])

    def _beside(self) -> list[str]:
        """Return sentences on matched rows, on what was left out, and on columns that were not taken."""
        lines = []
        found = self.outcomes
        if any(found.get(o) for o in ("joined", "duplicate", "decide", "skipped", "refused")):
            lines.append(
                _(
                    "Matched: %(joined)s joined, %(new)s new, %(duplicate)s duplicates in the file, "
                    "%(decide)s to decide, %(skipped)s skipped, %(refused)s refused."
                )
                % found
            )
        lines += [self._line(p) for p in self.unread[:_PRINTED]] + self._more(len(self.unread))
        lines += [get_sentence(code=r["code"], params=r["params"]) for r in self.remarks]
        if self.not_taken:
            lines.append(_("Columns not taken: %(names)s.") % {"names": _(", ").join(self.not_taken)})
        return lines

    def _outcome(self) -> str:
        counts = {"rows": self.rows, "created": self.created, "updated": self.updated, "unchanged": self.unchanged}
        if not self.created and not self.updated:
            return _("%(rows)s rows: no change, everything is as the file says.") % counts
        if self.dry_run:
            return _("%(rows)s rows: %(created)s would be new, %(updated)s changed, %(unchanged)s unchanged.") % counts
        return _("%(rows)s rows: %(created)s new, %(updated)s changed, %(unchanged)s unchanged.") % counts

    def _changed_lines(self) -> list[str]:
        """Return the differences of changed rows: sheet, row, field, old and new value."""
        changed = [c for c in self.changes if c.get("fields")]
        lines = [
            f"  {c['sheet']} {c['row']} {c['name']}: {get_field_label(key=c['taker'], field=field)} {old} → {new}"
            for c in changed[:_PRINTED]
            for field, (old, new) in c["fields"].items()
        ]
        return lines + self._more(len(changed))

    def _more(self, count: int) -> list[str]:
        """Say how many are not printed, and where all of them are: nothing is kept of a file that was only tried."""
        if count <= _PRINTED:
            return []
        is_kept = self.batch_id is not None and not self.dry_run
        where = reverse("import_batch", args=[self.batch_id]) if is_kept else "--json"
        return [_("… and %(count)s more: %(where)s") % {"count": count - _PRINTED, "where": where}]

    def _left_out_lines(self) -> list[str]:
        return [
            _("%(sheet)s: %(count)s of the record are not in the file and stay as they are.") % {**one}
            for one in self.left_out
        ]

    def _line(self, problem: Problem) -> str:
        where = " ".join(p for p in (problem.sheet, problem.cell or (str(problem.row) if problem.row else "")) if p)
        sentence = get_problem_sentence(problem=problem)
        return f"  {where}: {sentence}" if where else f"  {sentence}"


def summarize_batch(*, batch: Batch, problems: Sequence[Problem]) -> ImportSummary:
    """Return what became of a batch."""
    counts = batch.report.get("counts", {})
    return ImportSummary(
        state=batch.state,
        rows=batch.row_count,
        created=counts.get("create", 0),
        updated=counts.get("update", 0),
        unchanged=counts.get("nothing", 0),
        problems=problems,
        park_code=batch.report.get("park_code", ""),
        batch_id=batch.pk,
        outcomes=batch.report.get("outcomes", {}),
        unread=[Problem(**p) for p in batch.report.get("unread", ())],
        remarks=batch.report.get("remarks", ()),
        not_taken=[c["heading"] for s in batch.report.get("sheets", ()) for c in s["columns"] if not c["field"]],
    )

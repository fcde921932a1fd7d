"""The responsibility matrix on paper, in three languages; typeset by typst."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from parkbrain.kernel.models import Park, User
from parkbrain.kernel.registry import ReportFile, ReportSubject
from parkbrain.kernel.roles import Permission
from parkbrain.ui import formats
from parkbrain.ui.media import PDF
from parkbrain.ui.typesetting import typeset

from .models import LifeSubject, RaciRole
from .queries import Matrix, MatrixRow, get_matrix

TEMPLATE = Path(__file__).resolve().parent / "templates" / "lifecycle" / "matrix.typ"


def render_matrix(*, park: Park, matrix: Matrix, language: str) -> bytes:
    """Return the responsibility matrix of a park or of one of its subjects as PDF in a language."""
    with translation.override(language):
        data = _content(park, matrix)
    return typeset(template=TEMPLATE, data=data, language=language)


def make_matrix_report(*, user: User, park: Park, since: date, on: date, kind: str) -> ReportFile:
    """Return the responsibility matrix of everything in a park on a day, as its page hands it out."""
    return make_matrix_file(park=park, on=on, subject=None)


def find_subject(*, user: User, park: Park, number: int) -> ReportSubject | None:
    """Return a subject of a park whose matrix the person may open."""
    if not user.may(Permission.VIEW_ENTERPRISE, park.branch.path):
        return None
    found = LifeSubject.objects.filter(park=park, pk=number).select_related("building", "project", "park").first()
    return None if found is None else ReportSubject(str(found), found)


def make_subject_matrix_report(
    *, user: User, park: Park, of: LifeSubject, since: date, on: date, kind: str
) -> ReportFile:
    """Return the responsibility matrix of one subject on a day, as its page hands it out."""
    return make_matrix_file(park=park, on=on, subject=of)


def make_matrix_file(*, park: Park, on: date, subject: LifeSubject | None) -> ReportFile:
    """Return the matrix of a park, or of one of its subjects, on a day as PDF in the language in force."""
    language = translation.get_language() or "zh-hans"
    content = render_matrix(park=park, matrix=get_matrix(park=park, on=on, subject=subject), language=language)
    return ReportFile(f"responsibility-{park.code}-{on.isoformat()}.pdf", content, PDF)


def _content(park: Park, matrix: Matrix) -> dict[str, Any]:
    named, total = matrix.named_count, len(matrix.rows)
    return {
        "title": _("Responsibility matrix"),
        "of": f"{park.name} · {matrix.subject}" if matrix.subject and matrix.subject.kind != "PARK" else park.name,
        "on": _("As of %(day)s") % {"day": matrix.on.isoformat()},
        "fictional": park.demo_notice,
        "sentence": _("Somebody is responsible for %(named)s of %(total)s duties (%(share)s).")
        % {"named": named, "total": total, "share": formats.percent(matrix.share or 0, 1)}
        if total
        else _("No duties are kept yet."),
        "roles": [[key, str(label)] for key, label in RaciRole.choices],
        "gap": _("asked for, nobody is named"),
        "heads": [_("Duty"), _("Due on"), *(str(_label) for _key, _label in matrix.kinds)],
        "stages": [
            {
                "label": stage.label,
                "detail": _stage_detail(len(stage.rows), stage.gap_count),
                "rows": [_row(line, whole=matrix.subject is None) for line in stage.rows],
            }
            for stage in matrix.stages
            if stage.rows
        ],
        "page": _("Page"),
    }


def _stage_detail(count: int, gaps: int) -> str:
    words = ngettext("%(count)s duty", "%(count)s duties", count) % {"count": count}
    if gaps:
        words += " · " + ngettext("%(gaps)s without anybody", "%(gaps)s without anybody", gaps) % {"gaps": gaps}
    return words


def _row(line: MatrixRow, *, whole: bool) -> dict[str, Any]:
    duty = line.row.duty
    return {
        "name": duty.name,
        "subject": str(duty.subject) if whole else "",
        "due": duty.due_on.isoformat() if duty.due_on else "",
        "late": line.row.is_late,
        "cells": [
            {
                "held": [
                    [
                        h.letters,
                        h.body or h.person,
                        h.person if h.body else "",
                        h.ends_on.isoformat() if h.ends_on else "",
                    ]
                    for h in cell.holders
                ],
                "missing": list(cell.missing),
            }
            for cell in line.cells
        ],
    }

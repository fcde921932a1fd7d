"""The list of a round's answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from parkbrain.kernel.models import Park
from parkbrain.kernel.names import NAMES, park_q
from parkbrain.kernel.roles import Permission
from parkbrain.lists import Ask, ListSpec
from parkbrain.ui import formats
from parkbrain.ui.table import Column, Filter

from ..models import DataRound, Finding, Submission
from ..queries import get_overview, list_operators

TONES = {"ASKED": "", "DRAFT": "", "SUBMITTED": "info", "RETURNED": "warn", "ACCEPTED": "ok"}


def _state(row: Submission) -> tuple[str, str]:
    return str(row.get_state_display()), TONES[row.state]


def _columns(ask: Ask) -> Sequence[Column]:
    return (
        Column(
            "park",
            _("Park"),
            lambda r: (r.park.name, reverse("submission_detail", args=[r.round_id, r.park_id])),
            "link",
            ("park__name_zh_hans",),
        ),
        Column("round", _("Data round"), lambda r: r.round.name, order_by=("round_id",), hidden=True),
        Column("state", _("State"), _state, "badge", ("state",)),
        Column("given", _("Facts given"), lambda r: r.given_count, "integer", ("given_count",)),
        Column("hints", _("Hints"), lambda r: r.finding_count, "integer", ("finding_count",), total="finding_count"),
        Column("street", _("Street"), lambda r: r.park.street_name, order_by=("park__street",)),
        Column("kind", _("Kind"), lambda r: r.park.get_kind_display(), order_by=("park__kind",)),
        Column("opened", _("First opened"), lambda r: r.first_opened_at, "moment", ("first_opened_at",), hidden=True),
        Column("submitted", _("Handed in"), lambda r: r.submitted_at, "moment", ("submitted_at",)),
        Column("decided", _("Decided"), lambda r: r.decided_at, "moment", ("decided_at",), hidden=True),
    )


def _by_state(rows: QuerySet[Submission], states: Sequence[str]) -> QuerySet[Submission]:
    chosen = Q(pk__in=[])
    for state in states:
        if state == "OPENED":
            chosen |= Q(state="ASKED", first_opened_at__isnull=False)
        elif state == "ASKED":
            chosen |= Q(state="ASKED", first_opened_at__isnull=True)
        else:
            chosen |= Q(state=state)
    return rows.filter(chosen)


def _filters(ask: Ask) -> Sequence[Filter]:
    states = [("ASKED", _("Asked, not looked at")), ("OPENED", _("Looked at")), *Submission.State.choices[1:]]
    districts = [(line.code, line.name) for line in get_overview(user=ask.user).lines if line.code]
    operators = [(branch.code, branch.name) for branch in list_operators(user=ask.user)]
    return (
        Filter("q", _("Name, code or street"), keep=_holding, main=True),
        Filter("state", _("State"), "choices", choices=states, keep=_by_state, main=True),
        Filter(
            "hint",
            _("With a hint"),
            "choice",
            choices=Finding.Kind.choices,
            keep=lambda rows, kind: rows.filter(pk__in=Finding.objects.filter(kind=kind).values("submission_id")),
            main=True,
        ),
        Filter(
            "overdue",
            _("Overdue"),
            "choice",
            choices=[("yes", _("yes"))],
            keep=lambda rows, _yes: rows.filter(round__due_on__lt=ask.on, state__in=Submission.WAITING_STATES),
        ),
        Filter("district", _("District"), "choice", ("park__district_code",), districts),
        Filter("operator", _("Operator"), "choice", ("park__branch__parent__code",), operators),
        Filter("kind", _("Kind"), "choice", ("park__kind",), Park.Kind.choices),
        Filter(
            "round",
            _("Data round"),
            "choice",
            ("round",),
            [(str(one.pk), one.name) for one in DataRound.objects.run_by(ask.user)],
        ),
    )


def _holding(rows: QuerySet[Submission], text: str) -> QuerySet[Submission]:
    return rows.filter(park_q(text, field="park"))


def _sentence(count: int, totals: Mapping[str, Any]) -> str:
    return ngettext("%(count)s park shown", "%(count)s parks shown", count) % {"count": formats.number(count, 0)}


SUBMISSIONS = ListSpec(
    key="portfolio.submissions",
    url_name="submission_list",
    label=gettext_lazy("Answers of data rounds"),
    columns=_columns,
    filters=_filters,
    rows=lambda ask: Submission.objects.run_by(ask.user),
    related=("park", "round"),
    only={
        "": ("round", "park", "state", "first_opened_at", "submitted_at", "decided_at", "finding_count", "given_count"),
        "park": (*NAMES, "street", "kind"),
        "round": NAMES,
    },
    default_sort=("-finding_count", "park_id"),
    sentence=_sentence,
    permission=Permission.VIEW_CITY,
    empty=gettext_lazy("No answer is kept by these filters."),
)

"""What is so in data rounds: which parks are asked, how far each is, and what stands in an answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from parkbrain.assessment.queries import CatalogueFact, get_catalogue
from parkbrain.assessment.queries.facts import gather_facts
from parkbrain.kernel.models import Branch, Park, User
from parkbrain.kernel.registry import Attention
from parkbrain.kernel.roles import Permission
from parkbrain.kernel.scope import branches_q

from ..models import DataRound, Entry, Finding, Publication, Submission
from .hint_words import HintWords, describe_hint
from .hints import find_hints, get_computed, load_figures, year_before


@dataclass(frozen=True)
class Step:
    """A stage of the answers of a round: how many parks stand there, and the list of them."""

    key: str
    label: str
    count: int


@dataclass(frozen=True)
class Progress:
    """How far the parks of a round are."""

    asked_count: int
    steps: Sequence[Step]
    overdue_count: int
    accepted_count: int
    submitted_count: int

    @property
    def percent(self) -> int:
        """Share of the parks that have handed in [percent]."""
        done = self.submitted_count + self.accepted_count
        return round(100 * done / self.asked_count) if self.asked_count else 0


@dataclass(frozen=True)
class RoundLine:
    """A round in the bureau's list."""

    data_round: DataRound
    progress: Progress


@dataclass(frozen=True)
class EntryLine:
    """A fact of an answer: what is given, what it was, what the rows say, and what looks odd."""

    fact: CatalogueFact
    entry: Entry | None
    before: float | None
    computed: float | None
    hints: Sequence[HintWords]

    @property
    def value(self) -> float | None:
        """What the park gives; None is not known."""
        return self.entry.value if self.entry else None


@dataclass(frozen=True)
class SubmissionSheet:
    """An answer with all its facts."""

    submission: Submission
    lines: Sequence[EntryLine]
    hints: Sequence[HintWords]
    is_open: bool
    is_late: bool
    before_on: date

    @property
    def hint_count(self) -> int:
        """How many hints there are."""
        return len(self.hints) + sum(len(line.hints) for line in self.lines)


def asked_parks(*, data_round: DataRound) -> QuerySet[Park]:
    """Return the parks that a round asks: those of its branch within its limits, but for parks known from print alone."""
    asked: Mapping[str, Any] = data_round.asked
    parks = Park.objects.in_branch(data_round.branch).exclude(standing=Park.Standing.AS_STATED)
    if asked.get("kinds"):
        parks = parks.filter(kind__in=asked["kinds"])
    if asked.get("district"):
        parks = parks.filter(district_code=asked["district"])
    if asked.get("operator"):
        parks = parks.filter(branch__parent__code=asked["operator"])
    if asked.get("area_from") is not None:
        parks = parks.filter(gross_floor_area_m2__gte=asked["area_from"])
    if asked.get("area_to") is not None:
        parks = parks.filter(gross_floor_area_m2__lt=asked["area_to"])
    return parks.order_by("pk")


def list_branches(*, user: User) -> QuerySet[Branch]:
    """Return the branches of which the person may run rounds: cities and districts."""
    kinds = (Branch.Kind.CITY, Branch.Kind.DISTRICT)
    return Branch.objects.filter(branches_q(user, Permission.RUN_ROUNDS, field="path"), kind__in=kinds).order_by("path")


def get_progress(*, data_round: DataRound, on: date) -> Progress:
    """Return how far the parks of a round are on a day."""
    return _progress(list_counts(round_ids=[data_round.pk]).get(data_round.pk, {}), data_round, on)


def list_counts(*, round_ids: Sequence[int]) -> dict[int, dict[str, int]]:
    """Return how many submissions of every round are in each state, and how many asked parks looked at it (`OPENED`)."""
    counted = Submission.objects.filter(round_id__in=round_ids).values("round_id", "state")
    looked = Count("pk", filter=~Q(first_opened_at=None))
    found: dict[int, dict[str, int]] = {}
    for row in counted.annotate(count=Count("pk"), looked=looked).order_by():
        states = found.setdefault(row["round_id"], {})
        states[row["state"]] = row["count"]
        if row["state"] == Submission.State.ASKED:
            states["OPENED"] = row["looked"]
    return found


def _progress(counts: Mapping[str, int], data_round: DataRound, on: date) -> Progress:
    states = Submission.State
    opened = counts.get("OPENED", 0)
    steps = [
        Step("ASKED", _("Asked, not looked at"), counts.get(states.ASKED, 0) - opened),
        Step("OPENED", _("Looked at"), opened),
        *(Step(state.value, str(state.label), counts.get(state, 0)) for state in list(states)[1:]),
    ]
    waiting = sum(counts.get(state, 0) for state in Submission.WAITING_STATES)
    is_late = data_round.state != DataRound.State.DRAFT and on > data_round.due_on
    return Progress(
        asked_count=sum(step.count for step in steps),
        steps=steps,
        overdue_count=waiting if is_late else 0,
        accepted_count=counts.get(states.ACCEPTED, 0),
        submitted_count=counts.get(states.SUBMITTED, 0),
    )


def list_rounds(*, user: User, on: date) -> list[RoundLine]:
    """Return the rounds of the branches that the person oversees, newest first."""
    rounds = list(DataRound.objects.run_by(user).select_related("branch"))
    counts = list_counts(round_ids=[one.pk for one in rounds])
    return [RoundLine(one, _progress(counts.get(one.pk, {}), one, on)) for one in rounds]


def list_park_submissions(*, park: Park, on: date) -> list[Submission]:
    """Return what a park is and was asked, newest first; a round shows from its first day on."""
    asked = Submission.objects.filter(park=park, round__opens_on__lte=on).exclude(round__state=DataRound.State.DRAFT)
    return list(asked.select_related("round").order_by("-round__due_on", "-round_id"))


def get_park_panel(*, user: User, park: Park, on: date) -> dict[str, Any] | None:
    """Return the rounds that ask a park, for its page; None where there are none or the person may not see them."""
    if not user.may(Permission.VIEW_RATING, park.branch.path):
        return None
    rows = list_park_submissions(park=park, on=on)
    return {"park": park, "submissions": rows} if rows else None


def get_submission_sheet(*, submission: Submission, on: date) -> SubmissionSheet:
    """Return an answer with last year's values, what the rows say, and its hints: kept ones, or those of the draft now."""
    data_round, park = submission.round, submission.park
    keys = [key for key in data_round.fact_keys if key in get_catalogue()]
    before_on = year_before(on=data_round.cut_off_on)
    before = gather_facts(park_ids=[park.pk], cut_off_on=before_on, keys=keys).values[0]
    computed = get_computed(park_ids=[park.pk], keys=keys, on=data_round.cut_off_on)[0]
    entries = {e.fact_key: e for e in submission.entries.select_related("evidence")}
    hints = _hints_of(submission)
    by_fact: dict[str, list[HintWords]] = {}
    for one in hints:
        by_fact.setdefault(one.fact_key, []).append(one)
    lines = [
        EntryLine(get_catalogue()[key], entries.get(key), _known(before[n]), _known(computed[n]), by_fact.get(key, []))
        for n, key in enumerate(keys)
    ]
    can_write = data_round.is_open_on(on) and submission.state in Submission.WAITING_STATES
    return SubmissionSheet(submission, lines, by_fact.get("", []), can_write, submission.is_late_on(on), before_on)


def _hints_of(submission: Submission) -> list[HintWords]:
    if submission.state in (Submission.State.SUBMITTED, Submission.State.ACCEPTED):
        return [describe_hint(kind=f.kind, fact_key=f.fact_key, params=f.params) for f in submission.findings.all()]
    if submission.saved_at is None:
        return []
    figures = load_figures(data_round=submission.round, submission_ids=[submission.pk])
    # What is still open is no hint while the draft is being written.
    return [
        describe_hint(kind=hint.kind, fact_key=hint.fact_key, params=hint.params)
        for hint in find_hints(figures=figures)[submission.pk]
        if hint.kind not in (Finding.Kind.MISSING, Finding.Kind.LATE)
    ]


def _known(value: Any) -> float | None:
    return float(value) if value == value else None


def count_hints(*, data_round: DataRound) -> list[tuple[str, str, int, int]]:
    """Return (kind, its name, hints, parks) of what was found in a round, the most parks first."""
    found = Finding.objects.filter(submission__round=data_round).values_list("kind")
    counted = found.annotate(hints=Count("pk"), parks=Count("submission", distinct=True)).order_by("-parks", "kind")
    return [(kind, str(Finding.Kind(kind).label), hints, parks) for kind, hints, parks in counted]


def list_attention(*, user: User, park: Park, on: date) -> list[Attention]:
    """Return the rounds that wait for the park's values."""
    if not user.may(Permission.DECLARE_FACT, park.branch.path):
        return []
    items = []
    for one in list_park_submissions(park=park, on=on):
        if not one.can_be_filled:
            continue
        late = one.is_late_on(on)
        if one.state == Submission.State.RETURNED:
            detail = _("returned by the bureau: mend it and hand it in again")
        elif late:
            detail = _("it was due on %(date)s") % {"date": one.round.due_on}
        else:
            counts = {"given": one.given_count, "count": len(one.round.fact_keys)}
            detail = _("%(given)s of %(count)s facts given") % counts
        items.append(
            Attention(
                title=_("Data round: %(round)s") % {"round": one.round.name},
                detail=detail,
                url=reverse("park_round", args=[park.pk, one.round_id]),
                due_on=one.round.due_on,
                tone="bad" if late else "warn",
            )
        )
    return items


def get_latest_publication(*, data_round: DataRound) -> Publication | None:
    """Return the newest published table of a round."""
    return data_round.publications.order_by("-version").first()


def list_asked_facts(*, data_round: DataRound) -> list[CatalogueFact]:
    """Return the facts of a round, in its order."""
    catalogue = get_catalogue()
    return [catalogue[key] for key in data_round.fact_keys if key in catalogue]

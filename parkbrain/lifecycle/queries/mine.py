"""What is whose: the duties a person answers for, what is late in a park, and who may be named."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from parkbrain.kernel.models import Approval, Document, Park, User
from parkbrain.kernel.reading import first_found
from parkbrain.kernel.registry import Attention, SearchHit
from parkbrain.kernel.roles import Permission

from ..models import Assignment, Duty, Project
from .stages import existing_subjects_q
from .standing import LAPSED, LATE, SOON_DAYS, DutyRow, late_q, list_duty_rows

#: The kind of request by which a second person is asked to waive a duty.
WAIVER = "lifecycle.duty.waiver"
#: Before this many days nobody is mailed about a duty that comes.
MAILED_DAYS = 7


def list_own_duties(*, user: User, on: date) -> list[DutyRow]:
    """Return the duties a person answers for on a day: what is late first, then by the day they are due, settled last."""
    mine = Duty.objects.of_person(user, on).order_by().values("pk")
    rows = list_duty_rows(condition=Q(pk__in=mine) & existing_subjects_q(on=on, field="subject__"), on=on)
    return sorted(rows, key=lambda r: (r.is_settled, not r.is_late, r.duty.due_on or date.max))


def list_due_by_person(*, on: date) -> list[tuple[User, list[DutyRow]]]:
    """Return the people with an address who answer for what is late or due within days, with those duties."""
    open_ones = Duty.objects.filter(
        late_q(on=on) | Q(state=Duty.State.OPEN, due_on__lte=on + timedelta(days=MAILED_DAYS))
    )
    named = Assignment.objects.current_on(on).filter(
        role__in=Assignment.ANSWERING, duty__in=open_ones, person__is_active=True
    )
    people = User.objects.filter(pk__in=named.exclude(person__email="").order_by().values("person")).order_by("pk")
    found = []
    for user in people:
        last = on + timedelta(days=MAILED_DAYS)
        rows = [r for r in list_own_duties(user=user, on=on) if r.is_late or _is_due(r, last)]
        if rows := [r for r in rows if r.is_reached]:
            found.append((user, rows))
    return found


def _is_due(row: DutyRow, last: date) -> bool:
    return not row.is_settled and row.duty.due_on is not None and row.duty.due_on <= last


def list_late(*, park: Park, on: date) -> list[DutyRow]:
    """Return the duties of a park that are late on a day in the stages that their subjects have reached."""
    condition = Q(subject__park=park) & late_q(on=on) & existing_subjects_q(on=on, field="subject__")
    return [row for row in list_duty_rows(condition=condition, on=on) if row.standing in LATE and row.is_reached]


def list_duty_attention(*, user: User, park: Park, on: date) -> list[Attention]:
    """Return the late duties of the park to who runs it, and to everybody their own that are late or come soon."""
    edits = user.may(Permission.EDIT_RECORD, park.branch.path)
    mine = set(Duty.objects.of_person(user, on).filter(subject__park=park).order_by().values_list("pk", flat=True))
    last = on + timedelta(days=SOON_DAYS)
    # On a day that has passed a duty may have been open that is settled now.
    coming = Q(due_on__lte=last) & (Q(state=Duty.State.OPEN) if on >= timezone.localdate() else Q())
    asked = Q(pk__in=mine) & (late_q(on=on) | coming)
    if edits:
        asked |= late_q(on=on)
    condition = Q(subject__park=park) & existing_subjects_q(on=on, field="subject__") & asked
    rows = [
        row
        for row in list_duty_rows(condition=condition, on=on)
        if row.is_reached and (row.is_late or (row.duty.pk in mine and _is_due(row, last)))
    ]
    rows.sort(key=lambda r: (not r.is_late, r.duty.pk not in mine, r.duty.due_on or date.min))
    return [_attention(row, is_own=row.duty.pk in mine) for row in rows]


def _attention(row: DutyRow, *, is_own: bool) -> Attention:
    title = _("Duty coming: %(name)s")
    if row.standing == LAPSED:
        title = _("Evidence has run out: %(name)s")
    elif row.is_late:
        title = _("Duty overdue: %(name)s")
    who = _("yours") if is_own else row.responsible.who if row.responsible else _("nobody is named")
    detail = f"{row.duty.subject} · {who}"
    url = reverse("duty_detail", args=[row.duty.pk])
    gate = 4.0 if row.duty.is_gate else 0.0
    return Attention(
        title % {"name": row.duty.name}, detail, url, row.duty.due_on, "bad" if row.is_late else "warn", 4.0 + gate
    )


def list_nameable_people(*, park: Park) -> QuerySet[User]:
    """Return the people who may be named in a park: those with a role on it or on a branch above it or within it."""
    parts = park.branch.path.strip("/").split("/")
    above = [f"/{'/'.join(parts[: n + 1])}/" for n in range(len(parts))]
    inside = Q(memberships__branch__path__in=above) | Q(memberships__branch__path__startswith=park.branch.path)
    return User.objects.filter(inside, is_active=True).distinct().order_by("full_name", "username")


def list_duties(*, user: User) -> QuerySet[Duty]:
    """Return the duties a person may see."""
    return Duty.objects.visible_to(user)


def list_assignments(*, user: User) -> QuerySet[Assignment]:
    """Return the rows of the responsibility matrix that a person may see."""
    return Assignment.objects.visible_to(user)


def find_paper(*, duty: Duty, document_id: int) -> Document | None:
    """Return a file of a duty: what shows it, or a letter of appointment."""
    papers = Q(pk__in=duty.evidence.values("document")) | Q(pk__in=duty.assignments.values("letter"))
    return Document.objects.filter(papers, pk=document_id).first()


def is_waiver_waiting(*, duty: Duty, at: datetime) -> bool:
    """Tell whether a second person has been asked to waive a duty and has not decided."""
    waiting = Approval.objects.filter(kind=WAIVER, state=Approval.State.WAITING, expires_at__gt=at)
    return waiting.filter(params__duty=duty.pk).exists()


def list_projects(*, user: User) -> QuerySet[Project]:
    """Return the projects a person may see."""
    return Project.objects.visible_to(user)


def find_hits(*, user: User, text: str, limit: int) -> Sequence[SearchHit]:
    """Return the duties and projects whose code or name holds the text."""
    names = Q(name_zh_hans__icontains=text) | Q(name_zh_hant__icontains=text) | Q(name_en__icontains=text)
    condition = names | Q(code__iexact=text)
    projects = first_found(list_projects(user=user).filter(condition).order_by("code"), limit=limit)
    duties = first_found(list_duties(user=user).filter(condition).order_by("position", "pk"), limit=limit)
    return [
        *(
            SearchHit(_("Project"), str(p), reverse("project_detail", args=[p.pk]), p.get_kind_display())
            for p in projects.select_related("life")
        ),
        *(
            SearchHit(_("Duty"), d.name, reverse("duty_detail", args=[d.pk]), str(d.subject))
            for d in duties.select_related("subject__park", "subject__building", "subject__project")
        ),
    ][:limit]

"""What another park can take over of the cockpit: the reports that a person has sent regularly."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkbrain.kernel.models import Park, User
from parkbrain.kernel.roles import Permission
from parkbrain.kernel.taking import Column, SetupPart

from .models import ReportSchedule
from .services import CannotScheduleReport, delete_report, schedule_report

_REPORT = ("name", "list_key", "query", "report_key", "kind", "every", "weekday", "month_day", "hour")
#: Stands in a list's filters for the park that the report is of.
_THIS_PARK = "this"


def _read(*, park: Park, on: date, actor: User | None) -> list[dict[str, Any]]:
    # What is sent of one lease or one firm means nothing in another park.
    rows = ReportSchedule.objects.filter(park=park, subject_number=None)
    rows = rows.exclude(state=ReportSchedule.State.STOPPED).order_by("name", "pk")
    if actor is not None:
        # Reports belong to whoever set them up.
        rows = rows.filter(owner=actor)
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        values = {name: getattr(row, name) for name in _REPORT}
        found.setdefault(row.name, {**values, "query": _pointed(row.query, str(park.pk), _THIS_PARK)})
    return list(found.values())


def _pointed(query: str, old: str, new: str) -> str:
    """Return the filters of a list with one park in the place of another."""
    params = QueryDict(query, mutable=True)
    if params.get("park") != old:
        return query
    params["park"] = new
    return params.urlencode()


def _write(*, park: Park, values: Mapping[str, Any], starts_on: date, actor: User | None, at: datetime) -> None:
    if actor is None:
        raise CannotScheduleReport(_("A report needs somebody whom it is sent to."))
    same = ReportSchedule.objects.filter(park=park, owner=actor, name=values["name"], subject_number=None)
    for before in same.exclude(state=ReportSchedule.State.STOPPED):
        delete_report(schedule_id=before.pk, actor=actor, at=at)
    wanted = {**values, "query": _pointed(str(values.get("query") or ""), _THIS_PARK, str(park.pk))}
    texts = {name: str(wanted.get(name) or "") for name in ("name", "list_key", "query", "report_key", "kind", "every")}
    times: dict[str, int] = {name: wanted[name] for name in ("weekday", "month_day", "hour")}
    kept: dict[str, Any] = {**texts, **times}
    schedule_report(**kept, park=park, actor=actor, at=at)


SETUP = (
    SetupPart(
        key="cockpit.reports",
        label=gettext_lazy("Scheduled reports"),
        order=90,
        permission=Permission.VIEW_PARK,
        columns=(
            Column("name", gettext_lazy("Name"), required=True, max_length=120),
            Column("list_key", gettext_lazy("List"), max_length=60),
            Column("query", gettext_lazy("Filters"), max_length=2000),
            Column("report_key", gettext_lazy("Report"), max_length=60),
            Column("kind", gettext_lazy("File"), "choice", required=True, choices=dict(ReportSchedule.Kind.choices)),
            Column(
                "every", gettext_lazy("How often"), "choice", required=True, choices=dict(ReportSchedule.Every.choices)
            ),
            Column("weekday", gettext_lazy("Weekday"), "integer", required=True, minimum=0, maximum=6),
            Column("month_day", gettext_lazy("Day of the month"), "integer", required=True, minimum=1, maximum=28),
            Column("hour", gettext_lazy("Hour"), "integer", required=True, minimum=0, maximum=23),
        ),
        identity=("name",),
        name=lambda values: str(values["name"]),
        read=_read,
        write=_write,
        refusals=(CannotScheduleReport,),
        note=gettext_lazy("Your own reports; in the other park they are sent to you alone."),
    ),
)

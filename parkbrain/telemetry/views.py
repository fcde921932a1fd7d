"""Pages of sources, points and readings."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from parkbrain import lists
from parkbrain.kernel.models import Park
from parkbrain.kernel.roles import Permission
from parkbrain.ui import table as tables
from parkbrain.ui.htmx import page
from parkbrain.ui.links import Link
from parkbrain.ui.paging import paged

from . import charts, queries, services
from .drivers import DRIVERS, explain_fault
from .forms import DeviceTokenForm, PeriodForm, ReadingForm, ReadingsFileForm, SettingsForm, SourceForm
from .models import DeviceToken, KeptAside, Point, Source
from .tables import POINTS, SOURCES, problem_columns, quality_label, reading_columns

#: Readings of at most so many days are drawn on one page.
MOST_DAYS = 400
#: Wrong rows of a file that the page shows; all of them are a file of their own.
SHOWN_PROBLEMS = 50


def point_list(request: HttpRequest) -> HttpResponseBase:
    """List the points."""
    may_add = request.user.may(Permission.EDIT_RECORD)
    return lists.respond(request, POINTS, template="telemetry/point_list.html", context={"may_add": may_add})


def source_list(request: HttpRequest) -> HttpResponseBase:
    """List the sources."""
    may_add = request.user.may(Permission.EDIT_RECORD)
    return lists.respond(request, SOURCES, template="telemetry/source_list.html", context={"may_add": may_add})


def _point(request: HttpRequest, point_id: int) -> Point:
    point = queries.get_point(user=request.user, point_id=point_id)
    if point is None:
        raise Http404
    request.park = point.park
    return point


def _source(request: HttpRequest, source_id: int) -> Source:
    source = queries.get_source(user=request.user, source_id=source_id)
    if source is None:
        raise Http404
    request.park = source.park
    return source


def _may_edit(request: HttpRequest, park: Park) -> bool:
    return bool(request.user.may(Permission.EDIT_RECORD, park.branch.path))


def _require_edit(request: HttpRequest, park: Park) -> None:
    if not _may_edit(request, park):
        raise PermissionDenied


def _period(request: HttpRequest, last_at: datetime | None) -> tuple[PeriodForm, datetime, datetime]:
    """Return the period asked for, else the week up to the last reading."""
    form = PeriodForm(request.GET if {"from_on", "to_on"} & set(request.GET) else None)
    given = form.cleaned_data if form.is_bound and form.is_valid() else {}
    to_on = given.get("to_on") or timezone.localdate(last_at or timezone.now())
    from_on = given.get("from_on") or to_on - timedelta(days=6)
    from_on = max(min(from_on, to_on), to_on - timedelta(days=MOST_DAYS))
    if not form.is_bound:
        form = PeriodForm(initial={"from_on": from_on, "to_on": to_on})
    zone = timezone.get_current_timezone()
    start = datetime.combine(from_on, time(0), zone)
    return form, start, datetime.combine(to_on + timedelta(days=1), time(0), zone)


@require_safe
def point_detail(request: HttpRequest, point_id: int) -> HttpResponse:
    """Show a point: what it last said, its readings over a period, its factors, what was typed in."""
    point = _point(request, point_id)
    now = timezone.now()
    fresh = queries.get_freshness(points=[point], at=now)[point.pk]
    form, start_at, end_at = _period(request, fresh.last_at)
    rows = queries.list_readings(point=point, start_at=start_at, end_at=end_at)
    marks: dict[int, int] = {}
    for row in rows:
        marks[row.quality] = marks.get(row.quality, 0) + 1
    newest = list(reversed(rows))
    context = {
        "point": point,
        "fresh": fresh,
        "unit": queries.unit_symbol(unit=point.unit),
        "factor": queries.get_factor(point=point, at=now),
        "factors": queries.list_factors(point=point),
        "form": form,
        "count": len(rows),
        "chart": charts.readings_chart(point=point, rows=rows) if rows else None,
        "marks": [(*quality_label(q), n) for q, n in sorted(marks.items())],
        "table": tables.build(
            columns=reading_columns(unit=point.unit),
            rows=newest[:200],
            params=request.GET.__class__(),
            label=_("Readings"),
        ),
        "typed": queries.list_typed_readings(point=point),
        "may_edit": _may_edit(request, point.park),
        # The days of the last readings are followed into the next day: only an asked-for end stands still.
        "is_live": end_at > now or not form.is_bound or not form.cleaned_data.get("to_on"),
        "here": request.get_full_path(),
        "crumbs": [Link(_("Measuring points"), reverse("point_list"))],
    }
    return page(request, "telemetry/point_detail.html", context, parts=frozenset({"now"}))


@require_http_methods(["GET", "POST"])
def record_reading(request: HttpRequest, point_id: int) -> HttpResponse:
    """Type in a reading taken at the meter; what looks wrong has to be confirmed."""
    point = _point(request, point_id)
    _require_edit(request, point.park)
    form, status = ReadingForm(request.POST or None, request.FILES or None), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            photo = form.cleaned_data["photo"]
            try:
                services.record_reading(
                    point=point,
                    read_at=form.cleaned_data["read_at"],
                    value=form.cleaned_data["value"],
                    note=form.cleaned_data["note"],
                    photo=(photo.name, photo.chunks()) if photo else None,
                    is_confirmed=form.cleaned_data["is_confirmed"],
                    actor=request.user,
                    at=timezone.now(),
                )
            except services.NeedsConfirmation as refusal:
                form.doubts = refusal.doubts
                form.add_error(None, str(refusal))
            except services.CannotRecordReading as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, _("The reading was recorded."))
                return redirect("point_detail", point.pk)
    context = {
        "point": point,
        "unit": queries.unit_symbol(unit=point.unit),
        "fresh": queries.get_freshness(points=[point], at=timezone.now())[point.pk],
        "form": form,
        "doubts": [_doubt(code) for code in form.doubts],
        "crumbs": [
            Link(_("Measuring points"), reverse("point_list")),
            Link(point.code, reverse("point_detail", args=[point.pk])),
        ],
    }
    return page(request, "telemetry/reading_form.html", context, status=status)


def _doubt(code: str) -> str:
    return {
        "backward": _("It is less than a reading before it (or more than one after it)."),
        "reset": _("It is so much less than the reading before that the register would have been reset."),
        "rolled_over": _("The register would have gone past its end since the reading before."),
        "implausible": _("It is more than can have been used since the reading before."),
        "unusual": _("Three times as much as ever before would have been used since the last reading."),
        "same_time": _("There is a reading of this very moment already; this one would replace it."),
    }[code]


@require_http_methods(["GET", "POST"])
def readings_file(request: HttpRequest, park_id: int) -> HttpResponseBase:
    """Take in the readings of a file, or look first what it holds."""
    park = _editable_park(request, park_id)
    form, status, report = ReadingsFileForm(request.POST or None, request.FILES or None), 200, None
    if request.method == "POST":
        status = 422
        if form.is_valid():
            file = form.cleaned_data["file"]
            work: dict[str, Any] = {"park": park, "name": file.name, "content": file.read(), "at": timezone.now()}
            try:
                if request.POST.get("act") == "wrong":
                    return _wrong_rows(services.check_readings_file(**work), file.name)
                if request.POST.get("act") == "look":
                    report, status = services.check_readings_file(**work), 200
                else:
                    batch, report = services.take_readings_file(**work, actor=request.user)
                    status = 200
                    text = _("%(count)s readings were taken in.") % {"count": report.readings}
                    messages.success(
                        request, text if batch else _("This very file was taken in before: nothing changed.")
                    )
            except services.CannotTakeReadings as refusal:
                form.add_error(None, str(refusal))
    problems = report.found.problems[:SHOWN_PROBLEMS] if report else ()
    context = {
        "form": form,
        "report": report
        and {
            "readings": report.readings,
            "points": report.points,
            "wrong": report.wrong,
            "first_at": report.first_at if report.readings else None,
            "last_at": report.last_at if report.readings else None,
            "problems": [(p, queries.reason_label(reason=p.code)) for p in problems],
        },
        "batches": paged(queries.list_readings_batches(park=park), request.GET, key="files", at="files"),
        "crumbs": [Link(_("Measuring points"), reverse("point_list"))],
    }
    return page(request, "telemetry/readings_file.html", context, status=status)


def _wrong_rows(report: services.ReadingsReport, name: str) -> HttpResponseBase:
    """Hand out every row of a file that cannot be taken, with the reason."""
    stem = _("%(name)s (wrong rows)") % {"name": name.rpartition(".")[0] or name}
    return lists.table_file(columns=problem_columns(), rows=report.found.problems, name=stem, kind=lists.CSV)


@require_POST
def take_back_readings(request: HttpRequest, park_id: int, batch_id: int) -> HttpResponse:
    """Take back what a file brought."""
    park = _editable_park(request, park_id)
    batch = get_object_or_404(queries.list_readings_batches(park=park), pk=batch_id)
    try:
        count = services.take_back_readings(batch=batch, actor=request.user, at=timezone.now())
        messages.success(request, _("%(count)s readings were taken back.") % {"count": count})
    except services.CannotTakeReadings as refusal:
        messages.error(request, str(refusal))
    return redirect("readings_file", park_id=park.pk)


def _editable_park(request: HttpRequest, park_id: int) -> Park:
    park = Park.objects.visible_to(request.user).select_related("branch").filter(pk=park_id).first()
    if park is None:
        raise Http404
    _require_edit(request, park)
    request.park = park
    return park


@require_http_methods(["GET", "POST"])
def add_source(request: HttpRequest, park_id: int) -> HttpResponse:
    """Make a source in a park."""
    park = _editable_park(request, park_id)
    form, status = SourceForm(request.POST or None), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                source = services.create_source(park=park, **form.cleaned_data, actor=request.user, at=timezone.now())
            except services.CannotRecordSource as refusal:
                form.add_error(None, str(refusal))
            else:
                return redirect("source_detail" if source.is_active else "source_change", source.pk)
    context = {
        "form": form,
        "title": _("Add a source"),
        "back": reverse("source_list"),
        "crumbs": [Link(_("Sources"), reverse("source_list"))],
    }
    return page(request, "telemetry/form.html", context, status=status)


@require_http_methods(["GET", "POST"])
def change_source(request: HttpRequest, source_id: int) -> HttpResponse:
    """Change a source: its name, whether it is active, the settings of its driver."""
    source = _source(request, source_id)
    _require_edit(request, source.park)
    initial = {"name_zh_hans": source.name_zh_hans, "is_active": source.is_active}
    initial |= {f"set_{key}": value for key, value in source.settings.items()}
    form = SettingsForm(request.POST or None, driver=DRIVERS[source.driver], initial=initial)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            # A password that is left empty stays what it is.
            kept = {s.key for s in DRIVERS[source.driver].settings if s.kind == "secret"}
            old = {key: value for key, value in source.settings.items() if key in kept}
            values = {
                "name_zh_hans": form.cleaned_data["name_zh_hans"],
                "is_active": form.cleaned_data["is_active"],
                "settings": {**old, **form.settings},
            }
            try:
                services.change_source(source=source, values=values, actor=request.user, at=timezone.now())
            except services.CannotRecordSource as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, _("Saved."))
                return redirect("source_detail", source.pk)
    context = {
        "form": form,
        "title": _("Change %(name)s") % {"name": source.code},
        "back": reverse("source_detail", args=[source.pk]),
        "crumbs": [
            Link(_("Sources"), reverse("source_list")),
            Link(source.code, reverse("source_detail", args=[source.pk])),
        ],
    }
    return page(request, "telemetry/form.html", context, status=status)


@require_http_methods(["GET", "POST"])
def source_detail(request: HttpRequest, source_id: int) -> HttpResponse:
    """Show a source: what comes, its tokens, what was set aside; make a token, whose secret stands on the answer only."""
    source = _source(request, source_id)
    may_edit, now = _may_edit(request, source.park), timezone.now()
    form, new, status = DeviceTokenForm(), None, 200
    if request.method == "POST":
        _require_edit(request, source.park)
        form, status = DeviceTokenForm(request.POST), 422
        if form.is_valid():
            try:
                new = services.create_device_token(
                    source=source,
                    name=form.cleaned_data["name"],
                    expires_at=form.expires_at(now),
                    actor=request.user,
                    at=now,
                )
            except services.CannotCreateDeviceToken as refusal:
                form.add_error(None, str(refusal))
            else:
                form, status = DeviceTokenForm(), 201
    row = queries.source_rows(sources=[source], at=now)[0]
    minutes = queries.list_minutes(source=source, at=now)
    example = source.points.order_by("code").first()
    driver = DRIVERS.get(source.driver)
    context = {
        "source": source,
        "row": row,
        "state": queries.state_label(state=row.state),
        "fault": explain_fault(source.last_error),
        "driver": driver,
        "minutes": charts.minutes_chart(minutes=minutes) if len(minutes) > 1 else None,
        "tokens": queries.list_device_tokens(source=source) if may_edit else [],
        "aside": [(k, queries.reason_label(reason=k.reason)) for k in queries.list_kept_aside(source=source)],
        "form": form if may_edit and driver and driver.has_tokens else None,
        "new": new,
        "now": now,
        "url": settings.INGEST_URL or f"http://{request.get_host().partition(':')[0]}:{settings.INGEST_PORT}/ingest",
        "address": example.address if example else "E-MAIN-1",
        "may_edit": may_edit,
        "here": reverse("source_detail", args=[source.pk]),
        "crumbs": [Link(_("Sources"), reverse("source_list"))],
    }
    response = page(request, "telemetry/source_detail.html", context, parts=frozenset({"now"}), status=status)
    response.headers["Cache-Control"] = "no-store"
    return response


@require_POST
def revoke_token(request: HttpRequest, device_token_id: int) -> HttpResponse:
    """Close the token of a device for good."""
    token = DeviceToken.objects.filter(pk=device_token_id).first()
    source = _source(request, token.source_id) if token else None
    if token is None or source is None:
        raise Http404
    _require_edit(request, source.park)
    services.revoke_device_token(token=token, actor=request.user, at=timezone.now())
    messages.success(request, _("The token %(name)s was revoked.") % {"name": token.name})
    return redirect("source_detail", source.pk)


@require_POST
def close_aside(request: HttpRequest, aside_id: int) -> HttpResponse:
    """Release what was set aside, or dismiss it."""
    kept = KeptAside.objects.filter(pk=aside_id).first()
    source = _source(request, kept.source_id) if kept else None
    if kept is None or source is None:
        raise Http404
    _require_edit(request, source.park)
    work: dict[str, Any] = {"kept": kept, "actor": request.user, "at": timezone.now()}
    try:
        if request.POST.get("action") == "release":
            outcome = services.release_kept_aside(**work)
            messages.success(request, _("%(count)s readings were taken in.") % {"count": outcome.taken})
        else:
            services.dismiss_kept_aside(**work)
            messages.success(request, _("Dismissed."))
    except services.CannotRelease as refusal:
        messages.error(request, str(refusal))
    return redirect("source_detail", source.pk)

"""Reports on a schedule: the person's own, setting one up, what may be done with one, and its last result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from parkbrain import lists
from parkbrain.kernel import registry
from parkbrain.kernel.models import Park
from parkbrain.ui.asof import day_of
from parkbrain.ui.htmx import page
from parkbrain.ui.links import Link
from parkbrain.ui.media import hand_out

from .. import queries, services
from ..forms import ReportForm
from ..models import ReportSchedule
from .home import working_park

_ACTS = {
    "pause": (services.pause_report, gettext_lazy("Paused.")),
    "resume": (services.resume_report, gettext_lazy("Active again.")),
    "delete": (services.delete_report, gettext_lazy("Deleted.")),
    "send": (services.send_report_now, gettext_lazy("The report was made.")),
}


@require_safe
def report_list(request: HttpRequest) -> HttpResponse:
    """Show the person's scheduled reports with what became of them."""
    found = queries.list_schedules(user=request.user)
    text = ngettext("%(count)s scheduled report", "%(count)s scheduled reports", len(found)) % {"count": len(found)}
    context = {
        "schedules": found,
        "received": queries.list_received(user=request.user),
        "offers": queries.list_offers(user=request.user, park=working_park(request)),
        "sentence": text,
        "has_mail": bool(settings.EMAIL_HOST),
    }
    return page(request, "cockpit/reports.html", context)


@dataclass(frozen=True)
class _Asked:
    """What the address asks to be sent: a list as it is filtered, or the report of a page or of one thing."""

    spec: lists.ListSpec | None
    report: registry.PageReport | None
    query: str
    #: The park and the keys as queries and services take them.
    what: dict[str, Any]
    title: str

    @property
    def park(self) -> Park | None:
        """The park it is of."""
        park: Park | None = self.what["park"]
        return park


def _number(request: HttpRequest, key: str) -> int | None:
    """Return a number of the address, None where none is given; what is no number is the number of nothing."""
    typed = request.GET.get(key, "")
    if not typed:
        return None
    if not typed.isdecimal() or len(typed) > 12:
        raise Http404
    return int(typed)


def _read_asked(request: HttpRequest) -> _Asked:
    list_key, report_key = request.GET.get("list", ""), request.GET.get("report", "")
    spec, report = lists.lists.get(list_key), registry.page_reports.get(report_key)
    query, number, park = request.GET.get("query", "")[:2000], _number(request, "of"), None
    if (spec is None) == (report is None):
        raise Http404
    if spec is not None:
        park = queries.park_of_query(user=request.user, query=query)
    elif (park_id := _number(request, "park")) is not None:
        # Whose page a thing has is its own rule: a firm may have a lease of a park that it sees nothing else of.
        of_thing = report is not None and report.find is not None
        parks = Park.objects.all() if of_thing else Park.objects.visible_to(request.user)
        park = get_object_or_404(parks.select_related("branch"), pk=park_id)
    if report is not None and report.is_of_city != (park is None):
        raise Http404
    what: dict[str, Any] = {"list_key": list_key, "report_key": report_key, "park": park, "subject_number": number}
    named = [str(spec.label if spec else report.label)]  # type: ignore[union-attr]
    if number is not None or (report is not None and report.find is not None):
        subject = queries.find_subject(user=request.user, report_key=report_key, park=park, subject_number=number)
        if subject is None:
            raise Http404
        named.append(subject.label)
    return _Asked(spec, report, query, what, " · ".join([*named, *([park.name] if park else [])]))


@require_http_methods(["GET", "POST"])
def report_add(request: HttpRequest) -> HttpResponse:
    """Set up that a list, as it is filtered, or the report of a page or of one thing is sent regularly."""
    asked = _read_asked(request)
    if not queries.may_receive(user=request.user, **asked.what):
        raise PermissionDenied
    people = queries.list_people(user=request.user, **asked.what)
    posted = request.POST if request.method == "POST" else None
    report = asked.report
    kinds, periods = (report.kinds, report.periods) if report else (ReportSchedule.Kind.values, ())
    form = ReportForm(posted, people=people, kinds=kinds, periods=periods, initial={"name": asked.title[:120]})
    if form.is_bound and form.is_valid():
        try:
            services.schedule_report(
                query=asked.query, actor=request.user, at=timezone.now(), **asked.what, **form.values()
            )
        except services.CannotScheduleReport as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The report is scheduled."))
            return redirect("report_list")
    context = {
        "form": form,
        "what": asked.title,
        "park": asked.park,
        "back": f"{reverse(asked.spec.url_name)}?{asked.query}" if asked.spec else "",
        "crumbs": [Link(_("Scheduled reports"), reverse("report_list"))],
    }
    return page(request, "cockpit/report_form.html", context, status=422 if form.is_bound else 200)


@require_safe
def report_now(request: HttpRequest, kind: str) -> HttpResponse:
    """Give the report of a page as a file, of the day that the page shows, as a schedule would send it."""
    asked, on = _read_asked(request), day_of(request)
    if asked.report is None or kind not in asked.report.kinds:
        raise Http404
    if not queries.may_receive(user=request.user, **asked.what):
        raise PermissionDenied
    try:
        made = queries.make_page_report(user=request.user, kind=kind, on=on, **asked.what)
    except registry.NoReport as missing:
        messages.error(request, _(str(missing)))
        return redirect("report_list")
    return hand_out(made.content, made.content_type, made.name)


@require_POST
def report_act(request: HttpRequest, schedule_id: int) -> HttpResponse:
    """Pause, take up, send now or delete a report of the person's own."""
    doing = _ACTS.get(request.POST.get("act", ""))
    if doing is None or schedule_id not in {one.pk for one in queries.list_schedules(user=request.user)}:
        raise Http404
    act, done = doing
    try:
        act(schedule_id=schedule_id, actor=request.user, at=timezone.now())
    except services.CannotScheduleReport as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, str(done))
    return redirect("report_list")


@require_safe
def report_file(request: HttpRequest, schedule_id: int) -> HttpResponse:
    """Give the last result that was made for the person."""
    found = queries.find_delivery(user=request.user, schedule_id=schedule_id)
    if found is None:
        raise Http404
    return hand_out(bytes(found.content), found.content_type, found.file_name)

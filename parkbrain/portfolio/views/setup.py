"""Pages of a park's set-up: taken over in other parks, handed out as a file, taken from one."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from parkbrain.kernel import audit
from parkbrain.kernel.models import Park
from parkbrain.kernel.roles import Permission
from parkbrain.kernel.taking import SetupPart
from parkbrain.ui.htmx import page
from parkbrain.ui.links import Link
from parkbrain.ui.media import hand_out

from .. import queries, services
from ..forms.setup import SetupFileForm, SetupFilePartsForm, SetupForm


def _open_kept(request: HttpRequest, park_id: int) -> Park:
    """Return the park if the person keeps its record."""
    park = get_object_or_404(Park.objects.visible_to(request.user).select_related("branch"), pk=park_id)
    if not request.user.may(Permission.EDIT_RECORD, park.branch.path):
        raise PermissionDenied
    request.park = park
    return park


@require_GET
def setup_download(request: HttpRequest, park_id: int) -> HttpResponse:
    """Hand the set-up of a park out as a file, of every part that the person may take elsewhere."""
    park, today = _open_kept(request, park_id), timezone.localdate()
    text = services.write_setup(park=park, on=today, actor=request.user)
    name = f"set-up-{park.code}-{today.isoformat()}.yaml"
    return hand_out(text.encode(), "application/yaml; charset=utf-8", name)


@require_http_methods(["GET", "POST"])
def setup_file(request: HttpRequest, park_id: int) -> HttpResponse:
    """Upload a set-up, look at what it would change in this park, and take it over."""
    park = _open_kept(request, park_id)
    context: dict[str, Any] = {"park": park, "crumbs": [Link(park.name, reverse("park_detail", args=[park.pk]))]}
    upload, wrong = SetupFileForm(), False
    data: Any = None
    if request.method == "POST" and "text" in request.POST:
        data = request.POST
    elif request.method == "POST":
        upload = SetupFileForm(request.POST, request.FILES)
        wrong = not upload.is_valid()
        data = None if wrong else _first_look(*upload.cleaned_data["file"])
    if data is not None:
        try:
            rows = services.read_setup_file(text=str(data["text"]))
        except services.WrongSetupFile as refusal:
            context["problems"], wrong = refusal.problems, True
        else:
            answer = _look_or_take(request, park, rows, SetupFilePartsForm(data, parts=_parts_in(rows)))
            if isinstance(answer, HttpResponse):
                return answer
            context |= answer
            wrong = bool(answer["refused"]) or not answer["form"].is_valid()
    taken = queries.list_taken(
        at=request.GET.get("done", ""), source=request.GET.get("file", ""), user=request.user, into=park
    )
    context |= {
        "upload": upload,
        "done": "done" in request.GET,
        "taken": [(event, audit.sentence(event)) for event in taken],
    }
    return page(request, "portfolio/setup_file.html", context, status=422 if wrong else 200)


def _first_look(name: str, text: str) -> dict[str, str]:
    """Return what the form says of a file that was just sent: every part, only what is missing, from today on."""
    ways = {f"part-{part.key}": queries.ADD for part in queries.list_parts()}
    return {"name": name, "text": text, "starts_on": timezone.localdate().isoformat(), "do": "preview", **ways}


def _parts_in(rows: queries.Rows) -> list[SetupPart]:
    return [part for part in queries.list_parts() if rows.get(part.key)]


def _look_or_take(
    request: HttpRequest, park: Park, rows: queries.Rows, form: SetupFilePartsForm
) -> HttpResponse | dict[str, Any]:
    """Return what taking the rows over would do in the park; where it was asked for, it is done."""
    plans: Any = []
    refused = ""
    if form.is_valid():
        asked: dict[str, Any] = {
            "rows": rows,
            "modes": form.modes(),
            "targets": [park],
            "starts_on": form.cleaned_data["starts_on"],
            "actor": request.user,
            "at": timezone.now(),
        }
        source = form.cleaned_data["name"]
        try:
            if form.data.get("do") != "take":
                plans = services.preview_setup(**asked)
            else:
                services.take_setup(**asked, source=source)
                done = urlencode({"done": asked["at"].isoformat(), "file": source})
                return redirect(f"{reverse('setup_file', args=[park.pk])}?{done}")
        except services.CannotTakeSetup as refusal:
            refused, plans = str(refusal), refusal.plans
    return {
        "form": form,
        "parts": [(part, form[f"part-{part.key}"], len(rows[part.key])) for part in _parts_in(rows)],
        "plans": plans,
        "may_take": bool(plans) and not any(plan.has_problems for plan in plans),
        "refused": refused,
    }


@require_http_methods(["GET", "POST"])
def setup_copy(request: HttpRequest, park_id: int) -> HttpResponse:
    """Choose parks and parts, look at what would happen, and take it over."""
    park = _open_kept(request, park_id)
    parts, today = queries.list_parts_of(user=request.user, park=park), timezone.localdate()
    rows = queries.read_setup(park=park, on=today, actor=request.user)
    form = SetupForm(
        request.POST if request.method == "POST" else None,
        user=request.user,
        park=park,
        near=queries.list_near_parks(user=request.user, park=park),
        parts=parts,
        on=today,
    )
    plans: Any = []
    refused = ""
    if form.is_bound and form.is_valid():
        asked: dict[str, Any] = {
            "rows": rows,
            "modes": form.modes(),
            "targets": form.targets(),
            "starts_on": form.cleaned_data["starts_on"],
            "actor": request.user,
            "at": timezone.now(),
        }
        if request.POST.get("do") != "take":
            plans = services.preview_setup(**asked)
        else:
            try:
                services.take_setup(**asked, source=park.code)
            except services.CannotTakeSetup as refusal:
                refused, plans = str(refusal), refusal.plans
            else:
                done = urlencode({"done": asked["at"].isoformat()})
                return redirect(f"{reverse('setup_copy', args=[park.pk])}?{done}")
    taken = queries.list_taken(at=request.GET.get("done", ""), source=park.code, user=request.user)
    context = {
        "park": park,
        "form": form,
        "parts": [(part, form[f"part-{part.key}"], len(rows[part.key])) for part in parts],
        "plans": plans,
        "may_take": plans and not any(plan.has_problems for plan in plans),
        "refused": refused,
        "done": "done" in request.GET,
        "taken": [(event, audit.sentence(event)) for event in taken],
        "crumbs": [Link(park.name, reverse("park_detail", args=[park.pk]))],
    }
    wrong = refused or (form.is_bound and not form.is_valid())
    return page(request, "portfolio/setup_copy.html", context, status=422 if wrong else 200)

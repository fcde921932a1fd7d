"""The page of leases that were taken over from a register: a second person confirms or refuses them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from parkbrain.kernel.models import Park
from parkbrain.ui.asof import day_of
from parkbrain.ui.htmx import page
from parkbrain.ui.links import Link
from parkbrain.ui.paging import paged

from .. import queries, services
from ..forms import DecisionForm
from ..models import TakenOver
from .common import crumbs_of
from .showing import leasing_tabs, money_park

State = TakenOver.State
#: Leases that a message names one by one.
MOST_NAMED = 20
TITLES = {
    State.WAITING: gettext_lazy("Wait for confirmation"),
    State.REFUSED: gettext_lazy("Refused"),
    State.CONFIRMED: gettext_lazy("Confirmed"),
}


@require_http_methods(["GET", "POST"])
def taken_over_leases(request: HttpRequest, park_id: int) -> HttpResponse:
    """Show the leases of a park that came from a register; confirm or refuse those that are chosen."""
    park = money_park(request, park_id)
    manages = queries.may_manage(user=request.user, park=park)
    if request.method == "POST" and not manages:
        raise PermissionDenied
    state = request.GET.get("state", "").upper()
    state = state if state in State.values else State.WAITING
    rows = queries.list_taken_over(park=park, state=state)
    form = DecisionForm(request.POST if request.method == "POST" else None)
    chosen = _chosen(request, rows)
    here = reverse("taken_over_leases", args=[park.pk])
    if form.is_bound and form.is_valid() and _decided(request, form, chosen, park=park, all_url=_of(here, state)):
        return redirect(request.get_full_path())
    counts = queries.count_taken_over(park=park)
    states = [Link(f"{title} ({counts[key]})", _of(here, key), key == state) for key, title in TITLES.items()]
    shown = paged(rows, request.GET)
    context = {
        "park": park,
        "state": state,
        "states": states,
        "count": counts[state],
        "rows": shown,
        "lines": queries.taken_over_lines(rows=list(shown), user=request.user, on=day_of(request)),
        "form": form,
        "chosen": chosen if form.is_bound else [],
        "manages": manages,
        "tabs": leasing_tabs(park, "lease_list", user=request.user),
        "crumbs": crumbs_of(park),
    }
    return page(request, "leasing/taken_over.html", context, status=422 if form.is_bound else 200)


def _of(address: str, state: str) -> str:
    return f"{address}?state={state.lower()}"


def _chosen(request: HttpRequest, rows: Any) -> list[int]:
    """Return the keys of the leases that are chosen: those that are ticked, or all of the state that is shown."""
    if "all" in request.POST:
        return list(rows.order_by().values_list("lease", flat=True))
    return [int(typed) for typed in request.POST.getlist("pick") if typed.isdecimal() and len(typed) < 16]


def _decided(request: HttpRequest, form: DecisionForm, chosen: list[int], *, park: Park, all_url: str) -> bool:
    """Do what was asked for, or put the reason why not into the form."""
    by: dict[str, Any] = {"park": park, "lease_ids": chosen, "actor": request.user, "at": timezone.now()}
    try:
        if not chosen:
            raise services.CannotConfirmLease(_("Choose at least one lease."))
        if request.POST.get("ask") == "refuse":
            count = services.refuse_taken_over(reason=form.cleaned_data["reason"], **by)
            said = ngettext("%(count)s lease was refused.", "%(count)s leases were refused.", count)
        else:
            if "all" in request.POST:
                confirmed = services.confirm_what_may_be(**by)
                count = confirmed.count
                _name_left(request, confirmed.left, all_url)
            else:
                count = services.confirm_taken_over(**by)
            said = ngettext("%(count)s lease was confirmed.", "%(count)s leases were confirmed.", count)
    except services.CannotChangeLease as refusal:
        form.add_error(None, str(refusal))
        return False
    messages.success(request, said % {"count": count})
    return True


def _name_left(request: HttpRequest, left: Sequence[str], all_url: str) -> None:
    """Say which leases of all were left, and why; of many the first, with the list that has them all."""
    if not left:
        return
    said = ngettext(
        "%(count)s lease was left: you took it over yourself, and a second person has to confirm it: %(numbers)s",
        "%(count)s leases were left: you took them over yourself, and a second person has to confirm them: %(numbers)s",
        len(left),
    ) % {"count": len(left), "numbers": ", ".join(left[:MOST_NAMED])}
    rest = len(left) - MOST_NAMED
    if rest > 0:
        more = ngettext("and %(count)s more", "and %(count)s more", rest) % {"count": rest}
        said = format_html('{} <a href="{}">{}</a>', said, all_url, more)
    messages.warning(request, said)

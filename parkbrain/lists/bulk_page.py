"""The page of a bulk edit: choose the new value, look at what would change, apply it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from parkbrain.ui.htmx import page
from parkbrain.ui.links import Link

from . import bulk
from .bulk import MOST_ROWS, CannotChangeRows, Refusal
from .spec import Edit

if TYPE_CHECKING:
    from .page import Asked

TEMPLATE = "ui/list_edit.html"
#: Rows of a preview that are printed; the others are counted.
SHOWN = 200


def respond(asked: Asked, act: str) -> HttpResponse:
    """Answer a step of the bulk edit."""
    return _apply(asked) if act == "apply" else _edit(asked)


def _chosen(asked: Asked) -> tuple[list[int], str]:
    """Return the keys of the chosen rows, or what is wrong with the choice."""
    post = asked.request.POST
    if "all" in post:
        # All rows of the filter: a wrong filter would mean rows nobody saw.
        if asked.read.errors:
            return [], _("A filter is wrong: mend it before changing all its rows.")
        keys = list(asked.found().rows.order_by().values_list("pk", flat=True)[: MOST_ROWS + 1])
        if len(keys) > MOST_ROWS:
            return [], _("At most %(count)s rows can be changed at once: narrow the list.") % {"count": MOST_ROWS}
    else:
        keys = [int(typed) for typed in dict.fromkeys(post.getlist("pick")) if typed.isdecimal() and len(typed) < 16]
    return keys, "" if keys else _("Choose at least one row.")


def _edit_of(asked: Asked) -> Edit | None:
    assert asked.spec.edits is not None
    return next((e for e in asked.spec.edits(asked.ask) if e.field == asked.request.POST.get("field")), None)


def _edit(asked: Asked) -> HttpResponse:
    keys, wrong = _chosen(asked)
    edit = _edit_of(asked)
    if edit is None:
        wrong = wrong or _("Choose the field to change.")
    if wrong or edit is None:
        messages.error(asked.request, wrong)
        return HttpResponseRedirect(asked.here)
    error, seen, typed = "", None, asked.request.POST.get("value")
    if typed is not None:
        try:
            value = bulk.parse_value(edit, typed.strip())
        except ValueError as refusal:
            error = str(refusal)
        else:
            rows = asked.spec.rows(replace(asked.ask, values={}))
            seen = bulk.preview(spec=asked.spec, rows=rows, keys=keys, edit=edit, value=value, user=asked.ask.user)
    return _shown(asked, edit, keys, typed=typed or "", error=error, seen=seen)


def _shown(
    asked: Asked,
    edit: Edit,
    keys: Sequence[int],
    *,
    typed: str = "",
    error: str = "",
    seen: bulk.Preview | None = None,
    refused: Sequence[Refusal] = (),
) -> HttpResponse:
    everything = "all" in asked.request.POST
    context = {
        "list_label": asked.spec.label,
        "edit": edit,
        "options": [(str(code), str(label), str(code) == typed) for code, label in edit.choices()]
        if edit.choices
        else None,
        "typed": typed,
        "error": error,
        "count": len(keys),
        "picks": [] if everything else keys,
        "everything": everything,
        "preview": seen,
        "lines": Paginator(seen.lines, SHOWN).get_page(1) if seen else None,
        "refused": refused,
        "back": asked.here,
        "crumbs": [Link(str(asked.spec.label), asked.here)],
    }
    return page(asked.request, TEMPLATE, context, status=422 if error or refused else 200)


def _apply(asked: Asked) -> HttpResponse:
    token = asked.request.POST.get("token", "")
    try:
        count = bulk.apply(spec=asked.spec, token=token, user=asked.ask.user, at=timezone.now())
    except CannotChangeRows as refusal:
        edit, keys = _edit_of(asked), bulk.keys_of(token)
        if edit is None or not keys:
            messages.error(asked.request, str(refusal))
            return HttpResponseRedirect(asked.here)
        typed = asked.request.POST.get("value", "")
        return _shown(asked, edit, keys, typed=typed, refused=refusal.refusals)
    text = ngettext("%(count)s row was changed.", "%(count)s rows were changed.", count)
    messages.success(asked.request, text % {"count": count})
    return HttpResponseRedirect(asked.here)

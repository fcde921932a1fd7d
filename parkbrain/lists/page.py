"""The page of a list: what the address asks for is answered, what is posted is done and the list is shown again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _

from parkbrain.kernel.models import Branch, User
from parkbrain.kernel.reading import read_once
from parkbrain.ui import asof, formats
from parkbrain.ui.htmx import page
from parkbrain.ui.links import Link
from parkbrain.ui.table import (
    PAGE_SIZES,
    UNTYPED,
    Chip,
    Column,
    Field,
    Filter,
    Read,
    State,
    TableView,
    fields_of,
    read_filters,
    read_state,
)
from parkbrain.ui.table.build import view as table_view

from . import bulk, bulk_page, saved
from .export import CSV, PDF, XLSX, table_file
from .files import paper_file
from .rows import Found, find_rows
from .saved import ViewLine
from .spec import Ask, ListSpec, list_actions

LIST_TEMPLATE = "ui/list_page.html"


@dataclass(frozen=True)
class Asked:
    """A request to a list, read: who asks, what the address says, what is wrong with it."""

    request: HttpRequest
    spec: ListSpec
    ask: Ask
    filters: Sequence[Filter]
    read: Read
    state: State
    views: Sequence[ViewLine]
    remembered: str
    pinned: Mapping[str, str]

    @property
    def here(self) -> str:
        """The list with its filters, columns and sort, on the first page."""
        return self.request.path + self.state.url()

    def found(self) -> Found:
        """Return the rows that are asked for."""
        return find_rows(self.spec, self.ask, self.filters, self.state)


@dataclass(frozen=True)
class ColumnChoice:
    """A column in the menu of columns: whether it is shown, and at which place."""

    column: Column
    shown: bool
    place: int


@dataclass(frozen=True)
class ListView:
    """A list as the template prints it."""

    spec: ListSpec
    table: TableView
    state: State
    sentence: str
    totals: Mapping[str, Any]
    fields: Sequence[Field]
    chips: Sequence[Chip]
    errors: Sequence[str]
    views: Sequence[ViewLine]
    branches: Sequence[Branch]
    sizes: Sequence[tuple[int, str, bool]]
    edits: Sequence[Any]
    most_rows: int
    here: str
    hidden: Sequence[tuple[str, Any]]
    pinned: Mapping[str, str]

    @property
    def count(self) -> str:
        """How many rows there are, as the sentence writes it."""
        return formats.number(self.table.count, 0)

    @property
    def main_fields(self) -> list[Field]:
        """The filters of the first row."""
        return [f for f in self.fields if f.filter.main]

    @property
    def more_fields(self) -> list[Field]:
        """The filters under “More filters”."""
        return [f for f in self.fields if not f.filter.main and f.filter.kind not in UNTYPED]

    @property
    def more_active(self) -> int:
        """How many of the filters under “More filters” are set."""
        return sum(f.is_active for f in self.more_fields)

    @property
    def csv_url(self) -> str:
        """The list as text."""
        return self.state.url(format=CSV)

    @property
    def xlsx_url(self) -> str:
        """The list as a workbook."""
        return self.state.url(format=XLSX)

    @property
    def pdf_url(self) -> str:
        """The list on paper."""
        return self.state.url(format=PDF)

    @property
    def actions(self) -> list[Link]:
        """What other modules offer to do with the list as it is filtered."""
        return [offer(self.spec, self.state.url(**self.pinned).removeprefix("?")) for offer in list_actions]

    @property
    def choices(self) -> list[ColumnChoice]:
        """The columns of the menu: first those shown, in their order."""
        shown = list(self.state.columns)
        rest = [c for c in self.state.all_columns if c not in shown]
        return [ColumnChoice(c, c in shown, place) for place, c in enumerate([*shown, *rest], start=1)]

    @property
    def current_view(self) -> ViewLine | None:
        """The saved view that the address names."""
        wanted = self.state.params.get("view", "")
        return next((v for v in self.views if str(v.view_id) == wanted), None)


def respond(
    request: HttpRequest,
    spec: ListSpec,
    *,
    template: str = LIST_TEMPLATE,
    context: Mapping[str, Any] | None = None,
    beside: Callable[[Found], Mapping[str, Any]] | None = None,
    parts: frozenset[str] = frozenset(),
    status: int = 200,
    pinned: Mapping[str, str] | None = None,
) -> HttpResponseBase:
    """Answer the page of a list: a page, the part htmx asked for, a file, or what was posted.

    `beside` returns what the page draws of the rows that are kept; `parts` are slices of the page that hold it; `pinned`
    are filters that the page itself holds, by key: they are neither fields nor chips, and no query takes them away.
    """
    # Columns, filters, sums and what stands beside them ask the same questions; only reading answers them once.
    with nullcontext() if request.method == "POST" else read_once():
        return _answer(request, spec, template, context, beside, parts, status, pinned or {})


def _answer(
    request: HttpRequest,
    spec: ListSpec,
    template: str,
    context: Mapping[str, Any] | None,
    beside: Callable[[Found], Mapping[str, Any]] | None,
    parts: frozenset[str],
    status: int,
    pinned: Mapping[str, str],
) -> HttpResponseBase:
    user = cast(User, request.user)
    if spec.permission and not user.may(spec.permission):
        raise PermissionDenied
    asked = _read(request, spec, user, pinned)
    act = request.POST.get("act", "") if request.method == "POST" else ""
    if act:
        return _acted(asked, act)
    if request.method == "GET" and (elsewhere := _fuller_address(asked)):
        return HttpResponseRedirect(request.path + elsewhere)
    found = asked.found()
    kind = request.GET.get("format")
    if kind == PDF and not asked.read.errors:
        return paper_file(found=found, state=asked.state, words=asked.read.words)
    if kind in {CSV, XLSX} and not asked.read.errors:
        on = asked.ask.on if spec.dated else None
        return table_file(columns=asked.state.columns, rows=found.every(), name=str(spec.label), kind=kind, on=on)
    # A part is a slice of the page: every list's part is the same one.
    htmx = getattr(request, "htmx", None)
    target = htmx.target if htmx and not htmx.boosted else None
    shown: dict[str, Any] = {"heading": str(spec.label), **(context or {})}
    if target not in parts:
        shown["list"] = _view(asked, found)
    if beside and target != "list":
        shown |= beside(found)
    if spec.dated:
        shown["as_of"] = asked.ask.on
    status = 422 if asked.read.errors else status
    return page(request, LIST_TEMPLATE if target == "list" else template, shown, parts=parts | {"list"}, status=status)


def select(request: HttpRequest, spec: ListSpec) -> Found:
    """Return the rows of a list that an address keeps, for what is drawn of them elsewhere."""
    user = cast(User, request.user)
    if spec.permission and not user.may(spec.permission):
        raise PermissionDenied
    return _read(request, spec, user, {}).found()


def _read(request: HttpRequest, spec: ListSpec, user: User, pinned: Mapping[str, str]) -> Asked:
    today = timezone.localdate()
    asked_for = asof.read_as_of(request.GET.get(asof.KEY, "") if spec.dated else "", today=today)
    on, wrong = asked_for.on, asof.refusal(asked_for)
    said, whole = request.GET.copy(), request.GET.copy()
    for key, value in pinned.items():
        said.pop(key, None)
        whole[key] = value
    ask = Ask(user, on, params={key: str(value) for key, value in whole.items()})
    filters = spec.filters(ask)
    read = read_filters(filters, whole)
    ask = replace(ask, values=read.values)
    if wrong:
        read.errors["on"] = wrong
    state = read_state(spec.columns(ask), said)
    views, remembered = saved.list_views(user=user, list_key=spec.key)
    return Asked(request, spec, ask, filters, read, state, views, remembered, pinned)


def _fuller_address(asked: Asked) -> str:
    """Return the address that says what the person's own choices add to this one, empty where they add nothing."""
    params = asked.request.GET
    if getattr(asked.request, "htmx", None) or "format" in params or "view" in params:
        return ""
    default = next((v for v in asked.views if v.is_default), None)
    if not params and default:
        return default.url
    if asked.remembered and "cols" not in params:
        return asked.state.url(cols=asked.remembered)
    return ""


def _view(asked: Asked, found: Found) -> ListView:
    spec, state, user = asked.spec, asked.state, asked.ask.user
    count, totals = found.count_and_totals(state)
    shown_page, keys, rows = found.page(number=asked.request.GET.get("page"), per=state.per, count=count)
    may_change = spec.may_be_changed_by(user)
    table = table_view(
        state=state,
        page=shown_page,
        shown=rows,
        label=spec.label,
        totals=totals or None,
        empty=str(spec.empty),
        keys=keys if may_change else (),
    )
    labels = {f.key: str(f.label) for f in asked.filters}
    errors = [f"{labels[key]}: {text}" if key in labels else str(text) for key, text in asked.read.errors.items()]
    names = [name for one in asked.filters for name in one.names]
    gone = {*names, *spec.own_keys, "page", "format", "view"}
    kept = [(k, asked.request.GET[k]) for k in asked.request.GET if k not in gone]
    kept += [
        (f.key, asked.request.GET[f.key])
        for f in asked.filters
        if f.kind in UNTYPED and f.key in asked.read.values and f.key not in asked.pinned
    ]
    return ListView(
        spec=spec,
        table=table,
        state=state,
        sentence=spec.sentence(count, totals),
        totals=totals,
        fields=fields_of([f for f in asked.filters if f.key not in asked.pinned], asked.request.GET, asked.read),
        chips=_chips(asked),
        errors=errors,
        views=asked.views,
        branches=saved.list_share_branches(user=user),
        sizes=[(size, state.url(per=str(size)), size == state.per) for size in PAGE_SIZES],
        edits=spec.edits(asked.ask) if may_change and spec.edits else (),
        most_rows=bulk.MOST_ROWS,
        here=asked.here,
        hidden=kept,
        pinned=asked.pinned,
    )


def _chips(asked: Asked) -> list[Chip]:
    chips = []
    for one in asked.filters:
        if one.key not in asked.read.values or one.key in asked.pinned:
            continue
        # A filter that holds while the address says nothing is taken away by saying “all”.
        without = {one.key: str(one.choices[-1][0])} if one.default else {}
        if one.default and asked.read.values[one.key] == one.choices[-1][0]:
            continue
        chips.append(Chip(str(one.label), asked.read.words[one.key], asked.state.without(one.names, **without)))
    if asked.request.GET.get("on") and "on" not in asked.read.errors and asked.spec.dated:
        chips.append(Chip(_("As of"), asked.ask.on.isoformat(), asked.state.without(["on"])))
    return chips


def _acted(asked: Asked, act: str) -> HttpResponse:
    if act in {"edit", "apply"} and asked.spec.may_be_changed_by(asked.ask.user):
        return bulk_page.respond(asked, act)
    doing = _ACTS.get(act)
    if doing is None:
        raise PermissionDenied
    try:
        where = doing(asked)
    except saved.CannotKeepView as refusal:
        messages.error(asked.request, str(refusal))
        where = asked.here
    return HttpResponseRedirect(where)


def _choose_columns(asked: Asked) -> str:
    post = asked.request.POST
    places = {}
    for column in asked.state.all_columns:
        typed = post.get(f"place-{column.key}", "")
        places[column.key] = int(typed) if typed.isdecimal() and len(typed) < 4 else 999
    chosen = [c.key for c in asked.state.all_columns if c.key in post.getlist("column")]
    chosen.sort(key=lambda key: places[key])
    declared = [c.key for c in asked.state.all_columns if not c.hidden]
    if "reset" in post or not chosen:
        chosen = declared
    saved.keep_columns(columns=[] if chosen == declared else chosen, list_key=asked.spec.key, actor=asked.ask.user)
    return asked.request.path + asked.state.url(cols=None if chosen == declared else ",".join(chosen))


def _save_view(asked: Asked) -> str:
    post = asked.request.POST
    shared = post.get("share", "")
    view = saved.keep_view(
        list_key=asked.spec.key,
        name=post.get("name", ""),
        query=asked.state.stored,
        branch_id=int(shared) if shared.isdecimal() else None,
        actor=asked.ask.user,
        at=timezone.now(),
    )
    if "default" in post:
        saved.set_default_view(view_id=view.pk, list_key=asked.spec.key, actor=asked.ask.user)
    messages.success(asked.request, _("The view “%(name)s” was saved.") % {"name": view.name})
    return asked.request.path + asked.state.url(view=str(view.pk))


def _view_id(asked: Asked) -> int | None:
    typed = asked.request.POST.get("view", "")
    return int(typed) if typed.isdecimal() and len(typed) < 12 else None


def _remove_view(asked: Asked) -> str:
    name = saved.remove_view(
        view_id=_view_id(asked) or 0, list_key=asked.spec.key, actor=asked.ask.user, at=timezone.now()
    )
    messages.success(asked.request, _("The view “%(name)s” was taken away.") % {"name": name})
    return asked.request.path + asked.state.url(view="0")


def _choose_default(asked: Asked) -> str:
    saved.set_default_view(view_id=_view_id(asked), list_key=asked.spec.key, actor=asked.ask.user)
    return asked.here


_ACTS: dict[str, Callable[[Asked], str]] = {
    "columns": _choose_columns,
    "save_view": _save_view,
    "remove_view": _remove_view,
    "default_view": _choose_default,
}

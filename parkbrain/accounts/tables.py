"""The list of the audit trail: its columns, and what it may be asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.apps import apps
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from parkbrain.kernel import audit
from parkbrain.kernel.models import AuditEvent
from parkbrain.kernel.names import NAMES
from parkbrain.kernel.roles import Permission
from parkbrain.lists import Ask, ListSpec, park_filter
from parkbrain.ui import formats
from parkbrain.ui.table import Column, Filter

from .queries import visible_events


def _audit_columns(ask: Ask) -> Sequence[Column]:
    return (
        Column("at", _("Time"), lambda e: e.at, "moment", ("at",)),
        Column("event", _("Event"), audit.sentence),
        Column("target", _("What"), lambda e: e.target_name, order_by=("target_name",), hidden=True),
        Column("park", _("Park"), lambda e: e.park.name if e.park else ""),
        Column("actor", _("Actor"), lambda e: str(e.actor) if e.actor else "", order_by=("actor_name",)),
    )


def _audit_filters(ask: Ask) -> Sequence[Filter]:
    return (
        Filter("q", _("What was changed"), fields=("target_name",), main=True),
        Filter("area", _("Area of work"), "choice", choices=_areas(), keep=_of_area, main=True),
        Filter("at", _("Time"), "date", ("at",), main=True),
        Filter("actor", _("Actor"), fields=("actor__username", "actor__full_name"), main=True),
        park_filter(ask.user, lambda rows, park: rows.filter(park=park)),
    )


def _areas() -> list[tuple[str, str]]:
    areas = {code.partition(".")[0] for code in audit.described_codes()}
    return sorted((label, str(apps.get_app_config(label).verbose_name)) for label in areas)


def _of_area(rows: QuerySet[AuditEvent], area: str) -> QuerySet[AuditEvent]:
    return rows.filter(code__gte=f"{area}.", code__lt=f"{area}/")


def _audit_sentence(count: int, totals: Mapping[str, Any]) -> str:
    text = ngettext(
        "%(count)s event: what was changed in your parks, by whom and when.",
        "%(count)s events: what was changed in your parks, by whom and when.",
        count,
    )
    return text % {"count": formats.number(count, 0)}


AUDIT = ListSpec(
    key="accounts.audit",
    url_name="audit_trail",
    label=gettext_lazy("Audit trail"),
    columns=_audit_columns,
    filters=_audit_filters,
    rows=lambda ask: visible_events(user=ask.user),
    related=("actor", "park"),
    only={
        "": ("code", "at", "actor", "park", "target_name", "details"),
        "actor": ("username", "full_name"),
        "park": NAMES,
    },
    default_sort=("-at", "-pk"),
    sentence=_audit_sentence,
    permission=Permission.VIEW_AUDIT,
    empty=gettext_lazy("No change is kept by these filters."),
)

"""The lists of people and of the audit trail: their columns, and what they may be asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.apps import apps
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from parkbrain.kernel import audit
from parkbrain.kernel.lists import Ask, ListSpec, park_filter
from parkbrain.kernel.models import AuditEvent, Membership
from parkbrain.kernel.roles import Permission, Role
from parkbrain.ui import formats
from parkbrain.ui.table import Column, Filter

from .queries import list_events, list_members


def _people_columns(ask: Ask) -> Sequence[Column]:
    return (
        Column("name", _("Name"), lambda m: str(m.user), order_by=("user__full_name", "user__username")),
        Column("username", _("Sign-in name"), lambda m: m.user.username, order_by=("user__username",)),
        Column("role", _("Role"), lambda m: (Role(m.role).label, ""), "badge", ("role",)),
        Column("branch", _("Branch"), lambda m: m.branch.name, order_by=("branch__path",)),
        Column("subject", _("Acts for"), lambda m: m.subject, order_by=("subject",)),
        Column("email", _("E-mail"), lambda m: m.user.email, order_by=("user__email",), hidden=True),
        Column("active", _("Active"), lambda m: m.user.is_active, order_by=("user__is_active",), hidden=True),
        Column("remove", _("Actions"), lambda m: _take_away(m, ask), "action"),
    )


def _take_away(membership: Membership, ask: Ask) -> tuple[str, str, str] | None:
    if membership.user_id == ask.user.pk:
        return None
    what = _("Take away the role of %(name)s") % {"name": membership.user.username}
    return _("Take away"), reverse("remove_member", args=[membership.pk]), what


def _people_filters(ask: Ask) -> Sequence[Filter]:
    names = ("user__full_name", "user__username", "user__email")
    return (
        Filter("q", _("Name, sign-in name or e-mail"), fields=names, main=True),
        Filter("role", _("Role"), "choices", ("role",), Role.choices, main=True),
        Filter("active", _("Active"), "flag", ("user__is_active",)),
    )


def _people_sentence(count: int, totals: Mapping[str, Any]) -> str:
    text = ngettext("%(count)s role in your branches.", "%(count)s roles in your branches.", count)
    return text % {"count": formats.number(count, 0)}


PEOPLE = ListSpec(
    key="accounts.people",
    url_name="people",
    label=gettext_lazy("People"),
    columns=_people_columns,
    filters=_people_filters,
    rows=lambda ask: list_members(user=ask.user),
    related=("user", "branch"),
    default_sort=("branch__path", "role", "user__username"),
    sentence=_people_sentence,
    permission=Permission.MANAGE_PEOPLE,
    empty=gettext_lazy("Nobody is kept by these filters."),
)


def _audit_columns(ask: Ask) -> Sequence[Column]:
    return (
        Column("at", _("Time"), lambda e: e.at, "moment", ("at",)),
        Column("event", _("Event"), audit.sentence),
        Column("target", _("What"), lambda e: e.target_name, order_by=("target_name",), hidden=True),
        Column("park", _("Park"), lambda e: e.park.name if e.park else ""),
        Column("actor", _("Actor"), lambda e: str(e.actor) if e.actor else "", order_by=("actor__username",)),
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
    rows=lambda ask: list_events(user=ask.user),
    related=("actor", "park"),
    default_sort=("-at", "-pk"),
    sentence=_audit_sentence,
    permission=Permission.VIEW_AUDIT,
    empty=gettext_lazy("No change is kept by these filters."),
)

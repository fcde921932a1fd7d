"""The lists of people and of the audit trail: their columns, and what they may be asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.apps import apps
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from parkbrain.kernel import audit
from parkbrain.kernel.models import AuditEvent, Membership
from parkbrain.kernel.names import NAMES, namer, search_q
from parkbrain.kernel.roles import Permission, Role
from parkbrain.lists import Ask, ListSpec, park_filter
from parkbrain.ui import formats
from parkbrain.ui.table import Action, Column, Filter, address_of, words_of

from .queries import (
    PersonRow,
    list_branches,
    managed_memberships,
    memberships_holding,
    memberships_with_factor,
    person_rows,
    visible_events,
)


def _people_columns(ask: Ask) -> Sequence[Column]:
    roles, branch = words_of(Role.choices), namer()
    user, role, path = ("user__username",), ("role",), ("branch__path",)
    return (
        Column("name", _("Name"), lambda p: str(p.membership.user), order_by=("user__full_name", *user)),
        Column("username", _("Sign-in name"), lambda p: p.membership.user.username, order_by=user),
        Column("role", _("Role"), lambda p: (roles[p.membership.role], ""), "badge", role),
        Column("branch", _("Branch"), lambda p: branch(p.membership.branch), order_by=path),
        Column("subject", _("Acts for"), lambda p: p.membership.subject, order_by=("subject",)),
        Column("factor", _("Second factor"), lambda p: p.has_second_factor),
        Column("email", _("E-mail"), lambda p: p.membership.user.email, order_by=("user__email",), hidden=True),
        Column("active", _("Active"), lambda p: p.membership.user.is_active, hidden=True),
        Column("actions", _("Actions"), _person_actions(), "actions"),
    )


def _person_actions() -> Callable[[PersonRow], tuple[str, Sequence[Action]]]:
    remove, link, reset = map(address_of, ("remove_member", "person_link", "reset_factor"))
    of, take_away = _("Actions for %(name)s"), _("Take the role away")
    new_password, reset_factor = _("Link for a new password"), _("Reset the second factor")

    def actions(row: PersonRow) -> tuple[str, Sequence[Action]]:
        user_id, found = row.membership.user_id, []
        if row.manageable:
            found.append(Action(take_away, remove(row.membership.pk), danger=True))
            if row.renewable:
                found.append(Action(new_password, link(user_id)))
            if row.renewable and row.has_second_factor:
                found.append(Action(reset_factor, reset(user_id), danger=True))
        return of % {"name": row.membership.user.username}, found

    return actions


def _people_filters(ask: Ask) -> Sequence[Filter]:
    branches = list_branches(user=ask.user, permission=Permission.MANAGE_PEOPLE)
    return (
        Filter(
            "q",
            _("Name, sign-in name or e-mail"),
            keep=lambda rows, text: memberships_holding(rows=rows, text=text),
            main=True,
        ),
        Filter("role", _("Role"), "choices", ("role",), Role.choices, main=True),
        Filter("branch", _("Branch"), "choice", ("branch__code",), [(b.code, b.name) for b in branches], main=True),
        Filter(
            "factor",
            _("Second factor"),
            "flag",
            keep=lambda rows, has: memberships_with_factor(rows=rows, has=has),
            main=True,
        ),
        Filter("subject", _("Acts for"), fields=("subject",)),
        Filter("active", _("Active"), "flag", ("user__is_active",)),
    )


def _people_sentence(count: int, totals: Mapping[str, Any]) -> str:
    text = ngettext("%(count)s role in your branches.", "%(count)s roles in your branches.", count)
    return text % {"count": formats.number(count, 0)}


def _people_rows(rows: Sequence[Membership], ask: Ask) -> Sequence[PersonRow]:
    return person_rows(members=rows, user=ask.user)


PEOPLE = ListSpec(
    key="accounts.people",
    url_name="people",
    label=gettext_lazy("People"),
    columns=_people_columns,
    filters=_people_filters,
    rows=lambda ask: managed_memberships(user=ask.user),
    related=("user", "branch"),
    only={"user": ("username", "full_name", "email", "is_active"), "branch": ("path", *NAMES)},
    prepare=_people_rows,
    default_sort=("branch__path", "role", "user__username"),
    sentence=_people_sentence,
    permission=Permission.MANAGE_PEOPLE,
    empty=gettext_lazy("Nobody is kept by these filters."),
)


def _audit_columns(ask: Ask) -> Sequence[Column]:
    park = namer()
    return (
        Column("at", _("Time"), lambda e: e.at, "moment", ("at",)),
        Column("event", _("Event"), audit.sentence),
        Column("target", _("What"), audit.target_name, order_by=("target_name",), hidden=True),
        Column("park", _("Park"), lambda e: park(e.park) if e.park else ""),
        Column("actor", _("Actor"), lambda e: str(e.actor) if e.actor else "", order_by=("actor_name",)),
    )


def _audit_filters(ask: Ask) -> Sequence[Filter]:
    return (
        Filter("q", _("What was changed"), fields=("target_name",), main=True),
        Filter("area", _("Area of work"), "choice", choices=_areas(), keep=_of_area, main=True),
        Filter("at", _("Time"), "date", ("at",), main=True),
        Filter(
            "actor",
            _("Actor"),
            keep=lambda rows, text: rows.filter(search_q(text, field="actor__search_text")),
            main=True,
        ),
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

"""Profiles: how a kind of file is read, kept under a name, found again by its headings; and headings people taught."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from parkbrain.calc.headings import MAX_HEADING_ROW, match_heading, plain
from parkbrain.kernel import audit
from parkbrain.kernel.models import Branch, Park, User
from parkbrain.kernel.roles import Permission
from parkbrain.kernel.taking import Area

from ..models import LearnedHeading, Profile
from ..queries import SheetForms, get_sheet_forms, list_takers
from .plans import ColumnPlan, SheetPlan
from .raw import RawSheet
from .refusals import CannotSaveProfile

NAME_LENGTH = 80


def list_forms(*, actor: User, drawn: bool = False, about_parks: bool = False) -> list[SheetForms]:
    """Return what sheets and columns may be called, with what the person's branches taught.

    Of drawings with `drawn`, of tables about many parks with `about_parks`.
    """
    taught: dict[str, dict[str, set[str]]] = {}
    for learned in LearnedHeading.objects.visible_to(actor):
        taught.setdefault(learned.taker, {}).setdefault(learned.field, set()).add(learned.heading)
    things = list_takers(drawn=drawn, about_parks=about_parks)
    return [_with_taught(get_sheet_forms(taker=t), taught.get(t.key, {})) for t in things]


def _with_taught(form: SheetForms, taught: Mapping[str, set[str]]) -> SheetForms:
    if not taught:
        return form
    every = frozenset().union(*taught.values())
    # What a person taught goes before what we supposed; a column's own name stays its own.
    headings = tuple(
        replace(h, synonyms=(h.synonyms - every) | (frozenset(taught.get(h.field, ())) - h.names))
        for h in form.headings
    )
    return replace(form, headings=headings, taught=every)


def find_plan(*, raw: RawSheet, profiles: Sequence[Profile]) -> tuple[Profile, SheetPlan] | None:
    """Return the profile that knows the headings of a sheet, the one with the most of them, and the plan it makes."""
    best: tuple[int, Profile, SheetPlan] | None = None
    for profile in profiles:
        for sheet in profile.sheets:
            wanted = {h for h, c in sheet["columns"].items() if c["field"]}
            for number, row in enumerate(raw.rows[:MAX_HEADING_ROW], start=1):
                there = {plain(str(cell)): index for index, cell in reversed(list(enumerate(row)))}
                if wanted and wanted <= there.keys() and (best is None or len(wanted) > best[0]):
                    columns = {there[h]: ColumnPlan(**c) for h, c in sheet["columns"].items() if h in there}
                    best = (len(wanted), profile, SheetPlan(sheet["taker"], number, columns))
    return best[1:] if best else None


def list_profiles(*, actor: User, name: str = "") -> list[Profile]:
    """Return the profiles a person may use, the latest first; only those of a name where one is given."""
    found = Profile.objects.visible_to(actor).select_related("branch").order_by("-changed_at")
    return list(found.filter(name=name) if name else found)


def _branch_for(actor: User, park: Park | None, area: Area | None = None) -> Branch:
    if area is not None and actor.may(Permission.RUN_ROUNDS, area.branch.path):
        return area.branch
    for membership in actor.memberships.select_related("branch").order_by("branch__path"):
        path = membership.branch.path
        if actor.may(Permission.EDIT_RECORD, path) and (park is None or park.branch.path.startswith(path)):
            return membership.branch
    raise CannotSaveProfile(_("You may not import here."))


@transaction.atomic
def save_profile(
    *,
    name: str,
    sheets: Mapping[str, SheetPlan],
    raw: Sequence[RawSheet],
    park: Park | None,
    actor: User,
    at: datetime,
    area: Area | None = None,
) -> Profile:
    """Keep a mapping under a name for the person's branch; the same name again changes it.

    :raises CannotSaveProfile: the name is empty or too long, nothing is mapped, or the actor may not import.
    """
    name = " ".join(name.split())
    if not name or len(name) > NAME_LENGTH:
        raise CannotSaveProfile(_("Give the profile a name of at most %(limit)s characters.") % {"limit": NAME_LENGTH})
    branch = _branch_for(actor, park, area)
    kept: list[dict[str, Any]] = []
    for sheet in raw:
        plan = sheets.get(sheet.name)
        if plan is None or not plan.taker or not any(c.field for c in plan.columns.values()):
            continue
        row = sheet.rows[plan.heading_row - 1]
        columns = {
            plain(str(row[i])): asdict(c) for i, c in plan.columns.items() if i < len(row) and plain(str(row[i]))
        }
        kept.append({"taker": plan.taker, "columns": columns})
    if not kept:
        raise CannotSaveProfile(_("No column is mapped to a field."))
    profile = Profile.objects.filter(branch=branch, name=name).first()
    if profile is None:
        profile = Profile.objects.create(
            branch=branch, name=name, sheets=kept, created_by=actor, created_at=at, changed_at=at
        )
        audit.record("intake.profile.added", target=profile, actor=actor, at=at, park=park)
    elif profile.sheets != kept:
        profile.sheets, profile.changed_at = kept, at
        profile.save()
        audit.record("intake.profile.changed", target=profile, actor=actor, at=at, park=park)
    return profile


@transaction.atomic
def rename_profile(*, profile: Profile, name: str, actor: User, at: datetime) -> Profile:
    """Give a profile another name.

    :raises CannotSaveProfile: the name is empty, too long or taken, or the actor may not change the branch's record.
    """
    _check_may_edit(profile, actor)
    name = " ".join(name.split())
    if not name or len(name) > NAME_LENGTH:
        raise CannotSaveProfile(_("Give the profile a name of at most %(limit)s characters.") % {"limit": NAME_LENGTH})
    if Profile.objects.filter(branch=profile.branch, name=name).exclude(pk=profile.pk).exists():
        raise CannotSaveProfile(_("Another profile has this name."))
    before, profile.name, profile.changed_at = profile.name, name, at
    profile.save()
    audit.record("intake.profile.renamed", target=profile, actor=actor, at=at, before=before)
    return profile


@transaction.atomic
def delete_profile(*, profile: Profile, actor: User, at: datetime) -> None:
    """Forget a profile; what was imported with it stays.

    :raises CannotSaveProfile: the actor may not change the branch's record.
    """
    _check_may_edit(profile, actor)
    audit.record("intake.profile.deleted", target=profile, actor=actor, at=at)
    profile.delete()


def _check_may_edit(profile: Profile, actor: User) -> None:
    if not any(actor.may(one, profile.branch.path) for one in (Permission.EDIT_RECORD, Permission.RUN_ROUNDS)):
        raise CannotSaveProfile(_("You may not import here."))


@transaction.atomic
def learn_headings(
    *,
    sheets: Mapping[str, SheetPlan],
    raw: Sequence[RawSheet],
    park: Park | None,
    actor: User,
    at: datetime,
    area: Area | None = None,
) -> int:
    """Learn for the person's branch which headings they confirmed; return how many were new.

    :raises CannotSaveProfile: the actor may not import.
    """
    branch = _branch_for(actor, park, area)
    own = {t.key: get_sheet_forms(taker=t) for t in list_takers(about_parks=area is not None)}
    count = 0
    for sheet in raw:
        plan = sheets.get(sheet.name)
        form = own.get(plan.taker) if plan else None
        if plan is None or form is None:
            continue
        row = sheet.rows[plan.heading_row - 1]
        for index, column in plan.columns.items():
            heading = plain(str(row[index]))[:120] if index < len(row) else ""
            if not heading or not column.field or match_heading(str(row[index]), form.headings).field == column.field:
                continue
            _learned, is_new = LearnedHeading.objects.update_or_create(
                branch=branch, taker=plan.taker, heading=heading,
                defaults={"field": column.field, "learned_by": actor, "learned_at": at},
            )  # fmt: skip
            count += is_new
    return count

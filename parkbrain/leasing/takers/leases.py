"""The sheets of leases and of what changed them after they were signed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkbrain.calc import leases as calc
from parkbrain.enterprises.models import Enterprise
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.taking import Applied, Column, RowProblem, TakenRow, Taker

from ..models import Lease, LeaseVersion
from ..services import CannotDraftLease, check_term, merged_terms, record_lease_versions, record_leases
from .common import (
    LEASE_NUMBER,
    Context,
    backwards,
    clause_problems,
    frozen_problems,
    known_numbers,
    lease_problem,
    open_versions,
    spec_column,
    version_of,
)

_EXAMPLES: dict[str, Any] = {
    "cycle": "NATURAL",
    "months_per_bill": 1,
    "in_advance": True,
    "due_rule": "OFFSET",
    "due_days": 5,
    "day_count": "ACTUAL",
    "round_to_yuan": 0.01,
    "round_at": "LINE",
    "price_to_yuan": 0.01,
}
_SPECS = calc.specs_of(calc.Terms)
TERMS = tuple(spec_column(field=name, specs=[spec], example=_EXAMPLES[name]) for name, spec in _SPECS.items())
COLUMNS = (
    Column(
        "number",
        gettext_lazy("Number of the lease"),
        required=True,
        max_length=60,
        synonyms=("租约编号", "租約編號", "租赁合同编号"),
        example="ZY-2026-001",
    ),
    Column(
        "uscc",
        gettext_lazy("Credit code of the tenant"),
        "uscc",
        required=True,
        max_length=18,
        synonyms=("承租方信用代码", "承租人信用代码", "承租方統一社會信用代碼"),
        example="91440300MA5DEM0006",
    ),
    Column(
        "state",
        gettext_lazy("State of the lease"),
        "choice",
        choices=dict(Lease.State.choices),
        note=gettext_lazy(
            "Empty: a draft, which a second person approves. Signed, active and ended are for leases that both sides "
            "signed on paper before; active ones are billed."
        ),
        synonyms=("租约状态", "租約狀態", "合同状态"),
        example=Lease.State.ACTIVE.value,
    ),
    Column(
        "starts_on",
        gettext_lazy("Lease starts on"),
        "date",
        required=True,
        synonyms=("租约开始日期", "租期开始日期", "租約開始日期"),
        example="2026-01-01",
    ),
    Column(
        "ends_on",
        gettext_lazy("Lease ends before"),
        "date",
        required=True,
        note=gettext_lazy("The first day that is not counted, as it was signed."),
        synonyms=("租约结束日期", "租期结束日期", "租約結束日期"),
        example="2029-01-01",
    ),
    Column(
        "signed_on",
        gettext_lazy("Lease signed on"),
        "date",
        synonyms=("租约签订日期", "签约日期", "簽約日期"),
        example="2025-12-15",
    ),
    Column(
        "ended_on", gettext_lazy("Lease ended early on"), "date", synonyms=("提前终止日期", "提前終止日期"), example=""
    ),
    Column(
        "end_reason",
        gettext_lazy("Reason of the early end"),
        max_length=300,
        synonyms=("终止原因", "終止原因"),
        example="",
    ),
    Column(
        "renewed_from",
        gettext_lazy("Renews the lease"),
        max_length=60,
        note=gettext_lazy("Number of the lease that this one follows."),
        synonyms=("续签自租约", "原租约编号", "續簽自租約"),
        example="",
    ),
    Column(
        "remark", gettext_lazy("Remark on the lease"), max_length=300, synonyms=("租约备注", "租約備註"), example=""
    ),
    *TERMS,
)
VERSION_COLUMNS = (
    LEASE_NUMBER,
    Column(
        "version",
        gettext_lazy("Version of the lease"),
        "integer",
        required=True,
        minimum=2,
        maximum=999,
        note=gettext_lazy("2 and more; version 1 is the lease as it was signed."),
        synonyms=("租约版本", "租約版本"),
        example=2,
    ),
    Column(
        "kind",
        gettext_lazy("Kind of the change"),
        "choice",
        choices={k: v for k, v in LeaseVersion.Kind.choices if k != "ORIGINAL"},
        synonyms=("变更类型", "變更類型"),
        example="CHANGE",
    ),
    Column(
        "state",
        gettext_lazy("State of the version"),
        "choice",
        choices=dict(LeaseVersion.State.choices),
        synonyms=("版本状态", "版本狀態"),
        example="APPROVED",
    ),
    Column(
        "effective_on",
        gettext_lazy("Change in force from"),
        "date",
        required=True,
        synonyms=("变更生效日期", "變更生效日期"),
        example="2027-01-01",
    ),
    Column(
        "ends_on",
        gettext_lazy("Term ends before"),
        "date",
        note=gettext_lazy("The first day that is not counted; empty: the term stays."),
        synonyms=("变更后到期日", "變更後到期日"),
        example="",
    ),
    Column(
        "reason",
        gettext_lazy("Reason of the change"),
        required=True,
        max_length=300,
        synonyms=("变更原因", "變更原因"),
        example="补充协议：单价调整",
    ),
    *TERMS,
)


def check(*, park: Park | None, rows: Sequence[TakenRow], context: Context) -> dict[int, list[RowProblem]]:
    """Find unknown firms and leases, terms that cannot be, leases in force without rooms or rent, and forbidden changes."""
    numbers = known_numbers(park=park, context=context)
    codes = {str(r.values.get("uscc")) for r in context.get("enterprises", ())}
    wanted = {str(r.values.get("uscc")) for r in rows}
    codes |= set(Enterprise.objects.filter(uscc__in=wanted).values_list("uscc", flat=True))
    versions = open_versions(park=park)
    known = {str(r["number"]): r for r in export(park=park)} if park is not None else {}
    with_rooms = {str(r.values.get("lease_number")) for r in context.get("lease_premises", ())}
    with_rent = {
        str(r.values.get("lease_number")) for r in context.get("lease_clauses", ()) if r.values.get("kind") == "RENT"
    }
    problems: dict[int, list[RowProblem]] = {}
    for row in rows:
        number = str(row.values.get("number"))
        found = [_firm(row, codes), lease_problem(row, numbers, "renewed_from"), *_term(row)]
        found += _terms_problems(row)
        if number in known:
            found += frozen_problems(row=row, known=known[number], is_open=versions.get((number, 1)))
            found.append(_state(row, known[number]))
        else:
            found += _new(row, number in with_rooms, number in with_rent)
        if kept := _once([p for p in found if p]):
            problems[row.number] = kept
    return problems


def _once(problems: Sequence[RowProblem]) -> list[RowProblem]:
    return list({(p.field, p.code): p for p in problems}.values())


def _firm(row: TakenRow, codes: set[str]) -> RowProblem | None:
    code = str(row.values.get("uscc") or "")
    if not code or code in codes:
        return None
    return RowProblem("uscc", "unknown_enterprise", _("There is no enterprise %(code)s.") % {"code": code}, code)


def _term(row: TakenRow) -> list[RowProblem]:
    found = [p for p in (backwards(row, "starts_on", "ends_on"), backwards(row, "starts_on", "ended_on")) if p]
    begin, end = row.values.get("starts_on"), row.values.get("ends_on")
    if begin and end and not found:
        try:
            check_term(starts_on=begin, ends_on=end)
        except CannotDraftLease as refusal:
            found.append(RowProblem("ends_on", "term_too_long", str(refusal), str(end)))
    return found


def _terms_problems(row: TakenRow) -> list[RowProblem]:
    try:
        merged_terms(row=row.values, version=None)
    except calc.ClauseProblems as wrong:
        return clause_problems(found=wrong, columns=TERMS)
    return []


def _state(row: TakenRow, known: Any) -> RowProblem | None:
    state = row.values.get("state")
    if not state or state == known["state"]:
        return None
    text = _("Lease %(number)s is in the state “%(state)s”; a register does not change it.")
    values = {"number": known["number"], "state": Lease.State(known["state"]).label}
    return RowProblem("state", "not_a_draft", text % values, str(Lease.State(state).label))


def _new(row: TakenRow, has_rooms: bool, has_rent: bool) -> list[RowProblem]:
    state = row.values.get("state") or Lease.State.DRAFT
    if state == Lease.State.APPROVED:
        text = _("Approval is given here, by a second person: approved leases that are new are taken in as drafts.")
        return [RowProblem("state", "approved_elsewhere", text, refuses=False)]
    if state not in Lease.BINDING:
        return []
    found = []
    if not has_rooms:
        text = _("A lease that is signed needs its premises on the sheet of premises of leases.")
        found.append(RowProblem("number", "no_premises", text))
    if not has_rent:
        text = _("A lease that is signed needs a clause on the rent on the sheet of clauses.")
        found.append(RowProblem("number", "no_rent", text))
    return found


def apply(*, park: Park, rows: Sequence[TakenRow], actor: User, at: datetime) -> dict[int, Applied]:
    """Record the lease of each row."""
    recorded = record_leases(park=park, rows=[dict(r.values) for r in rows], actor=actor, at=at)
    return {row.number: outcome.applied() for row, outcome in zip(rows, recorded, strict=True)}


def export(*, park: Park) -> list[dict[str, Any]]:
    """Return the park's leases as the sheet has them: as signed, with the terms of the first version."""
    leases = Lease.objects.filter(park=park).select_related("enterprise", "renewed_from").order_by("number")
    firsts = {v.lease_id: v for v in LeaseVersion.objects.filter(lease__park=park, number=1)}
    rows = []
    for lease in leases:
        first = firsts.get(lease.pk)
        rows.append(
            {
                "number": lease.number,
                "uscc": lease.enterprise.uscc,
                "state": lease.state,
                "starts_on": lease.starts_on,
                "ends_on": first.ends_on if first else lease.ends_on,
                "signed_on": lease.signed_on,
                "ended_on": lease.ended_on,
                "end_reason": lease.end_reason or None,
                "renewed_from": lease.renewed_from.number if lease.renewed_from else None,
                "remark": lease.remark or None,
                **(_terms_of(first) if first else {}),
            }
        )
    return rows


def _terms_of(version: LeaseVersion) -> dict[str, Any]:
    terms = calc.parse_terms(version.terms)
    return {name: getattr(terms, name) for name in _SPECS}


def check_versions(*, park: Park | None, rows: Sequence[TakenRow], context: Context) -> dict[int, list[RowProblem]]:
    """Find unknown leases, terms that cannot be, and changes of versions that hold."""
    numbers = known_numbers(park=park, context=context)
    versions = open_versions(park=park)
    known = {(r["lease_number"], r["version"]): r for r in export_versions(park=park)} if park is not None else {}
    problems: dict[int, list[RowProblem]] = {}
    for row in rows:
        key = (str(row.values.get("lease_number")), version_of(row))
        found = [lease_problem(row, numbers), backwards(row, "effective_on", "ends_on"), *_terms_problems(row)]
        found += frozen_problems(row=row, known=known.get(key), is_open=versions.get(key))
        if key not in versions and versions.get((key[0], 1)) is not None and row.values.get("state") == "APPROVED":
            text = _(
                "A change of a lease that is here already is approved here, by a second person: leave the state empty."
            )
            found.append(RowProblem("state", "approved_elsewhere", text))
        if any(found):
            problems[row.number] = [p for p in found if p]
    return problems


def apply_versions(*, park: Park, rows: Sequence[TakenRow], actor: User, at: datetime) -> dict[int, Applied]:
    """Record the version of each row."""
    recorded = record_lease_versions(park=park, rows=[dict(r.values) for r in rows], actor=actor, at=at)
    return {row.number: outcome.applied() for row, outcome in zip(rows, recorded, strict=True)}


def export_versions(*, park: Park) -> list[dict[str, Any]]:
    """Return what changed the park's leases as the sheet has it."""
    found = LeaseVersion.objects.filter(lease__park=park, number__gt=1).select_related("lease")
    return [
        {
            "lease_number": v.lease.number,
            "version": v.number,
            "kind": v.kind,
            "state": v.state,
            "effective_on": v.effective_on,
            "ends_on": v.ends_on,
            "reason": v.reason,
            **_terms_of(v),
        }
        for v in found.order_by("lease__number", "number")
    ]


LEASES = Taker(
    key="lease_register",
    label=gettext_lazy("Register of leases"),
    order=130,
    columns=COLUMNS,
    identity=("number",),
    check=check,
    apply=apply,
    note=gettext_lazy(
        "One row per lease: tenant, term, state and how it is billed; premises and clauses have sheets of their own."
    ),
    synonyms=("租约台账", "租約台賬", "租约登记表", "lease list"),
    export=export,
)
LEASE_VERSIONS = Taker(
    key="lease_versions",
    label=gettext_lazy("Changes of leases"),
    order=131,
    columns=VERSION_COLUMNS,
    identity=("lease_number", "version"),
    check=check_versions,
    apply=apply_versions,
    note=gettext_lazy(
        "Supplements after the signature: from when, and why; what they say stands with their premises and clauses."
    ),
    synonyms=("租约变更", "租約變更", "补充协议台账"),
    export=export_versions,
)

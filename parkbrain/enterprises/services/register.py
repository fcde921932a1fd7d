"""The register of enterprises: identity, certificates, addresses, documents."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext as _

from parkbrain.calc import uscc as credit_code
from parkbrain.kernel import audit, registry
from parkbrain.kernel.models import Document, Park, User
from parkbrain.kernel.roles import Permission
from parkbrain.space.services import Recorded, upsert
from parkbrain.space.services.upsert import created, updated

from ..models import Enterprise, EnterpriseAddress, EnterpriseDocument, Occupancy, Qualification
from .sizes import keep_size_classes


class CannotRecordEnterprise(Exception):
    """The enterprise, or something about it, cannot be recorded."""


def check_may_edit(*, park: Park | None, actor: User | None) -> None:
    """Refuse an actor who may not change the record of the park (of any park when None).

    :raises CannotRecordEnterprise: the actor may not.
    """
    if actor is not None and not actor.may(Permission.EDIT_RECORD, park.branch.path if park else None):
        raise CannotRecordEnterprise(_("You may not change the record of this park."))


def enterprises_by_code(*, codes: Iterable[str]) -> dict[str, Enterprise]:
    """Return the enterprises of these unified social credit codes."""
    return {e.uscc: e for e in Enterprise.objects.filter(uscc__in=set(codes))}


def kept_elsewhere(*, found: Iterable[Enterprise], actor: User | None) -> set[int]:
    """Return which of the enterprises only other operators keep: not the actor's to change."""
    pks = [e.pk for e in found]
    if actor is None:
        return set()
    visible = set(Enterprise.objects.visible_to(actor).filter(pk__in=pks).values_list("pk", flat=True))
    anywhere = set(Occupancy.objects.filter(enterprise__in=pks).values_list("enterprise_id", flat=True))
    return {pk for pk in pks if pk in anywhere and pk not in visible}


@transaction.atomic
def record_enterprises(
    *, rows: Sequence[Mapping[str, Any]], actor: User | None, at: datetime, park: Park | None = None
) -> list[Recorded[Enterprise]]:
    """Record enterprises by their credit code.

    Of a firm that so far only another operator's parks know, empty fields are filled and nothing is overwritten.

    :raises CannotRecordEnterprise: a code is wrong, or the actor may not change the record.
    """
    check_may_edit(park=park, actor=actor)
    for row in rows:
        if not credit_code.is_valid(row["uscc"]):
            raise CannotRecordEnterprise(_("%(code)s is not a unified social credit code.") % {"code": row["uscc"]})
    found = enterprises_by_code(codes=[r["uscc"] for r in rows])
    elsewhere = kept_elsewhere(found=found.values(), actor=actor)
    wanted = [(r["uscc"], _offered(r, found.get(r["uscc"]), elsewhere)) for r in rows]
    recorded = upsert(model=Enterprise, found=found, rows=wanted)
    audit.record_many("enterprises.enterprise.added", targets=created(recorded=recorded), actor=actor, at=at, park=park)
    audit.record_many(
        "enterprises.enterprise.changed", targets=updated(recorded=recorded), actor=actor, at=at, park=park
    )
    # A changed industry can change the size class: the rule differs by sector.
    moved = [r.row for r in recorded if "industry_code" in r.fields]
    if moved:
        keep_size_classes(enterprises=moved)
    return recorded


def _offered(row: Mapping[str, Any], current: models.Model | None, elsewhere: set[int]) -> Mapping[str, Any]:
    if current is None or current.pk not in elsewhere:
        return row
    return {name: value for name, value in row.items() if getattr(current, name) in (None, "")}


@transaction.atomic
def record_qualifications(
    *, rows: Sequence[Mapping[str, Any]], actor: User | None, at: datetime, park: Park | None = None
) -> list[Recorded[Qualification]]:
    """Record certificates by firm (`uscc`), kind and first day of validity.

    :raises CannotRecordEnterprise: a firm is not there, or the actor may not change the record.
    """
    firms = _firms(rows, park, actor)
    found = {
        (q.enterprise_id, q.kind, q.valid_from_on): q
        for q in Qualification.objects.filter(enterprise__in=firms.values())
    }
    elsewhere = kept_elsewhere(found=firms.values(), actor=actor)
    wanted = []
    for row in rows:
        key = (firms[row["uscc"]].pk, row["kind"], row["valid_from_on"])
        wanted.append((key, _about(row, firms, found.get(key), elsewhere)))
    recorded = upsert(model=Qualification, found=found, rows=wanted)
    audit.record_many(
        "enterprises.qualification.added", targets=created(recorded=recorded), actor=actor, at=at, park=park
    )
    audit.record_many(
        "enterprises.qualification.changed", targets=updated(recorded=recorded), actor=actor, at=at, park=park
    )
    return recorded


@transaction.atomic
def record_addresses(
    *, rows: Sequence[Mapping[str, Any]], actor: User | None, at: datetime, park: Park | None = None
) -> list[Recorded[EnterpriseAddress]]:
    """Record addresses by firm (`uscc`), kind and first day; `park` in a row names the park the address lies in.

    :raises CannotRecordEnterprise: a firm is not there, two addresses of a kind would hold on the same day, or the actor
        may not change the record.
    """
    firms = _firms(rows, park, actor)
    found = {
        (a.enterprise_id, a.kind, a.starts_on): a
        for a in EnterpriseAddress.objects.filter(enterprise__in=firms.values())
    }
    elsewhere = kept_elsewhere(found=firms.values(), actor=actor)
    wanted = []
    for row in rows:
        key = (firms[row["uscc"]].pk, row["kind"], row["starts_on"])
        wanted.append((key, _about(row, firms, found.get(key), elsewhere)))
    refuse_address_overlaps(existing=found.values(), wanted=wanted)
    recorded = upsert(model=EnterpriseAddress, found=found, rows=wanted)
    audit.record_many("enterprises.address.added", targets=created(recorded=recorded), actor=actor, at=at, park=park)
    audit.record_many("enterprises.address.changed", targets=updated(recorded=recorded), actor=actor, at=at, park=park)
    return recorded


def refuse_address_overlaps(
    *, existing: Iterable[EnterpriseAddress], wanted: Sequence[tuple[Any, Mapping[str, Any]]]
) -> None:
    """Refuse rows after which two addresses of the same kind would hold on the same day.

    :raises CannotRecordEnterprise: they would; the message names the kind and the days.
    """
    spells = {(a.enterprise_id, a.kind, a.starts_on): a.ends_on for a in existing}
    for key, values in wanted:
        spells[key] = values.get("ends_on", spells.get(key))
    # Only the firms and kinds that the rows touch are checked.
    touched = {key[:2] for key, _values in wanted}
    by_kind: dict[Any, list[tuple[date, date | None]]] = {}
    for (firm, kind, starts_on), ends_on in spells.items():
        if (firm, kind) in touched:
            by_kind.setdefault((firm, kind), []).append((starts_on, ends_on))
    for (_firm, kind), periods in by_kind.items():
        periods.sort(key=lambda period: period[0])
        for (earlier, ends_on), (later, _ends_on) in itertools.pairwise(periods):
            if ends_on is None or ends_on > later:
                label = EnterpriseAddress.Kind(kind).label
                raise CannotRecordEnterprise(
                    _("%(kind)s: the address from %(earlier)s has to end by %(later)s, when the next begins.")
                    % {"kind": label, "earlier": earlier.isoformat(), "later": later.isoformat()}
                )


def _firms(rows: Sequence[Mapping[str, Any]], park: Park | None, actor: User | None) -> dict[str, Enterprise]:
    check_may_edit(park=park, actor=actor)
    firms = enterprises_by_code(codes=[r["uscc"] for r in rows])
    missing = next((r["uscc"] for r in rows if r["uscc"] not in firms), None)
    if missing is not None:
        raise CannotRecordEnterprise(_("There is no enterprise %(code)s.") % {"code": missing})
    return firms


def _about(
    row: Mapping[str, Any], firms: Mapping[str, Enterprise], current: models.Model | None, elsewhere: set[int]
) -> dict[str, Any]:
    """Return the values of a row about a firm, without what another operator keeps."""
    enterprise = firms[row["uscc"]]
    values = {name: value for name, value in row.items() if name != "uscc"}
    if current is not None and enterprise.pk in elsewhere:
        values = {name: value for name, value in values.items() if getattr(current, name) in (None, "")}
    return {**values, "enterprise": enterprise}


@transaction.atomic
def record_enterprise(
    *, values: Mapping[str, Any], actor: User | None, at: datetime, park: Park | None = None
) -> Recorded[Enterprise]:
    """Record one enterprise and let what follows from it follow.

    :raises CannotRecordEnterprise: see `record_enterprises`.
    """
    recorded = record_enterprises(rows=[values], actor=actor, at=at, park=park)[0]
    _parks_follow(recorded.row, at)
    return recorded


@transaction.atomic
def record_qualification(
    *, enterprise: Enterprise, values: Mapping[str, Any], actor: User | None, at: datetime, park: Park | None = None
) -> Recorded[Qualification]:
    """Record one certificate and let what follows from it follow.

    :raises CannotRecordEnterprise: see `record_qualifications`.
    """
    row = {**values, "uscc": enterprise.uscc}
    recorded = record_qualifications(rows=[row], actor=actor, at=at, park=park)[0]
    _parks_follow(enterprise, at)
    return recorded


@transaction.atomic
def record_address(
    *, enterprise: Enterprise, values: Mapping[str, Any], actor: User | None, at: datetime, park: Park | None = None
) -> Recorded[EnterpriseAddress]:
    """Record one address of an enterprise and let what follows from it follow.

    :raises CannotRecordEnterprise: see `record_addresses`.
    """
    recorded = record_addresses(rows=[{**values, "uscc": enterprise.uscc}], actor=actor, at=at, park=park)[0]
    _parks_follow(enterprise, at)
    return recorded


@transaction.atomic
def attach_document(
    *,
    enterprise: Enterprise,
    document: Document,
    kind: str,
    actor: User | None,
    at: datetime,
    valid_from_on: date | None = None,
    valid_to_on: date | None = None,
    park: Park | None = None,
) -> EnterpriseDocument:
    """Attach a stored document to an enterprise.

    :raises CannotRecordEnterprise: the actor may not change the record.
    """
    check_may_edit(park=park, actor=actor)
    attached = EnterpriseDocument.objects.create(
        enterprise=enterprise,
        document=document,
        kind=kind,
        valid_from_on=valid_from_on,
        valid_to_on=valid_to_on,
    )
    audit.record(
        "enterprises.document.attached", target=enterprise, actor=actor, at=at, park=park, document=document.name
    )
    return attached


def parks_of(*, enterprise: Enterprise) -> list[int]:
    """Return the parks the enterprise was ever in."""
    return list(Occupancy.objects.filter(enterprise=enterprise).values_list("premises__park_id", flat=True).distinct())


def _parks_follow(enterprise: Enterprise, at: datetime) -> None:
    parks = sorted(set(parks_of(enterprise=enterprise)))
    if parks:
        registry.park_changed(park_ids=parks, at=at)

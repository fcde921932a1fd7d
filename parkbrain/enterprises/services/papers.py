"""Certificates, addresses and documents changed one by one: edited, ended, filed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, TypeVar

from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from parkbrain.kernel import audit, registry
from parkbrain.kernel.documents import store_document
from parkbrain.kernel.models import Park, User
from parkbrain.space.services import Recorded, upsert
from parkbrain.space.services.upsert import updated

from ..models import Enterprise, EnterpriseAddress, EnterpriseDocument, Qualification
from .register import CannotRecordEnterprise, attach_document, check_may_edit, parks_of, record_address

M = TypeVar("M", bound=models.Model)
#: A certificate or a scan is small; larger files are something else.
MAX_BYTES = 30 * 1024 * 1024


@transaction.atomic
def change_qualification(
    *, qualification: Qualification, values: Mapping[str, Any], actor: User | None, at: datetime, park: Park
) -> Recorded[Qualification]:
    """Change a certificate, or end it by `valid_to_on`.

    :raises CannotRecordEnterprise: the same kind begins twice on a day, the period runs backwards, or the actor may not.
    """
    check_may_edit(park=park, actor=actor)
    recorded = _changed(qualification, values)
    audit.record_many(
        "enterprises.qualification.changed", targets=updated(recorded=[recorded]), actor=actor, at=at, park=park
    )
    _parks_follow(qualification.enterprise, at)
    return recorded


@transaction.atomic
def change_address(
    *, address: EnterpriseAddress, values: Mapping[str, Any], actor: User | None, at: datetime, park: Park
) -> Recorded[EnterpriseAddress]:
    """Change an address, or end it by `ends_on`.

    :raises CannotRecordEnterprise: another address of the kind holds on one of its days, or the actor may not.
    """
    check_may_edit(park=park, actor=actor)
    recorded = _changed(address, values)
    audit.record_many(
        "enterprises.address.changed", targets=updated(recorded=[recorded]), actor=actor, at=at, park=park
    )
    _parks_follow(address.enterprise, at)
    return recorded


@transaction.atomic
def move_address(
    *, enterprise: Enterprise, values: Mapping[str, Any], actor: User | None, at: datetime, park: Park
) -> Recorded[EnterpriseAddress]:
    """Record a new address from a day on; the one of its kind that holds until now ends there.

    :raises CannotRecordEnterprise: another address of the kind holds on one of its later days, or the actor may not.
    """
    check_may_edit(park=park, actor=actor)
    open_ones = EnterpriseAddress.objects.filter(
        enterprise=enterprise, kind=values["kind"], ends_on=None, starts_on__lt=values["starts_on"]
    )
    for old in open_ones:
        change_address(address=old, values={"ends_on": values["starts_on"]}, actor=actor, at=at, park=park)
    return record_address(enterprise=enterprise, values=values, actor=actor, at=at, park=park)


@transaction.atomic
def file_document(
    *,
    enterprise: Enterprise,
    name: str,
    size_bytes: int,
    chunks: Iterable[bytes],
    kind: str,
    actor: User | None,
    at: datetime,
    park: Park,
    valid_from_on: date | None = None,
    valid_to_on: date | None = None,
) -> EnterpriseDocument:
    """Store a file and attach it to an enterprise.

    :raises CannotRecordEnterprise: the file is empty or too large, the period runs backwards, or the actor may not.
    """
    check_may_edit(park=park, actor=actor)
    if not size_bytes:
        raise CannotRecordEnterprise(_("The file is empty."))
    if size_bytes > MAX_BYTES:
        raise CannotRecordEnterprise(_("The file is larger than %(limit)s MB.") % {"limit": MAX_BYTES // 1024**2})
    if valid_from_on and valid_to_on and valid_to_on <= valid_from_on:
        raise CannotRecordEnterprise(_("The end has to lie after the beginning."))
    stored = store_document(name=name, chunks=chunks, actor=actor, at=at, park=park)
    return attach_document(
        enterprise=enterprise,
        document=stored,
        kind=kind,
        actor=actor,
        at=at,
        valid_from_on=valid_from_on,
        valid_to_on=valid_to_on,
        park=park,
    )


@transaction.atomic
def change_document(
    *, attached: EnterpriseDocument, values: Mapping[str, Any], actor: User | None, at: datetime
) -> Recorded[EnterpriseDocument]:
    """Change the kind or the validity of an attached document; the file itself is never overwritten.

    :raises CannotRecordEnterprise: the period runs backwards, or the actor may not.
    """
    park = attached.document.park
    check_may_edit(park=park, actor=actor)
    recorded = _changed(attached, values)
    audit.record_many(
        "enterprises.document.changed", targets=updated(recorded=[recorded]), actor=actor, at=at, park=park
    )
    return recorded


def _changed(row: M, values: Mapping[str, Any]) -> Recorded[M]:
    try:
        with transaction.atomic():
            return upsert(model=type(row), found={row.pk: row}, rows=[(row.pk, values)])[0]
    except IntegrityError as error:
        raise CannotRecordEnterprise(
            _("Another entry of the same kind holds on one of these days, or the period runs backwards.")
        ) from error


def _parks_follow(enterprise: Enterprise, at: datetime) -> None:
    parks = sorted(set(parks_of(enterprise=enterprise)))
    if parks:
        registry.park_changed(park_ids=parks, at=at)

"""Offers and needs: recorded by the operator for anybody, by a firm for itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from parkbrain.enterprises.models import Occupancy
from parkbrain.kernel import audit
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.roles import Permission
from parkbrain.kernel.scope import own_enterprise_codes
from parkbrain.space.services import Recorded, upsert
from parkbrain.space.services.upsert import created, updated

from ..models import ExchangeOffer
from .places import CannotRecordActivity, read_register


class CannotRecordOffer(Exception):
    """The offer or need cannot be recorded."""


def _check_may(park: Park, uscc: str, actor: User | None) -> None:
    if actor is None or actor.may(Permission.EDIT_RECORD, park.branch.path):
        return
    if uscc not in own_enterprise_codes(actor) or not actor.may(Permission.VIEW_OWN_ENTERPRISE, park.branch.path):
        raise CannotRecordOffer(_("You may record offers of your own firm only."))


@transaction.atomic
def record_offers(
    *, park: Park, rows: Sequence[Mapping[str, Any]], actor: User | None, at: datetime
) -> list[Recorded[ExchangeOffer]]:
    """Record offers and needs of firms (`uscc`), each found again by firm, direction, kind, substance and first day.

    :raises CannotRecordOffer: the firm is not in the park, a wrong unit or period, or the actor may not.
    """
    register = read_register(park=park, rows=rows)
    existing = ExchangeOffer.objects.filter(park=park).select_related("enterprise", "building")
    found = {(o.enterprise_id, o.direction, o.kind, o.substance, o.starts_on): o for o in existing}
    here = set(Occupancy.objects.filter(premises__park=park).values_list("enterprise__uscc", flat=True))
    wanted = []
    for row in rows:
        _check_may(park, row["uscc"], actor)
        if row["uscc"] not in here:
            raise CannotRecordOffer(_("The enterprise %(code)s is not in this park.") % {"code": row["uscc"]})
        if row.get("unit", ExchangeOffer.UNITS[0]) not in ExchangeOffer.UNITS:
            raise CannotRecordOffer(_("“%(unit)s” is none of the units.") % {"unit": row["unit"]})
        if row.get("ends_on") and row["ends_on"] <= row["starts_on"]:
            raise CannotRecordOffer(_("The end has to lie after the beginning."))
        try:
            values = {**register.place(row=row), "park": park}
        except CannotRecordActivity as refusal:
            raise CannotRecordOffer(str(refusal)) from refusal
        firm = values["enterprise"]
        wanted.append(((firm.pk, row["direction"], row["kind"], row["substance"], row["starts_on"]), values))
    recorded = upsert(model=ExchangeOffer, found=found, rows=wanted)
    audit.record_many("carbon.exchange.added", targets=created(recorded=recorded), actor=actor, at=at, park=park)
    audit.record_many("carbon.exchange.changed", targets=updated(recorded=recorded), actor=actor, at=at, park=park)
    return recorded


@transaction.atomic
def end_offer(*, offer: ExchangeOffer, ends_on: date, actor: User | None, at: datetime) -> ExchangeOffer:
    """End an offer or need on a day.

    :raises CannotRecordOffer: the day lies before its beginning, or the actor may not.
    """
    _check_may(offer.park, offer.enterprise.uscc, actor)
    if ends_on <= offer.starts_on:
        raise CannotRecordOffer(_("The end has to lie after the beginning."))
    recorded = upsert(model=ExchangeOffer, found={1: offer}, rows=[(1, {"ends_on": ends_on})])
    audit.record_many(
        "carbon.exchange.changed", targets=updated(recorded=recorded), actor=actor, at=at, park=offer.park
    )
    return offer

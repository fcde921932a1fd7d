"""Boundary changes with those who are there: splits and mergers carry stays on, sales end them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from parkbrain.kernel import audit, registry
from parkbrain.kernel.models import User
from parkbrain.space.models import Building, Premises, Site
from parkbrain.space.services import CannotChangeBoundary, check_may_change_boundary, end_belonging, succeed_premises

from ..models import Occupancy


class CannotSplitPremises(CannotChangeBoundary):
    """The premises cannot be split like this."""


class CannotMergePremises(CannotChangeBoundary):
    """The premises cannot be merged like this."""


class CannotRemoveBuilding(CannotChangeBoundary):
    """The building or parcel cannot leave the park on that day."""


@transaction.atomic
def split_premises(
    *,
    premises: Premises,
    parts: Sequence[Mapping[str, Any]],
    changed_on: date,
    reason: str,
    actor: User | None,
    at: datetime,
    kept_by_occupant: Collection[str] | None = None,
) -> list[Premises]:
    """Split premises on a day into parts (`code`, `gross_area_m2`); who is there stays in the parts named, or in all.

    :raises CannotSplitPremises: a stay begins later, an unknown part is named, or what `succeed_premises` refuses.
    """
    check_may_change_boundary(park=premises.park, actor=actor)
    stay = _stay_over([premises], changed_on, CannotSplitPremises)
    codes = [str(part["code"]) for part in parts]
    keeps = set(codes) if kept_by_occupant is None else set(kept_by_occupant)
    if not keeps <= set(codes) or (stay is not None and not keeps):
        raise CannotSplitPremises(_("The occupant has to stay in one of the parts."))
    rows = [{**part, "level": part.get("level") or _only_level(premises)} for part in parts]
    after = succeed_premises(before=[premises], rows=rows, changed_on=changed_on, reason=reason, actor=actor, at=at)
    if stay is not None:
        _carry_on([stay], [p for p in after if p.code in keeps], changed_on, reason, actor, at)
    registry.park_changed(park_ids=[premises.park_id], at=at)
    return after


@transaction.atomic
def merge_premises(
    *, premises: Sequence[Premises], code: str, changed_on: date, reason: str, actor: User | None, at: datetime
) -> Premises:
    """Merge premises of a building on a day into one with this code; the one firm that is there stays.

    :raises CannotMergePremises: two firms are there, a stay begins later, or what `succeed_premises` refuses.
    """
    if not premises:
        raise CannotMergePremises(_("There is nothing to merge."))
    park = premises[0].park
    check_may_change_boundary(park=park, actor=actor)
    _stay_over(premises, changed_on, CannotMergePremises)
    stays = list(Occupancy.objects.filter(premises__in=premises).current_on(changed_on).select_related("enterprise"))
    if len({stay.enterprise_id for stay in stays}) > 1:
        names = ", ".join(sorted({stay.enterprise.name for stay in stays}))
        raise CannotMergePremises(_("Several firms are there: %(names)s.") % {"names": names})
    rows = []
    for number, space in enumerate((s for p in premises for s in p.spaces.select_related("storey")), start=1):
        rows.append(
            {
                "code": code,
                "space_code": f"{code}/{number}",
                "level": space.storey.level,
                "gross_area_m2": space.gross_area_m2,
                "net_internal_area_m2": space.net_internal_area_m2,
                "billing_area_m2": sum(p.billing_area_m2 for p in premises),
            }
        )
    if not rows:
        raise CannotMergePremises(_("The premises have no spaces on a storey."))
    after = succeed_premises(before=premises, rows=rows, changed_on=changed_on, reason=reason, actor=actor, at=at)
    if stays:
        _carry_on(stays, after, changed_on, reason, actor, at)
    registry.park_changed(park_ids=[park.pk], at=at)
    return after[0]


@transaction.atomic
def remove_from_park(
    *,
    subject: Site | Building,
    removed_on: date,
    reason: str,
    actor: User | None,
    at: datetime,
    end_stays: bool = False,
) -> None:
    """Let a parcel or a building with all its premises leave the park on a day: sold, demolished, handed back.

    :raises CannotRemoveBuilding: firms are still there and `end_stays` is not given; the message names the first.
    :raises CannotChangeBoundary: see `space.services.end_belonging`.
    """
    park = subject.park
    check_may_change_boundary(park=park, actor=actor)
    where = {"premises__building__site": subject} if isinstance(subject, Site) else {"premises__building": subject}
    stays = Occupancy.objects.filter(**where).overlapping(removed_on, date.max)
    there = list(stays.select_related("premises", "enterprise").order_by("starts_on"))
    late = next((stay for stay in there if stay.starts_on >= removed_on), None)
    if there and (late is not None or not end_stays):
        stay = late or there[0]
        raise CannotRemoveBuilding(
            _("%(enterprise)s is in %(premises)s after that day.")
            % {"enterprise": stay.enterprise.name, "premises": stay.premises.code}
        )
    for stay in there:
        stay.ends_on = removed_on
        stay.save(update_fields=["ends_on"])
    details = {"ends_on": removed_on.isoformat()}
    audit.record_many(
        "enterprises.occupancy.ended", targets=[(s, details) for s in there], actor=actor, at=at, park=park
    )
    end_belonging(subject=subject, removed_on=removed_on, reason=reason, actor=actor, at=at)
    registry.park_changed(park_ids=[park.pk], at=at)


def _stay_over(premises: Sequence[Premises], changed_on: date, refusal: type[CannotChangeBoundary]) -> Occupancy | None:
    """Return the stay that goes on over the day; stays that begin on it or later stand in the way."""
    found = Occupancy.objects.filter(premises__in=premises).overlapping(changed_on, date.max)
    stays = list(found.select_related("enterprise", "premises").order_by("starts_on"))
    late = next((stay for stay in stays if stay.starts_on >= changed_on), None)
    if late is not None:
        raise refusal(
            _("%(enterprise)s moves into %(premises)s on %(day)s: not before that day.")
            % {"enterprise": late.enterprise.name, "premises": late.premises.code, "day": late.starts_on.isoformat()}
        )
    return stays[0] if stays else None


def _only_level(premises: Premises) -> int:
    levels = set(premises.spaces.values_list("storey__level", flat=True))
    if len(levels) != 1:
        raise CannotSplitPremises(_("The premises lie on several storeys: say on which each part lies."))
    return int(levels.pop())


def _carry_on(
    stays: Sequence[Occupancy],
    after: Sequence[Premises],
    changed_on: date,
    reason: str,
    actor: User | None,
    at: datetime,
) -> None:
    """End the stays on the day and begin one in each of the new premises that carries them on."""
    ends = {stay.pk: stay.ends_on for stay in stays}
    for stay in stays:
        stay.ends_on = changed_on
        stay.save(update_fields=["ends_on"])
    first = stays[0]
    for place in after:
        moved = Occupancy.objects.create(
            premises=place,
            enterprise=first.enterprise,
            starts_on=changed_on,
            ends_on=ends[first.pk],
            continues=first,
            lease_number=first.lease_number,
            lease_ends_on=first.lease_ends_on,
            rent_yuan_per_m2_month=first.rent_yuan_per_m2_month,
        )
        audit.record(
            "enterprises.occupancy.carried_on",
            target=moved,
            actor=actor,
            at=at,
            park=place.park,
            before=", ".join(stay.premises.code for stay in stays),
            changed_on=changed_on.isoformat(),
            reason=reason,
        )

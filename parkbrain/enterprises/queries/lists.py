"""Enterprises, premises and occupancies as lists need them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Count, Exists, OuterRef, Q, Sum

from parkbrain.kernel import scope
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.names import NAMES, Named, namer, search_q
from parkbrain.kernel.roles import Permission
from parkbrain.lists import read_rows
from parkbrain.space.models import Premises, PremisesQuerySet

from ..models import (
    Enterprise,
    EnterpriseQuerySet,
    EnterpriseReturn,
    Occupancy,
    OccupancyQuerySet,
    Qualification,
)
from .industries import list_divisions
from .states import PremisesState, list_premises_states
from .viewing import Viewer, get_viewer, visible_premises

SOON = timedelta(days=90)
#: What the list of enterprises shows of where a firm is.
_READ = {
    "": ("premises", "enterprise"),
    "premises": ("code", "billing_area_m2", "park"),
    "premises__park": NAMES,
}


@dataclass(frozen=True)
class EnterpriseFilter:
    """What the list of enterprises is narrowed to; empty is everything."""

    text: str = ""
    section: str = ""
    size: str = ""
    qualification: str = ""
    park: Park | None = None


@dataclass(frozen=True)
class EnterpriseRow:
    """An enterprise as its list shows it, as of a day."""

    enterprise: Enterprise
    premises: Sequence[str]
    park: str
    area_m2: float | None
    staff_count: int | None
    outputs_wan: Sequence[float | None]


def list_enterprises(
    *, user: User, chosen: EnterpriseFilter, on: date, within: EnterpriseQuerySet | None = None
) -> EnterpriseQuerySet:
    """Return the enterprises the person may see (of those in `within`, if given), narrowed by the filter as of a day."""
    rows = Enterprise.objects.visible_to(user) if within is None else within
    if chosen.park is not None:
        rows = rows.in_park(chosen.park, on)
    if chosen.text:
        found = search_q(chosen.text)
        # A credit code is letters and figures: other texts need not be compared with a hundred thousand of them.
        is_code = chosen.text.isascii() and chosen.text.isalnum()
        rows = rows.filter(found | Q(uscc__istartswith=chosen.text) if is_code else found)
    if chosen.section:
        rows = enterprises_in_section(rows=rows, section=chosen.section)
    if chosen.size:
        rows = rows.filter(size_class=chosen.size)
    if chosen.qualification:
        rows = enterprises_holding(rows=rows, kind=chosen.qualification, on=on)
    return rows


def enterprises_in_section(*, rows: EnterpriseQuerySet, section: str) -> EnterpriseQuerySet:
    """Keep the enterprises of a section of GB/T 4754."""
    divisions = list_divisions(section=section)
    if not divisions:
        return rows.none()
    # The divisions of a section follow each other: one range of codes, which an index answers.
    return rows.filter(industry_code__gte=divisions[0], industry_code__lt=f"{int(divisions[-1]) + 1:02d}")


def enterprises_holding(*, rows: EnterpriseQuerySet, kind: str, on: date) -> EnterpriseQuerySet:
    """Keep the enterprises whose certificate of a kind is valid on a day."""
    held = Qualification.objects.filter(kind=kind, valid_from_on__lte=on)
    held = held.filter(Q(valid_to_on__isnull=True) | Q(valid_to_on__gt=on))
    return rows.filter(pk__in=held.order_by().values("enterprise"))


def changeable_enterprises(*, rows: EnterpriseQuerySet, user: User) -> EnterpriseQuerySet:
    """Keep the enterprises that were ever in a park whose record the person may change."""
    inside = scope.branches_q(user, Permission.EDIT_RECORD, field="premises__park__branch__path")
    return rows.filter(Exists(Occupancy.objects.filter(inside, enterprise=OuterRef("pk"))))


def sum_enterprise_area(*, enterprises: EnterpriseQuerySet | None, user: User, on: date) -> tuple[float | None, int]:
    """Return the visible area [m²] that these enterprises (None: all) occupy on a day, and how many occupy some."""
    stays = Occupancy.objects.visible_to(user).current_on(on)
    if enterprises is not None:
        stays = stays.filter(enterprise__in=enterprises.order_by().values("pk"))
    found = stays.order_by().aggregate(
        area_m2=Sum("premises__billing_area_m2"), firms=Count("enterprise_id", distinct=True)
    )
    return found["area_m2"], found["firms"]


def count_visible_enterprises(*, user: User) -> int:
    """Return how many enterprises the person may see, faster than counting the list row by row."""
    inside = Occupancy.objects.visible_to(user).order_by().values("enterprise").distinct().count()
    own = scope.own_enterprise_codes(user)
    if not own:
        return inside
    return Enterprise.objects.visible_to(user).count()


def enterprise_rows(*, enterprises: Sequence[Enterprise], user: User, on: date) -> list[EnterpriseRow]:
    """Return the rows of one page of the list with what is loaded for all of them at once."""
    pks = [e.pk for e in enterprises]
    stays: dict[int, list[Occupancy]] = {}
    found = Occupancy.objects.visible_to(user).current_on(on).filter(enterprise__in=pks)
    for stay in read_rows(found.order_by("premises__code"), related=["premises__park"], only=_READ):
        stays.setdefault(stay.enterprise_id, []).append(stay)
    returns: dict[int, list[tuple[int | None, Decimal | None]]] = {}
    years = EnterpriseReturn.objects.filter(enterprise__in=pks, year__lt=on.year + 1).order_by("year")
    for pk, staff, output_wan in years.values_list("enterprise_id", "staff_count", "output_wan"):
        returns.setdefault(pk, []).append((staff, output_wan))
    name = namer()
    return [_enterprise_row(e, stays.get(e.pk, []), returns.get(e.pk, []), name) for e in enterprises]


def _enterprise_row(
    enterprise: Enterprise,
    stays: Sequence[Occupancy],
    returns: Sequence[tuple[int | None, Decimal | None]],
    name: Callable[[Named], str],
) -> EnterpriseRow:
    staff = [count for count, _output in returns if count is not None]
    return EnterpriseRow(
        enterprise=enterprise,
        premises=[s.premises.code for s in stays],
        park=", ".join(dict.fromkeys(name(s.premises.park) for s in stays)),
        area_m2=sum(s.premises.billing_area_m2 for s in stays) if stays else None,
        staff_count=staff[-1] if staff else None,
        outputs_wan=[None if output is None else float(output) for _staff, output in returns[-4:]],
    )


@dataclass(frozen=True)
class PremisesFilter:
    """What the list of premises is narrowed to; empty or None is everything."""

    text: str = ""
    park: Park | None = None
    use: str = ""
    state: str = ""
    fire_class: str = ""
    min_load_kn_m2: float | None = None
    min_height_m: float | None = None
    min_power_w_m2: float | None = None
    min_lift_t: float | None = None
    min_area_m2: float | None = None


@dataclass(frozen=True)
class PremisesRow:
    """Premises with their state on a day."""

    premises: Premises
    state: PremisesState


_MINIMA = {
    "min_load_kn_m2": "floor_load_kn_m2",
    "min_height_m": "clear_height_m",
    "min_power_w_m2": "power_density_w_m2",
    "min_lift_t": "goods_lift_load_t",
    "min_area_m2": "billing_area_m2",
}


def list_premises(*, user: User, chosen: PremisesFilter, on: date) -> PremisesQuerySet:
    """Return the premises the person may open, narrowed by the filter as of a day."""
    rows = visible_premises(user=user).in_park_on(on).select_related("building", "park__branch")
    if chosen.park is not None:
        rows = rows.filter(park=chosen.park)
    if chosen.text:
        rows = rows.filter(code__icontains=chosen.text)
    for field in ("use", "fire_class"):
        if value := getattr(chosen, field):
            rows = rows.filter(**{field: value})
    for name, field in _MINIMA.items():
        # Unknown properties do not pass: a demand is met when it is known to be.
        if (least := getattr(chosen, name)) is not None:
            rows = rows.filter(**{f"{field}__gte": least})
    return premises_in_state(rows=rows, state=chosen.state, on=on)


def premises_in_state(*, rows: PremisesQuerySet, state: str, on: date) -> PremisesQuerySet:
    """Keep the premises that are let, or vacant, on a day; all of them where no state is asked for."""
    # Asked premises by premises, from an index alone: what other filters leave out is not asked for.
    occupied = Q(Exists(Occupancy.objects.current_on(on).filter(premises=OuterRef("pk"))))
    if state == "let":
        return rows.filter(occupied)
    if state == "vacant":
        return rows.filter(~occupied, lettable=True).lettable_on(on)
    return rows


def premises_rows(*, premises: Sequence[Premises], user: User, on: date) -> list[PremisesRow]:
    """Return the rows of one page of premises with their states."""
    viewers: dict[int, Viewer] = {}
    for item in premises:
        if item.park_id not in viewers:
            viewers[item.park_id] = get_viewer(user=user, park=item.park)
    states = list_premises_states(premises=premises, on=on, viewer=viewers)
    return [PremisesRow(item, state) for item, state in zip(premises, states, strict=True)]


@dataclass(frozen=True)
class OccupancyFilter:
    """What the list of occupancies is narrowed to; empty is everything."""

    text: str = ""
    park: Park | None = None
    state: str = "current"


def list_occupancies(
    *, user: User, chosen: OccupancyFilter, on: date, within: OccupancyQuerySet | None = None
) -> OccupancyQuerySet:
    """Return the occupancies the person may see (of those in `within`, if given), narrowed by the filter as of a day."""
    rows = Occupancy.objects.visible_to(user) if within is None else within
    rows = rows.select_related("premises__park", "enterprise")
    if chosen.park is not None:
        rows = rows.filter(premises__park=chosen.park)
    if chosen.text:
        codes = Q(premises__code__icontains=chosen.text) | Q(lease_number__icontains=chosen.text)
        rows = rows.filter(search_q(chosen.text, field="enterprise__search_text") | codes)
    return occupancies_in_state(rows=rows, state=chosen.state, on=on)


def occupancies_in_state(*, rows: OccupancyQuerySet, state: str, on: date) -> OccupancyQuerySet:
    """Keep the occupancies that hold on a day, whose lease ends soon, or that ended; all where no state is asked for."""
    if state == "current":
        return rows.current_on(on)
    if state == "ending":
        return rows.current_on(on).filter(lease_ends_on__lte=on + SOON)
    if state == "ended":
        return rows.filter(ends_on__lte=on)
    return rows


def list_lease_ends(*, user: User, park: Park, on: date) -> list[Occupancy]:
    """Return the current occupancies of a park whose lease has ended or ends within 90 days."""
    if not user.may(Permission.VIEW_ENTERPRISE, park.branch.path):
        return []
    chosen = OccupancyFilter(park=park, state="ending")
    return list(list_occupancies(user=user, chosen=chosen, on=on).order_by("lease_ends_on"))


def list_certificate_ends(*, user: User, park: Park, on: date) -> list[Qualification]:
    """Return each tenant's certificates that expire within 90 days or expired, and were not renewed."""
    if not user.may(Permission.VIEW_ENTERPRISE, park.branch.path):
        return []
    tenants = Enterprise.objects.in_park(park, on)
    newer = Qualification.objects.filter(enterprise=OuterRef("enterprise"), kind=OuterRef("kind"))
    newer = newer.filter(valid_from_on__gt=OuterRef("valid_from_on"))
    found = Qualification.objects.filter(enterprise__in=tenants, valid_to_on__lte=on + SOON).filter(~Exists(newer))
    return list(found.select_related("enterprise").order_by("valid_to_on"))

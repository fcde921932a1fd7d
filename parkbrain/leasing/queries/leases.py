"""Leases as a person may see them, what a lease looks like today, and what comes next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet, Sum
from django.urls import reverse
from django.utils.translation import gettext as _

from parkbrain.calc import leases as calc
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.roles import Permission

from ..models import Lease, LeaseDocument, LeasePremises, LeaseVersion
from ..models.leases import LeaseQuerySet
from .schedules import Schedule

#: How many days before the end a lease asks for attention.
EXPIRY_DAYS = 180


def version_url(*, params: Mapping[str, Any]) -> str:
    """Return where the version that waits for approval is read; empty where it is gone."""
    lease = LeaseVersion.objects.filter(pk=params["version"]).values_list("lease", flat=True).first()
    return "" if lease is None else reverse("lease_detail", args=[lease])


def list_leases(*, user: User) -> LeaseQuerySet:
    """Return the leases that the person may see, with what their rows show."""
    return Lease.objects.visible_to(user).with_stop()


def get_lease(*, user: User, lease_id: int) -> Lease | None:
    """Return a lease that the person may see."""
    return Lease.objects.visible_to(user).select_related("park__branch", "enterprise").filter(pk=lease_id).first()


def leases_touching(*, park: Park, starts_on: date, ends_on: date) -> LeaseQuerySet:
    """Return the binding leases of a park that cover days of [starts_on, ends_on), or ended before and may owe late fees."""
    rows = Lease.objects.filter(park=park, state__in=Lease.BINDING, starts_on__lt=ends_on)
    return rows.select_related("park", "enterprise").order_by("number")


@dataclass(frozen=True)
class NextEvent:
    """Something that a lease does on a day to come: a rise, the end of a free period, its end."""

    on: date
    text: str
    tone: str = ""


def list_next_events(*, lease: Lease, schedule: Schedule, on: date) -> list[NextEvent]:
    """Return what the lease does next, in order of days: new prices, ends of free periods, the end of the term."""
    events = {NextEvent(lease.stops_on, _("The lease ends."), "warn")} if lease.stops_on > on else set()
    for line in schedule.lines:
        for number, step in enumerate(line.steps):
            begin = step.values.get("from_on") if step.code in {"price_step", "price_rise"} else None
            if begin == line.starts_on or (isinstance(begin, date) and line.starts_on < begin < line.ends_on):
                price = next((s.values["price"] for s in line.steps[number:] if s.code == "piece"), None)
                values = {"day": begin.isoformat(), "price": price, "place": line.place, "kind": line.kind}
                if begin > on and price is not None:
                    events.add(NextEvent(begin, _("%(place)s: new price %(price)s yuan/m².") % values))
            end = step.values.get("ends_on") if step.code in {"free", "free_fit_out"} else None
            if isinstance(end, date) and end > on:
                events.add(NextEvent(end, _("A free period ends.")))
    return sorted(events, key=lambda e: (e.on, e.text))[:8]


@dataclass(frozen=True)
class Glance:
    """A lease at a glance: area, price today, what is owed in the next twelve months, what the term owes [yuan]."""

    area_m2: Decimal
    prices: tuple[Decimal | None, ...]
    next_year_yuan: Decimal
    days_left: int | None
    unknown_count: int


def get_glance(*, lease: Lease, schedule: Schedule, on: date) -> Glance:
    """Return the facts of a lease that a person looks for first."""
    day = min(max(on, lease.starts_on), lease.stops_on - timedelta(days=1))
    now = [x for x in schedule.lines if x.kind == calc.RENT and x.starts_on <= day < x.ends_on]
    year = [x for x in schedule.lines if on <= x.starts_on < calc.add_months(on, 12)]
    days = (lease.stops_on - on).days if lease.is_binding and lease.starts_on <= on < lease.stops_on else None
    area = sum((x.area_m2 for x in now if x.area_m2 is not None), Decimal(0))
    prices = tuple(dict.fromkeys(x.unit_price for x in now))
    return Glance(area, prices, calc.total(year).gross_yuan, days, schedule.totals.unknown_count)


def let_areas(*, leases: list[Lease]) -> dict[int, Decimal]:
    """Return the area of each lease by its newest version that was not undone [m²]."""
    areas: dict[int, Decimal] = {}
    rows = LeasePremises.objects.filter(version__lease__in=leases).exclude(version__state=LeaseVersion.State.UNDONE)
    sums = rows.values_list("version__lease", "version__number").annotate(area=Sum("area_m2"))
    for pk, _number, area in sums.order_by("version__lease", "version__number"):
        areas[pk] = area
    return areas


def may_manage(*, user: User, park: Park) -> bool:
    """Tell whether the person works on the leases of the park."""
    return user.may(Permission.MANAGE_LEASES, park.branch.path)


def list_versions(*, lease: Lease) -> list[LeaseVersion]:
    """Return the versions of a lease, the first one first."""
    rows = lease.versions.select_related("made_by", "approved_by", "undone_by", "approval")
    return list(rows.prefetch_related("premises__premises__building", "clauses").order_by("number"))


def list_missing_files(*, lease: Lease) -> QuerySet[LeaseDocument]:
    """Return the papers of a lease that are listed and whose file nobody has filed here."""
    return lease.documents.filter(document__isnull=True).order_by("number")

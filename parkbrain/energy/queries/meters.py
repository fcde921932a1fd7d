"""Meters: what there is, how complete it is, what stands above what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from parkbrain.enterprises.models import Enterprise
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.reading import first_found
from parkbrain.kernel.registry import SearchHit
from parkbrain.space.models import Building, Premises, Space, Storey

from ..models import DayUse, Meter, MeterParent, MeterPoint, MeterUse, ReadingRepair
from .use import TotalUse, get_totals

#: Days over which a meter's completeness is judged.
RECENT_DAYS = 30
#: A meter counts as online where this share of the recent time is measured (GB 17167 practice: 95 % of the intervals).
ONLINE_SHARE = 0.95
STATES = ("online", "patchy", "silent", "virtual")


def list_meters(*, user: User, on: date) -> QuerySet[Meter]:
    """Return the meters that the person may see and that were in use on a day."""
    return Meter.objects.visible_to(user).in_use_on(on)


def meters_in_state(*, rows: QuerySet[Meter], state: str, on: date) -> QuerySet[Meter]:
    """Keep the meters that send (a measured day within three days), that do not, or that follow from others."""
    if state == "virtual":
        return rows.exclude(formula="")
    fresh = DayUse.objects.filter(meter=OuterRef("pk"), day__gt=on - timedelta(days=3), day__lte=on, measured__gt=0)
    real = rows.filter(formula="").annotate(is_fresh=Exists(fresh))
    return real.filter(is_fresh=state == "sending")


def meters_overdue(*, rows: QuerySet[Meter], on: date) -> QuerySet[Meter]:
    """Keep the real meters without a calibration that holds on a day."""
    return rows.filter(formula="").filter(Q(calibration_due_on__isnull=True) | Q(calibration_due_on__lte=on))


@dataclass(frozen=True)
class MeterRow:
    """A meter with what it counted lately, what stands above it and what it serves."""

    meter: Meter
    recent: TotalUse
    parent: Meter | None
    serves: str
    spark: tuple[float | None, ...]

    @property
    def state(self) -> str:
        """How complete its recent time is."""
        if self.recent.measured >= ONLINE_SHARE:
            return "online"
        return "patchy" if self.recent.measured > 0 else "silent"


def meter_rows(*, meters: Sequence[Meter], on: date) -> list[MeterRow]:
    """Return meters with what lists show beside them, in as many statements for one as for a hundred."""
    ids = [m.pk for m in meters]
    since = on - timedelta(days=RECENT_DAYS)
    totals = get_totals(meters=ids, starts_on=since, ends_on=on)
    parents = {
        p.meter_id: p.parent for p in MeterParent.objects.filter(meter__in=ids).current_on(on).select_related("parent")
    }
    days: dict[int, dict[date, float | None]] = defaultdict(dict)
    recent = DayUse.objects.filter(meter__in=ids, day__gte=on - timedelta(days=14), day__lt=on).order_by()
    for pk, day, use in recent.values_list("meter_id", "day", "use"):
        days[pk][day] = use
    serves = names_of_served(meters=ids, on=on)
    return [
        MeterRow(
            m,
            totals[m.pk],
            parents.get(m.pk),
            serves.get(m.pk, ""),
            tuple(days[m.pk].get(on - timedelta(days=n)) for n in range(14, 0, -1)),
        )
        for m in meters
    ]


def list_uses(*, meters: Sequence[int], on: date | None = None) -> QuerySet[MeterUse]:
    """Return what meters serve, all of it or on a day, with the things themselves."""
    uses = MeterUse.objects.filter(meter__in=meters)
    if on is not None:
        uses = uses.current_on(on)
    return uses.select_related("building", "storey__building", "space", "premises", "enterprise")


def names_of_served(*, meters: Sequence[int], on: date) -> dict[int, str]:
    """Return in words what each meter serves on a day."""
    names: dict[int, list[str]] = defaultdict(list)
    for use in list_uses(meters=meters, on=on):
        share = "" if use.share == 1 else f" {use.share * 100:.0f} %"
        names[use.meter_id].append(f"{use.target_name}{share}")
    return {pk: ", ".join(found) for pk, found in names.items()}


@dataclass(frozen=True)
class TreeNode:
    """A meter in the tree of its kind: how deep it stands, what it counted, and which share of it those below saw."""

    meter: Meter
    depth: int
    total: TotalUse
    children: int
    below: float | None
    serves: str

    @property
    def loss(self) -> float | None:
        """What those below did not see; None where one side is not wholly known."""
        if not self.children or self.below is None or self.total.use is None or not self.total.is_whole:
            return None
        return self.total.use - self.below

    @property
    def loss_share(self) -> float | None:
        """The loss by what was supplied."""
        if self.loss is None or not self.total.use:
            return None
        return self.loss / self.total.use


def get_tree(*, park: Park, energy_kind: str, starts_on: date, ends_on: date) -> list[TreeNode]:
    """Return the meters of a kind, those above before those below, as the tree stood on the last day of the time."""
    on = ends_on - timedelta(days=1)
    meters = {m.pk: m for m in Meter.objects.filter(park=park, energy_kind=energy_kind).in_use_on(on)}
    links = MeterParent.objects.filter(meter__in=meters, parent__in=meters).current_on(on)
    parent_of = dict(links.values_list("meter_id", "parent_id"))
    totals = get_totals(meters=list(meters), starts_on=starts_on, ends_on=ends_on)
    serves = names_of_served(meters=list(meters), on=on)
    children: dict[int | None, list[Meter]] = defaultdict(list)
    for meter in sorted(meters.values(), key=lambda m: (m.is_virtual, m.level, m.code)):
        children[parent_of.get(meter.pk)].append(meter)
    nodes: list[TreeNode] = []
    waiting = [(m, 0) for m in reversed(children[None])]
    while waiting:
        meter, depth = waiting.pop()
        below = [totals[c.pk] for c in children[meter.pk]]
        # One child that is unknown for a while makes the sum below unknown.
        known = all(t.is_whole for t in below)
        seen = sum(t.use or 0.0 for t in below) if below and known else None
        nodes.append(TreeNode(meter, depth, totals[meter.pk], len(below), seen, serves.get(meter.pk, "")))
        waiting += [(c, depth + 1) for c in reversed(children[meter.pk])]
    return nodes


def find_meter_hits(*, user: User, text: str, limit: int) -> list[SearchHit]:
    """Return the meters whose code, name or serial number has the text."""
    found = Meter.objects.visible_to(user).filter(
        Q(code__icontains=text)
        | Q(name_zh_hans__icontains=text)
        | Q(name_en__icontains=text)
        | Q(serial_number__icontains=text)
    )
    return [
        SearchHit(_("Meter"), str(m), reverse("meter_detail", args=[m.pk]), m.get_energy_kind_display())
        for m in first_found(found.order_by("code", "pk"), limit=limit)
    ]


def list_bindings(*, meter: Meter) -> list[MeterPoint]:
    """Return the points of a meter, newest first."""
    return list(meter.points.select_related("point").order_by("-start_at"))


def list_repairs(*, meter: Meter) -> QuerySet[ReadingRepair]:
    """Return the readings of a meter's points that count otherwise than they were read, newest first."""
    found = ReadingRepair.objects.filter(point__in=meter.points.values("point"), undone_at=None)
    return found.select_related("recorded_by")


def find_target(*, park: Park, kind: str, code: str) -> Building | Storey | Space | Premises | Enterprise | str | None:
    """Return what a code names as something that a meter serves; None where nothing of the park has it."""
    text = code.strip()
    if kind == MeterUse.Kind.EQUIPMENT:
        return text or None
    if kind == MeterUse.Kind.BUILDING:
        return Building.objects.filter(site__park=park, code=text).first()
    if kind == MeterUse.Kind.PREMISES:
        return Premises.objects.filter(park=park, code=text).first()
    if kind == MeterUse.Kind.SPACE:
        return Space.objects.filter(storey__building__site__park=park, code=text).first()
    if kind == MeterUse.Kind.STOREY:
        building, _sep, level = text.rpartition(" ")
        if not level.lstrip("-").isdecimal():
            return None
        return Storey.objects.filter(building__site__park=park, building__code=building, level=int(level)).first()
    return Enterprise.objects.filter(occupancies__premises__park=park, uscc=text).first()

"""Premises as they stand on a day: where they lie, who is in them, since when they are empty."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from parkbrain.kernel.models import Park
from parkbrain.kernel.names import NAMES, Named, namer
from parkbrain.lists import read_rows
from parkbrain.space.models import Building, Premises, Space, Storey

from ..models import Occupancy
from .vacancy import first_lettable_on
from .viewing import Viewer

#: What a state is made of.
_READ = {
    "": ("premises", "enterprise", "starts_on", "ends_on", "lease_ends_on"),
    "enterprise": ("uscc", "industry_code", *NAMES),
}


@dataclass(frozen=True)
class PremisesState:
    """Premises on a day; the firm is None where it is vacant or the person may not know it."""

    premises_id: int
    code: str
    use: str
    area_m2: float
    lettable: bool
    is_let: bool
    enterprise_id: int | None
    enterprise: str
    industry_code: str
    since_on: date | None
    lease_ends_on: date | None
    vacant_since_on: date | None
    may_open: bool


@dataclass(frozen=True)
class StoreyState:
    """A storey on a day with the parts of premises that lie on it: each state with its gross area there."""

    storey: Storey
    parts: Sequence[tuple[PremisesState, float]]


@dataclass(frozen=True)
class BuildingState:
    """A building on a day, storeys from the lowest up."""

    building: Building
    storeys: Sequence[StoreyState]
    states: Sequence[PremisesState]

    @property
    def lettable_area_m2(self) -> float:
        """Area of the lettable stock on the day."""
        return sum(s.area_m2 for s in self.states if s.lettable)

    @property
    def let_area_m2(self) -> float:
        """Area of the lettable stock that is let on the day."""
        return sum(s.area_m2 for s in self.states if s.lettable and s.is_let)

    @property
    def occupancy(self) -> float | None:
        """Let share of the lettable area, None where nothing is lettable."""
        return self.let_area_m2 / self.lettable_area_m2 if self.lettable_area_m2 else None

    @property
    def vacant(self) -> list[PremisesState]:
        """Lettable premises that nobody is in."""
        return [s for s in self.states if s.lettable and not s.is_let]


def list_building_states(
    *, park: Park, on: date, viewer: Viewer, building: Building | None = None
) -> list[BuildingState]:
    """Return the buildings of a park (or the one) as they stand on a day."""
    buildings = (
        [building] if building else list(Building.objects.filter(site__park=park).in_park_on(on).order_by("code"))
    )
    premises = Premises.objects.filter(building__in=buildings).in_park_on(on)
    premises = premises.select_related("building", "park").order_by("code")
    states = list_premises_states(premises=premises, on=on, viewer=viewer)
    by_id = {s.premises_id: s for s in states}
    parts: dict[int, list[tuple[PremisesState, float]]] = {}
    spaces = Space.objects.filter(storey__building__in=buildings, premises__isnull=False).order_by("code")
    for storey_id, premises_id, area_m2 in spaces.values_list("storey_id", "premises_id", "gross_area_m2"):
        # Spaces of premises that were not there on the day (split, sold, not yet added) are not drawn.
        if premises_id in by_id:
            parts.setdefault(storey_id, []).append((by_id[premises_id], area_m2))
    storeys: dict[int, list[StoreyState]] = {}
    for storey in Storey.objects.filter(building__in=buildings).order_by("level"):
        storeys.setdefault(storey.building_id, []).append(StoreyState(storey, parts.get(storey.pk, [])))
    of_building: dict[int, list[PremisesState]] = {}
    for item in premises:
        of_building.setdefault(item.building_id, []).append(by_id[item.pk])
    return [BuildingState(b, storeys.get(b.pk, []), of_building.get(b.pk, [])) for b in buildings]


def only_storey(*, state: BuildingState, storey_id: int) -> BuildingState:
    """Return the building as if it had this one storey, with the premises that lie on it."""
    storeys = [s for s in state.storeys if s.storey.pk == storey_id]
    on_it = {part.premises_id for s in storeys for part, _area in s.parts}
    return BuildingState(state.building, storeys, [s for s in state.states if s.premises_id in on_it])


def list_premises_states(
    *, premises: Iterable[Premises], on: date, viewer: Viewer | Mapping[int, Viewer]
) -> list[PremisesState]:
    """Return the state of each of the premises on a day, in their order; for premises of many parks, a viewer by park."""
    items = list(premises)
    current: dict[int, Occupancy] = {}
    last_end: dict[int, date] = {}
    stays = Occupancy.objects.filter(premises__in=[p.pk for p in items], starts_on__lte=on)
    for stay in read_rows(stays.order_by("starts_on"), related=["enterprise"], only=_READ):
        if stay.ends_on is None or stay.ends_on > on:
            current[stay.premises_id] = stay
        else:
            last_end[stay.premises_id] = stay.ends_on
    by_park = {p.park_id: viewer for p in items} if isinstance(viewer, Viewer) else viewer
    name = namer()
    return [_state(p, current.get(p.pk), last_end.get(p.pk), on, by_park[p.park_id], name) for p in items]


def _state(
    premises: Premises,
    stay: Occupancy | None,
    last_end: date | None,
    on: date,
    viewer: Viewer,
    name: Callable[[Named], str],
) -> PremisesState:
    shown = stay is not None and viewer.may_see(stay.enterprise.uscc)
    own = stay is not None and stay.enterprise.uscc in viewer.own_codes
    in_stock = (
        premises.lettable
        and premises.belongs_on(on)
        and premises.building.belongs_on(on)
        and (premises.lettable_from_on is None or premises.lettable_from_on <= on)
        and (premises.lettable_to_on is None or premises.lettable_to_on > on)
    )
    return PremisesState(
        premises_id=premises.pk,
        code=premises.code,
        use=premises.use,
        area_m2=premises.billing_area_m2,
        lettable=in_stock,
        is_let=stay is not None,
        enterprise_id=stay.enterprise_id if stay and shown else None,
        enterprise=name(stay.enterprise) if stay and shown else "",
        industry_code=stay.enterprise.industry_code if stay and shown else "",
        since_on=stay.starts_on if stay and shown else None,
        lease_ends_on=stay.lease_ends_on if stay and shown else None,
        vacant_since_on=None if stay else (last_end or first_lettable_on(premises=premises)),
        may_open=viewer.opens_all_premises or own,
    )

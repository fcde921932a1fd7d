"""A park as its page shows it: what is let, to how many, and which premises stand empty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from parkbrain.kernel.models import Park, User
from parkbrain.space.models import Premises

from ..models import Occupancy
from .states import BuildingState, list_building_states
from .viewing import Viewer, get_viewer


@dataclass(frozen=True)
class ParkState:
    """A park on a day; areas are None where the record has no premises of it."""

    park: Park
    viewer: Viewer
    buildings: Sequence[BuildingState]
    tenant_count: int | None

    @property
    def premises_count(self) -> int:
        """Premises in the record."""
        return sum(len(b.states) for b in self.buildings)

    @property
    def lettable_area_m2(self) -> float | None:
        """Lettable area on the day."""
        return sum(b.lettable_area_m2 for b in self.buildings) if self.premises_count else None

    @property
    def let_area_m2(self) -> float | None:
        """Let area on the day."""
        return sum(b.let_area_m2 for b in self.buildings) if self.premises_count else None

    @property
    def occupancy(self) -> float | None:
        """Let share of the lettable area."""
        return (self.let_area_m2 or 0.0) / self.lettable_area_m2 if self.lettable_area_m2 else None

    @property
    def vacant_count(self) -> int | None:
        """Lettable premises that stand empty."""
        return sum(len(b.vacant) for b in self.buildings) if self.premises_count else None


def get_park_state(*, park: Park, user: User, on: date) -> ParkState:
    """Return a park as it stands on a day."""
    viewer = get_viewer(user=user, park=park)
    buildings = list_building_states(park=park, on=on, viewer=viewer)
    tenants = None
    if any(b.states for b in buildings):
        stays = Occupancy.objects.filter(premises__park=park).current_on(on)
        tenants = stays.order_by().values("enterprise").distinct().count()
    return ParkState(park, viewer, buildings, tenants)


def list_stays(*, premises: Premises, user: User) -> list[Occupancy]:
    """Return who was in the premises, the latest first, within what the person may see."""
    found = Occupancy.objects.visible_to(user).filter(premises=premises)
    return list(found.select_related("enterprise", "premises").order_by("-starts_on"))

"""Which tiles a home has for a person, and what each of them shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from parkbrain.kernel import registry
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.reading import read_once
from parkbrain.kernel.registry import Tile
from parkbrain.kernel.roles import Permission

from ..models import HomeChoice


@dataclass(frozen=True)
class OfferedTile:
    """A tile that a person may have on a home, and whether it stands there now."""

    key: str
    tile: Tile
    is_shown: bool

    @property
    def slug(self) -> str:
        """The key as an id of the page."""
        return self.key.replace(".", "-").replace("_", "-")


@dataclass(frozen=True)
class ShownTile:
    """A tile on a home; its content is None where there is nothing to show, and not asked yet where it is slow."""

    key: str
    tile: Tile
    slug: str
    content: Mapping[str, Any] | None
    is_later: bool


def home_of(*, user: User) -> str:
    """Return the kind of home a person has by what they may do."""
    if user.may(Permission.DECLARE_FACT):
        return registry.OPERATOR_HOME
    if user.may(Permission.VIEW_CITY):
        return registry.BUREAU_HOME
    return registry.ASSESSOR_HOME if user.may(Permission.VERIFY_FACT) else registry.TENANT_HOME


def list_offered_tiles(*, user: User, home: str, park: Park | None) -> list[OfferedTile]:
    """Return the tiles a person may have on a home: first those that stand there in their order, then the others."""
    path = park.branch.path if park else None
    known = {
        key: tile for key, tile in registry.tiles.items() if home in tile.homes and user.may(tile.permission, path)
    }
    choice = HomeChoice.objects.filter(user=user, home=home, park_kind=park.kind if park else "").first()
    by_place = sorted(known, key=lambda key: (known[key].homes[home], key))
    # A tile that is no longer there, or no longer the person's to see, is passed over.
    chosen = [key for key in choice.tiles if key in known] if choice else []
    shown = chosen or [key for key in by_place if known[key].homes[home] >= 0]
    rest = [key for key in by_place if key not in shown]
    return [OfferedTile(key, known[key], key in shown) for key in [*shown, *rest]]


def is_home_chosen(*, user: User, home: str, park: Park | None) -> bool:
    """Tell whether the person composed this home themself."""
    return HomeChoice.objects.filter(user=user, home=home, park_kind=park.kind if park else "").exists()


def list_shown_tiles(*, user: User, home: str, park: Park | None, on: date) -> Sequence[ShownTile]:
    """Return the tiles of a home with what they show; slow ones are left to be fetched after the page."""
    offered = [one for one in list_offered_tiles(user=user, home=home, park=park) if one.is_shown]
    with read_once():
        return [_shown(one, user, park, on, later=one.tile.is_slow) for one in offered]


def find_tile(*, user: User, home: str, park: Park | None, key: str, on: date) -> ShownTile | None:
    """Return one tile with what it shows, slow or not; None where it is not offered to the person."""
    offered = next((o for o in list_offered_tiles(user=user, home=home, park=park) if o.key == key), None)
    if offered is None:
        return None
    with read_once():
        return _shown(offered, user, park, on, later=False)


def _shown(offered: OfferedTile, user: User, park: Park | None, on: date, *, later: bool) -> ShownTile:
    content = None if later else offered.tile.ask(user=user, park=park, on=on)
    return ShownTile(offered.key, offered.tile, offered.slug, content, later)

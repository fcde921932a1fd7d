"""A person's own home: which tiles, in which order. A preference like the columns of a list, so it leaves no event."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from parkbrain.kernel.models import Park, User

from ..models import HomeChoice
from ..queries.tiles import list_offered_tiles


class CannotChooseTiles(Exception):
    """The home cannot be composed like that."""


@transaction.atomic
def choose_tiles(*, home: str, park: Park | None, tiles: Sequence[str], actor: User) -> None:
    """Keep the tiles that the person wants on a home, in their order; for a park it holds for all parks of its kind.

    :raises CannotChooseTiles: none is chosen, or one is not offered to the person.
    """
    wanted = list(dict.fromkeys(tiles))
    if not wanted:
        raise CannotChooseTiles(_("Choose at least one tile."))
    offered = {one.key for one in list_offered_tiles(user=actor, home=home, park=park)}
    if not offered.issuperset(wanted):
        raise CannotChooseTiles(_("One of the tiles is not offered to you."))
    kind = park.kind if park else ""
    HomeChoice.objects.update_or_create(user=actor, home=home, park_kind=kind, defaults={"tiles": wanted})


@transaction.atomic
def reset_tiles(*, home: str, park: Park | None, actor: User) -> None:
    """Give a person the home of their role again."""
    HomeChoice.objects.filter(user=actor, home=home, park_kind=park.kind if park else "").delete()

"""A few indicators of a park's current rating, for pages below that say what their rows mean for the stars."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from parkbrain.kernel.models import Park, User
from parkbrain.kernel.roles import Permission

from .schemes import MAIN_SCHEME
from .sheets import NotRated, get_star_sheet

#: What a park's positioning is rated by.
POSITIONING = ("A1.1", "A1.2", "E1.1")


def get_indicator_panel(*, user: User, park: Park, ids: Sequence[str]) -> dict[str, Any] | None:
    """Return indicators with their score and weight; None for whoever sees no ratings, or where there is none yet."""
    if not user.may(Permission.VIEW_RATING, park.branch.path):
        return None
    try:
        sheet = get_star_sheet(park=park)
    except NotRated:
        return None
    rows = [sheet.node_row(node=node) for node in sheet.scheme.indicators if node.id in ids]
    return {"park": park, "rows": rows, "scheme_id": MAIN_SCHEME, "cut_off_on": sheet.rating.cut_off_on}

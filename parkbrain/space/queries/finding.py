"""What the search over everything finds among buildings."""

from __future__ import annotations

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from parkbrain.kernel.models import User
from parkbrain.kernel.names import best_first, search_q
from parkbrain.kernel.reading import first_found
from parkbrain.kernel.registry import SearchHit

from ..models import Building


def find_building_hits(*, user: User, text: str, limit: int) -> list[SearchHit]:
    """Return the buildings whose name or code holds the text."""
    holding = search_q(text) | Q(code__iexact=text)
    found = Building.objects.visible_to(user).filter(holding).order_by(best_first(text), "code", "pk")
    return [
        SearchHit(_("Building"), b.name or b.code, reverse("building_detail", args=[b.pk]), b.site.park.name)
        for b in first_found(found, limit=limit).select_related("site__park")
    ]

"""Figures of the firms' yearly returns."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from django.db.models import FloatField
from django.db.models.functions import Cast
from numpy.typing import NDArray

from parkbrain.kernel.reading import among, shared

from ..models import EnterpriseReturn

#: Figures of a return that facts add up.
FIGURES = ("output_wan", "revenue_wan", "rd_spend_wan", "tax_wan", "value_added_wan", "staff_count")


@shared
def list_returns(*, enterprise_ids: Collection[int], year: int) -> NDArray[np.float64]:
    """Return the firms that reported for a year, in their order, with the figures of `FIGURES`: a line for each."""
    rows = EnterpriseReturn.objects.filter(enterprise__in=among(enterprise_ids), year=year).order_by("enterprise_id")
    # As floats from the database: a decimal made of every figure and unmade again takes longer than all that follows.
    figures = [Cast(field, FloatField()) for field in FIGURES]
    return np.array(list(rows.values_list("enterprise_id", *figures)), dtype=np.float64).reshape(-1, 1 + len(FIGURES))


def figures_of(*, enterprise_ids: Collection[int], year: int, field: str) -> dict[int, float]:
    """Return one figure of the year's returns by firm; firms that did not report it are absent."""
    returns = list_returns(enterprise_ids=enterprise_ids, year=year)
    firms, figures = returns[:, 0].astype(np.int64).tolist(), returns[:, 1 + FIGURES.index(field)].tolist()
    return {firm: figure for firm, figure in zip(firms, figures, strict=True) if figure == figure}

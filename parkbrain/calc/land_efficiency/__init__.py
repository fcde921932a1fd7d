"""Firms by what they yield per area (亩均论英雄): measures, scoring schemes as data, scores, ranks, classes A to D."""

from .grading import BY_RANK, DIRECT, MARKED, NEW_FIRM, TOO_LITTLE, Firm, Graded, grade
from .measures import INPUTS, M2_PER_MU, MEASURES, land_share_mu, measures_of, payback_months
from .scheme import ABOVE, BELOW, CLASSES, Item, LandScheme, read_scheme
from .scoring import GroupScores, classes_of, item_points, ranks_of, score_group

__all__ = [
    "ABOVE",
    "BELOW",
    "BY_RANK",
    "CLASSES",
    "DIRECT",
    "INPUTS",
    "M2_PER_MU",
    "MARKED",
    "MEASURES",
    "NEW_FIRM",
    "TOO_LITTLE",
    "Firm",
    "Graded",
    "GroupScores",
    "Item",
    "LandScheme",
    "classes_of",
    "grade",
    "item_points",
    "land_share_mu",
    "measures_of",
    "payback_months",
    "ranks_of",
    "read_scheme",
    "score_group",
]

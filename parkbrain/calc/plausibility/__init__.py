"""Whether figures that many units report can be believed: hints for a person to look at, never a judgement.

Every function takes a table of units × figures with ``nan`` where nothing was given. Sources: Iglewicz and Hoaglin,
"How to Detect and Handle Outliers" (ASQC, 1993) for robust scores; Nigrini, "Benford's Law" (Wiley, 2012) for first
digits and last digits; Mosimann, Wiseman and Edelman, "Data Fabrication" (Accountability in Research 4, 1995) for the
uniformity of last digits.
"""

from .copies import Copy, closest_copies, repeated_shares
from .digits import (
    BENFORD,
    BenfordResult,
    LastDigitResult,
    benford,
    first_digits,
    judge_last_digits,
    last_digits,
    round_shares,
)
from .peers import OUTLYING, group_medians, robust_scores
from .slips import relative_changes, unit_slips

__all__ = [
    "BENFORD",
    "OUTLYING",
    "BenfordResult",
    "Copy",
    "LastDigitResult",
    "benford",
    "closest_copies",
    "first_digits",
    "group_medians",
    "judge_last_digits",
    "last_digits",
    "relative_changes",
    "repeated_shares",
    "robust_scores",
    "round_shares",
    "unit_slips",
]

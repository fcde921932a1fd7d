"""Money of bills without a database: what pays what, how old a debt is, and why two months differ, all in Decimal.

A sum is never lost: what is shared out, sorted by age or explained by causes adds up to the whole, to the cent.
"""

from .ageing import AGES, age_of, sort_by_age
from .differences import CAUSES, Cause, Item, explain_difference
from .matching import DOUBTFUL, SURE, UNKNOWN, Match, Matcher, OpenBill
from .settling import Share, pay_oldest_first
from .taxes import split_gross, tax_on_net

__all__ = [
    "AGES",
    "CAUSES",
    "DOUBTFUL",
    "SURE",
    "UNKNOWN",
    "Cause",
    "Item",
    "Match",
    "Matcher",
    "OpenBill",
    "Share",
    "age_of",
    "explain_difference",
    "pay_oldest_first",
    "sort_by_age",
    "split_gross",
    "tax_on_net",
]

"""What is so: leads, leases, their schedules and what needs a person."""

from .board import (
    ENDING,
    LEAST_PARKS,
    LET,
    NOTICE,
    QUOTED,
    RESERVED,
    SOON_DAYS,
    VACANT,
    Board,
    BoardRow,
    UsePrice,
    get_board,
    list_roll,
    premises_url,
)
from .fits import Offer, find_offers, need_of
from .funnel import Funnel, get_funnel, segment_name
from .lead_days import find_lead_hits, get_offer_panel, list_lead_attention
from .leads import (
    LeadRow,
    Namesake,
    ReviewLine,
    get_lead,
    get_need,
    lead_rows,
    list_leads,
    list_namesakes,
    list_reviews,
)
from .leases import get_lease, list_leases
from .what_if import WhatIfResult, run_what_if
from .words import outcome_words, stage_words

__all__ = [
    "ENDING",
    "LEAST_PARKS",
    "LET",
    "NOTICE",
    "QUOTED",
    "RESERVED",
    "SOON_DAYS",
    "VACANT",
    "Board",
    "BoardRow",
    "Funnel",
    "LeadRow",
    "Namesake",
    "Offer",
    "ReviewLine",
    "UsePrice",
    "WhatIfResult",
    "find_lead_hits",
    "find_offers",
    "get_board",
    "get_funnel",
    "get_lead",
    "get_lease",
    "get_need",
    "get_offer_panel",
    "lead_rows",
    "list_lead_attention",
    "list_leads",
    "list_leases",
    "list_namesakes",
    "list_reviews",
    "list_roll",
    "need_of",
    "outcome_words",
    "premises_url",
    "run_what_if",
    "segment_name",
    "stage_words",
]

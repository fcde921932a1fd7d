"""What is so: leads, leases, their schedules and what needs a person."""

from .agreements import (
    agreement_of,
    figures_of,
    parse_clauses,
    rents_on,
    with_contents,
)
from .attention import (
    list_attention,
)
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
from .charges import (
    first_rents,
    list_gaps,
    propose_charges,
    propose_months,
)
from .comparing import (
    VersionChange,
    compare_versions,
)
from .finding import (
    find_lease_hits,
    list_let_buildings,
)
from .fits import (
    Offer,
    find_offers,
    need_of,
)
from .funnel import (
    Funnel,
    get_funnel,
    segment_name,
)
from .labels import (
    LABELS,
    OPTIONS,
)
from .late import (
    reasons_of,
)
from .lead_days import (
    find_lead_hits,
    get_offer_panel,
    list_lead_attention,
)
from .leads import (
    LeadRow,
    Namesake,
    ReviewLine,
    get_lead,
    get_need,
    lead_rows,
    list_leads,
    list_namesakes,
    list_offerable_premises,
    list_reviews,
)
from .leases import (
    EXPIRY_DAYS,
    Glance,
    NextEvent,
    get_glance,
    get_lease,
    leases_touching,
    let_areas,
    list_leases,
    list_next_events,
    list_versions,
    may_manage,
    version_url,
)
from .panels import (
    get_building_panel,
    get_deposit_panel,
    get_firm_panel,
    get_premises_panel,
)
from .schedules import (
    KINDS,
    MonthRow,
    Schedule,
    explain_line,
    get_schedule,
    schedule_of,
)
from .sentences import (
    STEPS,
    WORDS,
    clause_sentence,
    money_text,
    problem_sentence,
    step_sentence,
    step_words,
    terms_sentence,
)
from .utilities import (
    UtilityTerm,
    list_utilities,
)
from .what_if import (
    WhatIfResult,
    run_what_if,
)
from .words import (
    clause_words,
    outcome_words,
    stage_words,
    state_words,
)

__all__ = [
    "ENDING",
    "EXPIRY_DAYS",
    "KINDS",
    "LABELS",
    "LEAST_PARKS",
    "LET",
    "NOTICE",
    "OPTIONS",
    "QUOTED",
    "RESERVED",
    "SOON_DAYS",
    "STEPS",
    "VACANT",
    "WORDS",
    "Board",
    "BoardRow",
    "Funnel",
    "Glance",
    "LeadRow",
    "MonthRow",
    "Namesake",
    "NextEvent",
    "Offer",
    "ReviewLine",
    "Schedule",
    "UsePrice",
    "UtilityTerm",
    "VersionChange",
    "WhatIfResult",
    "agreement_of",
    "clause_sentence",
    "clause_words",
    "compare_versions",
    "explain_line",
    "figures_of",
    "find_lead_hits",
    "find_lease_hits",
    "find_offers",
    "first_rents",
    "get_board",
    "get_building_panel",
    "get_deposit_panel",
    "get_firm_panel",
    "get_funnel",
    "get_glance",
    "get_lead",
    "get_lease",
    "get_need",
    "get_offer_panel",
    "get_premises_panel",
    "get_schedule",
    "lead_rows",
    "leases_touching",
    "let_areas",
    "list_attention",
    "list_gaps",
    "list_lead_attention",
    "list_leads",
    "list_leases",
    "list_let_buildings",
    "list_namesakes",
    "list_next_events",
    "list_offerable_premises",
    "list_reviews",
    "list_roll",
    "list_utilities",
    "list_versions",
    "may_manage",
    "money_text",
    "need_of",
    "outcome_words",
    "parse_clauses",
    "premises_url",
    "problem_sentence",
    "propose_charges",
    "propose_months",
    "reasons_of",
    "rents_on",
    "run_what_if",
    "schedule_of",
    "segment_name",
    "stage_words",
    "state_words",
    "step_sentence",
    "step_words",
    "terms_sentence",
    "version_url",
    "with_contents",
]

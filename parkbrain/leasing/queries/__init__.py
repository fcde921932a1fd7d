"""What is so: leads, leases, their schedules and what needs a person."""

from .agreements import agreement_of, figures_of, parse_clauses, rents_on, with_contents
from .attention import list_attention
from .charges import first_rents, list_gaps, propose_charges, reasons_of
from .finding import find_lease_hits, list_let_buildings
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
)
from .panels import get_building_panel, get_firm_panel, get_premises_panel
from .schedules import KINDS, MonthRow, Schedule, explain_line, get_schedule, schedule_of
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
from .words import clause_words, outcome_words, stage_words

__all__ = [
    "EXPIRY_DAYS",
    "KINDS",
    "STEPS",
    "WORDS",
    "Glance",
    "MonthRow",
    "NextEvent",
    "Schedule",
    "agreement_of",
    "clause_sentence",
    "clause_words",
    "explain_line",
    "figures_of",
    "find_lease_hits",
    "first_rents",
    "get_building_panel",
    "get_firm_panel",
    "get_glance",
    "get_lease",
    "get_premises_panel",
    "get_schedule",
    "leases_touching",
    "let_areas",
    "list_attention",
    "list_gaps",
    "list_leases",
    "list_let_buildings",
    "list_next_events",
    "list_versions",
    "may_manage",
    "money_text",
    "outcome_words",
    "parse_clauses",
    "problem_sentence",
    "propose_charges",
    "reasons_of",
    "rents_on",
    "schedule_of",
    "stage_words",
    "step_sentence",
    "step_words",
    "terms_sentence",
    "with_contents",
]

"""What may change: leads and what they are offered, leases from the draft to the end."""

from .admission import review_lead
from .common import CannotChangeLease
from .ending import CannotEndLease, close_leases, end_lease
from .leads import CannotChangeLead, move_lead, plan_next_step, record_leads, sign_lead
from .lets import CannotLetPremises
from .offers import answer_quote, close_visit, make_quote, plan_visit

__all__ = [
    "CannotChangeLead",
    "CannotChangeLease",
    "CannotEndLease",
    "CannotLetPremises",
    "answer_quote",
    "close_leases",
    "close_visit",
    "end_lease",
    "make_quote",
    "move_lead",
    "plan_next_step",
    "plan_visit",
    "record_leads",
    "review_lead",
    "sign_lead",
]

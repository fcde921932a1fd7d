"""Pages of leasing."""

from .acts import (
    index_add,
    lease_act,
    version_act,
)
from .drafts import (
    clause_add,
    clause_drop,
    clause_edit,
    lease_add,
    place_add,
    place_drop,
    version_term,
    version_terms,
)
from .leads import (
    lead_add,
    lead_detail,
    lead_do,
    lead_edit,
    lead_funnel,
    lead_list,
    quote_answer,
    visit_close,
)
from .lettings import (
    find_space,
    lettings_board,
    rent_roll,
    what_if,
)
from .pages import (
    lease_clause,
    lease_detail,
    lease_document,
    lease_line,
    lease_list,
    lease_schedule,
)
from .taking_over import (
    taken_over_leases,
)
from .tester import (
    lease_tester,
    tester,
)

__all__ = [
    "clause_add",
    "clause_drop",
    "clause_edit",
    "find_space",
    "index_add",
    "lead_add",
    "lead_detail",
    "lead_do",
    "lead_edit",
    "lead_funnel",
    "lead_list",
    "lease_act",
    "lease_add",
    "lease_clause",
    "lease_detail",
    "lease_document",
    "lease_line",
    "lease_list",
    "lease_schedule",
    "lease_tester",
    "lettings_board",
    "place_add",
    "place_drop",
    "quote_answer",
    "rent_roll",
    "taken_over_leases",
    "tester",
    "version_act",
    "version_term",
    "version_terms",
    "visit_close",
    "what_if",
]

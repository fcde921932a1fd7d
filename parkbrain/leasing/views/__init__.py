"""Pages of leasing."""

from .acts import index_add, lease_act, version_act
from .drafts import clause_add, clause_drop, clause_edit, lease_add, place_add, place_drop, version_term, version_terms
from .pages import lease_clause, lease_detail, lease_document, lease_line, lease_list, lease_schedule
from .tester import lease_tester, tester

__all__ = [
    "clause_add",
    "clause_drop",
    "clause_edit",
    "index_add",
    "lease_act",
    "lease_add",
    "lease_clause",
    "lease_detail",
    "lease_document",
    "lease_line",
    "lease_list",
    "lease_schedule",
    "lease_tester",
    "place_add",
    "place_drop",
    "tester",
    "version_act",
    "version_term",
    "version_terms",
]

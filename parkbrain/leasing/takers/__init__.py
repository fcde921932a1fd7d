"""Sheets of leasing that can be imported: leads, and the register of leases with all that belongs to it."""

from .clauses import LEASE_CLAUSES
from .figures import INDEX_VALUES, TURNOVER
from .leads import LEADS
from .leases import LEASE_VERSIONS, LEASES
from .places import LEASE_PREMISES
from .security import LEASE_DEPOSITS, LEASE_DOCUMENTS, LEASE_GUARANTEES

TAKERS = (
    LEASES,
    LEASE_VERSIONS,
    LEASE_PREMISES,
    LEASE_CLAUSES,
    TURNOVER,
    INDEX_VALUES,
    LEASE_DEPOSITS,
    LEASE_GUARANTEES,
    LEASE_DOCUMENTS,
    LEADS,
)

__all__ = ["TAKERS"]

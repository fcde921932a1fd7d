"""Tables of leasing."""

from .figures import IndexValue, ReportedTurnover
from .leases import Clause, Lease, LeaseDocument, LeasePremises, LeaseVersion, Let
from .security import DepositTerm, Guarantee

__all__ = [
    "Clause",
    "DepositTerm",
    "Guarantee",
    "IndexValue",
    "Lease",
    "LeaseDocument",
    "LeasePremises",
    "LeaseVersion",
    "Let",
    "ReportedTurnover",
]

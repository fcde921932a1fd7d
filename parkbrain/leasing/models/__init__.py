"""Tables of leasing."""

from .figures import IndexValue, ReportedTurnover
from .leads import Lead, LeadMove, LeadNeed
from .leases import Clause, Lease, LeaseDocument, LeasePremises, LeaseVersion, Let
from .offers import AdmissionReview, Quote, QuotePremises, ReviewFinding, Visit
from .security import DepositTerm, Guarantee
from .taking_over import TakenOver

__all__ = [
    "AdmissionReview",
    "Clause",
    "DepositTerm",
    "Guarantee",
    "IndexValue",
    "Lead",
    "LeadMove",
    "LeadNeed",
    "Lease",
    "LeaseDocument",
    "LeasePremises",
    "LeaseVersion",
    "Let",
    "Quote",
    "QuotePremises",
    "ReportedTurnover",
    "ReviewFinding",
    "TakenOver",
    "Visit",
]

"""Forms of leasing."""

from .clauses import SpecForm, clause_form, initial_of, kind_label, terms_form
from .leases import (
    ChangeForm,
    DepositForm,
    DocumentForm,
    EndForm,
    GuaranteeForm,
    IndexForm,
    LeaseForm,
    PlaceForm,
    PlainForm,
    ReasonForm,
    RenewForm,
    SignForm,
    TermForm,
    TesterForm,
    TurnoverForm,
)

__all__ = [
    "ChangeForm",
    "DepositForm",
    "DocumentForm",
    "EndForm",
    "GuaranteeForm",
    "IndexForm",
    "LeaseForm",
    "PlaceForm",
    "PlainForm",
    "ReasonForm",
    "RenewForm",
    "SignForm",
    "SpecForm",
    "TermForm",
    "TesterForm",
    "TurnoverForm",
    "clause_form",
    "initial_of",
    "kind_label",
    "terms_form",
]

"""Forms of leasing."""

from .leads import (
    DraftForm,
    LeadForm,
    NeedFields,
    QuoteForm,
    ReviewForm,
    StageForm,
    StepForm,
    VisitForm,
    WhatIfForm,
    quote_defaults,
)

__all__ = [
    "DraftForm",
    "LeadForm",
    "NeedFields",
    "QuoteForm",
    "ReviewForm",
    "StageForm",
    "StepForm",
    "VisitForm",
    "WhatIfForm",
    "quote_defaults",
]

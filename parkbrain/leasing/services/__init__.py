"""What may change: leads and what they are offered, leases from the draft to the end."""

from .admission import (
    review_lead,
)
from .approving import (
    RULE,
    approve_version,
    carry_out_version,
    describe_version,
    follow_approvals,
    submit_version,
)
from .changing import (
    draft_change,
    renew_lease,
    undo_version,
)
from .common import (
    CannotChangeLease,
)
from .drafting import (
    CannotDraftLease,
    ClauseRow,
    PlaceRow,
    change_draft,
    check_term,
    draft_lease,
    drop_clause,
    place_rows,
    put_clause,
)
from .ending import (
    CannotEndLease,
    close_leases,
    end_lease,
)
from .figures import (
    record_index_values,
    report_turnover,
)
from .from_quote import draft_lease_of_lead
from .leads import (
    NEED_FIELDS,
    STAGE_DAYS,
    CannotChangeLead,
    move_lead,
    plan_next_step,
    record_leads,
    sign_lead,
)
from .lets import (
    CannotLetPremises,
)
from .life import (
    CannotActivateLease,
    CannotSignLease,
    activate_lease,
    discard_draft,
    sign_lease,
)
from .offers import (
    answer_quote,
    close_visit,
    make_quote,
    plan_visit,
)
from .register import (
    CannotTakeLease,
    merged_terms,
    record_leases,
)
from .register_parts import (
    clause_values,
    record_lease_clauses,
    record_lease_premises,
    record_lease_versions,
)
from .register_security import (
    record_deposit_terms,
    record_guarantees,
    record_papers,
)
from .reserving import (
    CannotTakeReserved,
)
from .security import (
    agree_deposit,
    file_document,
    record_guarantee,
)
from .taking_over import (
    CannotConfirmLease,
    Confirmed,
    confirm_taken_over,
    confirm_what_may_be,
    refuse_taken_over,
)

__all__ = [
    "NEED_FIELDS",
    "RULE",
    "STAGE_DAYS",
    "CannotActivateLease",
    "CannotChangeLead",
    "CannotChangeLease",
    "CannotConfirmLease",
    "CannotDraftLease",
    "CannotEndLease",
    "CannotLetPremises",
    "CannotSignLease",
    "CannotTakeLease",
    "CannotTakeReserved",
    "ClauseRow",
    "Confirmed",
    "PlaceRow",
    "activate_lease",
    "agree_deposit",
    "answer_quote",
    "approve_version",
    "carry_out_version",
    "change_draft",
    "check_term",
    "clause_values",
    "close_leases",
    "close_visit",
    "confirm_taken_over",
    "confirm_what_may_be",
    "describe_version",
    "discard_draft",
    "draft_change",
    "draft_lease",
    "draft_lease_of_lead",
    "drop_clause",
    "end_lease",
    "file_document",
    "follow_approvals",
    "make_quote",
    "merged_terms",
    "move_lead",
    "place_rows",
    "plan_next_step",
    "plan_visit",
    "put_clause",
    "record_deposit_terms",
    "record_guarantee",
    "record_guarantees",
    "record_index_values",
    "record_leads",
    "record_lease_clauses",
    "record_lease_premises",
    "record_lease_versions",
    "record_leases",
    "record_papers",
    "refuse_taken_over",
    "renew_lease",
    "report_turnover",
    "review_lead",
    "sign_lead",
    "sign_lease",
    "submit_version",
    "undo_version",
]

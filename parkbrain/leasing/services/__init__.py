"""What may change: leases from the draft to the end."""

from .approving import (
    RULE,
    approve_version,
    carry_out_version,
    describe_version,
    follow_approvals,
    submit_version,
)
from .changing import draft_change, renew_lease, undo_version
from .common import CannotChangeLease
from .drafting import (
    CannotDraftLease,
    ClauseRow,
    PlaceRow,
    change_draft,
    draft_lease,
    drop_clause,
    put_clause,
)
from .ending import CannotEndLease, close_leases, end_lease
from .figures import record_index_values, report_turnover
from .lets import CannotLetPremises
from .life import CannotActivateLease, CannotSignLease, activate_lease, discard_draft, file_document, sign_lease
from .security import agree_deposit, record_guarantee

__all__ = [
    "RULE",
    "CannotActivateLease",
    "CannotChangeLease",
    "CannotDraftLease",
    "CannotEndLease",
    "CannotLetPremises",
    "CannotSignLease",
    "ClauseRow",
    "PlaceRow",
    "activate_lease",
    "agree_deposit",
    "approve_version",
    "carry_out_version",
    "change_draft",
    "close_leases",
    "describe_version",
    "discard_draft",
    "draft_change",
    "draft_lease",
    "drop_clause",
    "end_lease",
    "file_document",
    "follow_approvals",
    "put_clause",
    "record_guarantee",
    "record_index_values",
    "renew_lease",
    "report_turnover",
    "sign_lease",
    "submit_version",
    "undo_version",
]

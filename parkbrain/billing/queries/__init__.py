"""What is so: charges that others propose, bills, payments, arrears."""

from .deposits import Deposit, FirmDeposit, get_deposit, list_deposits
from .overdue import OverdueBill, OverdueLine, list_overdue
from .planning import MANUAL_SOURCE, Plan, Planned, kind_label, month_after, month_before, plan_run, source_label
from .rules import get_rules
from .sources import (
    CannotPropose,
    ChargeSource,
    ProposedCharge,
    Reason,
    Said,
    charge_sources,
    describe_reason,
    explain_reasons,
    reason_sentences,
    reasons,
)

__all__ = [
    "MANUAL_SOURCE",
    "CannotPropose",
    "ChargeSource",
    "Deposit",
    "FirmDeposit",
    "OverdueBill",
    "OverdueLine",
    "Plan",
    "Planned",
    "ProposedCharge",
    "Reason",
    "Said",
    "charge_sources",
    "describe_reason",
    "explain_reasons",
    "get_deposit",
    "get_rules",
    "kind_label",
    "list_deposits",
    "list_overdue",
    "month_after",
    "month_before",
    "plan_run",
    "reason_sentences",
    "reasons",
    "source_label",
]

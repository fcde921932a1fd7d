"""What is so: charges that others propose, bills, payments, arrears."""

from .sources import ChargeSource, ProposedCharge, Reason, charge_sources, describe_reason, reason_sentences, reasons

__all__ = [
    "ChargeSource",
    "ProposedCharge",
    "Reason",
    "charge_sources",
    "describe_reason",
    "reason_sentences",
    "reasons",
]

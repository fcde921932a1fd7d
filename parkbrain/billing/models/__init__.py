"""Tables of billing: charges with reasons, runs, bills, payments, deposits, arrears."""

from .arrears import DunningAct, DunningPause, DunningStep, WriteOff
from .bills import Bill, BillingRules, Invoice
from .charges import BillRun, Charge, ChargeKind, ChargeOverride, ManualCharge
from .payments import Allocation, BankFile, BankLine, DepositEntry, Payment

__all__ = [
    "Allocation",
    "BankFile",
    "BankLine",
    "Bill",
    "BillRun",
    "BillingRules",
    "Charge",
    "ChargeKind",
    "ChargeOverride",
    "DepositEntry",
    "DunningAct",
    "DunningPause",
    "DunningStep",
    "Invoice",
    "ManualCharge",
    "Payment",
    "WriteOff",
]

"""Tables of billing: charges with reasons, runs, bills, payments, deposits, arrears."""

from .arrears import DunningAct, DunningPause, DunningStep, WriteOff
from .bills import Bill, BillingRules, Invoice
from .charges import BillRun, Charge, ChargeKind, ChargeOverride, ManualCharge
from .deposits import Deposit, DepositEntry
from .payments import Allocation, BankFile, BankLine, Payment

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
    "Deposit",
    "DepositEntry",
    "DunningAct",
    "DunningPause",
    "DunningStep",
    "Invoice",
    "ManualCharge",
    "Payment",
    "WriteOff",
]

"""Pages of billing: how money stands, runs, bills, payments, arrears, files."""

from .accounts import billing_firm, billing_firm_file
from .bank import bank_file, bank_upload, invoice_upload
from .bills import bill_detail, bill_list, bill_pdf, billing_charge, charge_list
from .deposits import billing_deposits, deposit_add, deposit_detail, deposit_list
from .home import billing_arrears, billing_corrections, billing_home, billing_rules, charge_add
from .payments import payment_add, payment_detail, payment_list
from .runs import billing_run, run_export

__all__ = [
    "bank_file",
    "bank_upload",
    "bill_detail",
    "bill_list",
    "bill_pdf",
    "billing_arrears",
    "billing_charge",
    "billing_corrections",
    "billing_deposits",
    "billing_firm",
    "billing_firm_file",
    "billing_home",
    "billing_rules",
    "billing_run",
    "charge_add",
    "charge_list",
    "deposit_add",
    "deposit_detail",
    "deposit_list",
    "invoice_upload",
    "payment_add",
    "payment_detail",
    "payment_list",
    "run_export",
]

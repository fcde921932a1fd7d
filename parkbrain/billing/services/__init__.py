"""What may change about money: runs, corrections, payments, deposits, arrears."""

from .arrears import end_pause, pause_dunning, set_billing, set_ladder, set_rules, take_due_steps, take_step
from .bank import BANK_HEADS, INVOICE_HEADS, book_lines, decide_line, take_bank_file, take_invoice_file
from .closing import WRITE_OFF, ask_write_off, carry_out_write_off, describe_write_off, record_invoices
from .common import CannotBill, CannotBook, CannotDun
from .corrections import add_charge, override_charge, undo_charge, undo_override
from .deposit_register import CannotTakeDeposit, RowFault, check_deposit_rows, record_deposit_entries
from .deposits import ask_deposit, book_deposit, undo_deposit
from .payments import Incoming, receive_payment, receive_payments, refund_credit, void_payment
from .runs import (
    RUN,
    ask_to_approve_run,
    begin_run,
    carry_out_run,
    describe_run_approval,
    discard_run,
    lock_run,
    preview_run,
)

__all__ = [
    "BANK_HEADS",
    "INVOICE_HEADS",
    "RUN",
    "WRITE_OFF",
    "CannotBill",
    "CannotBook",
    "CannotDun",
    "CannotTakeDeposit",
    "Incoming",
    "RowFault",
    "add_charge",
    "ask_deposit",
    "ask_to_approve_run",
    "ask_write_off",
    "begin_run",
    "book_deposit",
    "book_lines",
    "carry_out_run",
    "carry_out_write_off",
    "check_deposit_rows",
    "decide_line",
    "describe_run_approval",
    "describe_write_off",
    "discard_run",
    "end_pause",
    "lock_run",
    "override_charge",
    "pause_dunning",
    "preview_run",
    "receive_payment",
    "receive_payments",
    "record_deposit_entries",
    "record_invoices",
    "refund_credit",
    "set_billing",
    "set_ladder",
    "set_rules",
    "take_bank_file",
    "take_due_steps",
    "take_invoice_file",
    "take_step",
    "undo_charge",
    "undo_deposit",
    "undo_override",
    "void_payment",
]

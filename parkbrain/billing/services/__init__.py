"""What may change about money: runs, corrections, payments, deposits, arrears."""

from .arrears import (
    WRITE_OFF,
    ask_write_off,
    carry_out_write_off,
    describe_write_off,
    end_pause,
    pause_dunning,
    record_invoices,
    set_ladder,
    set_rules,
    take_step,
)
from .common import CannotBill, CannotBook, CannotDun
from .corrections import add_charge, override_charge, undo_charge, undo_override
from .deposits import ask_deposit, book_deposit, undo_deposit
from .payments import receive_payment, refund_credit, void_payment
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
    "RUN",
    "WRITE_OFF",
    "CannotBill",
    "CannotBook",
    "CannotDun",
    "add_charge",
    "ask_deposit",
    "ask_to_approve_run",
    "ask_write_off",
    "begin_run",
    "book_deposit",
    "carry_out_run",
    "carry_out_write_off",
    "describe_run_approval",
    "describe_write_off",
    "discard_run",
    "end_pause",
    "lock_run",
    "override_charge",
    "pause_dunning",
    "preview_run",
    "receive_payment",
    "record_invoices",
    "refund_credit",
    "set_ladder",
    "set_rules",
    "take_step",
    "undo_charge",
    "undo_deposit",
    "undo_override",
    "void_payment",
]

"""Billing: charges with reasons, bills, payments, deposits, arrears. It knows no lease and no meter: who does proposes charges."""

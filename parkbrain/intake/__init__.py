"""Intake: uploads become checked, previewed and applied batches; every value remembers file, sheet and cell.

Knows no module: what can be taken in is declared by the modules (`kernel.taking`).
"""

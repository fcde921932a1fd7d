"""What is typed into the pages of the city."""

from .city import BudgetForm
from .rounds import EntryForm, ExtendForm, RoundForm

__all__ = ["BudgetForm", "EntryForm", "ExtendForm", "RoundForm"]

"""What is typed into the pages of the city."""

from .city import BudgetForm
from .groups import GroupForm, LineForm, PlaceForm
from .rounds import EntryForm, ExtendForm, RoundForm

__all__ = ["BudgetForm", "EntryForm", "ExtendForm", "GroupForm", "LineForm", "PlaceForm", "RoundForm"]

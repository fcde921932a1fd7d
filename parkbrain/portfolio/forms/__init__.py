"""What is typed into the pages of the city."""

from .city import BudgetForm

__all__ = ["BudgetForm"]

"""Leases: clauses that mean one thing, and the schedule of what is owed by them, day by day, with every step said."""

from .spans import governing_spans

__all__ = ["governing_spans"]

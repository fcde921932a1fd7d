"""Sheets of leasing that can be imported."""

from .leads import LEADS

TAKERS = (LEADS,)

__all__ = ["LEADS", "TAKERS"]

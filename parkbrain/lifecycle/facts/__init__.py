"""The numbers that follow from duties and who answers for them."""

from . import duties

__all__ = ["duties"]

"""Pages of carbon."""

from . import exchange, rows, statements

__all__ = ["exchange", "rows", "statements"]

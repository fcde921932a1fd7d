"""What can be taken in of billing, and what another park can take over."""

from .opening import TAKER
from .setup import SETUP

__all__ = ["SETUP", "TAKER"]

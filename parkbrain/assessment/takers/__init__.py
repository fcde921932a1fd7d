"""What can be taken in of ratings: the facts an operator declares, and what another park knows of measures."""

from .facts import FACTS
from .measures import SETUP

__all__ = ["FACTS", "SETUP"]

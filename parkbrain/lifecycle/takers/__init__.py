"""What can be taken in of the life cycle."""

from .duties import DUTIES
from .subjects import PROJECTS, STAGES_ENTERED

TAKERS = (PROJECTS, STAGES_ENTERED, DUTIES)

__all__ = ["DUTIES", "PROJECTS", "STAGES_ENTERED", "TAKERS"]

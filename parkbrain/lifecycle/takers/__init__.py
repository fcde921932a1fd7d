"""What can be taken in of the life cycle."""

from .duties import DUTIES
from .setup import DUTY_SETUP
from .subjects import PROJECTS, STAGES_ENTERED

TAKERS = (PROJECTS, STAGES_ENTERED, DUTIES)

SETUP = (DUTY_SETUP,)

__all__ = ["DUTIES", "PROJECTS", "SETUP", "STAGES_ENTERED", "TAKERS"]

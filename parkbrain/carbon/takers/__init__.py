"""What can be imported: activity data, the refrigerant log, green power, exchange offers."""

from .activities import ACTIVITIES
from .events import GREEN_POWER, REFRIGERANTS
from .exchange import OFFERS

TAKERS = (ACTIVITIES, REFRIGERANTS, GREEN_POWER, OFFERS)

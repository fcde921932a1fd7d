"""The numbers that energy vouches for: metering, electricity, water, energy in standard coal."""

from . import amounts as amounts
from . import metering as metering

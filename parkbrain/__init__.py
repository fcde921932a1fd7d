"""ParkBrain (園區大腦): the open operating system for industrial parks."""

__version__ = "0.1.0"

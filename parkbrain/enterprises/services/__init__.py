"""What may change about enterprises: the register, yearly returns, certificates, addresses, and who is where."""

from .bulk import change_enterprises
from .occupancies import (
    CannotEndOccupancy,
    CannotRecordOccupancy,
    CannotStartOccupancy,
    end_occupancy,
    record_occupancies,
    start_occupancy,
)
from .register import (
    CannotRecordEnterprise,
    attach_document,
    record_address,
    record_addresses,
    record_enterprise,
    record_enterprises,
    record_qualification,
    record_qualifications,
)
from .returns import record_return, record_returns

__all__ = [
    "CannotEndOccupancy",
    "CannotRecordEnterprise",
    "CannotRecordOccupancy",
    "CannotStartOccupancy",
    "attach_document",
    "change_enterprises",
    "end_occupancy",
    "record_address",
    "record_addresses",
    "record_enterprise",
    "record_enterprises",
    "record_occupancies",
    "record_qualification",
    "record_qualifications",
    "record_return",
    "record_returns",
    "start_occupancy",
]

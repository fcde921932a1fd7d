"""What may change about enterprises: the register, returns, papers, contacts, who is where, and the park's boundary."""

from .boundary import (
    CannotMergePremises,
    CannotRemoveBuilding,
    CannotSplitPremises,
    merge_premises,
    remove_from_park,
    split_premises,
)
from .bulk import change_enterprises
from .contacts import change_contact, record_confidence, record_contacts
from .occupancies import (
    CannotEndOccupancy,
    CannotRecordOccupancy,
    CannotStartOccupancy,
    end_occupancy,
    record_occupancies,
    start_occupancy,
)
from .papers import change_address, change_document, change_qualification, file_document, move_address
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
    "CannotMergePremises",
    "CannotRecordEnterprise",
    "CannotRecordOccupancy",
    "CannotRemoveBuilding",
    "CannotSplitPremises",
    "CannotStartOccupancy",
    "attach_document",
    "change_address",
    "change_contact",
    "change_document",
    "change_enterprises",
    "change_qualification",
    "end_occupancy",
    "file_document",
    "merge_premises",
    "move_address",
    "record_address",
    "record_addresses",
    "record_confidence",
    "record_contacts",
    "record_enterprise",
    "record_enterprises",
    "record_occupancies",
    "record_qualification",
    "record_qualifications",
    "record_return",
    "record_returns",
    "remove_from_park",
    "split_premises",
    "start_occupancy",
]

"""What may change: sources, tokens and points are recorded; readings go in; what was set aside is mended."""

from .gathering import Gatherer, Waiting
from .points import CannotRecordPoint, CannotSetFactor, create_point, record_points, set_factor, set_factors
from .readings import (
    Message,
    Outcome,
    put_messages,
    put_point_readings,
    put_readings,
    sweep_receipts,
)
from .sources import (
    CannotCreateDeviceToken,
    CannotRecordSource,
    NewDeviceToken,
    change_source,
    create_device_token,
    create_source,
    may_change,
    report_fault,
    revoke_device_token,
)

__all__ = [
    "CannotCreateDeviceToken",
    "CannotRecordPoint",
    "CannotRecordSource",
    "CannotSetFactor",
    "Gatherer",
    "Message",
    "NewDeviceToken",
    "Outcome",
    "Waiting",
    "change_source",
    "create_device_token",
    "create_point",
    "create_source",
    "may_change",
    "put_messages",
    "put_point_readings",
    "put_readings",
    "record_points",
    "report_fault",
    "revoke_device_token",
    "set_factor",
    "set_factors",
    "sweep_receipts",
]

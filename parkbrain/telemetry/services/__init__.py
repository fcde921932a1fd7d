"""What may change: sources, tokens and points are recorded; readings go in; what was set aside is mended."""

from .collecting import Collector
from .files import CannotTakeReadings, ReadingsReport, check_readings_file, take_back_readings, take_readings_file
from .gathering import Gatherer, Waiting
from .points import (
    FACTOR_FIELDS,
    CannotRecordPoint,
    CannotSetFactor,
    changes_by_factors,
    create_point,
    record_points,
    set_factor,
    set_factors,
)
from .readings import (
    Message,
    Outcome,
    put_messages,
    put_point_readings,
    put_readings,
    sweep_receipts,
)
from .release import CannotRelease, dismiss_kept_aside, release_kept_aside
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
from .typed import CannotRecordReading, NeedsConfirmation, find_doubts, record_reading

__all__ = [
    "FACTOR_FIELDS",
    "CannotCreateDeviceToken",
    "CannotRecordPoint",
    "CannotRecordReading",
    "CannotRecordSource",
    "CannotRelease",
    "CannotSetFactor",
    "CannotTakeReadings",
    "Collector",
    "Gatherer",
    "Message",
    "NeedsConfirmation",
    "NewDeviceToken",
    "Outcome",
    "ReadingsReport",
    "Waiting",
    "change_source",
    "changes_by_factors",
    "check_readings_file",
    "create_device_token",
    "create_point",
    "create_source",
    "dismiss_kept_aside",
    "find_doubts",
    "may_change",
    "put_messages",
    "put_point_readings",
    "put_readings",
    "record_points",
    "record_reading",
    "release_kept_aside",
    "report_fault",
    "revoke_device_token",
    "set_factor",
    "set_factors",
    "sweep_receipts",
    "take_back_readings",
    "take_readings_file",
]

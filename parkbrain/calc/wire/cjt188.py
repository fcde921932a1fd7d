"""CJ/T 188, the protocol of Chinese household and industrial water, heat and gas meters: frames and values.

Frame (section 6): ``68 T A0…A6 C L DATA CS 16``; T says what the meter measures, numbers are packed decimals, low byte
first, each followed by its unit. Read data (DI 901FH) gives the register now and at settlement, the clock and the state.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from .frames import END, START, FrameError, checksum, cut_frame, from_bcd, scaled, to_bcd
from .tables import check_points, known_of, number_of_meter, read_table

READ = 0x01
ANY = "A" * 14
_DATA = 0x901F
_HEAD, _LENGTH_AT = 11, 10
_FROM_METER, _ABNORMAL = 0x80, 0x40

#: Type byte → what flows.
MEDIA = {
    0x10: "cold_water",
    0x11: "hot_water",
    0x12: "drinking_water",
    0x13: "reclaimed_water",
    0x20: "heat",
    0x21: "cooling",
    0x30: "gas",
    0x40: "electricity",
}
#: Unit byte → QUDT name, and the factor to it.
_UNITS = {
    0x02: ("W-HR", Decimal(1)),
    0x05: ("KiloW-HR", Decimal(1)),
    0x08: ("MegaW-HR", Decimal(1)),
    0x0A: ("MegaW-HR", Decimal(100)),
    0x01: ("J", Decimal(1)),
    0x0B: ("KiloJ", Decimal(1)),
    0x0E: ("MegaJ", Decimal(1)),
    0x11: ("GigaJ", Decimal(1)),
    0x13: ("GigaJ", Decimal(100)),
    0x29: ("L", Decimal(1)),
    0x2C: ("M3", Decimal(1)),
}


@dataclass(frozen=True)
class Meter:
    """A meter that a source asks, and the address of the point that its register is."""

    address: str
    medium: str
    point: str


@dataclass(frozen=True)
class Answer:
    """What a meter said of itself: registers in `unit`, the clock of the meter (its local time, no zone), the state."""

    address: str
    medium: str
    register: Decimal
    settled_register: Decimal
    unit: str
    meter_clock: datetime | None
    valve: str
    battery_low: bool


def read_request(address: str, *, medium: str = "cold_water", serial: int = 0) -> bytes:
    """Return the frame that asks a meter for its registers.

    Parameters
    ----------
    address
        Up to fourteen digits as printed on the meter (the first four are the maker's code), or `ANY`.
    medium
        One of `MEDIA`.
    serial
        Number of the request, 0 to 255; the answer carries it.

    Raises
    ------
    FrameError
        If the address has other than digits, or the medium is not known.

    Examples
    --------
    >>> read_request("78330011223344").hex(" ")
    '68 10 44 33 22 11 00 33 78 01 03 1f 90 00 80 16'
    """
    kinds = {name: code for code, name in MEDIA.items()}
    if medium not in kinds:
        raise FrameError("unknown_data", medium=medium)
    whose = b"\xaa" * 7 if address == ANY else to_bcd(address, 7)
    data = _DATA.to_bytes(2, "little") + bytes([serial])
    body = bytes([START, kinds[medium]]) + whose + bytes([READ, len(data)]) + data
    return body + bytes([checksum(body), END])


def read_answer(received: bytes) -> Answer:
    """Return what a meter answered to `read_request`.

    Raises
    ------
    FrameError
        If it is no such answer, or the meter refused.

    Examples
    --------
    >>> frame = "6810443322110033788116 1F9000 007766552C 007766552C 31012211051520 2184 13 16"
    >>> answer = read_answer(bytes.fromhex(frame))
    >>> answer.register, answer.unit, answer.address
    (Decimal('556677.00'), 'M3', '78330011223344')
    """
    body = cut_frame(received, head=_HEAD, length_at=_LENGTH_AT)
    medium, control, data = body[1], body[9], body[_HEAD:]
    if medium not in MEDIA:
        raise FrameError("unknown_data", medium=medium)
    if control & _ABNORMAL:
        raise FrameError("refused", error=data[-1] if data else None)
    if control != READ | _FROM_METER or data[:2] != _DATA.to_bytes(2, "little"):
        raise FrameError("unknown_data", control=control, identifier=data[:2].hex())
    # Identifier 2, serial 1, two registers of 4 + 1, clock 7, state 2.
    if len(data) != 22:
        raise FrameError("wrong_length", length=len(data), expected=22)
    register, unit = _register(data[3:8])
    settled, settled_unit = _register(data[8:13])
    if settled_unit != unit:
        raise FrameError("unknown_data", unit=data[12])
    state = data[20]
    valve = {0: "open", 1: "closed", 3: "faulty"}.get(state & 0b11, "unknown")
    return Answer(
        from_bcd(body[2:9]), MEDIA[medium], register, settled, unit, _clock(data[13:20]), valve, bool(state & 0b100)
    )


def _register(field: bytes) -> tuple[Decimal, str]:
    if field[4] not in _UNITS:
        raise FrameError("unknown_data", unit=field[4])
    unit, factor = _UNITS[field[4]]
    return scaled(from_bcd(field[:4]), 2) * factor, unit


def _clock(field: bytes) -> datetime | None:
    """Return the meter's clock; None where it was never set."""
    digits = from_bcd(field)
    try:
        return datetime.strptime(digits, "%Y%m%d%H%M%S")  # noqa: DTZ007 a meter knows no zone
    except ValueError:
        return None


def read_meters(text: str) -> list[Meter]:
    """Return whom a source asks: columns meter, point, and perhaps medium, one of `MEDIA` (cold_water).

    Raises
    ------
    TableError
        Naming row, column and value.

    Examples
    --------
    >>> read_meters("meter,point\\n78330011223344,W-1")
    [Meter(address='78330011223344', medium='cold_water', point='W-1')]
    """
    rows = read_table(text, required=("meter", "point"), optional={"medium": "cold_water"})
    found = [
        Meter(number_of_meter(row, n, 14, anyone=ANY), known_of(row, n, "medium", MEDIA.values()), row["point"])
        for n, row in rows
    ]
    check_points(rows)
    return found


def encode_answer(address: str, register: Decimal, *, medium: str = "cold_water", unit: int = 0x2C) -> bytes:
    """Return the frame with which a meter answers `read_request`, its clock never set; `read_answer` undoes it.

    Examples
    --------
    >>> read_answer(encode_answer("78330011223344", Decimal("12.34"))).register
    Decimal('12.34')
    """
    kinds = {name: code for code, name in MEDIA.items()}
    value = to_bcd(str(int(register.scaleb(2))), 4) + bytes([unit])
    data = _DATA.to_bytes(2, "little") + b"\0" + value + value + bytes(7) + bytes(2)
    body = bytes([START, kinds[medium]]) + to_bcd(address, 7) + bytes([READ | _FROM_METER, len(data)]) + data
    return body + bytes([checksum(body), END])

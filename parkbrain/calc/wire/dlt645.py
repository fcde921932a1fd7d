"""DL/T 645-2007, the protocol of Chinese multi-function electricity meters: frames and values.

Frame (section 5.2): ``68 A0…A5 68 C L DATA CS 16``; the address and all numbers low byte first, the data field with 33H
added to every byte. Data identifiers as in annex A: energy, demand, and what the meter measures now.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from .frames import END, START, FrameError, Reading, checksum, cut_frame, from_bcd, scaled, to_bcd
from .tables import TableError, check_points, number_of_meter, read_table

READ = 0x11
#: The address every meter answers to.
ANY = "A" * 12
_OFFSET = 0x33
_HEAD, _LENGTH_AT = 10, 9
_FROM_METER, _ABNORMAL, _MORE = 0x80, 0x40, 0x20

_RATES = {0: "total", 1: "critical_peak", 2: "peak", 3: "flat", 4: "valley"}
_ENERGIES = {
    0: ("energy_combined", "KiloW-HR", True),
    1: ("energy_forward", "KiloW-HR", False),
    2: ("energy_reverse", "KiloW-HR", False),
    3: ("reactive_energy_1", "KiloV-A_Reactive-HR", True),
    4: ("reactive_energy_2", "KiloV-A_Reactive-HR", True),
}
#: Third and second byte of the identifier → quantity, unit, bytes, decimals, signed.
_PHASES = ((1, "a"), (2, "b"), (3, "c"))
_NOW: dict[int, tuple[str, str, int, int, bool]] = {
    **{0x02010000 | n << 8: (f"voltage_{p}", "V", 2, 1, False) for n, p in _PHASES},
    **{0x02020000 | n << 8: (f"current_{p}", "A", 3, 3, True) for n, p in _PHASES},
    **{0x02030000 | n << 8: (f"active_power_{p}", "KiloW", 3, 4, True) for n, p in ((0, "total"), *_PHASES)},
    **{
        0x02040000 | n << 8: (f"reactive_power_{p}", "KiloV-A_Reactive", 3, 4, True)
        for n, p in ((0, "total"), *_PHASES)
    },
    **{0x02060000 | n << 8: (f"power_factor_{p}", "UNITLESS", 2, 3, True) for n, p in ((0, "total"), *_PHASES)},
    0x02800002: ("frequency", "HZ", 2, 2, False),
}

#: What a meter can be asked for by name: the total and every rate of the energies, and what it measures now.
ITEMS: dict[str, int] = {
    **{
        f"{name}_{rate}": kind << 16 | code << 8
        for kind, (name, _, _) in _ENERGIES.items()
        for code, rate in _RATES.items()
    },
    **{name: identifier for identifier, (name, *_) in _NOW.items()},
}


@dataclass(frozen=True)
class Item:
    """What a source asks one meter for, and the address of the point that it is."""

    meter: str
    identifier: int
    point: str


@dataclass(frozen=True)
class Frame:
    """A checked frame: whose it is, what it says, with the offset taken off its data."""

    address: str
    control: int
    data: bytes

    @property
    def is_answer(self) -> bool:
        """Whether it comes from a meter."""
        return bool(self.control & _FROM_METER)

    @property
    def has_more(self) -> bool:
        """Whether further frames follow."""
        return bool(self.control & _MORE)


def read_request(address: str, identifier: int) -> bytes:
    """Return the frame that asks a meter for one item of data.

    Parameters
    ----------
    address
        Up to twelve digits as printed on the meter, or `ANY`.
    identifier
        Data identifier, DI3 first (0x00010000: forward active energy, total).

    Examples
    --------
    >>> read_request("161", 0x00010000).hex(" ")
    '68 61 01 00 00 00 00 68 11 04 33 33 34 33 14 16'
    """
    whose = b"\xaa" * 6 if address == ANY else to_bcd(address, 6)
    data = bytes((byte + _OFFSET) % 256 for byte in identifier.to_bytes(4, "little"))
    body = bytes([START]) + whose + bytes([START, READ, len(data)]) + data
    return body + bytes([checksum(body), END])


def read_frame(received: bytes) -> Frame:
    """Return the frame in the bytes.

    Raises
    ------
    FrameError
        If they are no frame of this protocol; nothing is guessed.
    """
    body = cut_frame(received, head=_HEAD, length_at=_LENGTH_AT)
    if body[7] != START:
        raise FrameError("no_start", byte=body[7])
    data = bytes((byte - _OFFSET) % 256 for byte in body[_HEAD:])
    return Frame(from_bcd(body[1:7]), body[8], data)


def read_answer(received: bytes) -> list[Reading]:
    """Return the values of a meter's answer to `read_request`.

    Raises
    ------
    FrameError
        If it is no such answer, the meter refused (code ``refused`` with its error byte), or the item is not known.

    Examples
    --------
    >>> read_answer(bytes.fromhex("6861010000000068910833333433593333338A16"))
    [Reading(quantity='energy_forward_total', value=Decimal('0.26'), unit='KiloW-HR')]
    """
    frame = read_frame(received)
    if not frame.is_answer or frame.control & 0x1F != READ:
        raise FrameError("unknown_data", control=frame.control)
    if frame.control & _ABNORMAL:
        raise FrameError("refused", error=frame.data[0] if frame.data else None)
    if len(frame.data) < 5:
        raise FrameError("too_short", length=len(frame.data))
    return _values(int.from_bytes(frame.data[:4], "little"), frame.data[4:])


def _values(identifier: int, field: bytes) -> list[Reading]:
    if identifier in _NOW:
        quantity, unit, size, decimals, signed = _NOW[identifier]
        return [_reading(quantity, unit, _exactly(field, size), decimals, signed)]
    kind, rate, period = identifier >> 16, identifier >> 8 & 0xFF, identifier & 0xFF
    if kind not in _ENERGIES or period != 0:
        raise FrameError("unknown_data", identifier=f"{identifier:08x}")
    quantity, unit, signed = _ENERGIES[kind]
    # FF asks for the total and every rate in one answer.
    rates = list(range(len(field) // 4)) if rate == 0xFF else [rate]
    if any(one not in _RATES for one in rates):
        raise FrameError("unknown_data", identifier=f"{identifier:08x}")
    _exactly(field, 4 * len(rates))
    return [
        _reading(f"{quantity}_{_RATES[one]}", unit, field[4 * n : 4 * n + 4], 2, signed) for n, one in enumerate(rates)
    ]


def _exactly(field: bytes, size: int) -> bytes:
    if len(field) != size or not size:
        raise FrameError("wrong_length", length=len(field), expected=size)
    return field


def _reading(quantity: str, unit: str, field: bytes, decimals: int, signed: bool) -> Reading:
    negative = signed and field[-1] & 0x80
    if negative:
        field = field[:-1] + bytes([field[-1] & 0x7F])
    value = scaled(from_bcd(field), decimals)
    return Reading(quantity, -value if negative else value, unit)


def read_items(text: str) -> list[Item]:
    """Return what a source asks for: columns meter, item, point; an item is one of `ITEMS` or an identifier of 8 hex digits.

    Raises
    ------
    TableError
        Naming row, column and value.

    Examples
    --------
    >>> read_items("meter,item,point\\n161,energy_forward_total,E-1")
    [Item(meter='000000000161', identifier=65536, point='E-1')]
    """
    rows = read_table(text, required=("meter", "item", "point"), optional={})
    found: list[Item] = []
    for number, row in rows:
        meter = number_of_meter(row, number, 12, anyone=ANY)
        identifier = _identifier_of(row["item"])
        if identifier is None:
            raise TableError("unknown", row=number, column="item", value=row["item"])
        found.append(Item(meter, identifier, row["point"]))
    check_points(rows)
    return found


def _identifier_of(item: str) -> int | None:
    if item in ITEMS:
        return ITEMS[item]
    try:
        identifier = int(item, 16) if len(item) == 8 else -1
    except ValueError:
        return None
    # One number is one point: what answers with several, or with what we cannot read, cannot be asked for here.
    return identifier if identifier in ITEMS.values() else None


def encode_answer(address: str, identifier: int, value: Decimal) -> bytes:
    """Return the frame with which a meter answers `read_request`; `read_answer` undoes it.

    Examples
    --------
    >>> encode_answer("161", 0x00010000, Decimal("0.26")).hex()
    '6861010000000068910833333433593333338a16'
    """
    if identifier in _NOW:
        _, _, size, decimals, signed = _NOW[identifier]
    else:
        size, decimals, signed = 4, 2, _ENERGIES[identifier >> 16][2]
    field = bytearray(to_bcd(str(abs(int(value.scaleb(decimals)))), size))
    if (field[-1] & 0x80 and signed) or (value < 0 and not signed):
        raise FrameError("not_bcd", value=str(value))
    if value < 0:
        field[-1] |= 0x80
    data = bytes((byte + _OFFSET) % 256 for byte in identifier.to_bytes(4, "little") + bytes(field))
    body = bytes([START]) + to_bcd(address, 6) + bytes([START, READ | _FROM_METER, len(data)]) + data
    return body + bytes([checksum(body), END])

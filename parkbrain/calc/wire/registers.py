"""Which registers of Modbus devices hold which points: the map people write, the spans to ask for, the values in them.

Modbus Application Protocol 1.1b3 (2012): registers of 16 bits, high byte first; the order of the words of longer numbers
is the maker's choice, so the map says it.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from .tables import check_points, known_of, read_table, real_of, whole_of

HOLDING, INPUT = "holding", "input"
#: Format of `struct` and number of registers by the name of a type.
TYPES = {
    "int16": (">h", 1), "uint16": (">H", 1), "int32": (">i", 2), "uint32": (">I", 2), "int64": (">q", 4),
    "uint64": (">Q", 4), "float32": (">f", 2), "float64": (">d", 4),
}  # fmt: skip
#: One request asks for at most so many registers; what lies further apart is asked for by itself.
MOST_REGISTERS, MOST_APART = 120, 8


@dataclass(frozen=True)
class Register:
    """A number in a device: `value = raw × scale + offset` is the reading of the point with this address."""

    device: int
    table: str
    register: int
    kind: str
    is_little: bool
    scale: float
    offset: float
    point: str

    @property
    def count(self) -> int:
        """How many registers it fills."""
        return TYPES[self.kind][1]


@dataclass(frozen=True)
class Span:
    """Registers that one request asks for."""

    device: int
    table: str
    start: int
    count: int
    holds: Sequence[Register]


def read_registers(text: str) -> list[Register]:
    """Return the map of a source: columns device, register, type, point; perhaps table, order, scale, offset.

    Raises
    ------
    TableError
        Naming row, column and value.

    Examples
    --------
    >>> read_registers("device,register,type,point\\n1,100,float32,E-1")[0].count
    2
    """
    optional = {"table": HOLDING, "order": "big", "scale": "1", "offset": "0"}
    rows = read_table(text, required=("device", "register", "type", "point"), optional=optional)
    found: list[Register] = []
    for number, row in rows:
        for column, known in (("table", (HOLDING, INPUT)), ("type", tuple(TYPES)), ("order", ("big", "little"))):
            known_of(row, number, column, known)
        device = whole_of(row, number, "device", 255)
        register = whole_of(row, number, "register", 65_536 - TYPES[row["type"]][1])
        scale, offset = (real_of(row, number, column) for column in ("scale", "offset"))
        found.append(
            Register(device, row["table"], register, row["type"], row["order"] == "little", scale, offset, row["point"])
        )
    check_points(rows)
    return found


def spans_of(registers: Sequence[Register]) -> list[Span]:
    """Return what to ask for: registers near each other in one request.

    Examples
    --------
    >>> near = read_registers("device,register,type,point\\n1,0,int16,a\\n1,2,int32,b\\n1,900,int16,c")
    >>> [(span.start, span.count) for span in spans_of(near)]
    [(0, 4), (900, 1)]
    """
    spans: list[Span] = []
    for one in sorted(registers, key=lambda r: (r.device, r.table, r.register)):
        last = spans[-1] if spans else None
        end = one.register + one.count
        if (
            last is not None
            and (last.device, last.table) == (one.device, one.table)
            and one.register <= last.start + last.count + MOST_APART
            and max(end, last.start + last.count) - last.start <= MOST_REGISTERS
        ):
            count = max(end, last.start + last.count) - last.start
            spans[-1] = Span(last.device, last.table, last.start, count, [*last.holds, one])
        else:
            spans.append(Span(one.device, one.table, one.register, one.count, [one]))
    return spans


def value_of(register: Register, words: Sequence[int]) -> float:
    """Return the reading in the words of a register; NaN stays NaN.

    Examples
    --------
    >>> one = read_registers("device,register,type,point,order,scale\\n1,0,int32,a,little,0.1")[0]
    >>> value_of(one, [0xFFF6, 0xFFFF])
    -1.0
    """
    ordered = list(reversed(words)) if register.is_little else list(words)
    raw = struct.unpack(TYPES[register.kind][0], struct.pack(f">{len(ordered)}H", *ordered))[0]
    return float(raw) * register.scale + register.offset

"""Register maps and tables of sources: what people write is read or refused by line, column and value."""

from __future__ import annotations

import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parkbrain.calc.wire import cjt188, dlt645
from parkbrain.calc.wire.registers import MOST_REGISTERS, TYPES, read_registers, spans_of, value_of
from parkbrain.calc.wire.tables import TableError, read_table

HEAD = "device,register,type,point"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ("empty", 0, "")),
        (HEAD, ("empty", 0, "")),
        ("device,register,type\n1,2,int16", ("missing_column", 1, "point")),
        (f"{HEAD}\n1,2,int16,", ("missing", 2, "point")),
        (f"# map of hall 1\n\n{HEAD}\n1,2,int16,A\n# spare\n1,x,int16,B", ("no_number", 6, "register")),
        (f"{HEAD}\n1,65536,int16,A", ("no_number", 2, "register")),
        (f"{HEAD}\n1,65535,int32,A", ("no_number", 2, "register")),
        (f"{HEAD}\n256,1,int16,A", ("no_number", 2, "device")),
        (f"{HEAD}\n-1,1,int16,A", ("no_number", 2, "device")),
        (f"{HEAD}\n1,1,int24,A", ("unknown", 2, "type")),
        (f"{HEAD},order\n1,1,int32,A,middle", ("unknown", 2, "order")),
        (f"{HEAD},table\n1,1,int32,A,coils", ("unknown", 2, "table")),
        (f"{HEAD},scale\n1,1,int32,A,nan", ("no_number", 2, "scale")),
        (f"{HEAD},offset\n1,1,int32,A,1e999", ("no_number", 2, "offset")),
        (f"{HEAD}\n1,1,int16,A\n1,2,int16,A", ("twice", 3, "point")),
    ],
)
def test_wrong_map_is_refused_by_line_and_column(text: str, expected: tuple[str, int, str]) -> None:
    with pytest.raises(TableError) as refused:
        read_registers(text)
    assert (refused.value.code, refused.value.row, refused.value.column) == expected


@given(st.text(max_size=80))
def test_no_text_whatever_raises_anything_but_a_refusal(text: str) -> None:
    for read in (read_registers, dlt645.read_items, cjt188.read_meters):
        for given_text in (text, f"{HEAD},meter,item\n{text}"):
            try:
                read(given_text)
            except TableError as refusal:
                assert refusal.code


def test_quoted_cells_capitals_and_blanks_are_read() -> None:
    text = 'Device ; Register ; Type ; Point\n 1 ; 10 ; int16 ; "A;1"'
    [one] = read_registers(text)
    assert (one.device, one.register, one.point) == (1, 10, "A;1")
    assert read_table("a,b\n1,2\n3", required=["a"], optional={"b": "9"}) == [
        (2, {"b": "2", "a": "1"}),
        (3, {"b": "9", "a": "3"}),
    ]


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("order", ["big", "little"])
def test_every_type_in_either_order_gives_back_what_was_written(kind: str, order: str) -> None:
    value = {"u": 200, "i": -200, "f": -1.5}[kind[0]]
    raw = struct.pack(TYPES[kind][0], value)
    words = list(struct.unpack(f">{len(raw) // 2}H", raw))
    [one] = read_registers(f"{HEAD},order,scale,offset\n1,0,{kind},A,{order},0.5,10")
    assert value_of(one, words if order == "big" else words[::-1]) == value * 0.5 + 10


def test_not_a_number_stays_not_a_number() -> None:
    [one] = read_registers(f"{HEAD}\n1,0,float32,A")
    assert math.isnan(value_of(one, [0x7FC0, 0]))


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 500), st.sampled_from(sorted(TYPES))), min_size=1, max_size=60)
)
def test_spans_hold_every_register_once_and_are_never_too_long(rows: list[tuple[int, int, str]]) -> None:
    registers = read_registers(HEAD + "".join(f"\n{d},{r},{k},P{n}" for n, (d, r, k) in enumerate(rows)))
    spans = spans_of(registers)
    assert sorted(r.point for s in spans for r in s.holds) == sorted(r.point for r in registers)
    for span in spans:
        assert span.count <= MOST_REGISTERS
        assert all(
            r.device == span.device and span.start <= r.register and r.register + r.count <= span.start + span.count
            for r in span.holds
        )


@pytest.mark.parametrize(
    ("read", "text", "column"),
    [
        (dlt645.read_items, "meter,item,point\n161,energy_forward,A", "item"),
        (dlt645.read_items, "meter,item,point\n161,zzzzzzzz,A", "item"),
        (dlt645.read_items, "meter,item,point\n161,0001FF00,A", "item"),
        (dlt645.read_items, "meter,item,point\n1234567890123,00010000,A", "meter"),
        (cjt188.read_meters, "meter,point\n123456789012345,A", "meter"),
        (cjt188.read_meters, "meter,point\n一,A", "meter"),
        (cjt188.read_meters, "meter,medium,point\n1,beer,A", "medium"),
    ],
)
def test_wrong_meter_or_item_is_refused(read: object, text: str, column: str) -> None:
    with pytest.raises(TableError) as refused:
        read(text)  # type: ignore[operator]
    assert (refused.value.row, refused.value.column) == (2, column)

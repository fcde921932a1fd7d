"""DL/T 645-2007: published frames say what they are published to say; a damaged frame is refused, never guessed."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parkbrain.calc.wire import dlt645
from parkbrain.calc.wire.frames import FrameError, checksum

#: Frames and their meaning as published with the analysis of a real meter's traffic (address 161).
PUBLISHED = [
    ("68 61 01 00 00 00 00 68 91 08 33 33 34 33 59 33 33 33 8A 16", "energy_forward_total", "0.26", "KiloW-HR"),
    ("68 61 01 00 00 00 00 68 91 08 33 33 35 33 59 34 33 33 8C 16", "energy_reverse_total", "1.26", "KiloW-HR"),
    (
        "68 61 01 00 00 00 00 68 91 08 33 33 36 33 59 33 34 33 8D 16",
        "reactive_energy_1_total",
        "100.26",
        "KiloV-A_Reactive-HR",
    ),
    (
        "68 61 01 00 00 00 00 68 91 08 33 33 37 33 56 33 34 33 8B 16",
        "reactive_energy_2_total",
        "100.23",
        "KiloV-A_Reactive-HR",
    ),
    ("68 61 01 00 00 00 00 68 91 06 33 34 34 35 34 43 10 16", "voltage_a", "100.1", "V"),
]


def answer(identifier: int, field: str, control: int = 0x91) -> bytes:
    data = bytes((byte + 0x33) % 256 for byte in identifier.to_bytes(4, "little") + bytes.fromhex(field))
    body = bytes.fromhex("68 61 01 00 00 00 00 68") + bytes([control, len(data)]) + data
    return body + bytes([checksum(body), 0x16])


@pytest.mark.parametrize(("frame", "quantity", "value", "unit"), PUBLISHED)
def test_published_answers_are_read_as_published(frame, quantity, value, unit):
    (reading,) = dlt645.read_answer(bytes.fromhex("FE FE FE FE" + frame))
    assert (reading.quantity, reading.value, reading.unit) == (quantity, Decimal(value), unit)


@pytest.mark.parametrize(
    ("identifier", "frame"),
    [
        (0x00010000, "68 61 01 00 00 00 00 68 11 04 33 33 34 33 14 16"),
        (0x00020000, "68 61 01 00 00 00 00 68 11 04 33 33 35 33 15 16"),
        (0x02010100, "68 61 01 00 00 00 00 68 11 04 33 34 34 35 17 16"),
    ],
)
def test_requests_are_the_published_ones(identifier, frame):
    assert dlt645.read_request("000000000161", identifier) == bytes.fromhex(frame)


def test_a_block_gives_the_total_and_every_rate():
    found = dlt645.read_answer(answer(0x0001FF00, "00010000 10000000 20000000 30000000 40000000"))
    assert [(r.quantity, str(r.value)) for r in found] == [
        ("energy_forward_total", "1.00"),
        ("energy_forward_critical_peak", "0.10"),
        ("energy_forward_peak", "0.20"),
        ("energy_forward_flat", "0.30"),
        ("energy_forward_valley", "0.40"),
    ]


def test_the_highest_bit_of_a_signed_value_is_its_sign():
    (reading,) = dlt645.read_answer(answer(0x02030000, "563482"))
    assert (reading.quantity, reading.value) == ("active_power_total", Decimal("-2.3456"))


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("", "too_short"),
        ("68 61 01", "too_short"),
        ("67 61 01 00 00 00 00 68 91 08 33 33 34 33 59 33 33 33 8A 16", "no_start"),
        ("68 61 01 00 00 00 00 67 91 08 33 33 34 33 59 33 33 33 89 16", "no_start"),
        ("68 61 01 00 00 00 00 68 91 08 33 33 34 33 59 33 33 33 8A 17", "no_end"),
        ("68 61 01 00 00 00 00 68 91 08 33 33 34 33 58 33 33 33 8A 16", "wrong_checksum"),
        ("68 61 01 00 00 00 00 68 91 08 33 33 34 33 59 33 33 8A 16", "wrong_length"),
        ("68 61 01 00 00 00 00 68 11 04 33 33 34 33 14 16", "unknown_data"),
    ],
)
def test_what_is_no_answer_is_refused_by_its_reason(frame, code):
    with pytest.raises(FrameError) as refused:
        dlt645.read_answer(bytes.fromhex(frame))
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (answer(0x00010000, "2600000A"), "not_bcd"),
        (answer(0x00010000, "260000"), "wrong_length"),
        (answer(0x00990000, "26000000"), "unknown_data"),
        (answer(0x00010000, "26000000", control=0xD1), "refused"),
    ],
)
def test_an_answer_that_says_nothing_known_is_refused(frame, code):
    with pytest.raises(FrameError) as refused:
        dlt645.read_answer(frame)
    assert refused.value.code == code


@given(st.binary(max_size=60))
def test_no_bytes_whatever_raise_anything_but_a_refusal(noise):
    for read in (dlt645.read_frame, dlt645.read_answer):
        try:
            read(noise)
        except FrameError as refusal:
            assert refusal.code


@given(st.integers(0, 19), st.integers(1, 255))
def test_one_changed_byte_is_always_noticed(place, change):
    frame = bytearray.fromhex(PUBLISHED[0][0])
    frame[place] = (frame[place] + change) % 256
    # A wake-up byte in front of the frame is allowed, and leaves one that is too short.
    with pytest.raises(FrameError):
        dlt645.read_answer(bytes(frame))


@given(st.sampled_from(sorted(dlt645.ITEMS)), st.integers(0, 7999))
def test_what_a_meter_would_answer_is_read_as_it_was_meant(name, number):
    identifier = dlt645.ITEMS[name]
    # As many decimals as the item has, which its zero shows.
    [zero] = dlt645.read_answer(dlt645.encode_answer("161", identifier, Decimal(0)))
    value = Decimal(number).scaleb(int(zero.value.as_tuple().exponent))
    [found] = dlt645.read_answer(dlt645.encode_answer("161", identifier, value))
    assert (found.quantity, found.value) == (name, value)


@pytest.mark.parametrize("name", ["active_power_total", "energy_combined_total"])
def test_negative_values_keep_their_sign_and_what_has_none_refuses_them(name):
    [found] = dlt645.read_answer(dlt645.encode_answer("161", dlt645.ITEMS[name], Decimal("-1.25")))
    assert found.value == Decimal("-1.25")
    with pytest.raises(FrameError):
        dlt645.encode_answer("161", dlt645.ITEMS["energy_forward_total"], Decimal(-1))

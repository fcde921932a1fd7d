"""CJ/T 188: the published frame says what it is published to say; a damaged one is refused."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parkbrain.calc.wire import cjt188
from parkbrain.calc.wire.frames import FrameError, checksum

REQUEST = "FE FE FE FE 68 10 44 33 22 11 00 33 78 01 03 1F 90 00 80 16"
#: As published, but for the checksum: the printed one (08) is not the sum of its bytes (13).
ANSWER = "FE FE FE FE 68 10 44 33 22 11 00 33 78 81 16 1F 90 00 00 77 66 55 2C 00 77 66 55 2C 31 01 22 11 05 15 20 21 84 13 16"


def changed(place: int, byte: int) -> bytes:
    """Return the published answer with one byte replaced and the checksum made right again."""
    frame = bytearray(bytes.fromhex(ANSWER)[4:])
    frame[place] = byte
    frame[-2] = checksum(bytes(frame[:-2]))
    return bytes(frame)


def test_the_published_answer_is_read_as_published():
    found = cjt188.read_answer(bytes.fromhex(ANSWER))
    assert (found.address, found.medium) == ("78330011223344", "cold_water")
    assert (found.register, found.settled_register, found.unit) == (Decimal("556677.00"), Decimal("556677.00"), "M3")
    assert found.meter_clock == datetime(2015, 5, 11, 22, 1, 31)
    assert (found.valve, found.battery_low) == ("closed", False)


def test_the_request_is_the_published_one():
    assert cjt188.read_request("78330011223344") == bytes.fromhex(REQUEST)[4:]


def test_a_clock_that_was_never_set_is_unknown():
    # The month.
    assert cjt188.read_answer(changed(28, 0x12)).meter_clock == datetime(2015, 12, 11, 22, 1, 31)
    assert cjt188.read_answer(changed(28, 0x00)).meter_clock is None


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (changed(18, 0x77), "unknown_data"),
        (changed(1, 0x55), "unknown_data"),
        (changed(14, 0x0A), "not_bcd"),
        (changed(9, 0xC1), "refused"),
        (bytes.fromhex(REQUEST), "unknown_data"),
        (bytes.fromhex(ANSWER)[:-1], "wrong_length"),
        (bytes.fromhex(ANSWER.replace("13 16", "08 16")), "wrong_checksum"),
        (b"", "too_short"),
    ],
)
def test_what_is_no_answer_is_refused_by_its_reason(frame, code):
    with pytest.raises(FrameError) as refused:
        cjt188.read_answer(frame)
    assert refused.value.code == code


def test_a_medium_nobody_knows_is_refused():
    with pytest.raises(FrameError, match="steam"):
        cjt188.read_request("1", medium="steam")


@given(st.binary(max_size=60))
def test_no_bytes_whatever_raise_anything_but_a_refusal(noise):
    try:
        cjt188.read_answer(noise)
    except FrameError as refusal:
        assert refusal.code

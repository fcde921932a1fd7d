"""What the Chinese meter protocols share: packed decimal digits, the checksum, and how a frame is refused."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

START, END, WAKE_UP = 0x68, 0x16, 0xFE


class FrameError(ValueError):
    """Raised when bytes are no frame; `code` is one of too_short, no_start, no_end, wrong_length, wrong_checksum, not_bcd, unknown_data, refused."""  # noqa: E501

    def __init__(self, code: str, **params: Any) -> None:
        self.code = code
        self.params = params
        super().__init__(f"{code}: {params}" if params else code)


@dataclass(frozen=True)
class Reading:
    """One value a meter gave: what it is, how much, in which unit (QUDT name)."""

    quantity: str
    value: Decimal
    unit: str


def checksum(body: bytes) -> int:
    """Return the sum of all bytes modulo 256.

    Examples
    --------
    >>> hex(checksum(bytes.fromhex("6861010000000068110433333433")))
    '0x14'
    """
    return sum(body) % 256


def from_bcd(field: bytes) -> str:
    """Return the digits of packed decimals that were sent low byte first.

    Raises
    ------
    FrameError
        If a half byte is no digit.

    Examples
    --------
    >>> from_bcd(bytes.fromhex("26010000"))
    '00000126'
    """
    digits = field[::-1].hex()
    if not digits.isdigit():
        raise FrameError("not_bcd", bytes=field.hex())
    return digits


def to_bcd(digits: str, length: int) -> bytes:
    """Return digits as packed decimals, low byte first, filled with zeros to the length [bytes].

    Raises
    ------
    FrameError
        If they are not digits or too many.

    Examples
    --------
    >>> to_bcd("161", 6).hex()
    '610100000000'
    """
    if not digits.isdigit() or not digits.isascii() or len(digits) > 2 * length:
        raise FrameError("not_bcd", digits=digits)
    return bytes.fromhex(digits.zfill(2 * length))[::-1]


def scaled(digits: str, decimals: int) -> Decimal:
    """Return digits with so many places after the point.

    Examples
    --------
    >>> scaled("00000126", 2)
    Decimal('1.26')
    """
    return Decimal(int(digits)).scaleb(-decimals)


def cut_frame(received: bytes, *, head: int, length_at: int) -> bytes:
    """Return the one frame in the bytes, from its start to before the checksum, after both ends have been checked.

    Parameters
    ----------
    received
        What came from the line; wake-up bytes before the frame are skipped.
    head
        Bytes before the data field.
    length_at
        Where in the head the length of the data field stands.

    Raises
    ------
    FrameError
        Saying what is wrong.
    """
    frame = received.lstrip(bytes([WAKE_UP]))
    if len(frame) < head + 2:
        raise FrameError("too_short", length=len(frame))
    if frame[0] != START:
        raise FrameError("no_start", byte=frame[0])
    expected = head + frame[length_at] + 2
    if len(frame) != expected:
        raise FrameError("wrong_length", length=len(frame), expected=expected)
    if frame[-1] != END:
        raise FrameError("no_end", byte=frame[-1])
    body = frame[:-2]
    if checksum(body) != frame[-2]:
        raise FrameError("wrong_checksum", found=frame[-2], expected=checksum(body))
    return body

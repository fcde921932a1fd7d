"""Which characters the bytes of a text file stand for: Unicode, Chinese (GB 18030) or Traditional Chinese (Big5)."""

from __future__ import annotations

import codecs
import unicodedata

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
#: First bytes of the everyday characters of the two sets (level 1 of GB 2312, level 1 of Big5).
_EVERYDAY = {"gb18030": ("gb2312", 0xB0, 0xD7), "big5": ("big5", 0xA4, 0xC6)}
#: Below this share of everyday characters the text is noise, not writing.
_LEAST_SHARE = 0.5


def decode(data: bytes) -> tuple[str, str]:
    """Return the text of the bytes and the name of its encoding.

    Where the bytes are not Unicode, GB 18030 and Big5 are told apart by the share of everyday characters each gives.

    Raises
    ------
    ValueError
        If the bytes are no text in any of these encodings.

    Examples
    --------
    >>> decode("园区,面积".encode("gb18030"))
    ('园区,面积', 'gb18030')
    >>> decode("園區,面積".encode("big5"))
    ('園區,面積', 'big5')
    """
    for mark, name in _MARKS:
        if data.startswith(mark):
            try:
                return data.decode(name), name
            except UnicodeDecodeError as error:
                raise ValueError("the text breaks its own encoding") from error
    if b"\x00" in data:
        return _unmarked_utf16(data)
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        pass
    readings = []
    for name in _EVERYDAY:
        try:
            text = data.decode(name)
        except UnicodeDecodeError:
            continue
        readings.append((_everyday_share(text, name), text, name))
    if not readings or max(r[0] for r in readings) < _LEAST_SHARE:
        raise ValueError("neither Unicode nor Chinese text")
    _share, text, name = max(readings, key=lambda r: r[0])
    return text, name


def _unmarked_utf16(data: bytes) -> tuple[str, str]:
    """Return text of two bytes a character that lacks the mark at its beginning."""
    for name in ("utf-16-le", "utf-16-be"):
        try:
            text = data.decode(name)
        except UnicodeDecodeError:
            continue
        # Read the wrong way round, a line's end and a comma are characters that nobody writes.
        kinds = {unicodedata.category(c) for c in set(text) - set("\r\n\t")}
        if not kinds & {"Cc", "Cn", "Co"} and any(mark in text for mark in "\n,;\t"):
            return text, name
    raise ValueError("not a text file")


def _everyday_share(text: str, name: str) -> float:
    charset, first, last = _EVERYDAY[name]
    # A few thousand characters tell the encoding as surely as all of them.
    foreign = [c for c in text[:200_000] if ord(c) > 0x7F][:5000]
    if not foreign:
        return 0.0
    found = 0
    for character in foreign:
        try:
            code = character.encode(charset)
        except UnicodeEncodeError:
            continue
        # Punctuation and full-width forms lie below the characters and are writing just as well.
        found += 0xA1 <= code[0] <= last and (code[0] <= 0xA3 or code[0] >= first)
    return found / len(foreign)

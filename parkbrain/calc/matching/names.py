"""Names and addresses in the form in which they are compared."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

#: Legal forms that people leave out or write differently; longest first.
_LEGAL_ZH = re.compile(
    r"(?:股份有限公司|有限责任公司|有限公司|股份公司|集团公司|总公司|公司|\(集团\)|集团|股份) *$", re.MULTILINE
)
_LEGAL_EN = re.compile(
    r"\b(?:co|company|corp|corporation|inc|incorporated|limited|llc|llp|lp|ltd|gmbh|ag|plc|sa|bv|pte|pty)\b"
)
_SHORT_STREET = {
    "street": "st", "avenue": "ave", "av": "ave", "boulevard": "blvd", "road": "rd", "drive": "dr", "lane": "ln",
    "court": "ct", "place": "pl", "parkway": "pkwy", "highway": "hwy", "square": "sq", "terrace": "ter",
    "circle": "cir", "north": "n", "south": "s", "east": "e", "west": "w", "northeast": "ne", "northwest": "nw",
    "southeast": "se", "southwest": "sw", "first": "1", "second": "2", "third": "3", "fourth": "4", "fifth": "5",
    "sixth": "6", "seventh": "7", "eighth": "8", "ninth": "9", "tenth": "10", "1st": "1", "2nd": "2", "3rd": "3",
}  # fmt: skip
_ORDINAL = re.compile(r"\b(\d+)(?:st|nd|rd|th)\b")
_ZH_ADDRESS = (("号楼", "栋"), ("大楼", "楼"), ("马路", "路"), ("门牌", ""), ("中国", ""))
_NOT_WORDS = re.compile(r"[^\w\n]+")
#: Stands between texts while many are read at once; within a text it is a space.
_BETWEEN = "\n"
_DOTTED = re.compile(r"\b((?:[a-z]\.){2,})")
_TELLING = re.compile(r"\d+|\b(?:north|south|east|west)\b|[东西南北](?=[座栋楼塔区院])|(?<![a-z])[a-z](?![a-z])")
_WORD = re.compile(r"[a-z0-9]+")
_AT_CHINESE = re.compile(r"(?<=[\u4e00-\u9fff]) +| +(?=[\u4e00-\u9fff])")


@lru_cache(maxsize=1)
def _to_simplified() -> Callable[[str], str]:
    import opencc

    converter: Any = opencc.OpenCC("t2s")
    return lambda text: str(converter.convert(text))


def _joined(texts: Sequence[str]) -> str:
    """Return all texts as lines of one: half-width, lower case, Simplified characters."""
    joined = _BETWEEN.join(" ".join(t.split()) for t in texts)
    if joined.isascii():
        return joined.lower()
    return _to_simplified()(unicodedata.normalize("NFKC", joined).casefold())


def plain_texts(texts: Sequence[str]) -> list[str]:
    """Return texts half-width, in lower case and in Simplified characters; many at once, for speed.

    Parameters
    ----------
    texts
        Texts as people write them.

    Examples
    --------
    >>> plain_texts(["ＡＢ　大廈（１座）"])
    ['ab 大厦(1座)']
    """
    return _joined(texts).split(_BETWEEN) if texts else []


def plain_names(texts: Sequence[str]) -> list[str]:
    """Return names without what does not tell two apart: legal form, brackets, spaces at Chinese characters.

    Examples
    --------
    >>> plain_names(["深圳市星河機器人（集團）股份有限公司", "Hilltop, L.L.C.", "ACME Co., Ltd."])
    ['深圳市星河机器人', 'hilltop', 'acme']
    """
    whole = _DOTTED.sub(lambda m: m.group(1).replace(".", ""), _joined(texts))
    joined = whole
    if not joined.isascii():
        while (shorter := _LEGAL_ZH.sub("", joined)) != joined:
            joined = shorter
    bare = _AT_CHINESE.sub("", _LEGAL_EN.sub(" ", _NOT_WORDS.sub(" ", joined))).split(_BETWEEN)
    # A name that is nothing but a legal form stays as it is.
    full = _NOT_WORDS.sub(" ", whole).split(_BETWEEN)
    return [" ".join(b.split() or f.split()) for b, f in zip(bare, full, strict=True)] if texts else []


def plain_addresses(texts: Sequence[str]) -> list[str]:
    """Return addresses in their short form: "Avenue" is "ave", "Ninth" is 9; 号楼 is 栋.

    Examples
    --------
    >>> plain_addresses(["405 Olive Way N.E.", "11 Ninth Street", "寶安區創業一路 1號樓"])
    ['405 olive way ne', '11 9 st', '宝安区创业一路1栋']
    """
    joined = _joined(texts)
    for long, short in _ZH_ADDRESS:
        joined = joined.replace(long, short)
    joined = _ORDINAL.sub(r"\1", _DOTTED.sub(lambda m: m.group(1).replace(".", ""), joined))
    joined = _WORD.sub(lambda m: _SHORT_STREET.get(m.group(), m.group()), _NOT_WORDS.sub(" ", joined))
    return [" ".join(line.split()) for line in _AT_CHINESE.sub("", joined).split(_BETWEEN)] if texts else []


def tokens_of(text: str) -> frozenset[str]:
    """Return the words of a plain text; Chinese runs as pairs of characters.

    Examples
    --------
    >>> sorted(tokens_of("星河园 tower a1"))
    ['a1', 'tower', '星河', '河园']
    """
    found: set[str] = set()
    for word in re.findall(r"[\u4e00-\u9fff]+|[^\W\u4e00-\u9fff]+", text):
        if "\u4e00" <= word[0] <= "\u9fff" and len(word) > 1:
            found.update(word[i : i + 2] for i in range(len(word) - 1))
        else:
            found.add(word)
    return frozenset(found)


def numbers_of(text: str) -> frozenset[str]:
    """Return the numbers, single letters and compass words of a plain text: what tells neighbors apart.

    Examples
    --------
    >>> sorted(numbers_of("tower 2")), sorted(numbers_of("a座"))
    (['2'], ['a'])
    """
    return frozenset(_TELLING.findall(text))

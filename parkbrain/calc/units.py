"""Units as people write them in headings and cells, and the factor between two of one quantity."""

from __future__ import annotations

import unicodedata
from decimal import Decimal

#: Quantity → unit's size in the first one of the quantity → the ways it is written (normalized by `_key`).
_TABLE: dict[str, dict[str, tuple[str, ...]]] = {
    "area": {
        "1": ("m2", "sqm", "㎡", "平方米", "平米", "平方公尺", "平方"),
        "10000": ("万m2", "萬m2", "万平方米", "萬平方米", "万㎡", "公顷", "公頃", "ha"),
        "1000000": ("km2", "平方公里"),
        "1000": ("千m2", "千平方米", "thousandm2", "thousandsqm"),
        "0.09290304": ("ft2", "sqft", "sq.ft", "sq.ft.", "sf", "squarefeet", "squarefoot", "平方英尺", "平方呎", "呎"),
    },
    "length": {
        "1": ("m", "米", "公尺"),
        "0.001": ("mm", "毫米"),
        "0.01": ("cm", "厘米"),
        "1000": ("km", "公里"),
        "0.3048": ("ft", "feet", "英尺"),
    },
    "mass": {"1": ("t", "吨", "噸", "ton"), "0.001": ("kg", "千克", "公斤")},
    "money": {
        "1": ("yuan", "元", "cny", "rmb", "人民币元", "人民幣元"),
        "1000": ("千元", "thousandyuan"),
        "10000": ("万元", "萬元", "10kyuan", "人民币万元", "人民幣萬元"),
        "100000000": ("亿元", "億元"),
    },
    "rent": {
        "1": ("yuan/m2·month", "yuan/m2/month", "元/m2·月", "元/m2/月", "元/平方米·月", "元/平方米/月"),
    },
    "load": {"1": ("kn/m2", "kn/㎡", "kpa", "千牛/平方米"), "0.00980665": ("kg/m2", "kg/㎡", "公斤/平方米")},
    "power density": {"1": ("w/m2", "w/㎡", "va/m2", "瓦/平方米"), "1000": ("kw/m2", "kw/㎡", "千瓦/平方米")},
    "share": {"1": ("%", "percent", "百分比"), "100": ("share", "比例")},
    "angle": {"1": ("°", "度", "deg")},
    "count": {
        "1": (
            "count",
            "个",
            "個",
            "人",
            "家",
            "户",
            "戶",
            "项",
            "項",
            "件",
            "次",
            "台",
            "座",
            "栋",
            "棟",
            "名",
            "persons",
        ),
        "10000": ("万人", "萬人"),
    },
    "energy": {
        "1": ("kwh", "度电", "千瓦时", "千瓦時"),
        "1000": ("mwh", "兆瓦时"),
        "10000": ("万kwh", "万千瓦时", "万度"),
    },
    "carbon": {"1": ("tco2", "吨二氧化碳", "tco2e"), "0.001": ("kgco2", "kgco2e")},
    "coal": {"1": ("tce", "吨标准煤", "吨标煤"), "0.001": ("kgce", "千克标准煤")},
    "time": {"1": ("day", "days", "天", "日", "d"), "30": ("个月",), "365": ("year", "years", "年")},
    "hours": {"1": ("h", "hour", "hours", "小时", "小時"), "0.0166666667": ("min", "minute", "minutes", "分钟")},
}
#: Sizes that a calendar decides are words for the reader, not factors.
_NOT_CONVERTED = frozenset({"time", "hours"})


def _key(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text.replace("㎡", "m2").replace("²", "2")).casefold()
    return "".join(plain.split()).replace("*", "·").replace("・", "·")


_KNOWN: dict[str, tuple[str, Decimal]] = {
    _key(name): (quantity, Decimal(size))
    for quantity, sizes in _TABLE.items()
    for size, names in sizes.items()
    for name in names
}


def is_unit(text: str) -> bool:
    """Tell whether the text is a unit that is known.

    Examples
    --------
    >>> is_unit("万元"), is_unit("必填")
    (True, False)
    """
    return _key(text) in _KNOWN


def alternatives(unit: str) -> tuple[str, ...]:
    """Return the units that numbers of a column in this unit may stand in, its own first.

    Examples
    --------
    >>> alternatives("m²")
    ('m²', '万m2', 'km2', '千m2', 'ft2')
    """
    known = _KNOWN.get(_key(unit))
    if known is None or known[0] in _NOT_CONVERTED:
        return (unit,) if unit else ()
    names = [names[0] for size, names in _TABLE[known[0]].items() if Decimal(size) != known[1]]
    return (unit, *names)


def factor(written: str, wanted: str) -> Decimal | None:
    """Return by what a number in `written` units is multiplied to stand in `wanted` units.

    Returns
    -------
    Decimal or None
        None where one of the two is not known or they measure different things.

    Examples
    --------
    >>> factor("元", "10k yuan")
    Decimal('0.0001')
    >>> factor("㎡", "m²")
    Decimal('1')
    >>> factor("kg", "m²") is None
    True
    """
    if _key(written) == _key(wanted):
        return Decimal(1)
    from_unit, to_unit = _KNOWN.get(_key(written)), _KNOWN.get(_key(wanted))
    if from_unit is None or to_unit is None or from_unit[0] != to_unit[0]:
        return None
    if from_unit[0] in _NOT_CONVERTED and from_unit[1] != to_unit[1]:
        return None
    return from_unit[1] / to_unit[1]

"""Papers typeset by typst in three languages: one compiler a template, the fonts that ship, what each language wants."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import typst

#: The Chinese font sets these a whole character wide, which looks torn between Latin words.
NARROW = str.maketrans({"“": '"', "”": '"', "’": "'", "·": "–"})


def typeset(*, template: Path, data: Mapping[str, Any], language: str, **drawings: str) -> bytes:
    """Return a template filled with data as PDF; the template reads them as `data`, and each drawing by its name.

    Texts come in the language already; `lang` is added for the hyphenation and the shapes of characters.
    """
    is_latin = language.lower().startswith("en")
    lang = {
        "lang": "en" if is_latin else "zh",
        "region": "US" if is_latin else "HK" if "hant" in language.lower() else "CN",
    }
    whole = {**data, "lang": lang}
    text = json.dumps(_narrow(whole) if is_latin else whole, ensure_ascii=False)
    content: bytes = _compiler(template).compile(format="pdf", sys_inputs={"data": text, **drawings})
    return content


def _narrow(value: Any) -> Any:
    if isinstance(value, str):
        return value.translate(NARROW)
    if isinstance(value, dict):
        return {key: _narrow(one) for key, one in value.items()}
    return [_narrow(one) for one in value] if isinstance(value, list) else value


@cache
def _compiler(template: Path) -> Any:
    """Return the compiler of a template: loading the fonts takes longer than setting the pages."""
    import pylopdf_fonts_zh_cn

    font = Path(str(pylopdf_fonts_zh_cn.sans_path())).parent
    return typst.Compiler(str(template), root=str(template.parent), font_paths=[str(font)], ignore_system_fonts=True)

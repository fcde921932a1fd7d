"""What GB/T 4754-2017 and the size rule say, read once from the shipped files."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml
from django.utils.translation import get_language

from parkbrain.calc.size_class import SizeRule
from parkbrain.kernel.names import localized

#: Levels of GB/T 4754: section (letter), division (2 digits), group (3), class (4).
SECTION, DIVISION, GROUP, CLASS = 1, 2, 3, 4


@dataclass(frozen=True)
class Industry:
    """One entry of GB/T 4754-2017."""

    code: str
    level: int
    parent: str
    name_zh_hans: str
    name_zh_hant: str
    name_en: str

    @property
    def name(self) -> str:
        """The name in the active language."""
        return localized(zh_hans=self.name_zh_hans, zh_hant=self.name_zh_hant, en=self.name_en)


@lru_cache(maxsize=1)
def _industries() -> Mapping[str, Industry]:
    text = files("parkbrain.schemes").joinpath("gbt4754_2017.csv").read_text(encoding="utf-8-sig")
    return {
        row["code"]: Industry(
            code=row["code"],
            level=int(row["level"]),
            parent=row["parent"],
            name_zh_hans=row["name_zh_hans"],
            name_zh_hant=row["name_zh_hant"],
            name_en=row["name_en"],
        )
        for row in csv.DictReader(text.splitlines())
    }


def get_industry(*, code: str) -> Industry | None:
    """Return the entry of that code, or None where the standard has none."""
    return _industries().get(code)


def industry_name(*, code: str) -> str:
    """Return the name of an industry in the active language, of the nearest named one above it, or the code."""
    english = (get_language() or "").startswith("en")
    for length in range(len(code), 0, -1):
        entry = _industries().get(code[:length])
        # English names end at some depth of the standard: the group's name says more than a language one cannot read.
        if entry is not None and (entry.name_en if english else entry.name_zh_hans):
            return entry.name
    return code


@lru_cache(maxsize=1)
def _sections() -> Mapping[str, str]:
    """Return the section letter of every division."""
    return {entry.code: entry.parent for entry in _industries().values() if entry.level == DIVISION}


def section_of(*, code: str) -> str:
    """Return the section letter of a code, empty where the standard has none."""
    return _sections().get(code[:2], "")


def list_sections() -> list[Industry]:
    """Return the sections in order of their letters."""
    return [entry for entry in _industries().values() if entry.level == SECTION]


def list_division_entries() -> list[Industry]:
    """Return the divisions in order of their two-digit codes."""
    return sorted((e for e in _industries().values() if e.level == DIVISION), key=lambda entry: entry.code)


def list_divisions(*, section: str) -> list[str]:
    """Return the two-digit codes of a section."""
    return sorted(code for code, letter in _sections().items() if letter == section)


@lru_cache(maxsize=1)
def get_size_rules() -> tuple[SizeRule, ...]:
    """Return the limits of the 2017 size rule by sector."""
    document = _yaml("size_classes.yaml")
    return tuple(_size_rule(entry) for entry in document["sectors"])


def _size_rule(entry: Mapping[str, Any]) -> SizeRule:
    prefixes = tuple(str(code) for code in entry["industries"])
    limits = tuple({k: float(v) for k, v in entry["limits"][name].items()} for name in ("small", "medium", "large"))
    return SizeRule(sector=entry["id"], prefixes=prefixes, limits=limits)  # type: ignore[arg-type]


def _yaml(name: str) -> Any:
    return yaml.safe_load(files("parkbrain.schemes").joinpath(name).read_text(encoding="utf-8"))

"""Names in the three languages of the product."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from importlib.resources import files
from typing import Any, ClassVar

from django.db import models
from django.db.models import Case, Q, When
from django.db.models.lookups import Contains
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

#: Where OpenCC cuts words wrongly ("机器人|制造" gives 制, "机制|造" too): what is always right.
CORRECTIONS = {"制造": "製造"}


@lru_cache(maxsize=1)
def _converter():  # type: ignore[no-untyped-def]
    import opencc

    return opencc.OpenCC("s2hk")


def to_traditional(text: str) -> str:
    """Return Simplified Chinese text in Traditional characters (OpenCC s2hk, corrected)."""
    if not text:
        return ""
    text = _converter().convert(text)
    for wrong, right in CORRECTIONS.items():
        text = text.replace(wrong, right)
    return str(text)


#: Shipped tables of what is written in Chinese and kept as it was written: streets, and goods that firms exchange.
STREETS, GOODS = "streets.csv", "goods.csv"


@lru_cache(maxsize=2)
def _in_english(table: str) -> dict[str, str]:
    text = files("parkbrain.schemes").joinpath(table).read_text(encoding="utf-8")
    return {row["zh_hans"]: row["en"] for row in csv.DictReader(io.StringIO(text))}


def read_in_language(text: str, table: str) -> str:
    """Return a text that is kept as it was written in the language in force; what the table does not know, as it is."""
    language = get_language() or ""
    if language == "zh-hant":
        return to_traditional(text)
    return text if language.startswith("zh") else _in_english(table).get(text, text)


def street_name(street: str) -> str:
    """Return a street, which is kept as its register writes it, in the language in force."""
    return read_in_language(street, STREETS)


#: What the English name of every street ends with: nobody means one street by it.
_SUBDISTRICT = "subdistrict"


@lru_cache(maxsize=1)
def _streets() -> dict[str, str]:
    """Return the English name of every known street, as searches compare it, by the street as it is kept."""
    return {street: _closed(name) for street, name in _in_english(STREETS).items()}


def _closed(text: str) -> str:
    """Return a text as searches compare names in Latin letters: syllables may be typed apart."""
    return re.sub(r"[\s']+", "", fold(text))


def streets_named(text: str) -> list[str]:
    """Return the streets, as they are kept, whose English name holds what was typed.

    Their Chinese names stand in the search text of what lies there: that is how those are found, in both scripts.
    """
    typed = _closed(text)
    return [] if not typed or typed in _SUBDISTRICT else [one for one, name in _streets().items() if typed in name]


def stored_street(text: str) -> str:
    """Return a street as it is kept from its name in any of the three languages; what is not known, as it is."""
    english, simplified = _closed(text), fold(text).strip()
    for street, name in _streets().items():
        if simplified == street or (english and english in {name, name.removesuffix(_SUBDISTRICT)}):
            return street
    return text


#: The fields of a name.
NAMES = ("name_zh_hans", "name_zh_hant", "name_en")


class _Fold(dict[int, str]):
    """Each character as searches compare it: half width, small, simplified; read once per character."""

    def __missing__(self, code: int) -> str:
        char = unicodedata.normalize("NFKC", chr(code)).lower()
        self[code] = _simplifier().convert(char) if _HAN.match(char) else char
        return self[code]


@lru_cache(maxsize=1)
def _simplifier():  # type: ignore[no-untyped-def]
    import opencc

    return opencc.OpenCC("t2s")


#: Parts that many names share: pinyin is read once for each of them, and once for what stands between them.
_SHARED = "有限责任公司|股份有限公司|有限公司|合伙企业|科技|技术|集团|产业园|产业|园区|电子|智能"
_HAN = re.compile("[\u3400-\u9fff\U00020000-\U0003ffff]+")
_PARTS = re.compile(f"{_SHARED}|[\u3400-\u9fff\U00020000-\U0003ffff]+?(?={_SHARED}|[^\u3400-\u9fff]|$)|[a-z0-9]+")
_fold = _Fold()
#: The longest search text in bytes: what an index of PostgreSQL can hold. Only the end of a long pinyin is ever cut.
LONGEST_SEARCH_TEXT = 2500


def fold(text: str) -> str:
    """Return a text as searches compare it: small letters, half width, Simplified characters."""
    return text.translate(_fold)


@lru_cache(maxsize=65536)
def _pinyin(part: str) -> tuple[str, str]:
    """Return a folded part in pinyin, whole and by its initials; letters and figures are what they are."""
    if not _HAN.match(part):
        return part, part
    from pypinyin import lazy_pinyin

    syllables = lazy_pinyin(part)
    return "".join(syllables), "".join(syllable[0] for syllable in syllables)


def search_text(*, names: tuple[str, ...], others: tuple[str, ...] = ()) -> str:
    """Return what a search for these names looks in: each on a line of its own, then their pinyin.

    `others` are looked in as they are written.
    """
    lines = [fold(name) for name in names if name]
    read = [[_pinyin(part) for part in _PARTS.findall(line)] for line in lines if _HAN.search(line)]
    lines += [fold(other) for other in others if other]
    lines += ["".join(first for _whole, first in parts) for parts in read]
    lines += ["".join(whole for whole, _first in parts) for parts in read]
    text = "".join(f"\n{line}" for line in dict.fromkeys(lines))
    return text.encode()[:LONGEST_SEARCH_TEXT].decode(errors="ignore")


@models.TextField.register_lookup
class _Holds(Contains):
    """A text that holds another one as it is written; a database that folds letters in LIKE need not do so here.

    Of 200,000 names SQLite takes 26 ms for it, 45 ms with LIKE.
    """

    lookup_name = "holds"

    def get_rhs_op(self, connection: Any, rhs: str) -> str:
        return str(connection.operators["contains"] % rhs)

    def as_sqlite(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        text, given = self.process_lhs(compiler, connection)
        return f"INSTR({text}, %s) > 0", (*given, self.rhs)


def search_q(text: str, *, field: str = "search_text", begins: bool = False) -> Q:
    """Return the filter that keeps rows whose search text holds what was typed (`begins`: at the start of a name)."""
    typed = fold(text).strip()
    asked = {typed}
    if typed.isascii():
        # Syllables are also typed apart: "hua wei", "xi'an".
        asked.add(re.sub(r"[\s']+", "", typed))
    found = Q(pk__in=[])
    for one in filter(None, sorted(asked)):
        found |= Q(**{f"{field}__holds": f"\n{one}" if begins else one})
    return found


def park_q(text: str, *, field: str = "") -> Q:
    """Return the filter that keeps parks whose name, code or street, in any language, holds what was typed.

    `field` leads from the rows to their park, as "park".
    """
    to = f"{field}__" if field else ""
    found = search_q(text, field=f"{to}search_text") | Q(**{f"{to}code__icontains": text})
    streets = streets_named(text)
    return found | Q(**{f"{to}street__in": streets}) if streets else found


def best_first(text: str, *, field: str = "search_text") -> Case:
    """Return the order in which names that begin with what was typed stand first."""
    return Case(When(search_q(text, field=field, begins=True), then=0), default=1)


class Searchable(models.Model):
    """A thing that searches find by name, pinyin or initials: its search text is written together with its names."""

    #: The fields whose pinyin is looked in too, and those that are looked in only as they are written.
    searched_names: ClassVar[tuple[str, ...]] = NAMES
    searched_others: ClassVar[tuple[str, ...]] = ()

    search_text = models.TextField(blank=True, default="", editable=False)

    class Meta:
        abstract = True

    def fresh_search_text(self) -> str:
        """Return the search text of the names as they are now."""
        values: Any = self.__dict__
        return search_text(
            names=tuple(values[name] for name in self.searched_names),
            others=tuple(values[name] for name in self.searched_others),
        )


def localized(*, zh_hans: str, zh_hant: str, en: str) -> str:
    """Return the name in the active language, falling back to the name that exists."""
    return _in_language((get_language() or "zh-hans").lower(), zh_hans, zh_hant, en)


def namer() -> Callable[[Named], str]:
    """Return what names things in the language that is active now: for many rows, the language is asked for once."""
    language = (get_language() or "zh-hans").lower()
    return lambda thing: _in_language(language, thing.name_zh_hans, thing.name_zh_hant, thing.name_en)


def _in_language(language: str, zh_hans: str, zh_hant: str, en: str) -> str:
    if language.startswith("en"):
        return en or zh_hans or zh_hant
    if language in {"zh-hant", "zh-hk", "zh-tw"}:
        return zh_hant or zh_hans or en
    return zh_hans or zh_hant or en


class Named(models.Model):
    """A thing with a name in Simplified Chinese and, where given, in Traditional Chinese and English."""

    name_zh_hans = models.CharField(_("name (Simplified Chinese)"), max_length=160, blank=True)
    name_zh_hant = models.CharField(_("name (Traditional Chinese)"), max_length=160, blank=True)
    name_en = models.CharField(_("name (English)"), max_length=200, blank=True)

    class Meta:
        abstract = True

    @property
    def name(self) -> str:
        """The name in the active language."""
        return localized(zh_hans=self.name_zh_hans, zh_hant=self.name_zh_hant, en=self.name_en)

    def __str__(self) -> str:
        return self.name


def name_fields(*, zh_hans: str = "", zh_hant: str = "", en: str = "") -> dict[str, str]:
    """Return the three name columns, with Traditional Chinese derived where it is not given."""
    return {
        "name_zh_hans": zh_hans,
        "name_zh_hant": zh_hant or to_traditional(zh_hans),
        "name_en": en,
    }

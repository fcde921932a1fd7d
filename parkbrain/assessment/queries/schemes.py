"""The schemes of this installation and the catalogue of facts, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.utils.translation import get_language

from parkbrain import schemes as shipped
from parkbrain.calc import rating
from parkbrain.kernel.documents import path_of
from parkbrain.kernel.models import Document
from parkbrain.kernel.names import localized

#: The scheme every park is rated by.
MAIN_SCHEME = "five-star-reference"


class UnknownScheme(Exception):
    """No scheme of that id is installed."""


@dataclass(frozen=True)
class CatalogueFact:
    """One entry of the catalogue."""

    key: str
    unit: str
    kind: str
    period: str
    group: str
    names: Mapping[str, str]
    records: Mapping[str, str]
    minimum: float | None
    maximum: float | None
    part_of: str | None

    @property
    def name(self) -> str:
        """The name in the active language."""
        return _text(self.names)

    @property
    def record(self) -> str:
        """The record it comes from, in the active language."""
        return _text(self.records)


def _text(names: Mapping[str, str]) -> str:
    """Return a text of a data file in the active language."""
    return localized(zh_hans=names.get("zh-Hans", ""), zh_hant=names.get("zh-Hant", ""), en=names.get("en", ""))


@lru_cache(maxsize=1)
def get_catalogue() -> dict[str, CatalogueFact]:
    """Return every fact of the catalogue by its key, in order."""
    return {
        key: CatalogueFact(
            key=key,
            unit=entry["unit"],
            kind=entry["kind"],
            period=entry["period"],
            group=entry["group"],
            names=entry["name"],
            records=entry["record"],
            minimum=entry.get("min"),
            maximum=entry.get("max"),
            part_of=entry.get("part_of"),
        )
        for key, entry in shipped.catalogue().items()
    }


def _own_paths() -> list[Path]:
    return sorted((Path(settings.HOME_DIR) / "schemes").glob("*.yaml"))


@lru_cache(maxsize=32)
def _load(path: str, changed_at: float) -> rating.Scheme:
    return rating.load_scheme(Path(path), catalogue=shipped.catalogue())


def list_schemes() -> list[rating.Scheme]:
    """Return the shipped schemes, then the installation's own from `schemes/` of its data folder."""
    paths = shipped.scheme_paths() + _own_paths()
    return [_load(str(path), path.stat().st_mtime) for path in paths]


def get_scheme(*, scheme_id: str) -> rating.Scheme:
    """Return a scheme.

    :raises UnknownScheme: none of that id is installed.
    """
    for scheme in list_schemes():
        if scheme.id == scheme_id:
            return scheme
    raise UnknownScheme(scheme_id)


def archived_name(*, scheme_hash: str) -> str:
    """Return the name under which a version of a scheme is kept with the documents."""
    return f"scheme-{scheme_hash}.yaml"


def find_scheme_version(*, scheme_id: str, scheme_hash: str) -> rating.Scheme | None:
    """Return the very version of a scheme that a rating was computed by: the installed one, or the one kept with it."""
    installed = next((one for one in list_schemes() if one.id == scheme_id), None)
    if installed is not None and installed.hash == scheme_hash:
        return installed
    kept = Document.objects.filter(park=None, name=archived_name(scheme_hash=scheme_hash)).first()
    if kept is None or not path_of(kept.sha256).is_file():
        return None
    return _load_kept(str(path_of(kept.sha256)))


@lru_cache(maxsize=32)
def _load_kept(path: str) -> rating.Scheme:
    # Read as text: a kept file has no ending that says what it is. Its facts were checked when it was in force.
    return rating.load_scheme(Path(path).read_text(encoding="utf-8"))


def scheme_file(*, scheme_id: str) -> Path:
    """Return the file of a scheme.

    :raises UnknownScheme: none of that id is installed.
    """
    for path in shipped.scheme_paths() + _own_paths():
        if _load(str(path), path.stat().st_mtime).id == scheme_id:
            return path
    raise UnknownScheme(scheme_id)


def language_tag() -> str:
    """Return the active language as schemes name it: en, zh-Hans or zh-Hant."""
    language = (get_language() or "zh-hans").lower()
    if language.startswith("en"):
        return "en"
    return "zh-Hant" if language in {"zh-hant", "zh-hk", "zh-tw"} else "zh-Hans"


def describe(*, value: Mapping[str, str] | str | None) -> str:
    """Return a text of a scheme in the active language; a plain string stands for every language."""
    if value is None:
        return ""
    return value if isinstance(value, str) else _text(value)


def scheme_facts(*, scheme_ids: list[str]) -> list[str]:
    """Return the keys of all facts that the schemes read, in the catalogue's order."""
    wanted: set[str] = set()
    for scheme_id in scheme_ids:
        wanted |= get_scheme(scheme_id=scheme_id).facts
    return [key for key in get_catalogue() if key in wanted]

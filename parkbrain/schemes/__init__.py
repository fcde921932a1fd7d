"""Data that ships: rating schemes, the catalogue of facts, size rules, industries, public facts of real parks.

YAML with JSON Schemas; no code but how to find the files.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).resolve().parent
#: Schemes in the order people see them; the first is the one every park is rated by.
SCHEMES = ("five_star_reference", "hj274_2015", "green_park_index")
#: Files of the catalogue: the reference model's inputs, then what the national schemes need beyond them.
CATALOGUES = ("facts.yaml", "facts_national.yaml")


def path(name: str) -> Path:
    """Return where a shipped file lies.

    :raises FileNotFoundError: nothing of that name ships.
    """
    found = FOLDER / name
    if not found.is_file():
        raise FileNotFoundError(name)
    return found


def scheme_names() -> tuple[str, ...]:
    """Return the names of the shipped schemes in their order, as `path` takes them with `.yaml`."""
    return SCHEMES


def scheme_paths() -> list[Path]:
    """Return the files of the shipped schemes in their order."""
    return [path(f"{name}.yaml") for name in scheme_names()]


@lru_cache(maxsize=1)
def catalogue() -> dict[str, dict[str, Any]]:
    """Return every fact of the catalogue by its key, in order."""
    found: dict[str, dict[str, Any]] = {}
    for name in CATALOGUES:
        for entry in yaml.load(path(name).read_text(encoding="utf-8"), Loader=_loader())["facts"]:
            if entry["key"] in found:
                raise ValueError(f"the fact {entry['key']} stands twice in the catalogue")
            found[entry["key"]] = entry
    return found


def _loader() -> Any:
    # The C loader reads the catalogue ten times faster; it is missing where PyYAML was built without libyaml.
    return getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@lru_cache(maxsize=8)
def shipped(name: str) -> dict[str, Any]:
    """Return the content of a shipped file, read once; nobody may change what it returns."""
    content: dict[str, Any] = yaml.load(path(name).read_text(encoding="utf-8"), Loader=_loader())
    return content

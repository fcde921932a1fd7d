"""Scheme files as text: parsing with line marks, the JSON Schema, and problems that name line and key."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

KeyPath = tuple[str | int, ...]
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a scheme file: where, which rule (code + params), and a sentence in English."""

    path: str
    line: int | None
    code: str
    params: Mapping[str, Any] = field(default_factory=dict)
    message: str = ""

    def __str__(self) -> str:
        place = f"line {self.line}, " if self.line is not None else ""
        return f"{place}{self.path or 'file'}: {self.message}"


class SchemeError(ValueError):
    """Raised when a scheme file cannot be used; carries every problem found, not only the first."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("\n".join(str(problem) for problem in problems))


@dataclass(frozen=True)
class Document:
    """A parsed scheme file together with the line on which every key path stands."""

    data: Any
    lines: Mapping[KeyPath, int]

    def line(self, path: KeyPath) -> int | None:
        """Return the line of the path, or of its nearest parent that stands in the file."""
        for length in range(len(path), -1, -1):
            if path[:length] in self.lines:
                return self.lines[path[:length]]
        return None

    def problem(self, path: KeyPath, code: str, message: str, **params: Any) -> Problem:
        """Return a problem placed on the line of the path."""
        return Problem(format_path(path), self.line(path), code, params, message)


def format_path(path: KeyPath) -> str:
    """Return the key path as people write it.

    Examples
    --------
    >>> format_path(("tree", 0, "children", 2, "score"))
    'tree[0].children[2].score'
    """
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def read_document(source: Path | str | Mapping[str, Any]) -> Document:
    """Return the parsed file with its line marks.

    Parameters
    ----------
    source
        A path, the text itself (a string with a line break), or an already parsed mapping (then lines are unknown).

    Raises
    ------
    SchemeError
        If the text is no YAML, is no mapping, or gives a key twice.
    FileNotFoundError
        If the path does not exist.
    """
    if isinstance(source, Mapping):
        return Document(json.loads(json.dumps(source, default=str)), {})
    text = source if isinstance(source, str) and "\n" in source else Path(source).read_text(encoding="utf-8-sig")
    loader = _Loader(text)
    try:
        root = loader.get_single_node()
        if root is None or not isinstance(root, yaml.MappingNode):
            raise SchemeError([Problem("", 1, "not_a_mapping", {}, "a scheme file is a mapping of keys")])
        lines: dict[KeyPath, int] = {}
        problems: list[Problem] = []
        _mark(root, (), lines, problems)
        data = loader.construct_document(root)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line = mark.line + 1 if mark else None
        message = f"not readable as YAML: {error.problem or error}"
        raise SchemeError([Problem("", line, "not_yaml", {}, message)]) from error
    finally:
        loader.dispose()
    if problems:
        raise SchemeError(problems)
    return Document(data, lines)


def _mark(node: yaml.Node, path: KeyPath, lines: dict[KeyPath, int], problems: list[Problem]) -> None:
    lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        seen: set[Hashable] = set()
        for key_node, value_node in node.value:
            key = str(key_node.value)
            here = (*path, key)
            if key in seen and key != "<<":
                line, message = key_node.start_mark.line + 1, f"{key!r} stands twice"
                problems.append(Problem(format_path(here), line, "duplicate_key", {"key": key}, message))
            seen.add(key)
            lines[here] = key_node.start_mark.line + 1
            _mark(value_node, here, lines, problems)
    elif isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            _mark(item, (*path, index), lines, problems)


@cache
def _validator() -> Draft202012Validator:
    text = files("parkbrain").joinpath("schemes/scheme.schema.json").read_text(encoding="utf-8")
    return Draft202012Validator(json.loads(text))


def schema_problems(document: Document) -> list[Problem]:
    """Return what the JSON Schema of the format finds wrong, in the order of the file."""
    problems = [_schema_problem(document, error) for error in _validator().iter_errors(document.data)]
    return sorted(problems, key=lambda problem: (problem.line or 0, problem.path, problem.code))


def _schema_problem(document: Document, error: ValidationError) -> Problem:
    path: KeyPath = tuple(error.absolute_path)
    message = error.message
    if error.validator == "additionalProperties" and isinstance(error.instance, Mapping):
        schema: Any = error.schema
        known = set(schema.get("properties", {}))
        unknown = [str(key) for key in error.instance if key not in known]
        if len(unknown) == 1:
            path = (*path, unknown[0])
        message = f"unknown key {', '.join(unknown)}; known here: {', '.join(sorted(known))}"
    elif error.validator == "pattern":
        message = f"{error.instance!r} does not match {error.validator_value}"
    return document.problem(path, str(error.validator), message, expected=error.validator_value)


def canonical_json(data: Any) -> str:
    """Return JSON that is the same for the same content: sorted keys, numbers as shortest round-trip floats.

    Examples
    --------
    >>> canonical_json({"b": 1, "a": [2.0, None]}) == canonical_json({"a": [2, None], "b": 1.0})
    True
    """
    return json.dumps(_canonical(data), sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _canonical(data: Any) -> Any:
    if isinstance(data, Mapping):
        return {str(key): _canonical(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [_canonical(item) for item in data]
    if data is None or isinstance(data, bool | str):
        return data
    if isinstance(data, int | float):
        # Adding zero turns -0.0 into 0.0; a number that is no number is unknown.
        return float(data) + 0.0 if math.isfinite(data) else None
    return str(data)


def sha256_of(data: Any) -> str:
    """Return the SHA-256 [hex] of the canonical JSON of the data."""
    return hashlib.sha256(canonical_json(data).encode()).hexdigest()

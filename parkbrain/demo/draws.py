"""Deterministic draws: one generator per purpose, so that a change in one part of the demo leaves the others alone."""

from __future__ import annotations

import random
import zlib
from importlib.resources import files
from typing import Any

import yaml


def rng(seed: int, purpose: str) -> random.Random:
    """Return the generator of a purpose: the same seed and purpose always draw the same."""
    return random.Random(seed * 1_000_003 + zlib.crc32(purpose.encode()))


def data(name: str) -> Any:
    """Return a data file of the demo."""
    return yaml.safe_load(files("parkbrain.demo").joinpath("data", name).read_text(encoding="utf-8"))

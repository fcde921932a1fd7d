"""The built front end: addresses of its files, and a clear refusal where it was not built."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.templatetags.static import static

DIST = Path(__file__).resolve().parent / "static" / "dist"


class NotBuilt(Exception):
    """The front end was not built."""


def check_built() -> None:
    """Raise `NotBuilt` with what to do where the front end is missing."""
    if not (DIST / "manifest.json").is_file():
        raise NotBuilt("The front end is not built: run “make setup” (needs Node.js 20 or newer).")


@lru_cache(maxsize=1)
def _manifest() -> dict[str, Any]:
    check_built()
    manifest: dict[str, Any] = json.loads((DIST / "manifest.json").read_text())
    return manifest


def entry_urls() -> tuple[list[str], list[str]]:
    """Return the addresses of the scripts and of the style sheets of every page."""
    if settings.DEBUG:
        _manifest.cache_clear()
    entry = _manifest()["src/main.ts"]
    return [static(f"dist/{entry['file']}")], [static(f"dist/{name}") for name in entry.get("css", [])]


def han_font_urls(*, language: str) -> list[str]:
    """Return the addresses of the style sheets that say where the Chinese characters of a language's pages are.

    Those of Traditional Chinese have names in Simplified characters too, which its font lacks.
    """
    names = ("noto-tc", "noto-sc") if language == "zh-hant" else ("noto-sc",)
    return [static(f"dist/{_manifest()[f'src/styles/{name}.css']['file']}") for name in names]


def early_font_urls() -> list[str]:
    """Return the addresses of the fonts that the first lines of every page are set in: Latin letters and digits.

    Asked for with the page they are there before the first line is drawn, so that none is set anew in a wider font.
    """
    names = _manifest()["src/main.ts"].get("assets", [])
    return [static(f"dist/{name}") for name in names if "/inter-latin-wght-normal" in name]

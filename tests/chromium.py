"""The browser of the tests and of the docs' pictures: where it is, and how it is started."""

from __future__ import annotations

import shutil

#: The network of the machine is none of our business: the browser must not look for updates or accounts.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def find_chromium() -> str | None:
    """Return the path of the browser, None where there is none."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

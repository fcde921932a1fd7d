"""Run every test and say plainly what did not run: `python -m tests.run [pytest options]`."""

from __future__ import annotations

import os
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections import Counter
from pathlib import Path

import pytest

FOLDER = Path("test-results")


def counts(report: Path) -> Counter[str]:
    """Return how many passed, failed, were skipped, and were skipped for want of a browser."""
    found = Counter[str]()
    for case in ElementTree.parse(report).iter("testcase"):
        skip = case.find("skipped")
        if skip is not None:
            found["skipped"] += 1
            found["no browser"] += "NO BROWSER" in (skip.get("message") or "")
        elif case.find("failure") is not None or case.find("error") is not None:
            found["failed"] += 1
        else:
            found["passed"] += 1
    return found


def run(report: Path, options: list[str]) -> int:
    """Run pytest once on all cores; nothing to run is no failure."""
    report.unlink(missing_ok=True)
    workers = os.environ.get("TEST_WORKERS", "auto")
    command = [sys.executable, "-m", "pytest", "-q", "-n", workers, f"--junitxml={report}", *options]
    code = subprocess.run(command, check=False).returncode
    return 0 if code == pytest.ExitCode.NO_TESTS_COLLECTED else code


def main() -> int:
    """Run the tests, then those in a browser, and print the closing line.

    Apart: the browser's driver keeps an event loop in its process, in which neither the database nor an asynchronous
    page may be used.
    """
    FOLDER.mkdir(exist_ok=True)
    total, code, chosen = Counter[str](), 0, sys.argv[1:]
    for name, mark in (("units", "not browser"), ("browser", "browser")):
        report = FOLDER / f"{name}.xml"
        code = run(report, [*chosen, "-m", mark]) or code
        total += counts(report) if report.exists() else Counter()
    if total["no browser"]:
        sys.stderr.write(f"\n!! {total['no browser']} browser tests were SKIPPED: there is no Chromium here.\n")
    sys.stdout.write(f"\n{total['passed']} passed, {total['failed']} failed, {total['skipped']} skipped\n")
    if total["no browser"] and os.environ.get("CI"):
        sys.stderr.write("Browser tests must run here.\n")
        return 1
    return code


if __name__ == "__main__":
    sys.exit(main())

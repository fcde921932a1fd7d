"""Run every test and say plainly what did not run: `python -m tests.run [pytest options]`."""

from __future__ import annotations

import os
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

REPORT = Path("test-results") / "junit.xml"


def counts(report: Path) -> tuple[int, int, int, int]:
    """Return passed, failed, skipped, and skipped for want of a browser."""
    passed = failed = skipped = no_browser = 0
    for case in ElementTree.parse(report).iter("testcase"):
        skip = case.find("skipped")
        if skip is not None:
            skipped += 1
            no_browser += "NO BROWSER" in (skip.get("message") or "")
        elif case.find("failure") is not None or case.find("error") is not None:
            failed += 1
        else:
            passed += 1
    return passed, failed, skipped, no_browser


def main() -> int:
    """Run pytest on all cores and print the closing line."""
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.unlink(missing_ok=True)
    workers = os.environ.get("TEST_WORKERS", "auto")
    command = [sys.executable, "-m", "pytest", "-q", "-n", workers, "--dist", "loadgroup", f"--junitxml={REPORT}"]
    code = subprocess.run([*command, *sys.argv[1:]], check=False).returncode
    if not REPORT.exists():
        return code or 1
    passed, failed, skipped, no_browser = counts(REPORT)
    if no_browser:
        sys.stderr.write(f"\n!! {no_browser} browser tests were SKIPPED: there is no Chromium on this machine.\n")
    sys.stdout.write(f"\n{passed} passed, {failed} failed, {skipped} skipped\n")
    if no_browser and os.environ.get("CI"):
        sys.stderr.write("Browser tests must run here.\n")
        return 1
    return code


if __name__ == "__main__":
    sys.exit(main())

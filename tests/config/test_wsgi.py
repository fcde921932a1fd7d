"""The WSGI application as a server loads it."""

from __future__ import annotations

import subprocess
import sys


def test_what_is_loaded_at_the_start_is_left_out_of_full_collections() -> None:
    code = "import gc, parkbrain.config.wsgi; print(gc.get_freeze_count())"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    assert int(told.stdout) > 100_000

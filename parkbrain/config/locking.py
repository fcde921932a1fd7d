"""One installation runs once: a lock on its data folder that the kernel drops when the process ends, however it ends."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings


class AlreadyRunning(Exception):
    """The data folder is in use by a running system."""


@contextmanager
def hold_lock() -> Iterator[None]:
    """Hold the lock of the data folder.

    :raises AlreadyRunning: somebody else holds it.
    """
    with (Path(settings.HOME_DIR) / "run.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AlreadyRunning from error
        yield

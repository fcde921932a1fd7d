"""HTTP push: devices and programs send readings to the front door; nothing has to be connected from here."""

from __future__ import annotations

import http.client
import json
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _

from .contract import Driver


def push(
    *, url: str, token: str, body: bytes, media_type: str, key: str = "", timeout_s: float = 10.0
) -> tuple[int, dict[str, Any]]:
    """Send one message as a device would and return the status with what was answered.

    Raises
    ------
    OSError
        If nobody answers.
    """
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=timeout_s)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": media_type}
    if key:
        headers["Idempotency-Key"] = key
    try:
        connection.request("POST", parts.path or "/ingest", body, headers)
        answer = connection.getresponse()
        text = answer.read()
    except http.client.HTTPException as error:
        raise OSError(str(error)) from error
    finally:
        connection.close()
    try:
        said = json.loads(text)
    except ValueError:
        said = {}
    return answer.status, said if isinstance(said, dict) else {}


DRIVER = Driver(
    key="http",
    label=_("HTTP push"),
    note=_("Gateways and programs send readings to the front door with a token of the source."),
    simulate=push,
    has_tokens=True,
)

"""What a driver is: a row of a table and one file. It knows its protocol and a sink, and nothing of rows or pages."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from parkbrain.calc.wire.readings import MessageError, ReadingColumns

Text = str | Promise


@dataclass(frozen=True)
class Setting:
    """One thing a driver must be told: `kind` is text, integer, number, boolean, choice, secret or table.

    `check` says in words what is wrong with a text, empty where nothing is.
    """

    key: str
    label: Text
    kind: str = "text"
    required: bool = False
    default: Any = None
    note: Text = ""
    choices: Mapping[str, Text] | None = None
    minimum: float | None = None
    maximum: float | None = None
    check: Callable[[str], str] | None = None


#: What may be wrong with a connection.
FAULTS: dict[str, Text] = {
    "unreachable": _("Nobody answers at this address."),
    "host_unknown": _("The host is not known."),
    "refused": _("The connection was refused: check name and password."),
    "tls": _("The certificates do not fit."),
    "silent": _("The device does not answer."),
    "lost": _("The connection was lost; it is tried again."),
    "settings": _("The settings are not complete."),
    "failed": _("The driver failed; it is tried again."),
}


class Sink(Protocol):
    """Takes readings; `done` is called, from another thread, once they are stored for good or when they could not be.

    `key` names the message: one that comes again changes nothing. A driver acknowledges to its peer inside `done`,
    never before.
    """

    def put(
        self,
        found: ReadingColumns | MessageError,
        *,
        key: str,
        done: Callable[[Exception | None], None],
        body: bytes = b"",
    ) -> None:
        """Take the readings of one message, or what was wrong with it as a whole and what was sent."""

    def report(self, fault: str) -> None:
        """Say how the connection is, as a key of `FAULTS`; empty is well."""


#: `run(settings=…, points=…, sink=…, stop=…)`: connect, bring readings until `stop` is set, connect again after a fault.
#: `points` maps the addresses that the record knows to the numbers of their points.
Run = Callable[..., None]


@dataclass(frozen=True)
class Driver:
    """A way in which readings come: its settings, how it runs, and something that speaks its protocol like a device.

    `run` is None where devices come to us and no connection is kept. `simulate(url=…, token=…, body=…, media_type=…)`
    or what the protocol needs instead plays the device in tests and in the demo.
    """

    key: str
    label: Text
    note: Text
    simulate: Callable[..., Any]
    settings: tuple[Setting, ...] = ()
    run: Run | None = None
    # Whether devices show a token of ours.
    has_tokens: bool = False


def check_settings(driver: Driver, given: Mapping[str, Any]) -> dict[str, str]:
    """Return what is wrong with the settings by key: missing, unknown, not_a_number, too_small, too_large, no_choice, wrong."""
    wrong = {key: "unknown" for key in given if key not in {s.key for s in driver.settings}}
    for setting in driver.settings:
        value = given.get(setting.key)
        if value is None or value == "":
            if setting.required:
                wrong[setting.key] = "missing"
        elif setting.kind in {"integer", "number"}:
            if isinstance(value, bool) or not isinstance(value, (int, float)):
                wrong[setting.key] = "not_a_number"
            elif setting.minimum is not None and value < setting.minimum:
                wrong[setting.key] = "too_small"
            elif setting.maximum is not None and value > setting.maximum:
                wrong[setting.key] = "too_large"
        elif setting.choices is not None and value not in setting.choices:
            wrong[setting.key] = "no_choice"
        elif setting.check is not None and setting.check(str(value)):
            wrong[setting.key] = "wrong"
    return wrong


def explain_settings(driver: Driver, given: Mapping[str, Any]) -> str:
    """Return in words what is wrong with the settings, in the active language; empty where nothing is."""
    wrong = check_settings(driver, given)
    known = {s.key: s for s in driver.settings}
    sentences = []
    for key, code in wrong.items():
        check = known[key].check if key in known else None
        if code == "wrong" and check is not None:
            sentences.append(f"{known[key].label}: {check(str(given[key]))}")
    others = [str(known[key].label) if key in known else key for key, code in wrong.items() if code != "wrong"]
    if others:
        sentences.append(gettext("These settings are wrong: %(keys)s.") % {"keys": ", ".join(sorted(others))})
    return " ".join(sentences)


def explain_fault(fault: str) -> str:
    """Return what is wrong with a connection, in the active language."""
    return str(FAULTS.get(fault, fault))


#: What stops every driver.
Stop = threading.Event

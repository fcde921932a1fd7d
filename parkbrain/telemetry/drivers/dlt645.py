"""DL/T 645-2007 over TCP: electricity meters on a wire behind a gateway that passes bytes through."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from parkbrain.calc.wire import dlt645
from parkbrain.calc.wire.frames import FrameError

from .contract import Driver, Setting, Sink, Stop
from .polling import TIMEOUT, Answer, FrameLine, Framing, checked_by, line_settings, poll, why_of
from .simulated import SimulatedWire

#: Usual port, and how often [s].
PORT, EVERY_S = 8001, 300
FRAMING = Framing(head=10, length_at=9)
SETTINGS = (
    *line_settings(port=PORT, every_s=EVERY_S),
    Setting(
        "items", _("Meters and items"), "table", required=True, check=checked_by(dlt645.read_items),
        note=_(
            "A table: meter,item,point. The meter as its 12 digits; an item is a name such as energy_forward_total, "
            "energy_forward_peak, active_power_total, voltage_a, or an identifier such as 00010000."
        ),
    ),
)  # fmt: skip


class _Line(FrameLine):
    """An open connection; a meter that was silent once is not asked again in this round."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._items = dlt645.read_items(settings["items"])
        super().__init__(settings["host"], int(settings.get("port") or PORT), FRAMING)

    def read(self) -> Iterator[Answer]:
        silent: set[str] = set()
        for item in self._items:
            answer = Answer(item.point, None, TIMEOUT) if item.meter in silent else self._one(item)
            if answer.why == TIMEOUT:
                silent.add(item.meter)
            yield answer

    def _one(self, item: dlt645.Item) -> Answer:
        try:
            received = self.ask(dlt645.read_request(item.meter, item.identifier))
            frame = dlt645.read_frame(received)
            if item.meter not in (dlt645.ANY, frame.address):
                return Answer(item.point, None, f"meter {frame.address} answered")
            [reading] = dlt645.read_answer(received)
            if dlt645.ITEMS.get(reading.quantity) != item.identifier:
                return Answer(item.point, None, f"{reading.quantity} was answered")
        except FrameError as error:
            return Answer(item.point, None, why_of(error))
        return Answer(item.point, float(reading.value))


def run(*, settings: Mapping[str, Any], points: Mapping[str, int], sink: Sink, stop: Stop) -> None:
    """Ask the meters round by round until stopped."""
    poll(every_s=float(settings.get("every_s") or EVERY_S), sink=sink, stop=stop, connect=lambda: _Line(settings))


def simulate(values: Mapping[tuple[str, int], Decimal], **wire: Any) -> SimulatedWire:
    """Return meters that answer with the values by 12-digit address and identifier; what stands at neither is silent.

    `with simulate({("000000000161", 0x00010000): Decimal("0.26")}) as meters:` listens at `meters.port`.
    """

    def answer(request: bytes) -> bytes | None:
        frame = dlt645.read_frame(request)
        identifier = int.from_bytes(frame.data[:4], "little")
        value = values.get((frame.address, identifier))
        return dlt645.encode_answer(frame.address, identifier, value) if value is not None else None

    return SimulatedWire(answer, FRAMING, **wire)


DRIVER = Driver(
    key="dlt645",
    label=_("DL/T 645 meters"),
    note=_("Asks electricity meters behind a gateway for their registers (DL/T 645-2007 over TCP)."),
    simulate=simulate,
    settings=SETTINGS,
    run=run,
)

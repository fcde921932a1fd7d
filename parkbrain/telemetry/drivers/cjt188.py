"""CJ/T 188 over TCP: water, heat and gas meters on a wire behind a gateway that passes bytes through."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from parkbrain.calc.wire import cjt188
from parkbrain.calc.wire.frames import FrameError, cut_frame, from_bcd

from .contract import Driver, Setting, Sink, Stop
from .polling import Answer, FrameLine, Framing, checked_by, line_settings, poll, why_of
from .simulated import SimulatedWire

#: Usual port, and how often [s].
PORT, EVERY_S = 8002, 900
FRAMING = Framing(head=11, length_at=10)
SETTINGS = (
    *line_settings(port=PORT, every_s=EVERY_S),
    Setting(
        "meters", _("Meters"), "table", required=True, check=checked_by(cjt188.read_meters),
        note=_(
            "A table: meter,point and perhaps medium (cold_water, hot_water, drinking_water, reclaimed_water, heat, cooling, "
            "gas). The meter as its 14 digits; the reading is in the unit that the meter shows."
        ),
    ),
)  # fmt: skip


class _Line(FrameLine):
    """An open connection to the gateway."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._meters = cjt188.read_meters(settings["meters"])
        super().__init__(settings["host"], int(settings.get("port") or PORT), FRAMING)

    def read(self) -> Iterator[Answer]:
        for meter in self._meters:
            yield self._one(meter)

    def _one(self, meter: cjt188.Meter) -> Answer:
        try:
            found = cjt188.read_answer(self.ask(cjt188.read_request(meter.address, medium=meter.medium)))
        except FrameError as error:
            return Answer(meter.point, None, why_of(error))
        if meter.address not in (cjt188.ANY, found.address) or found.medium != meter.medium:
            return Answer(meter.point, None, f"{found.medium} meter {found.address} answered")
        return Answer(meter.point, float(found.register))


def run(*, settings: Mapping[str, Any], points: Mapping[str, int], sink: Sink, stop: Stop) -> None:
    """Ask the meters round by round until stopped."""
    poll(every_s=float(settings.get("every_s") or EVERY_S), sink=sink, stop=stop, connect=lambda: _Line(settings))


def simulate(values: Mapping[str, Decimal], *, medium: str = "cold_water", **wire: Any) -> SimulatedWire:
    """Return meters that answer with their register by 14-digit address; an address that is not among them is silent."""

    def answer(request: bytes) -> bytes | None:
        address = from_bcd(cut_frame(request, head=FRAMING.head, length_at=FRAMING.length_at)[2:9])
        return cjt188.encode_answer(address, values[address], medium=medium) if address in values else None

    return SimulatedWire(answer, FRAMING, **wire)


DRIVER = Driver(
    key="cjt188",
    label=_("CJ/T 188 meters"),
    note=_("Asks water, heat and gas meters behind a gateway for their registers (CJ/T 188 over TCP)."),
    simulate=simulate,
    settings=SETTINGS,
    run=run,
)

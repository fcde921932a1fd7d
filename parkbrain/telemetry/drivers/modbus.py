"""Modbus TCP: registers of meters and controllers, asked for by a map."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from parkbrain.calc.wire.registers import INPUT, Register, Span, read_registers, spans_of, value_of

from .contract import Driver, Setting, Sink, Stop
from .polling import ANSWER_S, TIMEOUT, Answer, checked_by, line_settings, poll

#: Usual port, and how often [s].
PORT, EVERY_S = 502, 60
SETTINGS = (
    *line_settings(port=PORT, every_s=EVERY_S),
    Setting(
        "registers", _("Registers"), "table", required=True, check=checked_by(read_registers),
        note=_(
            "A table: device,register,type,point and perhaps table (holding, input), order (big, little), scale, offset; "
            "registers count from 0."
        ),
    ),
)  # fmt: skip


class _Line:
    """An open connection; what lies together is asked for together, what a device refuses one by one."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        from pymodbus.client import ModbusTcpClient

        self._spans = spans_of(read_registers(settings["registers"]))
        open_client: Any = ModbusTcpClient
        self._client = open_client(
            settings["host"], port=int(settings.get("port") or PORT), timeout=ANSWER_S, retries=0, reconnect_delay=0
        )
        if not self._client.connect():
            raise ConnectionRefusedError(settings["host"])

    def read(self) -> Iterator[Answer]:
        silent: set[int] = set()
        for span in self._spans:
            words = TIMEOUT if span.device in silent else self._ask(span.device, span.table, span.start, span.count)
            if words == TIMEOUT:
                silent.add(span.device)
            if isinstance(words, str) and len(span.holds) > 1 and words != TIMEOUT:
                # One register that does not exist must not hide its neighbors.
                yield from (self._one(register) for register in span.holds)
            else:
                yield from _answers(span, words)

    def _one(self, register: Register) -> Answer:
        words = self._ask(register.device, register.table, register.register, register.count)
        return _answer(register, words)

    def _ask(self, device: int, table: str, start: int, count: int) -> Sequence[int] | str:
        """Return the registers, or why there are none."""
        from pymodbus.exceptions import ConnectionException, ModbusException

        read = self._client.read_input_registers if table == INPUT else self._client.read_holding_registers
        try:
            answer = read(start, count=count, device_id=device)
        except ConnectionException as error:
            raise ConnectionResetError(str(error)) from error
        except ModbusException as error:
            if not self._client.connected and not self._client.connect():
                raise ConnectionResetError(str(error)) from error
            return TIMEOUT
        if answer.isError() or len(answer.registers) != count:
            return f"exception {getattr(answer, 'exception_code', '?')}"
        return list(answer.registers)

    def close(self) -> None:
        self._client.close()


def _answers(span: Span, words: Sequence[int] | str) -> list[Answer]:
    if isinstance(words, str):
        return [Answer(r.point, None, words) for r in span.holds]
    return [_answer(r, words[r.register - span.start : r.register - span.start + r.count]) for r in span.holds]


def _answer(register: Register, words: Sequence[int] | str) -> Answer:
    if isinstance(words, str):
        return Answer(register.point, None, words)
    value = value_of(register, words)
    return Answer(register.point, value) if math.isfinite(value) else Answer(register.point, None, "not a number")


def run(*, settings: Mapping[str, Any], points: Mapping[str, int], sink: Sink, stop: Stop) -> None:
    """Ask the devices round by round until stopped."""
    every_s = float(settings.get("every_s") or EVERY_S)
    poll(every_s=every_s, sink=sink, stop=stop, connect=lambda: _Line(settings))


class SimulatedDevice:
    """A Modbus TCP device on this machine: `with SimulatedDevice({100: 7}) as device` – device 1, holding registers."""

    def __init__(self, registers: Mapping[int, int], *, port: int = 0) -> None:
        self._registers, self._wanted = dict(registers), port
        self.port = 0
        self._stop: Any = None

    def __enter__(self) -> SimulatedDevice:
        ready = threading.Event()
        self._thread = threading.Thread(target=self._serve, args=(ready,), daemon=True)
        self._thread.start()
        if not ready.wait(10) or not self.port:
            raise OSError("the simulated device did not open")
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(5)

    def _serve(self, ready: threading.Event) -> None:
        import asyncio

        from pymodbus.server import ModbusTcpServer
        from pymodbus.simulator import DataType, SimData, SimDevice

        async def serve() -> None:
            self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
            data = [SimData(a, values=v, datatype=DataType.REGISTERS) for a, v in sorted(self._registers.items())]
            server: Any = ModbusTcpServer(SimDevice(1, data), address=("127.0.0.1", self._wanted))
            await server.serve_forever(background=True)
            self.port = server.transport.sockets[0].getsockname()[1]
            ready.set()
            await self._stop.wait()
            await server.shutdown()

        asyncio.run(serve())


DRIVER = Driver(
    key="modbus",
    label=_("Modbus TCP"),
    note=_("Asks meters and controllers for their registers."),
    simulate=SimulatedDevice,
    settings=SETTINGS,
    run=run,
)

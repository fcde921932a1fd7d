"""Rigs of the drivers that ask: something on this machine that plays the device, and the settings to reach it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from parkbrain.calc.wire.readings import MessageError, ReadingColumns
from parkbrain.telemetry.drivers import DRIVERS, cjt188, dlt645, modbus

TABLE_645 = (
    "meter,item,point\n000000000161,energy_forward_total,A\n000000000161,active_power_total,B\n7,00010000,GONE\n"
)
TABLE_188 = "meter,medium,point\n78330011223344,cold_water,A\n78330011223345,cold_water,B\n5,cold_water,GONE\n"
TABLE_MODBUS = (
    "device,register,type,scale,point\n1,100,uint32,0.01,A\n1,102,int16,0.1,B\n# not there\n1,900,int16,1,GONE\n"
)


@dataclass(frozen=True)
class Rig:
    """How a driver is tried out: `play(port, **wire)` is a device with `values` at A and B and nothing at GONE."""

    driver: str
    play: Callable[..., AbstractContextManager[Any]]
    settings: Mapping[str, Any]
    values: Mapping[str, float]
    #: The setting that holds the table.
    table: str
    #: Whether it speaks in frames that can arrive in pieces and be spoiled.
    has_frames: bool = True


def _play_645(port: int = 0, **wire: Any) -> AbstractContextManager[Any]:
    values = {("000000000161", 0x00010000): Decimal("1234.56"), ("000000000161", 0x02030000): Decimal("-7.25")}
    return dlt645.simulate(values, port=port, **wire)


def _play_188(port: int = 0, **wire: Any) -> AbstractContextManager[Any]:
    return cjt188.simulate({"78330011223344": Decimal("556677"), "78330011223345": Decimal("0.5")}, port=port, **wire)


def _play_modbus(port: int = 0) -> AbstractContextManager[Any]:
    return modbus.SimulatedDevice({100: 1, 101: 57_920, 102: 65_536 - 25}, port=port)


RIGS = {
    rig.driver: rig
    for rig in (
        Rig(
            "modbus",
            _play_modbus,
            {"registers": TABLE_MODBUS},
            {"A": 1234.56, "B": -2.5},
            "registers",
            has_frames=False,
        ),
        Rig("dlt645", _play_645, {"items": TABLE_645}, {"A": 1234.56, "B": -7.25}, "items"),
        Rig("cjt188", _play_188, {"meters": TABLE_188}, {"A": 556677.0, "B": 0.5}, "meters"),
    )
}


class Taken:
    """A sink that keeps what came."""

    def __init__(self) -> None:
        self.readings: list[tuple[str, int, float]] = []
        self.problems: list[tuple[str, str, str]] = []
        self.keys: list[str] = []
        self.faults: list[str] = []
        self.news = threading.Condition()

    def put(
        self,
        found: ReadingColumns | MessageError,
        *,
        key: str,
        done: Callable[[Exception | None], None],
        body: bytes = b"",
    ) -> None:
        assert isinstance(found, ReadingColumns)
        with self.news:
            self.keys.append(key)
            for index, at_us, value in zip(found.key_index, found.at_us, found.value, strict=True):
                self.readings.append((str(found.keys[index]), int(at_us), float(value)))
            self.problems += [(p.address, p.code, p.text) for p in found.problems]
            self.news.notify_all()
        done(None)

    def report(self, fault: str) -> None:
        with self.news:
            self.faults.append(fault)
            self.news.notify_all()

    def until(self, condition: Callable[[], bool], *, seconds: float = 20) -> None:
        with self.news:
            assert self.news.wait_for(condition, seconds), (self.readings[-5:], self.problems[-5:], self.faults)


class Running:
    """A driver that runs in a thread until the block ends."""

    def __init__(self, rig: Rig, **settings: Any) -> None:
        self.taken, self._stop = Taken(), threading.Event()
        given = {"host": "127.0.0.1", "every_s": 0.05, **rig.settings, **settings}
        run = DRIVERS[rig.driver].run
        assert run is not None
        arguments = {"settings": given, "points": {}, "sink": self.taken, "stop": self._stop}
        self._thread = threading.Thread(target=run, kwargs=arguments, daemon=True)

    def __enter__(self) -> Taken:
        self._thread.start()
        return self.taken

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(10)
        assert not self._thread.is_alive(), "a driver stops when it is told to"

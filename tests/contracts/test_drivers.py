"""What every driver promises, whichever protocol it speaks."""

from __future__ import annotations

import time

import pytest
from django.utils.translation import override

from parkbrain.telemetry.drivers import DRIVERS, Driver, Setting, check_settings, explain_settings, polling

from .drivers import RIGS, Rig, Running

every_rig = pytest.mark.parametrize("rig", RIGS.values(), ids=lambda r: r.driver)
every_frame_rig = pytest.mark.parametrize("rig", [r for r in RIGS.values() if r.has_frames], ids=lambda r: r.driver)
every_driver = pytest.mark.parametrize("driver", DRIVERS.values(), ids=lambda d: d.key)


@every_driver
def test_driver_says_what_it_is_and_can_be_simulated(driver: Driver) -> None:
    assert driver.key and str(driver.label) and str(driver.note)
    assert callable(driver.simulate)
    assert driver.run is None or callable(driver.run)
    assert driver.run is not None or driver.has_tokens, "nothing would ever come"


@every_driver
def test_settings_have_defaults_that_are_right(driver: Driver) -> None:
    keys = [s.key for s in driver.settings]
    assert len(set(keys)) == len(keys)
    given = {s.key: s.default for s in driver.settings if s.default is not None}
    assert set(check_settings(driver, given).values()) <= {"missing"}


def test_wrong_settings_are_told_by_key() -> None:
    settings = (
        Setting("host", "Host", required=True),
        Setting("port", "Port", "integer", minimum=1, maximum=65535),
        Setting("mode", "Mode", "choice", choices={"a": "A"}),
    )
    driver = Driver("x", "X", "A driver.", simulate=print, settings=settings, has_tokens=True)
    assert check_settings(driver, {"host": "h", "port": 502, "mode": "a"}) == {}
    wrong = {"port": "502", "mode": "b", "colour": "red"}
    assert check_settings(driver, wrong) == {
        "host": "missing",
        "port": "not_a_number",
        "mode": "no_choice",
        "colour": "unknown",
    }
    assert check_settings(driver, {"host": "h", "port": 0})["port"] == "too_small"
    assert check_settings(driver, {"host": "h", "port": 70000})["port"] == "too_large"


def test_table_that_is_wrong_is_told_by_row_column_and_value() -> None:
    driver = DRIVERS["modbus"]
    given = {"host": "h", "registers": "device,register,type,point\n1,100,float32,A\n1,70000,int16,B"}
    assert check_settings(driver, given) == {"registers": "wrong"}
    with override("en"):
        assert explain_settings(driver, given) == "Registers: Row 3, column “register”: 70000 is no number that fits."


def test_every_driver_that_keeps_a_connection_is_tried_out() -> None:
    # MQTT needs a broker and has a suite of its own.
    assert {d.key for d in DRIVERS.values() if d.run is not None} == {*RIGS, "mqtt"}


@every_rig
def test_what_a_device_holds_becomes_readings_and_what_it_lacks_is_set_aside(rig: Rig) -> None:
    with rig.play() as device, Running(rig, port=device.port) as taken:
        taken.until(lambda: len(taken.keys) >= 3)
    assert {(point, value) for point, _at, value in taken.readings} == set(rig.values.items())
    assert {(point, code) for point, code, _text in taken.problems} == {("GONE", "no_value")}
    assert len(set(taken.keys)) == len(taken.keys), "rounds are told apart"
    now_us = time.time_ns() // 1000
    assert all(0 <= now_us - at_us < 60_000_000 for _point, at_us, _value in taken.readings)
    assert set(taken.faults) == {""}


@every_rig
def test_nobody_there_is_a_fault_and_a_device_that_comes_back_is_found(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polling, "FIRST_PAUSE_S", 0.05)
    with rig.play() as device:
        port = device.port
    with Running(rig, port=port) as taken:
        taken.until(lambda: taken.faults == ["unreachable"])
        with rig.play(port=port):
            taken.until(lambda: len(taken.readings) >= 2)
            assert taken.faults[-1] == ""
        taken.until(lambda: taken.faults[-1] in {"lost", "unreachable", "silent"})
        known = len(taken.readings)
        with rig.play(port=port):
            taken.until(lambda: len(taken.readings) > known)
            assert taken.faults[-1] == ""


@every_rig
def test_host_that_is_not_known_is_a_fault(rig: Rig) -> None:
    with Running(rig, host="no-such-host.invalid", port=1) as taken:
        taken.until(lambda: bool(taken.faults))
    assert taken.faults[0] in {"host_unknown", "unreachable"} and not taken.readings


@every_rig
def test_settings_need_the_table_and_refuse_a_wrong_one(rig: Rig) -> None:
    driver = DRIVERS[rig.driver]
    good = {"host": "h", **rig.settings}
    assert check_settings(driver, good) == {}
    assert check_settings(driver, {"host": "h"}) == {rig.table: "missing"}
    heads = str(rig.settings[rig.table]).splitlines()[0]
    for text in ("nonsense", heads, f"{heads}\n,,,,", f"{heads}\n" + "x," * heads.count(",") + "y"):
        assert check_settings(driver, {**good, rig.table: text}) == {rig.table: "wrong"}, text
        for language in ("zh-hans", "zh-hant", "en"):
            with override(language):
                assert explain_settings(driver, {**good, rig.table: text})
    for separator in "\t;":
        assert check_settings(driver, {**good, rig.table: str(good[rig.table]).replace(",", separator)}) == {}


@every_frame_rig
def test_frames_in_small_packets_are_put_together(rig: Rig) -> None:
    with rig.play(packet_bytes=3) as device, Running(rig, port=device.port) as taken:
        taken.until(lambda: len(taken.readings) >= 4)
    assert {(point, value) for point, _at, value in taken.readings} == set(rig.values.items())


@every_frame_rig
def test_damaged_frames_are_set_aside_and_never_become_readings(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling, "ANSWER_S", 0.3)

    def spoil(frame: bytes) -> bytes:
        return frame[:-3] + bytes([(frame[-3] + 1) % 256]) + frame[-2:]

    with rig.play(spoil=spoil) as device, Running(rig, port=device.port) as taken:
        taken.until(lambda: len(taken.keys) >= 2)
    assert not taken.readings
    assert any("wrong_checksum" in text for _point, _code, text in taken.problems)


@every_frame_rig
def test_devices_that_all_keep_silent_are_a_fault(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling, "ANSWER_S", 0.1)
    with rig.play(spoil=lambda frame: b"") as device, Running(rig, port=device.port) as taken:
        taken.until(lambda: taken.faults == ["silent"])
    assert not taken.readings


@every_frame_rig
def test_answer_that_comes_too_late_is_not_taken_for_that_of_another_meter(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polling, "ANSWER_S", 0.1)
    asked: list[bytes] = []

    def hold_back(frame: bytes) -> bytes:
        asked.append(frame)
        if len(asked) == 1:
            time.sleep(0.12)
        return frame

    with rig.play(spoil=hold_back) as device, Running(rig, port=device.port) as taken:
        taken.until(lambda: len(taken.readings) >= 4)
    assert {(point, value) for point, _at, value in taken.readings} == set(rig.values.items())

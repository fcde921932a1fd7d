"""What every driver promises, whichever protocol it speaks."""

from __future__ import annotations

import pytest

from parkbrain.telemetry.drivers import DRIVERS, Driver, Setting, check_settings

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

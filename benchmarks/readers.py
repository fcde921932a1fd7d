"""Readers of the published series that benchmarks and tests run on; nothing here is part of the product.

Every reader returns plain arrays and says what it had to put right. The folder is that of `PARKBRAIN_SHARED_DATA`.
"""

from __future__ import annotations

import csv
import gzip
import json
import os
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np

DAY_HOURS = 24


def data_folder() -> Path | None:
    """Return the folder of published series, None where it is not there."""
    folder = Path(os.environ.get("PARKBRAIN_SHARED_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
    return folder if folder.is_dir() else None


@dataclass(frozen=True)
class Hourly:
    """Hourly values by day (days × 24) from a first day on, NaN unknown; `gaps` counts hours that were made unknown."""

    first_on: date
    values: np.ndarray
    gaps: int = 0


def read_cambridge(folder: Path) -> dict[tuple[int, str], Hourly]:
    """Return hourly use [kWh] of university buildings by building and energy.

    The publisher filled gaps with zeros. A day of electricity of zeros only, in a building that has a base load, is a gap
    and made unknown; single zeros and zeros of gas (no heating) stay.
    """
    import pyarrow.parquet as pq

    table = pq.read_table(folder / "cambridge_estates" / "hourly_2021_2022.parquet")
    building = table.column("building").to_numpy()
    energy = np.array(table.column("energy").cast("string").to_pylist())
    at = table.column("at").to_numpy().astype("datetime64[h]")
    kwh = table.column("kwh").to_numpy()
    found = {}
    for number in np.unique(building):
        for name in ("electricity", "gas"):
            rows = (building == number) & (energy == name)
            if rows.any():
                found[(int(number), name)] = _by_day(at[rows], kwh[rows], zeros_are_gaps=name == "electricity")
    return found


def _by_day(at: np.ndarray, kwh: np.ndarray, *, zeros_are_gaps: bool) -> Hourly:
    first, last = at.min().astype("datetime64[D]"), at.max().astype("datetime64[D]")
    values = np.full(((last - first).astype(int) + 1) * DAY_HOURS, np.nan)
    values[(at - first.astype("datetime64[h]")).astype(int)] = kwh
    days = values.reshape(-1, DAY_HOURS)
    empty = (days == 0).all(axis=1) if zeros_are_gaps else np.zeros(len(days), dtype=bool)
    days[empty] = np.nan
    return Hourly(first.astype(date), days, int(empty.sum()) * DAY_HOURS)


def read_bedford_weather(folder: Path) -> Hourly:
    """Return hourly outdoor temperature [°C] of the station beside the buildings, single holes interpolated."""
    stamps, degrees = [], []
    for path in sorted((folder / "cambridge_estates").glob("weather_*.csv")):
        with path.open(newline="", encoding="utf-8") as lines:
            for row in csv.DictReader(lines):
                stamps.append(np.datetime64(row["datetime"].replace(" ", "T"), "h"))
                degrees.append(float(row["air_temperature [degC]"] or "nan"))
    hourly = _by_day(np.array(stamps), np.array(degrees), zeros_are_gaps=False)
    flat = hourly.values.ravel()
    holes = np.isnan(flat)
    flat[holes] = np.interp(np.flatnonzero(holes), np.flatnonzero(~holes), flat[~holes])
    return Hourly(hourly.first_on, flat.reshape(-1, DAY_HOURS), int(holes.sum()))


@dataclass(frozen=True)
class SteelPlant:
    """Quarter-hours of a steel plant: beginning of each by the local clock, use [kWh], and what was put right."""

    begins: np.ndarray
    kwh: np.ndarray
    had_mark: bool
    midnights: int

    @property
    def hourly(self) -> Hourly:
        """Use by hour and day."""
        return Hourly(date(2018, 1, 1), self.kwh.reshape(-1, 4).sum(axis=1).reshape(-1, DAY_HOURS))


def read_steel(folder: Path) -> SteelPlant:
    """Return the quarter-hours of 2018 in order.

    The file starts with a byte-order mark, dates have the day first, a stamp is the end of its interval, and the last
    interval of a day is stamped 00:00 of that same day instead of the next.
    """
    path = folder / "steel_plant" / "steel_15min_2018.csv.gz"
    with gzip.open(path, "rb") as raw:
        had_mark = raw.read(3) == b"\xef\xbb\xbf"
    begins, kwh, midnights = [], [], 0
    with gzip.open(path, "rt", encoding="utf-8-sig", newline="") as lines:
        for row in csv.DictReader(lines):
            ends = datetime.strptime(row["date"], "%d/%m/%Y %H:%M")  # noqa: DTZ007 - a local clock
            if ends.hour == ends.minute == 0:
                ends, midnights = ends + timedelta(days=1), midnights + 1
            begins.append(np.datetime64(ends - timedelta(minutes=15), "m"))
            kwh.append(float(row["Usage_kWh"]))
    order = np.argsort(np.array(begins), kind="stable")
    return SteelPlant(np.array(begins)[order], np.array(kwh)[order], had_mark, midnights)


def read_gas_register(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return instants [µs] and the register at standard state [m³] of a gas meter, in the order of the file."""
    with gzip.open(path, "rt", encoding="utf-8-sig", newline="") as lines:
        rows = [(row["CreateDate"], row["BTotal"]) for row in csv.DictReader(lines)]
    at = np.array([np.datetime64(stamp.replace(" ", "T"), "us") for stamp, _shown in rows]).astype(np.int64)
    return at, np.array([float(shown) if shown else np.nan for _stamp, shown in rows])


def read_oed(path: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return beginnings, ends [µs] and readings of a file with a reading, a start and an end in each row."""
    with path.open(newline="", encoding="utf-8") as lines:
        rows = [row for row in csv.reader(lines) if row and row[0] and row[0] != "reading"]
    columns = [np.array([np.datetime64(row[place].replace(" ", "T"), "us") for row in rows]) for place in (1, 2)]
    return columns[0].astype(np.int64), columns[1].astype(np.int64), np.array([float(row[0]) for row in rows])


@dataclass(frozen=True)
class Labelled:
    """A series with windows in which experts see an anomaly: hourly means, windows in hours from the first midnight."""

    name: str
    hourly: Hourly
    windows: tuple[tuple[int, int], ...]


def read_labelled(folder: Path) -> list[Labelled]:
    """Return the labelled series of the Numenta benchmark, as hourly means."""
    windows = json.loads((folder / "nab" / "windows.json").read_text(encoding="utf-8"))
    found = []
    for name, spans in sorted(windows.items()):
        with (folder / "nab" / name).open(newline="", encoding="utf-8") as lines:
            rows = [
                (np.datetime64(row["timestamp"].replace(" ", "T"), "s"), float(row["value"]))
                for row in csv.DictReader(lines)
            ]
        at = np.array([stamp for stamp, _value in rows])
        values = np.array([value for _stamp, value in rows])
        first = at.min().astype("datetime64[D]")
        hours = ((at - first) / np.timedelta64(1, "h")).astype(int)
        size = (hours.max() // DAY_HOURS + 1) * DAY_HOURS
        count, total = np.bincount(hours, minlength=size), np.bincount(hours, weights=values, minlength=size)
        means = np.where(count > 0, total / np.maximum(count, 1), np.nan).reshape(-1, DAY_HOURS)
        borders = tuple(
            tuple(int((np.datetime64(edge.replace(" ", "T"), "s") - first) / np.timedelta64(1, "h")) for edge in span)
            for span in spans
        )
        found.append(Labelled(name.removesuffix(".csv"), Hourly(first.astype(date), means), borders))
    return found

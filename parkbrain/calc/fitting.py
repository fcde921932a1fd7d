"""Which premises fit what a firm needs: constraints with reasons, not a similarity score.

Demands on loads, heights, lifts, water and exhaust are checked by `calc.specfit`, the same rules that premises are
held to for their designated industry; here come area, power in kilowatts, fire class, price and date, and premises of
one storey that are let together. Practice: premises are offered on a tolerance of the area, and a fire-hazard class
that a building does not permit cannot be made up by a lower rent (GB 50016, table 3.3.1).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from .specfit import FitReason, PremisesSpec, SpaceProfile, fit

MEETS, FAILS, UNKNOWN = "meets", "fails", "unknown"
#: From the most hazardous production to the least; premises that permit a class permit every one after it.
FIRE_ORDER = ("A", "B", "C", "D", "E")
#: By how much the area may lie outside the wanted one [1].
AREA_TOLERANCE = 0.10
#: At most so many neighbors are offered as one.
MOST_JOINED = 4
#: Constraints that a price or a date cannot make up for; the others are soft.
HARD = frozenset(
    {
        "use",
        "area_m2",
        "floor_load_kn_m2",
        "clear_height_m",
        "goods_lift_load_t",
        "power_kw",
        "has_water",
        "has_exhaust",
        "fire_class",
    }
)


@dataclass(frozen=True)
class SpaceNeed:
    """What a firm needs; None and "" are no demand.

    Areas [m²], load [kN/m²], height [m], lift [t], power [kW], budget [yuan/m²·month].
    """

    area_from_m2: float | None = None
    area_to_m2: float | None = None
    use: str = ""
    floor_load_kn_m2: float | None = None
    clear_height_m: float | None = None
    goods_lift_load_t: float | None = None
    power_kw: float | None = None
    needs_water: bool = False
    needs_exhaust: bool = False
    fire_class: str = ""
    budget_yuan_per_m2_month: float | None = None
    move_in_on: date | None = None


@dataclass(frozen=True)
class Room:
    """Premises on offer; None and "" are unknown.

    `storey` names the storey and `place` the order on it: rooms of one storey whose places follow each other are
    neighbors. `power_left_kw` is what may still be drawn there; without it the design density times the area counts.
    """

    key: str
    area_m2: float
    storey: str = ""
    place: int = 0
    use: str = ""
    spec: PremisesSpec = field(default_factory=PremisesSpec)
    fire_class: str = ""
    power_left_kw: float | None = None
    asking_yuan_per_m2_month: float | None = None
    free_from_on: date | None = None

    @property
    def power_kw(self) -> float | None:
        """Power that the room has to give [kW]."""
        if self.power_left_kw is not None:
            return self.power_left_kw
        density = self.spec.power_density_w_m2
        return None if density is None else density * self.area_m2 / 1000.0


@dataclass(frozen=True)
class Check:
    """One constraint: what is needed, what is there, the verdict; `missing` names the rooms whose figure is not known."""

    constraint: str
    verdict: str
    needed: float | str | bool | date
    found: float | str | bool | date | None
    missing: tuple[str, ...] = ()

    @property
    def is_hard(self) -> bool:
        """Whether neither a price nor a date makes up for it."""
        return self.constraint in HARD

    @property
    def excess(self) -> float | None:
        """How much more there is than is needed, as a share of the need [1]; None where it is no number."""
        if self.verdict != MEETS or not isinstance(self.needed, int | float) or isinstance(self.needed, bool):
            return None
        if not isinstance(self.found, int | float) or not self.needed:
            return None
        return max(0.0, float(self.found) / float(self.needed) - 1.0)


@dataclass(frozen=True)
class Fitting:
    """One room, or neighbors taken together, with every constraint that the need makes."""

    rooms: tuple[Room, ...]
    checks: tuple[Check, ...]

    @property
    def area_m2(self) -> float:
        """Area of all rooms [m²]."""
        return sum(room.area_m2 for room in self.rooms)

    @property
    def fits(self) -> bool:
        """Whether every constraint is known to be met."""
        return all(check.verdict == MEETS for check in self.checks)

    @property
    def may_fit(self) -> bool:
        """Whether no constraint is known to fail."""
        return all(check.verdict != FAILS for check in self.checks)

    @property
    def waste(self) -> float:
        """Mean excess over the constraints in numbers [1]: strong floors and large rooms are kept for who needs them."""
        found = [check.excess for check in self.checks if check.excess is not None and check.is_hard]
        return sum(found) / len(found) if found else 0.0

    def count(self, verdict: str, *, hard: bool) -> int:
        """Return how many hard (or soft) constraints came to a verdict."""
        return sum(1 for check in self.checks if check.verdict == verdict and check.is_hard == hard)

    @property
    def rank(self) -> tuple[int, int, int, int, float, int, float, str]:
        """The order of offers: hard constraints first, then soft ones, then the least waste, fewest rooms, lowest price."""
        prices = [room.asking_yuan_per_m2_month for room in self.rooms if room.asking_yuan_per_m2_month is not None]
        return (
            self.count(FAILS, hard=True),
            self.count(UNKNOWN, hard=True),
            self.count(FAILS, hard=False),
            self.count(UNKNOWN, hard=False),
            round(self.waste, 6),
            len(self.rooms),
            max(prices, default=float("inf")),
            self.rooms[0].key,
        )


def check_rooms(rooms: Sequence[Room], need: SpaceNeed) -> Fitting:
    """Check one room, or neighbors let together, against a need.

    Areas and power add up; every other constraint has to be met by each of the rooms.

    Parameters
    ----------
    rooms
        At least one.
    need
        What is needed, in the units of `SpaceNeed`.

    Returns
    -------
    Fitting
        A check for every demand of the need, in the order of its fields.

    Raises
    ------
    ValueError
        If there is no room.

    Examples
    --------
    >>> made = check_rooms([Room("301", 800.0, spec=PremisesSpec(floor_load_kn_m2=6.0))], SpaceNeed(floor_load_kn_m2=8))
    >>> [(c.constraint, c.verdict) for c in made.checks]
    [('floor_load_kn_m2', 'fails')]
    """
    if not rooms:
        raise ValueError("no room to check")
    found = [_use(rooms, need), _area(rooms, need), *_specification(rooms, need), _power(rooms, need)]
    found += [_fire(rooms, need), _price(rooms, need), _date(rooms, need)]
    return Fitting(tuple(rooms), tuple(check for check in found if check is not None))


def find_fitting(rooms: Iterable[Room], need: SpaceNeed, *, most: int = 50) -> list[Fitting]:
    """Return what fits a need best: rooms alone, and neighbors on a storey where one alone is too small.

    Parameters
    ----------
    rooms
        All rooms on offer.
    need
        What is needed.
    most
        How many offers are returned [1, > 0].

    Returns
    -------
    list of Fitting
        Ordered by `Fitting.rank`: fewest hard constraints failed, then unknown, then soft ones failed and unknown, then
        the least waste, the fewest rooms, the lowest price. Offers that fail stand behind, with their reasons.

    Examples
    --------
    >>> floor = [Room("301", 400.0, "3", 1), Room("302", 420.0, "3", 2), Room("401", 900.0, "4", 1)]
    >>> [[r.key for r in f.rooms] for f in find_fitting(floor, SpaceNeed(area_from_m2=800, area_to_m2=850)) if f.fits]
    [['301', '302'], ['401']]
    """
    offered = list(rooms)
    made = [check_rooms([room], need) for room in offered]
    if need.area_from_m2 is not None:
        made += [check_rooms(run, need) for run in neighbors(offered, need)]
    return sorted(made, key=lambda fitting: fitting.rank)[:most]


def neighbors(rooms: Sequence[Room], need: SpaceNeed) -> list[list[Room]]:
    """Return runs of neighboring rooms that are each too small and together have the area that is needed.

    Examples
    --------
    >>> floor = [Room("1", 300.0, "3", 1), Room("2", 300.0, "3", 2), Room("4", 300.0, "3", 4)]
    >>> [[r.key for r in run] for run in neighbors(floor, SpaceNeed(area_from_m2=580))]
    [['1', '2']]
    """
    low, high = _area_limits(need)
    by_storey: dict[str, list[Room]] = {}
    for room in sorted(rooms, key=lambda r: (r.storey, r.place, r.key)):
        if room.storey and (low is None or room.area_m2 < low):
            by_storey.setdefault(room.storey, []).append(room)
    runs = []
    for floor in by_storey.values():
        for first in range(len(floor)):
            for last in range(first + 1, min(len(floor), first + MOST_JOINED)):
                if floor[last].place != floor[last - 1].place + 1:
                    break
                run = floor[first : last + 1]
                area = sum(room.area_m2 for room in run)
                if low is not None and area >= low:
                    if high is None or area <= high:
                        runs.append(run)
                    # A longer run only has more than is needed.
                    break
    return runs


def _area_limits(need: SpaceNeed) -> tuple[float | None, float | None]:
    low = None if need.area_from_m2 is None else need.area_from_m2 * (1 - AREA_TOLERANCE)
    high = None if need.area_to_m2 is None else need.area_to_m2 * (1 + AREA_TOLERANCE)
    return low, high


def _area(rooms: Sequence[Room], need: SpaceNeed) -> Check | None:
    low, high = _area_limits(need)
    if low is None and high is None:
        return None
    area = sum(room.area_m2 for room in rooms)
    met = (low is None or area >= low) and (high is None or area <= high)
    wanted = need.area_from_m2 if need.area_from_m2 is not None else need.area_to_m2
    return Check("area_m2", MEETS if met else FAILS, wanted or 0.0, area)


def _use(rooms: Sequence[Room], need: SpaceNeed) -> Check | None:
    if not need.use:
        return None
    other = next((room.use for room in rooms if room.use and room.use != need.use), "")
    missing = tuple(room.key for room in rooms if not room.use)
    return Check("use", _verdict(bool(other), missing), need.use, other or (None if missing else need.use), missing)


def _specification(rooms: Sequence[Room], need: SpaceNeed) -> list[Check]:
    profile = SpaceProfile(
        id="need",
        industries=(),
        name={},
        floor_load_ground_kn_m2=need.floor_load_kn_m2,
        floor_load_upper_kn_m2=need.floor_load_kn_m2,
        clear_height_m=need.clear_height_m,
        goods_lift_load_t=need.goods_lift_load_t,
        needs_exhaust=need.needs_exhaust,
        needs_water=need.needs_water,
    )
    by_room = [(room.key, fit(room.spec, profile).reasons) for room in rooms]
    return [_joined([(key, reasons[i]) for key, reasons in by_room]) for i in range(len(by_room[0][1]))]


def _joined(reasons: Sequence[tuple[str, FitReason]]) -> Check:
    """Return one check for a demand that every room has to meet: the weakest known room decides."""
    first = reasons[0][1]
    missing = tuple(key for key, reason in reasons if reason.met is None)
    fails = any(reason.met is False for _key, reason in reasons)
    known = [reason.found for _key, reason in reasons if reason.found is not None]
    weakest = min(known, key=float) if known else None
    return Check(first.property, _verdict(fails, missing), first.needed, weakest, missing)


def _verdict(fails: bool, missing: Sequence[str]) -> str:
    return FAILS if fails else UNKNOWN if missing else MEETS


def _power(rooms: Sequence[Room], need: SpaceNeed) -> Check | None:
    if need.power_kw is None:
        return None
    missing = tuple(room.key for room in rooms if room.power_kw is None)
    total = sum(room.power_kw or 0.0 for room in rooms)
    if total >= need.power_kw:
        missing = ()
    fails = not missing and total < need.power_kw
    return Check("power_kw", _verdict(fails, missing), need.power_kw, None if missing else total, missing)


def _fire(rooms: Sequence[Room], need: SpaceNeed) -> Check | None:
    if not need.fire_class:
        return None
    wanted = FIRE_ORDER.index(need.fire_class)
    missing = tuple(room.key for room in rooms if not room.fire_class)
    permitted = [room.fire_class for room in rooms if room.fire_class]
    strictest = max(permitted, key=FIRE_ORDER.index) if permitted else None
    fails = strictest is not None and FIRE_ORDER.index(strictest) > wanted
    return Check("fire_class", _verdict(fails, missing), need.fire_class, strictest, missing)


def _price(rooms: Sequence[Room], need: SpaceNeed) -> Check | None:
    if need.budget_yuan_per_m2_month is None:
        return None
    missing = tuple(room.key for room in rooms if room.asking_yuan_per_m2_month is None)
    area = sum(room.area_m2 for room in rooms)
    mean = sum((room.asking_yuan_per_m2_month or 0.0) * room.area_m2 for room in rooms) / area
    fails = not missing and mean > need.budget_yuan_per_m2_month
    found = None if missing else round(mean, 2)
    return Check("price_yuan_per_m2_month", _verdict(fails, missing), need.budget_yuan_per_m2_month, found, missing)


def _date(rooms: Sequence[Room], need: SpaceNeed) -> Check | None:
    if need.move_in_on is None:
        return None
    known = [room.free_from_on for room in rooms if room.free_from_on is not None]
    missing = tuple(room.key for room in rooms if room.free_from_on is None)
    latest = max(known, default=None)
    fails = latest is not None and latest > need.move_in_on
    return Check("free_from_on", _verdict(fails, missing), need.move_in_on, latest, missing)

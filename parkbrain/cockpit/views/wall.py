"""The wall: screens that turn by themselves, each made of the same questions as an office page, each figure a link to it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from parkbrain.assessment.charts import dimension_radar
from parkbrain.assessment.queries import StarSheet
from parkbrain.carbon.queries import list_matches, list_matches_between
from parkbrain.energy.charts import day_chart
from parkbrain.energy.queries import DayOfPlaces, get_day_of_places, get_use_per_m2
from parkbrain.enterprises.charts import COLOURS, building_section, colour_labels, park_scene
from parkbrain.enterprises.queries import ParkState, get_park_state
from parkbrain.kernel.models import Park
from parkbrain.kernel.roles import Permission
from parkbrain.portfolio import charts as city_charts
from parkbrain.portfolio import queries as city
from parkbrain.space.queries import list_footprints
from parkbrain.ui.asof import day_of, kept_day
from parkbrain.ui.htmx import page

from .. import charts, queries
from ..forms import CITY, ENERGY, PARK, SCREEN_NAMES, SCREENS, SECONDS, SPACE, STARS, WallForm

#: How often a screen asks whether something changed [s].
POLL_S = 60
ENERGY_COLOUR = "energy"
#: The colour "energy" speaks of the use of so many days.
ENERGY_DAYS = 30
#: So many lines stand in a list of a screen; the office page has all of them.
LINES = 6
FEW = 2
DISTRICTS = 10


@dataclass(frozen=True)
class Screen:
    """One screen of the wall: where it is drawn, what it is called, what it shows."""

    key: str
    title: str
    place: str
    template: str
    content: Mapping[str, Any]


@dataclass(frozen=True)
class Asked:
    """What the address of the wall asks for."""

    screens: Sequence[str]
    seconds: int
    colour: str
    hour: int | None
    on: date
    at: datetime


@require_safe
def wall(request: HttpRequest) -> HttpResponse:
    """Turn through the screens of what the person sees: the city for those who see it, and the parks they chose."""
    form = _form(request)
    asked = _asked(request, form)
    chosen = form.wanted("park", [])
    sees_city = request.user.may(Permission.VIEW_CITY)
    # A bureau's wall is of the city; a park stands on it where it was chosen.
    parks = queries.list_wall_parks(user=request.user, asked=[p.pk for p in chosen]) if chosen or not sees_city else []
    screens = [_city_screen(request)] if sees_city and CITY in asked.screens else []
    for park in parks:
        screens += _park_screens(request, park, asked)
    return _wall_page(request, form, asked, screens, parks)


@require_safe
def wall_park(request: HttpRequest, park_id: int) -> HttpResponse:
    """Turn through the screens of one park; a screen that asks again gets only itself, and nothing if nothing changed."""
    park = Park.objects.visible_to(request.user).select_related("branch").filter(pk=park_id).first()
    if park is None:
        raise Http404
    request.park = park
    form = _form(request)
    asked = _asked(request, form)
    target = request.htmx.target if request.htmx else None
    if target in {f"{PARK}-{park.pk}-live", f"{ENERGY}-{park.pk}-live"}:
        return _live(request, park, asked, PARK if target.startswith(PARK) else ENERGY)
    return _wall_page(request, form, asked, _park_screens(request, park, asked), [park])


def _live(request: HttpRequest, park: Park, asked: Asked, kind: str) -> HttpResponse:
    """Answer a screen that asks for itself: 204 where it shows the same already."""
    screen = _MAKERS[kind](request, park, asked)
    if screen is None or screen.content["mark"] == request.GET.get("seen"):
        return HttpResponse(status=204)
    return page(request, f"{screen.template}#live", {"s": screen})


def _form(request: HttpRequest) -> WallForm:
    offered = queries.list_offered_parks(user=request.user)
    labels = {**colour_labels(), ENERGY_COLOUR: _("Energy for each m²")}
    visible = Park.objects.visible_to(request.user)
    return WallForm(request.GET, parks=visible, offered=offered, colours=list(labels.items()))


def _asked(request: HttpRequest, form: WallForm) -> Asked:
    on = day_of(request)
    return Asked(
        form.wanted("screens", list(SCREENS)),
        form.wanted("seconds", SECONDS),
        form.wanted("colour", ""),
        form.wanted("hour", None),
        on,
        queries.moment_of(on=on, at=timezone.now()),
    )


def _wall_page(
    request: HttpRequest, form: WallForm, asked: Asked, screens: Sequence[Screen], parks: Sequence[Park]
) -> HttpResponse:
    sees_city = request.user.may(Permission.VIEW_CITY)
    context = {
        "screens": screens,
        "form": form,
        "asked": asked,
        "offers": [(k, name, k in asked.screens) for k, name in SCREEN_NAMES.items() if sees_city or k != CITY],
        "parks": parks,
        "park_keys": [p.pk for p in parks],
    }
    return page(request, "cockpit/wall.html", context)


def _city_link(**filters: str) -> str:
    """Return the parks of the city that a bar of the wall stands for."""
    return f"{reverse('city')}?{urlencode(filters)}"


def _city_screen(request: HttpRequest) -> Screen:
    user = request.user
    overview = city.get_overview(user=user)
    shapes = city.list_shapes()
    pairs = list_matches_between(user=user, on=timezone.localdate())
    content = {
        "flows": city_charts.map_flows(shapes=shapes, matches=pairs),
        "pair_count": len(pairs),
        "totals": overview.totals,
        "map": city_charts.district_map(shapes=shapes, lines=overview.lines),
        "dots": city_charts.map_stars(shapes=shapes, points=city.list_points(user=user)),
        "stars": city_charts.star_distribution(counts=overview.counts, link=_city_link),
        "lines": overview.lines[:DISTRICTS],
        "improved": city.list_most_improved(user=user),
    }
    return Screen(CITY, str(SCREEN_NAMES[CITY]), "", "cockpit/wall_city.html", content)


def _park_screens(request: HttpRequest, park: Park, asked: Asked) -> list[Screen]:
    made = [_MAKERS[kind](request, park, asked) for kind in SCREENS[1:] if kind in asked.screens]
    return [screen for screen in made if screen is not None]


def _state(request: HttpRequest, park: Park, asked: Asked) -> ParkState:
    """Return the park on the day, asked once for all screens of a request."""
    known: dict[int, ParkState] = request.__dict__.setdefault("_wall_states", {})
    if park.pk not in known:
        known[park.pk] = get_park_state(park=park, user=request.user, on=asked.on)
    return known[park.pk]


def _energy(request: HttpRequest, park: Park, asked: Asked) -> tuple[queries.EnergyNow | None, DayOfPlaces | None]:
    """Return the energy of the day and its hours by place, asked once for all screens of a request."""
    known: dict[int, tuple[queries.EnergyNow | None, DayOfPlaces | None]]
    known = request.__dict__.setdefault("_wall_energy", {})
    if park.pk not in known:
        now = queries.get_energy_now(park=park, at=asked.at)
        places = get_day_of_places(park=park, energy_kind=now.kind, on=asked.on, at=asked.at) if now else None
        known[park.pk] = now, places
    return known[park.pk]


def _screen(kind: str, park: Park, content: Mapping[str, Any]) -> Screen:
    shown = {**content, "park": park}
    return Screen(f"{kind}-{park.pk}", str(SCREEN_NAMES[kind]), park.name, f"cockpit/wall_{kind}.html", shown)


def _hour_of(asked: Asked) -> int:
    """Return the hour of now where the day is today, noon of any other."""
    return timezone.localtime().hour if asked.on == timezone.localdate() else 12


def _mark(*values: object) -> str:
    """Return a short mark of what a screen shows, to tell whether it changed."""
    return hashlib.sha256(repr(values).encode()).hexdigest()[:16]


def _here(request: HttpRequest, park: Park) -> str:
    """Return the address that a screen asks for itself: the park's wall as it was asked for."""
    params = request.GET.copy()
    params.pop("seen", None)
    return f"{reverse('wall_park', args=[park.pk])}?{params.urlencode()}"


def _park_screen(request: HttpRequest, park: Park, asked: Asked) -> Screen | None:
    """The park in 3-D with its load by hour, what needs somebody, who exchanges with whom."""
    state = _state(request, park, asked)
    if not state.buildings:
        return None
    measured = request.user.may(Permission.VIEW_TELEMETRY, park.branch.path)
    now, places = _energy(request, park, asked) if measured else (None, None)
    odd = charts.odd_hours(queries.list_odd_of_day(park=park, on=asked.on), on=asked.on) if measured else []
    hour = charts.hour_shown(places, asked=asked.hour, now=_hour_of(asked))
    live = asked.hour is None and asked.on == timezone.localdate()
    exchange_url = reverse("exchange", args=[park.pk])
    matches = list_matches(park=park, user=request.user, on=asked.on)
    pairs = charts.exchange_arcs(matches, state.buildings, url=exchange_url)
    items, hidden = queries.list_wall_attention(user=request.user, park=park, on=asked.on)
    rows = charts.hour_rows(places, state.buildings, hour=hour) if places else []
    carbon = _carbon(request, park, asked)
    colour, scene = _scene(request, state, asked, [arc for arc, _pair in pairs])
    content = {
        "state": state,
        "scene": scene,
        "colour": colour_labels().get(colour, _("Energy for each m²")),
        "sections": _sections(state, asked, request, colour if colour != ENERGY_COLOUR else "tenant"),
        "now": now,
        "hours": charts.hours_data(places, hour=hour, odd=odd, live=live) if places else None,
        "hour": hour,
        "clock": charts.clock(hour),
        "rows": rows,
        "odd": odd[:FEW],
        "carbon": carbon,
        "items": items[:FEW],
        "hidden": hidden + max(0, len(items) - FEW),
        "pairs": pairs[:FEW],
        "live": live,
        "here": _here(request, park),
        "kept": [(k, v) for k, vs in request.GET.lists() if k not in {"on", "hour", "seen"} for v in vs],
        "on": asked.on,
        "poll": POLL_S,
        "mark": _mark(
            hour, rows, odd, items, hidden, now and now.day.newest, carbon, state.occupancy, state.tenant_count
        ),
    }
    return _screen(PARK, park, content)


def _scene(request: HttpRequest, state: ParkState, asked: Asked, arcs: Sequence[Any]) -> tuple[str, Any]:
    viewer, path = state.viewer, state.park.branch.path
    offered = [c for c in COLOURS if viewer.sees_firms or c in {"use", "vacancy"}]
    measured = viewer.sees_firms and request.user.may(Permission.VIEW_TELEMETRY, path)
    colour = asked.colour if asked.colour in {*offered, *([ENERGY_COLOUR] if measured else [])} else offered[-1]
    if not asked.colour:
        colour = "industry" if viewer.sees_firms else "vacancy"
    colouring = None
    if colour == ENERGY_COLOUR:
        since = asked.on - timedelta(days=ENERGY_DAYS)
        per_m2 = get_use_per_m2(park=state.park, energy_kind="ELECTRICITY", starts_on=since, ends_on=asked.on)
        colouring = charts.energy_colouring(per_m2, unit="kWh")
    footprints = list_footprints(buildings=[b.building for b in state.buildings])
    return colour, park_scene(
        state.buildings,
        footprints=footprints,
        on=asked.on,
        colour=colour,
        arcs=arcs,
        colouring=colouring,
        kept=kept_day(request),
    )


def _sections(state: ParkState, asked: Asked, request: HttpRequest, colour: str) -> list[tuple[Any, Any]]:
    """Return the buildings with their section, the tallest first."""
    ordered = sorted(state.buildings, key=lambda b: -len(b.storeys))
    kept = kept_day(request)
    return [(b, building_section(b, on=asked.on, colour=colour, kept=kept)) for b in ordered if b.storeys]


def _carbon(request: HttpRequest, park: Park, asked: Asked) -> queries.CarbonYear | None:
    """The last closed year, for those who may open the statement, where anything is recorded."""
    if not request.user.may(Permission.VIEW_ENTERPRISE, park.branch.path):
        return None
    found = queries.get_carbon_year(park=park, on=asked.on)
    return None if found.scope_12 is None else found


def _energy_screen(request: HttpRequest, park: Park, asked: Asked) -> Screen | None:
    """The load against what was to be expected, the month so far, carbon, and what was odd."""
    if not request.user.may(Permission.VIEW_TELEMETRY, park.branch.path):
        return None
    now, places = _energy(request, park, asked)
    if now is None or places is None:
        return None
    day = now.day
    hour = charts.hour_shown(places, asked=None, now=_hour_of(asked))
    rows = charts.hour_rows(places, _state(request, park, asked).buildings, hour=hour)
    carbon = _carbon(request, park, asked)
    content = {
        "day": day,
        "now": day.newest,
        "chart": day_chart(day=day),
        "odd": [(one, queries.odd_url(odd=one)) for one in now.odd[:LINES]],
        "odd_count": len(now.odd),
        "rows": rows,
        "most": max((row.load or 0.0 for row in rows), default=0.0),
        "clock": charts.clock(hour),
        "carbon": carbon,
        "here": _here(request, park),
        "live": asked.on == timezone.localdate(),
        "poll": POLL_S,
        "mark": _mark(day.newest, day.today, day.month, [o.pk for o in now.odd], rows, carbon),
    }
    return _screen(ENERGY, park, content)


def _space_screen(request: HttpRequest, park: Park, asked: Asked) -> Screen | None:
    """The buildings in section by lease end, what is let, firms by segment."""
    state = _state(request, park, asked)
    if not state.premises_count:
        return None
    sees_firms = state.viewer.sees_firms
    colour = "lease_end" if sees_firms else "vacancy"
    content = {
        "state": state,
        "sections": _sections(state, asked, request, colour),
        "colour": colour_labels()[colour],
        "segments": queries.list_segments(park=park, on=asked.on) if sees_firms else [],
        "ends": queries.get_lease_ends(user=request.user, park=park, on=asked.on) if sees_firms else None,
        "ends_url": f"{reverse('occupancy_list')}?park={park.pk}&state=ending",
        "on": asked.on,
    }
    return _screen(SPACE, park, content)


def _stars_screen(request: HttpRequest, park: Park, asked: Asked) -> Screen | None:
    """The stars of a park, its dimensions, and what stands between it and the next one."""
    sheet = queries.find_star_sheet(user=request.user, park=park)
    return None if sheet is None else _screen(STARS, park, _star_content(sheet))


def _star_content(sheet: StarSheet) -> dict[str, Any]:
    radar = dimension_radar(sheet=sheet) if len(sheet.dimensions) > 2 else None
    return {"sheet": sheet, "gaps": sheet.gaps[:LINES], "radar": radar}


_MAKERS: dict[str, Callable[[HttpRequest, Park, Asked], Screen | None]] = {
    PARK: _park_screen,
    ENERGY: _energy_screen,
    SPACE: _space_screen,
    STARS: _stars_screen,
}

"""Every link of every tile opens for whoever is offered the tile, and a count beside it is the number of rows behind it."""

from __future__ import annotations

import re
from datetime import date

from django.template.loader import render_to_string
from django.test import Client
from django.utils import timezone, translation

from parkbrain.cockpit.queries import home_of, list_offered_tiles
from parkbrain.kernel import registry
from parkbrain.kernel.models import Branch, Park, User
from parkbrain.kernel.registry import OPERATOR_HOME
from parkbrain.kernel.roles import Role
from parkbrain.ui.paging import Paged
from tests.contracts.anchors import AnchorReader, client_of
from tests.demo_fixtures import demo_park, loaded_demo
from tests.factories import make_user
from tests.figures import read_figures

__all__ = ["demo_park", "loaded_demo"]

#: Names of numbers that count the rows of the list they open.
COUNTS = {"rows", "facts", "city.parks"}
MORE = re.compile(r"^and (\d+) more$")


def people_of(park: Park) -> list[User]:
    """Return one of each kind, and two who see a part only."""
    known = [User.objects.get(username=name) for name in ("bureau", "operator", "assessor", "tenant", "provider")]
    district = make_user(Role.BUREAU, Branch.objects.get(code=park.district_code))
    return [*known, district, make_user(Role.ASSESSOR, park.branch), make_user(Role.OPERATOR, park.branch)]


def drawn(user: User, park: Park, on: date) -> dict[str, str]:
    """Return every tile that the person may have on their home, as it reads."""
    home = home_of(user=user)
    of_park = park if home == OPERATOR_HOME else None
    offered = list_offered_tiles(user=user, home=home, park=of_park)
    with translation.override("en"):
        shown = {one.key: one.tile.ask(user=user, park=of_park, on=on) for one in offered}
        return {
            key: render_to_string(registry.tiles.get(key).template, dict(content))
            for key, content in shown.items()
            if content is not None
        }


def count_behind(client: Client, url: str) -> int | None:
    """Return how many rows a page lists, on all its pages; None where it is no list."""
    context = client.get(url, follow=True).context
    if "list" in context:
        return int(context["list"].table.page.paginator.count)
    if "groups" in context:
        return sum(view.count if isinstance(view, Paged) else len(view) for _kind, view in context["groups"])
    paged = [context[name] for name in ("rows", "lines") if name in context and isinstance(context[name], Paged)]
    return paged[0].count if paged else None


def wrong_counts(client: Client, html: str) -> list[str]:
    """Return the numbers of a tile that are not those of the lists they open."""
    reader = AnchorReader(html)
    counted = [(one.url, one.value) for one in read_figures(html).found if one.name in COUNTS]
    counted += [
        (anchor.url, str(reader.row_count + int(more[1])))
        for anchor in reader.anchors
        if (more := MORE.match(" ".join(anchor.text.split())))
    ]
    found = [(url, said.replace(",", ""), count_behind(client, url)) for url, said in counted]
    return [
        f"{said} here, {behind} on {url}" for url, said, behind in found if behind is not None and said != str(behind)
    ]


def test_every_link_of_a_tile_opens_for_whoever_has_it(demo_park: Park) -> None:
    seen: set[str] = set()
    closed = []
    for user in people_of(demo_park):
        client, opened = client_of(user), set()
        for key, html in drawn(user, demo_park, timezone.localdate()).items():
            seen.add(key)
            for anchor in AnchorReader(html).anchors:
                if anchor.url not in opened and client.get(anchor.url, follow=True).status_code != 200:
                    closed.append(f"{user} {key}: {anchor.text.strip()} {anchor.url}")
                opened.add(anchor.url)
    assert closed == []
    # The others wait for something that only happens later in the demo's life.
    assert len(registry.tiles.keys() - seen) <= 2, registry.tiles.keys() - seen


def test_a_count_of_a_tile_is_the_number_of_rows_behind_it(demo_park: Park) -> None:
    without = Park.objects.filter(district_code=demo_park.district_code).exclude(pk=demo_park.pk)[:2]
    Park.objects.filter(pk__in=list(without.values_list("pk", flat=True))).update(district_code="")
    wrong = []
    for user in people_of(demo_park):
        client = client_of(user)
        for key, html in drawn(user, demo_park, timezone.localdate()).items():
            wrong += [f"{user} {key}: {one}" for one in wrong_counts(client, html)]
    assert wrong == []


def test_a_tile_that_counts_otherwise_is_found_out(demo_park: Park) -> None:
    client = client_of(User.objects.get(username="bureau"))
    count = count_behind(client, "/city/")
    assert count and wrong_counts(client, f'<a href="/city/"><b data-figures="rows={count}">{count}</b></a>') == []
    assert wrong_counts(client, f'<a href="/city/"><b data-figures="rows={count - 1}">{count - 1}</b></a>')
    listed = f'<ul><li>a</li><li>b</li></ul><a href="/city/">and {count - 2} more</a>'
    assert wrong_counts(client, listed) == []
    assert wrong_counts(client, listed.replace("<li>b</li>", ""))

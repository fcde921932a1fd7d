"""Every list of the product, by its being registered: filters, sorts, totals, files, saved views, scope, length."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import openpyxl
import pytest
from django.db import transaction
from django.http import QueryDict
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from parkbrain.assessment.models import Rating
from parkbrain.assessment.queries import MAIN_SCHEME
from parkbrain.carbon.models import EmissionFactor
from parkbrain.enterprises.models import Enterprise
from parkbrain.intake.models import Batch
from parkbrain.kernel import audit, registry
from parkbrain.kernel.models import AuditEvent, Branch, ListChoice, Park, SavedView, User
from parkbrain.kernel.roles import Role
from parkbrain.leasing.models import Lease
from parkbrain.lifecycle.models import ExitCase, ExitTrigger, LifeSubject
from parkbrain.lists import Ask, ListSpec, lists
from parkbrain.space.models import Premises
from parkbrain.ui.table import Filter
from tests.factories import (
    AT,
    ON,
    make_activity,
    make_assignment,
    make_bill,
    make_branch,
    make_data_round,
    make_deposit,
    make_document,
    make_duty,
    make_energy_meter,
    make_enterprise,
    make_equipment,
    make_factor,
    make_green_power,
    make_lead,
    make_lease,
    make_life,
    make_occupancy,
    make_operator_group,
    make_park,
    make_payment,
    make_point,
    make_premises,
    make_project,
    make_refrigerant_event,
    make_return,
    make_source,
    make_user,
)
from tests.query_counts import pinned_queries

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with override("en"):
        yield


SPECS = sorted((spec for spec in lists), key=lambda spec: spec.key)
every_list = pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.key)
ROWS = 30


@dataclass
class City:
    """An operator with a park full of rows, some values unknown, and somebody who may see it all."""

    operator: Branch
    park: Park
    person: User


def fill(park: Park, count: int, *, start: int = 0) -> None:
    """Put rows of every list into a park: values differ, repeat and are missing."""
    batch_author = make_user(Role.OPERATOR, park.branch)
    for n in range(start, start + count):
        premises = make_premises(
            park=park,
            level=1 + n % 3,
            code=f"{park.code}-{n:03d}",
            area_m2=100.0 + 7 * (n % 11),
            use=["PRODUCTION", "OFFICE"][n % 2],
            floor_load_kn_m2=None if n % 4 == 0 else float(n % 5),
            fire_class="" if n % 5 == 0 else "C",
        )
        firm = make_enterprise(
            industry_code=["3491", "6513"][n % 2], founded_on=None if n % 3 == 0 else date(2010 + n % 9, 1, 1)
        )
        make_occupancy(
            premises=premises,
            enterprise=firm,
            starts_on=date(2024, 1, 1) + timedelta(days=n),
            ends_on=date(2026, 1, 1) if n % 7 == 6 else None,
            lease_ends_on=None if n % 3 == 0 else ON + timedelta(days=30 * n),
        )
        make_return(enterprise=firm, staff_count=10 + n, output_wan=n)
        event = audit.record(
            "space.premises.changed", target=premises, actor=batch_author, at=AT + timedelta(hours=n), park=park
        )
        AuditEvent.objects.filter(pk=event.pk).update(target_name=f"{park.code}-{n}")
        document = make_document(name=f"{park.code}-{n}.xlsx")
        Batch.objects.create(
            park=park, document=document, created_by=batch_author, created_at=AT + timedelta(days=n), row_count=n
        )
        make_user(Role.OPERATOR, park.branch, username=f"{park.code}-p{n}")
        source = make_source(park=park, code=f"{park.code}-GW{n}", name_zh_hans="" if n % 3 == 0 else f"网关{n % 5}")
        make_point(
            source=source if n % 4 else None, park=park, code=f"{park.code}-E{n}", unit=["KiloW-HR", "M3"][n % 2]
        )
        make_energy_meter(
            park=park,
            code=f"{park.code}-m{n}",
            level=1 + n % 3,
            calibration_due_on=None if n % 4 == 0 else ON + timedelta(days=n),
        )
        fill_green(park, n)
        make_bill(park=park, enterprise=firm, gross_yuan=f"{100 + 7 * n}.00")
        make_payment(
            park=park,
            enterprise=firm,
            amount_yuan=f"{10 + n}.50",
            received_on=ON - timedelta(days=n),
            payer=f"p{n % 3}",
        )
        make_deposit(park=park, enterprise=firm, received_yuan=f"{100 + 41 * n}.50", on=ON - timedelta(days=n % 9))
        fill_leases(park, n, premises, firm)
        fill_exits(park, n)
        asked = make_data_round(branch=park.branch.parent or park.branch, name_en=f"{park.code}-{n:03d}")
        asked.submissions.create(
            park=park, state=["ASKED", "DRAFT", "SUBMITTED"][n % 3], given_count=n % 5, finding_count=n % 4,
            submitted_at=AT + timedelta(hours=n) if n % 3 == 2 else None,
        )  # fmt: skip
        make_lead(
            park=park,
            number=f"{park.code}-{n:03d}",
            stage=["NEW", "QUOTED", "QUALIFIED"][n % 3],
            source=["AGENT", "WEB"][n % 2],
            next_step_on=None if n % 4 == 0 else ON + timedelta(days=n),
            need={"area_from_m2": None if n % 3 == 0 else 100.0 + n},
        )
        operator = park.branch.parent or park.branch
        home = operator if n == 0 else make_branch(Branch.Kind.OPERATOR, operator)
        make_operator_group(operator=home, code=f"{park.code}-{n:03d}".lower(), name_en=f"Group {n % 7}")
    fill_life(park, count, start)


def fill_life(park: Park, count: int, start: int) -> None:
    """Put rows into the lists of duties, responsibility and projects."""
    subject = LifeSubject.objects.filter(park=park, kind="PARK").first() or make_life(park=park)
    for n in range(start, start + count):
        duty = make_duty(
            subject=subject, code=f"{park.code.lower()}-{n:03d}", due_on=None if n % 4 == 0 else ON + timedelta(days=n - 9),
            stage=["PLAN", "OPERATE"][n % 2], is_gate=n % 3 == 0, position=n,
        )  # fmt: skip
        make_assignment(
            duty=duty,
            body=f"{park.code}-{n}",
            role="RACI"[n % 4],
            ends_on=None if n % 7 else ON + timedelta(days=n + 1),
        )
        make_project(
            park=park, code=f"{park.code}-{n:03d}", planned_area_m2=None if n % 4 == 0 else 100.0 + n,
            starts_on=None if n % 3 == 0 else date(2026, 1, 1) + timedelta(days=n),
        )  # fmt: skip


def fill_green(park: Park, n: int) -> None:
    """Put a row into each list of energy and carbon."""
    started = date(2025, 1, 1) + timedelta(days=n)
    make_activity(
        park=park, kind=["electricity", "natural_gas"][n % 2], quantity=None if n % 4 == 0 else 10.0 * n,
        starts_on=started, reference=f"{park.code}-{n:03d}", uncertainty=None if n % 3 == 0 else 0.01 * (n % 7),
    )  # fmt: skip
    make_refrigerant_event(
        park=park, happened_on=started, mass_kg=None if n % 4 == 0 else float(n % 6), reference=f"{park.code}-{n}"
    )
    make_green_power(park=park, quantity_kwh=100.0 + n, starts_on=started, number=f"{park.code}-{n}")
    make_factor(
        branch=park.branch, value=0.1 * (n % 8), starts_on=started, ends_on=started + timedelta(days=1),
        source=f"{park.code}-{n}", uncertainty=None if n % 3 else 0.1,
    )  # fmt: skip
    make_equipment(
        park=park, code=f"{park.code}-{n:03d}", kind=["MOTOR", "LIFT"][n % 2], rated_kw=None if n % 4 == 0 else 5.0 + n % 9,
        ie_class=["IE2", "IE3", ""][n % 3], commissioned_on=date(2020, 1, 1) + timedelta(days=n % 9),
    )  # fmt: skip


def fill_leases(park: Park, n: int, room: Premises, firm: Enterprise) -> None:
    """Put a lease into the list of leases: of every state in turn, some of them short."""
    started = date(2024, 1, 1) + timedelta(days=n)
    lease = make_lease(
        park=park, enterprise=firm, premises=room, number=f"{park.code}-{n:03d}",
        starts_on=started, ends_on=started + timedelta(days=400 + 40 * n),
    )  # fmt: skip
    Lease.objects.filter(pk=lease.pk).update(state=Lease.State.values[n % 5], remark="x" if n % 3 else "")


def fill_exits(park: Park, n: int) -> None:
    """Put a row into each list of exits."""
    day = date(2025, 1, 1) + timedelta(days=n)
    firm = make_enterprise()
    stay = make_occupancy(
        premises=make_premises(park=park, area_m2=100.0 + n), enterprise=firm, starts_on=date(2020, 1, 1), ends_on=day,
        rent_yuan_per_m2_month=None if n % 3 == 0 else 30 + n,
    )  # fmt: skip
    decided = {"decision": "REMINDER", "decided_on": day + timedelta(days=n % 5)} if n % 3 else {}
    ExitTrigger.objects.create(
        park=park, enterprise=firm, kind=ExitTrigger.Kind.values[n % 8], raised_on=day, due_on=day + timedelta(days=30),
        **decided,
    )  # fmt: skip
    ExitCase.objects.create(
        park=park, enterprise=firm, reason=ExitCase.Reason.values[n % 6], opened_on=day, notice_on=day,
        planned_on=day + timedelta(days=n % 7), vacated_on=stay.ends_on if n % 2 else None,
    )  # fmt: skip


def rate(park: Park, total: float, **fields: Any) -> None:
    Rating.objects.create(
        park=park, scheme_id=MAIN_SCHEME, scheme_version="1", scheme_hash="x", state=Rating.State.CURRENT, cut_off_on=ON,
        computed_at=AT, total_proven=total, total_reachable=min(100, total + 9), class_proven=int(total // 20),
        class_reachable=5, coverage=0.5, dimension_scores={"A": [total, total]} if total > 20 else {}, **fields,
    )  # fmt: skip


@pytest.fixture(scope="module")
def made_city(django_db_setup: None, django_db_blocker: Any) -> Iterator[City]:
    """Make the city once for the module, inside a transaction that ends with it."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield make_city()
        transaction.set_rollback(True)


@pytest.fixture
def city(made_city: City, db: None) -> City:
    """Return the city as it was made: what a test changes is taken back after it."""
    return made_city


def make_city() -> City:
    operator = make_branch()
    park = make_park(operator=operator, land_area_m2=5000.0, district_code="440306")
    # The lists do not show what follows from the rows: ratings are put in below.
    with registry.hold_changes():
        fill(park, ROWS)
    for n in range(ROWS):
        other = make_park(
            operator=operator, land_area_m2=None if n % 3 == 0 else 1000.0 + n, opened_on=date(2015 + n % 4, 1, 1)
        )
        rate(other, 3.0 * n)
    rate(park, 61.5)
    return City(operator, park, make_user(Role.ADMINISTRATOR, operator))


def browser(user: User) -> Client:
    client = Client(headers={"host": "localhost"})
    client.cookies["django_language"] = "en"
    client.force_login(user)
    return client


def opened(user: User, spec: ListSpec, query: str = "", status: int = 200) -> Any:
    response = browser(user).get(f"{reverse(spec.url_name)}?{query or 'view=0'}")
    assert response.status_code == status, (query, response.status_code)
    return response


def cells(response: Any) -> list[list[str]]:
    return [[cell.text for cell in row] for row in response.context["list"].table.rows]


def all_cells(user: User, spec: ListSpec, query: str = "") -> list[list[str]]:
    """Return the rows of all pages."""
    rows, number = [], 1
    while True:
        response = opened(user, spec, f"{query}&per=25&page={number}")
        rows += cells(response)
        if not response.context["list"].table.next_url:
            return rows
        number += 1


def typed_values(one: Filter, user: User) -> Iterator[str]:
    """Yield query strings that the filter takes."""
    if one.kind == "text":
        yield f"{one.key}=1"
        yield f"{one.key}=%25_%27%22%3B"
    elif one.kind in {"choice", "choices"}:
        for value, _label in one.choices[:4]:
            yield f"{one.key}={value}"
    elif one.kind == "number":
        yield f"{one.key}_min=1"
        yield f"{one.key}_min=1&{one.key}_max=100000000"
        yield f"{one.key}_max=3"
    elif one.kind == "date":
        yield f"{one.key}_min=2015-01-01&{one.key}_max=2026-12-31"
    elif one.kind == "area":
        yield f"{one.key}=113,22;115,22;115,23;113,23"
    elif one.kind == "flag":
        yield from (f"{one.key}={value}" for value in ("yes", "no", "unknown"))
    else:
        park = Park.objects.visible_to(user).order_by("pk").first()
        assert park is not None
        yield f"{one.key}={park.pk}"


def wrong_value(one: Filter) -> str:
    if one.kind in {"number", "date"}:
        return f"{one.key}_min=abc"
    return f"{one.key}={'x' * 200}"


@every_list
def test_list_is_declared_whole(spec: ListSpec, city: City) -> None:
    ask = Ask(city.person, ON)
    columns, filters = spec.columns(ask), spec.filters(ask)
    assert len({c.key for c in columns}) == len(columns) >= 4
    names = [name for one in filters for name in one.names]
    assert len(set(names)) == len(names)
    assert not set(names) & {"sort", "cols", "per", "page", "format", "view", "on", "act"}
    assert any(one.main for one in filters) and any(c.order_by for c in columns)
    response = opened(city.person, spec)
    assert response.context["list"].table.count >= ROWS - ROWS // 7 - 1


@every_list
def test_every_sortable_column_sorts_all_rows_both_ways_with_unknown_last(spec: ListSpec, city: City) -> None:
    columns = spec.columns(Ask(city.person, ON))
    for column in (c for c in columns if c.order_by):
        keys = []
        for sign in ("", "-"):
            query = f"sort={sign}{column.key}&cols={column.key}"
            shown = [row[0] for row in all_cells(city.person, spec, query)]
            assert len(shown) == opened(city.person, spec).context["list"].table.count, column.key
            known = [text for text in shown if text not in {"", "—"}]
            if any(column.order_by[0].endswith(name) for name in ("_on", "_m2", "_proven", "_count", "_m2__0")):
                assert shown[: len(known)] == known, f"{sign}{column.key}: unknown stands last"
            keys.append(shown)
        assert sorted(keys[0]) == sorted(keys[1])


@every_list
def test_two_sort_keys_order_by_the_first_and_then_by_the_second(spec: ListSpec, city: City) -> None:
    sortable = [c.key for c in spec.columns(Ask(city.person, ON)) if c.order_by][:2]
    response = opened(city.person, spec, f"sort=-{sortable[0]},{sortable[1]}&cols={','.join(sortable)}")
    active = [head for head in response.context["list"].table.heads if head.aria_sort]
    assert [head.aria_sort for head in active] == ["descending", "ascending"]
    assert active[0].arrow.endswith("1") and active[1].arrow.endswith("2")


@every_list
def test_every_filter_narrows_and_shows_a_chip_that_takes_it_away(spec: ListSpec, city: City) -> None:
    whole = opened(city.person, spec).context["list"].table.count
    for one in spec.filters(Ask(city.person, ON)):
        for query in typed_values(one, city.person):
            view = opened(city.person, spec, query).context["list"]
            if one.default:
                continue
            assert view.table.count <= whole, query
            chips = [chip for chip in view.chips if chip.label == str(one.label)]
            assert chips, query
            left = QueryDict(chips[0].remove_url[1:])
            assert not set(left) & set(one.names), query


@every_list
def test_wrong_filter_value_is_told_beside_the_list(spec: ListSpec, city: City) -> None:
    whole = opened(city.person, spec).context["list"].table.count
    for one in spec.filters(Ask(city.person, ON)):
        response = opened(city.person, spec, wrong_value(one), status=422)
        view = response.context["list"]
        assert any(text.startswith(str(one.label)) for text in view.errors), one.key
        assert view.table.count == whole, "a wrong value does not narrow the list"
        assert 'role="alert"' in response.content.decode()
        opened(city.person, spec, f"{wrong_value(one)}&format=csv", status=422)


@every_list
def test_totals_are_the_sums_over_all_pages_with_unknown_counted(spec: ListSpec, city: City) -> None:
    columns = spec.columns(Ask(city.person, ON))
    summed = [c.key for c in columns if c.total or c.key in spec.totals]
    for key in summed:
        view = opened(city.person, spec, f"cols={key}").context["list"]
        texts = [row[0] for row in all_cells(city.person, spec, f"cols={key}")]
        known = [float(text.replace(",", "")) for text in texts if text]
        total, unknown = view.totals[key]
        assert float(total or 0) == pytest.approx(sum(known), rel=1e-3), key
        assert unknown == len(texts) - len(known), key
        assert (view.table.totals[0].note != "") == (unknown > 0)


@every_list
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_file_holds_the_rows_and_columns_of_the_screen(spec: ListSpec, city: City, kind: str) -> None:
    ask = Ask(city.person, ON)
    columns = [c for c in spec.columns(ask) if c.kind not in {"spark", "actions"}]
    sortable = next(c.key for c in columns if c.order_by)
    chosen = ",".join(c.key for c in reversed(columns))
    query = f"cols={chosen}&sort=-{sortable}"
    response = opened(city.person, spec, f"{query}&format={kind}")
    name = response["Content-Disposition"]
    assert re.search(r"20\d\d-\d\d-\d\d\." + kind, name), name
    content = b"".join(response.streaming_content)
    if kind == "csv":
        assert content.startswith(b"\xef\xbb\xbf")
        lines = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    else:
        sheet = openpyxl.load_workbook(io.BytesIO(content)).active
        lines = [["" if v is None else v for v in row] for row in sheet.iter_rows(values_only=True)]
    shown = all_cells(city.person, spec, query)
    assert [str(head) for head in lines[0]] == [str(c.label) for c in reversed(columns)]
    assert len(lines) - 1 == len(shown)
    plain = {"text", "link", "badge"}
    for index, column in enumerate(reversed(columns)):
        if column.kind in plain:
            assert [str(line[index]) or "—" for line in lines[1:]] == [row[index] for row in shown], column.key
        if column.kind in {"area", "integer", "number", "money"}:
            numbers = [None if line[index] in ("", None) else float(line[index]) for line in lines[1:]]
            texts = [None if row[index] in ("", "—") else float(row[index].replace(",", "")) for row in shown]
            assert numbers == [t if t is None else pytest.approx(t, abs=0.51) for t in texts], column.key


@every_list
def test_saved_view_opens_the_same_list_again(spec: ListSpec, city: City) -> None:
    client = browser(city.person)
    columns = [c.key for c in spec.columns(Ask(city.person, ON))]
    query = f"cols={columns[2]},{columns[0]}&per=25"
    address = reverse(spec.url_name)
    saved = client.post(f"{address}?{query}", {"act": "save_view", "name": "Mine", "share": "", "default": "on"})
    assert saved.status_code == 302
    view = SavedView.objects.get(list_key=spec.key, name="Mine")
    assert QueryDict(view.query) == QueryDict(query)
    # An address that says nothing is the default view's; one that says something is itself.
    assert client.get(address).headers["Location"].startswith(f"{address}?{view.query}")
    shown = client.get(client.get(address).headers["Location"])
    assert [c.key for c in shown.context["list"].state.columns] == [columns[2], columns[0]]
    assert shown.context["list"].current_view.name == "Mine"
    assert client.get(f"{address}?view=0").status_code == 200
    assert AuditEvent.objects.filter(code="kernel.view.saved", actor=city.person).count() == 1
    client.post(address, {"act": "remove_view", "view": view.pk})
    assert client.get(address).status_code == 200
    assert not SavedView.objects.filter(pk=view.pk).exists()


@every_list
def test_another_parks_person_sees_none_of_it_nor_of_its_private_views(spec: ListSpec, city: City) -> None:
    browser(city.person).post(
        f"{reverse(spec.url_name)}?per=25", {"act": "save_view", "name": "Secret-view", "share": city.operator.pk}
    )
    stranger = make_user(Role.ADMINISTRATOR, make_branch())
    view = opened(stranger, spec).context["list"]
    # Their own installation-wide events are not of the other's park, and what ships belongs to nobody.
    shipped = EmissionFactor.objects.filter(branch=None).in_force_on(timezone.localdate()).count()
    assert view.table.count == {"accounts.audit": 1, "accounts.people": 1, "carbon.factors": shipped}.get(spec.key, 0)
    assert view.views == []
    assert city.park.code not in opened(stranger, spec).content.decode()
    # A colleague of the branch finds the shared view, and cannot take it away.
    colleague = make_user(Role.ADMINISTRATOR, city.operator)
    assert [v.name for v in opened(colleague, spec).context["list"].views] == ["Secret-view"]
    shared = SavedView.objects.get(name="Secret-view")
    browser(colleague).post(reverse(spec.url_name), {"act": "remove_view", "view": shared.pk})
    browser(stranger).post(reverse(spec.url_name), {"act": "default_view", "view": shared.pk})
    assert SavedView.objects.filter(pk=shared.pk).exists()
    assert not ListChoice.objects.filter(user=stranger, view=shared).exists()


@every_list
def test_chosen_columns_are_remembered_and_stand_in_the_address(spec: ListSpec, city: City) -> None:
    client, address = browser(city.person), reverse(spec.url_name)
    columns = [c.key for c in spec.columns(Ask(city.person, ON))]
    places = {f"place-{key}": str(9 - n) for n, key in enumerate(columns[:3])}
    answer = client.post(address, {"act": "columns", "column": columns[:3], **places})
    wanted = ",".join(reversed(columns[:3]))
    assert answer.headers["Location"] == f"{address}?cols={wanted}"
    assert client.get(address).headers["Location"] == f"{address}?cols={wanted}"
    shown = client.get(f"{address}?cols={wanted}").context["list"]
    assert [c.key for c in shown.state.columns] == columns[:3][::-1]
    client.post(address, {"act": "columns", "reset": "1"})
    assert client.get(address).status_code == 200


@every_list
def test_list_needs_the_same_statements_at_any_length(spec: ListSpec, city: City) -> None:
    with registry.hold_changes():
        fill(city.park, 6, start=ROWS)
    opened(city.person, spec)
    with pinned_queries(f"lists.{spec.key}"):
        opened(city.person, spec)


@every_list
def test_as_of_day_stays_with_the_list_and_shows_as_a_chip(spec: ListSpec, city: City) -> None:
    view = opened(city.person, spec, "on=2025-06-30&per=25").context["list"]
    if not spec.dated:
        assert view.chips == [] or all(chip.text != "2025-06-30" for chip in view.chips)
        return
    assert ("As of", "2025-06-30") in [(chip.label, chip.text) for chip in view.chips]
    assert ("on", "2025-06-30") in view.hidden
    assert "on=2025-06-30" in view.table.heads[0].sort_url
    wrong = opened(city.person, spec, "on=2025-02-31", status=422)
    assert "2025-02-31" in wrong.content.decode()


@every_list
def test_unknown_act_and_unknown_person_are_refused(spec: ListSpec, city: City) -> None:
    address = reverse(spec.url_name)
    assert browser(city.person).post(address, {"act": "burn"}).status_code == 403
    assert Client().get(address).status_code == 302
    nobody = make_user(None)
    if spec.permission:
        assert browser(nobody).get(address).status_code == 403
    else:
        assert opened(nobody, spec).context["list"].table.count == 0

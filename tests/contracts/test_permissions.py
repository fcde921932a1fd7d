"""The permission matrix: every page, picker and search source, for every role, against a written table.

`permissions.json` says for each route what each role gets in a park of its own: the status of GET and POST and which of
the park's things can be read there (`p` the park, `t` the tenant's own firm, `f` another firm, `b` a building, `u` a
unit, `n` a person). A new route fails until its row is written: run once with PIN_PERMISSIONS=1, read the row, commit
it. What belongs to the other operator's park is never seen by anybody, whatever the table says.
"""

from __future__ import annotations

import importlib.util
import io
import json
import os
import pkgutil
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from django import forms
from django.apps import apps
from django.db import transaction
from django.test import Client, RequestFactory, override_settings
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone, translation

from parkbrain.accounts.forms import GrantForm, PersonForm
from parkbrain.accounts.models import OpenSession, SignInLock
from parkbrain.assessment.models import OwnMeasure
from parkbrain.assessment.services import freeze_rating, refresh_ratings
from parkbrain.billing.forms import FirmForm
from parkbrain.billing.queries import firms_of
from parkbrain.cockpit.forms import WallForm
from parkbrain.cockpit.queries import list_offered_parks
from parkbrain.cockpit.services import schedule_report, send_report_now
from parkbrain.config.context import frame
from parkbrain.energy.forms import BaselineForm
from parkbrain.energy.models import EnergyDriver, MeteringNeed, OddUse
from parkbrain.enterprises.models import Enterprise
from parkbrain.intake.forms import UploadForm
from parkbrain.intake.models import Batch
from parkbrain.integration.forms import WebhookForm
from parkbrain.integration.models import Delivery, Token, Webhook
from parkbrain.kernel import registry
from parkbrain.kernel.documents import store_document
from parkbrain.kernel.models import Approval, Branch, Document, Park, User
from parkbrain.kernel.roles import Permission, Role
from parkbrain.leasing.forms import DocumentForm, QuoteForm, VisitForm
from parkbrain.leasing.models import Lead, Lease, LeaseDocument, TakenOver, Visit
from parkbrain.leasing.queries import list_missing_files, list_offerable_premises
from parkbrain.lifecycle.forms import AssignForm
from parkbrain.lifecycle.models import (
    EfficiencyMark,
    EfficiencyResult,
    EfficiencyRun,
    Evidence,
    ExitCase,
    ExitStep,
    ExitTrigger,
    InspectionItem,
    LowEfficiencySpace,
)
from parkbrain.lifecycle.queries import list_nameable_people
from parkbrain.portfolio.forms import GroupForm, RoundForm
from parkbrain.portfolio.forms.city_tables import TableForm
from parkbrain.portfolio.models import OperatorGroup, Publication
from parkbrain.schemes import shipped
from parkbrain.space.models import Premises
from parkbrain.telemetry.models import DeviceToken, KeptAside
from tests import factories as make

TABLE = Path(__file__).with_name("permissions.json")
PIN = os.environ.get("PIN_PERMISSIONS") == "1"
NOBODY, ANONYMOUS = "NOBODY", "ANONYMOUS"
WHO = (*(str(r) for r in Role), NOBODY, ANONYMOUS)
SCHEME, NODE, FACT = "five-star-reference", "F1.1", "leasable_area_m2"


@dataclass(frozen=True)
class Half:
    """One operator's park with everything in it; all its names begin with the same word."""

    word: str
    branch: Branch
    park: Park
    ids: dict[str, Any]
    people: dict[str, User]
    clients: dict[str, Client] = field(default_factory=dict)


def make_half(word: str) -> Half:
    """Make a branch with a park, two firms, a rating, an import, people, a lock and a request."""
    now = timezone.now()
    branch = make.make_branch(code=f"{word}-branch".lower())
    Branch.objects.filter(pk=branch.pk).update(name_en=f"{word}branch", name_zh_hans=f"{word}branch")
    park = make.make_park(operator=branch, code=f"{word}-PARK", name_en=f"{word}park", name_zh_hans=f"{word}park")
    building = make.make_building(park=park, code=f"{word}-HOUSE", name_en=f"{word}house", name_zh_hans=f"{word}house")
    meter = make.make_energy_meter(park=park, building=building, code=f"{word}-METER")
    units = [make.make_premises(building=building, code=f"{word}-UNIT-{n}") for n in (1, 2)]
    firms = [
        make.make_enterprise(name_en=f"{word}{kind}firm", name_zh_hans=f"{word}{kind}firm")
        for kind in ("tenant", "other")
    ]
    for unit, firm in zip(units, firms, strict=True):
        make.make_occupancy(premises=unit, enterprise=firm)
    people = {str(r): make.make_user(r, branch, username=f"{word}-{r}".lower()) for r in Role if r != Role.TENANT}
    people[Role.TENANT] = make.make_tenant_user(firms[0], park)
    person = make.make_user(Role.OPERATOR, branch, username=f"{word}person".lower())
    User.objects.filter(pk=person.pk).update(full_name=f"{word}person")
    document = store_document(name=f"{word}-file.csv", chunks=[b"a,b\n1,2\n"], actor=person, at=now, park=park)
    batch = Batch.objects.create(park=park, document=document, created_by=person, created_at=now)
    refresh_ratings(on=make.ON, at=now, park_ids=[park.pk])
    rating = freeze_rating(
        park=park, scheme_id=SCHEME, cut_off_on=make.ON, title=f"{word} frozen", actor=people[Role.OPERATOR], at=now
    )
    lock = SignInLock.objects.create(
        kind="ACCOUNT", key=person.username, failures=6, first_at=now, locked_until=now + timedelta(hours=1)
    )
    approval = Approval.objects.create(
        kind="accounts.role.grant",
        params={"username": person.username, "role": "BUREAU", "branch": branch.code, "subject": ""},
        path=branch.path,
        asked_by=make.make_user(Role.ADMINISTRATOR, branch),
        asked_at=now,
        expires_at=now + timedelta(days=1),
    )
    session = OpenSession.objects.create(user=person, session_key=f"{word}-key", address="10.0.0.9", opened_at=now)
    token = Token.objects.create(
        owner=person, name=f"{word}token", prefix=f"{word}pre", secret_sha256="0" * 64, created_at=now,
        expires_at=now + timedelta(days=9),
    )  # fmt: skip
    hook = Webhook.objects.create(owner=person, url="https://example.org/in", salt=word, created_at=now)
    delivery = Delivery.objects.create(webhook=hook, code="a.b", message_id=f"{word}msg", body="{}", created_at=now)
    source = make.make_source(park=park, code=f"{word}-GW")
    device_token = DeviceToken.objects.create(
        source=source, name=f"{word}device", prefix=f"{word}pbd", digest=word.ljust(64, "0"), created_at=now
    )
    kept = KeptAside.objects.create(
        source=source, transport="text/csv", reason="unknown_address", address=word, first_at=now, received_at=now
    )
    bill = make.make_bill(park=park, enterprise=firms[1])
    lease = make.make_lease(park=park, enterprise=firms[1], premises=units[1], number=f"{word}-LEASE")
    version = lease.versions.get()
    LeaseDocument.objects.create(lease=lease, name=f"{word}paper")
    TakenOver.objects.create(lease=lease, taken_at=now)
    life = make.make_life(park=park)
    duty = make.make_duty(subject=life, code=f"{word}-duty".lower(), name_en=f"{word}duty", name_zh_hans=f"{word}duty")
    named = make.make_assignment(duty=duty, body=f"{word}body", person=person)
    shown = Evidence.objects.create(duty=duty, document=document, valid_from_on=make.ON)
    ids = {
        "subject_id": life.pk,
        "duty_id": duty.pk,
        "assignment_id": named.pk,
        "evidence_id": shown.pk,
        "project_id": make.make_project(park=park, code=f"{word}-PROJECT", building=building).pk,
        "lease_id": lease.pk,
        "version_id": version.pk,
        "place_id": version.premises.get().pk,
        "clause_id": version.clauses.filter(kind="RENT").get().pk,
        "place": units[1].code,
        "starts_on": lease.starts_on.isoformat(),
        "measure_id": "positioning_study",
        "own_id": OwnMeasure.objects.create(
            park=park,
            name=f"{word}measure",
            cost_yuan=1,
            months=1,
            effects={"planning_positioning_study": "1"},
            changed_at=now,
        ).pk,
        "bill_id": bill.pk,
        "run_id": bill.run_id,
        "charge_id": bill.charges.get().pk,
        "payment_id": make.make_payment(park=park, enterprise=firms[1], payer=f"{word}payer").pk,
        "deposit_id": make.make_deposit(park=park, enterprise=firms[1]).pk,
        "file_id": make.make_bank_file(park=park, name=f"{word}-bank.csv").pk,
        "point_id": make.make_point(source=source, code=f"{word}-POINT", brick_class=OUTSIDE).pk,
        "source_id": source.pk,
        "device_token_id": device_token.pk,
        "aside_id": kept.pk,
        "meter_id": meter.pk,
        "odd_id": OddUse.objects.create(
            meter=meter, what="hours", start_at=now - timedelta(hours=2), end_at=now - timedelta(hours=1), found_at=now
        ).pk,
        "driver_id": EnergyDriver.objects.create(park=park, name=f"{word}driver", unit="t").pk,
        "need_id": MeteringNeed.objects.create(
            park=park, code=f"{word}-NEED", level=2, energy_kind="ELECTRICITY", meter=meter
        ).pk,
        "baseline_id": make.make_baseline(park=park, meters=[meter], name=f"{word}baseline").pk,
        "storey_id": make.make_storey(building=building, level=9).pk,
        "token_id": token.pk,
        "webhook_id": hook.pk,
        "delivery_id": delivery.pk,
        "pk": make.make_contact(enterprise=firms[1], park=park, name=f"{word}contact").pk,
        "paper_id": make.make_enterprise_document(enterprise=firms[1], document=document).pk,
        **_leads(park, units[1], word),
        **_exits(park, firms[1], units[1], document),
        **_rounds(branch, park, word),
        **_groups(branch, word),
        "equipment_id": make.make_equipment(park=park, code=f"{word}-MACHINE", building=building).pk,
        "activity_id": make.make_activity(park=park, building=building).pk,
        "factor_id": make.make_factor(branch=park.branch).pk,
        "offer_id": make.make_offer(park=park, enterprise=firms[1]).pk,
        "park_id": park.pk,
        "building_id": building.pk,
        "premises_id": units[1].pk,
        "enterprise_id": firms[1].pk,
        "document_id": document.pk,
        "batch_id": batch.pk,
        "rating_id": rating.pk,
        "membership_id": person.memberships.get().pk,
        "user_id": person.pk,
        "lock_id": lock.pk,
        "approval_id": approval.pk,
        "session_id": session.pk,
    }
    ids |= _reports(park, people[Role.OPERATOR], word)
    return Half(word, branch, park, ids, people)


def _reports(park: Park, owner: User, word: str) -> dict[str, int]:
    """Make a scheduled report with its last result."""
    now = timezone.now()
    schedule = schedule_report(
        name=f"{word}report", list_key="space.parks", park=park, kind="csv", every="DAY", actor=owner, at=now
    )
    send_report_now(schedule_id=schedule.pk, actor=owner, at=now)
    return {"schedule_id": schedule.pk}


def _rounds(branch: Branch, park: Park, word: str) -> dict[str, int]:
    """Make a data round of the branch that asks the park, with a published version."""
    one = make.make_data_round(branch=branch, park=park, name_en=f"{word}round", name_zh_hans=f"{word}round")
    version = Publication.objects.create(
        round=one,
        version=1,
        published_at=timezone.now(),
        park_count=1,
        content={"facts": [], "groups": {}, "cells": {}},
    )
    return {"round_id": one.pk, "publication_id": version.pk}


def _groups(branch: Branch, word: str) -> dict[str, int]:
    """Make an operator group of the branch with a product line."""
    name = f"{word}group"
    group = make.make_operator_group(operator=branch, code=name.lower(), name_en=name, name_zh_hans=name)
    return {"group_id": group.pk, "line_id": group.lines.get().pk}


def _leads(park: Park, premises: Premises, word: str) -> dict[str, int]:
    """Make a lead with a visit and a quote."""
    lead = make.make_lead(park=park, number=f"{word}-LEAD", company_name=f"{word}lead")
    visit = Visit.objects.create(lead=lead, visit_on=timezone.localdate())
    return {"lead_id": lead.pk, "visit_id": visit.pk, "quote_id": make.make_quote(lead=lead, premises=[premises]).pk}


def _exits(park: Park, firm: Enterprise, premises: Premises, document: Document) -> dict[str, int]:
    """Make a classed firm with a mark and listed space, a trigger with minutes, and an exit with its sheet."""
    now, today, year = timezone.now(), timezone.localdate(), timezone.localdate().year - 1
    run = EfficiencyRun.objects.create(
        park=park, year=year, scheme_key="anhui_span", scheme=SHIPPED_SCHEME, inputs_hash="0" * 64, made_at=now
    )
    result = EfficiencyResult.objects.create(
        run=run, enterprise=firm, group="below", floor_m2=500.0, klass="D", why="rank", rank=1, ranked=1
    )
    kind = EfficiencyMark.Kind.PUBLIC_UTILITY
    mark = EfficiencyMark.objects.create(park=park, enterprise=firm, year=year, kind=kind, note="permit")
    listed = LowEfficiencySpace.objects.create(
        park=park, run=run, premises=premises, enterprise=firm, area_m2=500.0, listed_on=today
    )
    trigger = ExitTrigger.objects.create(
        park=park, enterprise=firm, kind="SUBLET", facts={"note": "seen"}, raised_on=today, minutes=document,
        due_on=today + timedelta(days=30),
    )  # fmt: skip
    case = ExitCase.objects.create(
        park=park, enterprise=firm, reason="FIRM_NOTICE", opened_on=today, notice_on=today, planned_on=today
    )
    step = ExitStep.objects.create(case=case, kind="RESTORATION", position=2, due_on=today)
    item = InspectionItem.objects.create(step=step, what="wall", finding="GOOD")
    return {
        "efficiency_id": run.pk,
        "result_id": result.pk,
        "mark_id": mark.pk,
        "listed_id": listed.pk,
        "trigger_id": trigger.pk,
        "case_id": case.pk,
        "step_id": step.pk,
        "item_id": item.pk,
        "year": year,
    }


SHIPPED_SCHEME = next(row for row in shipped("land_efficiency.yaml")["schemes"] if row["id"] == "anhui_span")
OUTSIDE = "Outside_Air_Temperature_Sensor"
#: Arguments of addresses that belong to no park.
COMMON = {
    "scheme_id": SCHEME,
    "node_id": NODE,
    "fact_key": FACT,
    "provider_id": "oidc",
    "uid": "MQ",
    "token": "abc-def",
    "pk": 1,
    "thing": "contacts",
    "entry": "swap",
    "action": "pause",
    "step": "stage",
    "rest": "me",
    "scope": "scope_2_location",
    "kind": "electricity",
    "suffix": "xlsx",
    "act": "end",
    "turn": "undo",
    "fee": "RENT",
    "tile_key": "cockpit.parks",
}


def routes() -> dict[str, list[str]]:
    """Return every named address with the names of its arguments."""

    def walk(resolver: URLResolver) -> Iterator[URLPattern]:
        for entry in resolver.url_patterns:
            if isinstance(entry, URLResolver):
                yield from walk(entry)
            else:
                yield entry

    # A pattern that is a regular expression names its arguments in groups.
    named = {str(p.name): list(p.pattern.converters) or list(p.pattern.regex.groupindex) for p in walk(get_resolver())}
    return named


ROUTES = routes()


@pytest.fixture(scope="module")
def made(django_db_setup: object, django_db_blocker: Any, tmp_path_factory: Any) -> Iterator[tuple[Half, Half, Path]]:
    """Make both halves once for the module, inside a transaction that ends with it."""
    folder = tmp_path_factory.mktemp("documents")
    with django_db_blocker.unblock(), transaction.atomic():
        with override_settings(MEDIA_ROOT=folder):
            own, foreign = make_half("Own"), make_half("Foreign")
        for who in WHO:
            own.clients[who] = client_of(own, who)
        yield own, foreign, folder
        transaction.set_rollback(True)


@pytest.fixture
def world(made: tuple[Half, Half, Path], db: None, document_store: None, settings: Any) -> tuple[Half, Half]:
    """Return both halves, with their documents in place."""
    settings.MEDIA_ROOT = made[2]
    return made[0], made[1]


def client_of(half: Half, who: str) -> Client:
    """Return a browser in which this person is signed in, with the password confirmed just now."""
    client = Client(headers={"host": "localhost", "accept-language": "en"})
    if who == NOBODY:
        client.force_login(make.make_user(None))
    elif who != ANONYMOUS:
        client.force_login(half.people[who])
    client.cookies["django_language"] = "en"
    return client


def again(client: Client) -> Client:
    """Return the same browser as it was at first: a request may sign out or choose another language."""
    copy = Client(headers={"host": "localhost", "accept-language": "en"})
    copy.cookies.load({name: morsel.value for name, morsel in client.cookies.items()})
    return copy


def text_of(answer: Any) -> str:
    """Return what can be read in an answer, also within a workbook."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as book:
            body = b"\n".join(book.read(name) for name in book.namelist())
    return body.decode(errors="ignore")


def markers_in(text: str, word: str) -> str:
    """Return the letters of this half's things that stand in a text."""
    things = {"p": "park", "t": "tenantfirm", "f": "otherfirm", "b": "house", "u": "-UNIT-2", "n": "person"}
    return "".join(letter for letter, thing in things.items() if f"{word}{thing}".lower() in text.lower())


def ask(half: Half, who: str, name: str, ids: dict[str, Any]) -> tuple[int, int, str]:
    """Return the statuses of GET and of an empty POST, and what GET shows; nothing of it stays."""
    values = {**COMMON, **ids, **({"pk": ids["paper_id"]} if name == "enterprise_document" else {})}
    address = reverse(name, kwargs={k: values[k] for k in ROUTES[name]})
    found: list[Any] = []
    for method in ("get", "post"):
        with transaction.atomic():
            found.append(getattr(again(half.clients[who]), method)(address))
            transaction.set_rollback(True)
    return found[0].status_code, found[1].status_code, text_of(found[0])


def table() -> dict[str, dict[str, str]]:
    return json.loads(TABLE.read_text()) if TABLE.exists() else {}


def check_row(name: str, row: dict[str, str]) -> None:
    """Hold what was found to the written row, or write a missing row when asked to."""
    written = table()
    if PIN and name not in written:
        written[name] = row
        TABLE.write_text(json.dumps(dict(sorted(written.items())), indent=1, ensure_ascii=False) + "\n")
    assert name in written, f"{name} has no row in permissions.json: run once with PIN_PERMISSIONS=1 and read it"
    assert row == written[name]


@pytest.mark.parametrize("name", sorted(ROUTES))
def test_each_page_shows_each_role_what_the_table_says(name: str, world: tuple[Half, Half]) -> None:
    own, foreign = world
    unknown = [a for a in ROUTES[name] if a not in COMMON and a not in own.ids]
    assert not unknown, f"make a thing for the argument {unknown} in make_half"
    row = {}
    for who in WHO:
        get, post, text = ask(own, who, name, own.ids)
        assert "foreign" not in text.lower(), f"{who} reads something of the other operator's park"
        assert get < 500 and post < 500
        row[who] = f"{get}/{post} {markers_in(text, own.word) if get == 200 else ''}".strip()
    check_row(name, row)


@pytest.mark.parametrize("name", sorted(n for n, arguments in ROUTES.items() if set(arguments) - set(COMMON)))
def test_what_belongs_to_another_operator_is_not_found_by_anybody(name: str, world: tuple[Half, Half]) -> None:
    own, foreign = world
    for who in (*(str(r) for r in Role), NOBODY):
        get, post, text = ask(own, who, name, foreign.ids)
        assert get in {403, 404, 405}, f"{who} gets {get}"
        assert post in {403, 404, 405}, f"{who} posts {post}"
        assert "foreign" not in text.lower()


def test_a_tenant_reads_their_own_firm_and_not_the_neighbour(world: tuple[Half, Half]) -> None:
    own, _foreign = world
    theirs = own.people[Role.TENANT].memberships.get().subject
    from parkbrain.enterprises.models import Enterprise

    firm = Enterprise.objects.get(uscc=theirs)
    get, _post, text = ask(own, Role.TENANT, "enterprise_detail", {**own.ids, "enterprise_id": firm.pk})
    assert get == 200
    assert "f" not in markers_in(text, own.word)
    assert ask(own, Role.TENANT, "enterprise_detail", own.ids)[0] in {403, 404}


def test_every_row_of_the_table_is_of_something_that_exists() -> None:
    known = (
        set(ROUTES)
        | {f"search:{key}" for key, _source in registry.search.items()}
        | {f"picker:{key}" for key in PICKERS}
    )
    assert set(table()) <= known


@pytest.mark.parametrize("key", sorted(registry.search.keys()))
def test_each_search_source_finds_for_each_role_what_the_table_says(key: str, world: tuple[Half, Half]) -> None:
    own, foreign = world
    source, row = registry.search.get(key), {}
    assert source is not None
    with translation.override("en"):
        for who in WHO[:-1]:
            user = own.people.get(who) or make.make_user(None)
            words = ("park", "firm", "house", "unit", "foreign", "own", foreign.park.code, "a")
            hits = [hit for word in words for hit in source(user, word, 50)]
            text = "\n".join(f"{hit.label} {hit.detail}" for hit in hits)
            assert "foreign" not in text.lower()
            row[who] = markers_in(text, own.word)
    check_row(f"search:{key}", row)


def labels(field: Any) -> list[str]:
    return sorted(str(label) for _value, label in field.choices)


def frame_parks(user: User) -> list[str]:
    request = RequestFactory().get("/")
    request.user, request.session = user, {}  # type: ignore[assignment]
    return [park.name for park in frame(request)["park_choices"]]


def baseline_choices(name: str, user: User) -> list[str]:
    form = BaselineForm(user=user, park=Park.objects.get(code="Own-PARK"))
    return labels(form.fields[name]) if name in form.fields else []


#: Every list to choose from whose choices depend on the person: form class and field, or the frame.
def nameable(user: User) -> list[str]:
    """Return whom a person may name for a duty, in the parks whose record the person changes."""
    return [
        label
        for park in Park.objects.visible_to(user, Permission.EDIT_RECORD)
        for label in labels(AssignForm(people=list_nameable_people(park=park)).fields["person"])
    ]


def billed_firms(user: User) -> list[str]:
    """Return the firms that a person may enter charges, payments and lines of the bank for."""
    return [
        label
        for park in Park.objects.visible_to(user, Permission.MANAGE_MONEY)
        for label in labels(FirmForm(firms=firms_of(park=park)).fields["enterprise"])
    ]


def offered_premises(form: type[forms.Form], user: User) -> list[str]:
    """Return the premises that a person may show or quote to the leads the person works with."""
    return [
        label
        for lead in Lead.objects.visible_to(user, Permission.MANAGE_LEASES)
        for label in labels(
            form(premises=list_offerable_premises(lead=lead, on=timezone.localdate())).fields["premises"]
        )
    ]


def listed_papers(user: User) -> list[str]:
    """Return the papers without a file that a person may file one for, in the leases the person works on."""
    return [
        label
        for lease in Lease.objects.visible_to(user, Permission.MANAGE_LEASES)
        for label in labels(DocumentForm(initial={"papers": list_missing_files(lease=lease)}).fields["paper"])
        if label != "A further paper"
    ]


def walled_parks(user: User) -> list[str]:
    """Return the parks that a person may put on a wall: those the address takes, of which some are offered."""
    offered = list_offered_parks(user=user)
    form = WallForm({}, parks=Park.objects.visible_to(user), offered=offered, colours=[])
    taken = {park.pk for park in form.fields["park"].queryset}
    assert {park.pk for park in offered} <= taken
    return sorted(park.name for park in form.fields["park"].queryset)


PICKERS: dict[str, Callable[[User], list[str]]] = {
    "PersonForm.role": lambda user: labels(PersonForm(user=user).fields["role"]),
    "PersonForm.branch": lambda user: labels(PersonForm(user=user).fields["branch"]),
    "GrantForm.role": lambda user: labels(GrantForm(user=user).fields["role"]),
    "GrantForm.branch": lambda user: labels(GrantForm(user=user).fields["branch"]),
    "WebhookForm.branch": lambda user: labels(WebhookForm(user=user).fields["branch"]),
    **{f"BaselineForm.{name}": partial(baseline_choices, name) for name in ("meters", "temperature", "drivers")},
    "AssignForm.person": nameable,
    "FirmForm.enterprise": billed_firms,
    "BankLineForm.enterprise": billed_firms,
    "QuoteForm.premises": partial(offered_premises, QuoteForm),
    "VisitForm.premises": partial(offered_premises, VisitForm),
    "DocumentForm.paper": listed_papers,
    "WallForm.park": walled_parks,
    "RoundForm.branch": lambda user: labels(RoundForm(user=user).fields["branch"]),
    "TableForm.branch": lambda user: labels(TableForm(user=user, data_round=None).fields["branch"]),
    "GroupForm.operators": lambda user: labels(
        GroupForm(user=user, group=OperatorGroup.objects.get(code="owngroup")).fields["operators"]
    ),
    "UploadForm.park": lambda user: labels(UploadForm(user=user).fields["park"]),
    "frame.park": frame_parks,
}


@pytest.mark.parametrize("key", sorted(PICKERS))
def test_each_picker_offers_each_role_what_the_table_says(key: str, world: tuple[Half, Half]) -> None:
    own, _foreign = world
    row = {}
    with translation.override("en"):
        for who in WHO[:-1]:
            offered = PICKERS[key](own.people.get(who) or make.make_user(None))
            assert not [label for label in offered if "foreign" in label.lower()]
            row[who] = " | ".join(label for label in offered if not label.startswith("---"))
    check_row(f"picker:{key}", row)


def form_modules() -> Iterator[ModuleType]:
    """Yield every module of forms, those of packages too."""
    for config in apps.get_app_configs():
        if config.name.startswith("parkbrain.") and importlib.util.find_spec(f"{config.name}.forms"):
            whole = importlib.import_module(f"{config.name}.forms")
            yield whole
            for found in pkgutil.iter_modules(getattr(whole, "__path__", [])):
                yield importlib.import_module(f"{config.name}.forms.{found.name}")


def declared_in(form: type[forms.BaseForm], name: str) -> type[Any]:
    """Return the form from which this one has the field: what it offers is the same in all that follow."""
    return [one for one in form.__mro__ if name in getattr(one, "base_fields", {})][-1]


def test_every_form_that_chooses_among_rows_is_in_the_list_of_pickers() -> None:
    missing = {
        f"{declared_in(thing, name).__name__}.{name}"
        for module in form_modules()
        for thing in vars(module).values()
        if isinstance(thing, type) and issubclass(thing, forms.BaseForm) and thing.__module__ == module.__name__
        for name, field in getattr(thing, "base_fields", {}).items()
        if isinstance(field, forms.ModelChoiceField)
    }
    assert missing - set(PICKERS) == set()


def test_documents_of_the_other_park_are_not_served_under_their_own_number(world: tuple[Half, Half], db: None) -> None:
    own, foreign = world
    for document in Document.objects.filter(park=foreign.park):
        for who in (str(r) for r in Role):
            assert again(own.clients[who]).get(reverse("document_download", args=[document.pk])).status_code == 404

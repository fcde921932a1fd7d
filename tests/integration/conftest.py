"""Fixtures of the tests of the API: a living park, its people with tokens, and a client that speaks JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone, translation

from parkbrain.assessment.models import Rating
from parkbrain.assessment.services import freeze_rating
from parkbrain.billing.models import Bill
from parkbrain.energy.models import Meter
from parkbrain.enterprises.models import Occupancy
from parkbrain.facilities.models import Equipment
from parkbrain.intake.services import start_check, upload_batch
from parkbrain.integration.queries import list_areas
from parkbrain.integration.services import create_token, create_webhook
from parkbrain.kernel.models import AuditEvent, Document, Park, User
from parkbrain.kernel.work import start_job
from parkbrain.leasing.models import Lead, Lease
from parkbrain.lifecycle.models import Duty, ExitCase
from parkbrain.portfolio.models import OperatorGroup, Publication, Submission
from parkbrain.portfolio.services import make_area, upload_table
from parkbrain.space.models import Building
from parkbrain.telemetry.models import Point, Source
from tests.demo_fixtures import DEMO_ON, demo_park, loaded_demo
from tests.factories import AT

__all__ = ["demo_park", "loaded_demo"]


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


@dataclass(frozen=True)
class Caller:
    """A program with a token: `get`, `post`, … return the answer; addresses are below the root of the API."""

    secret: str

    def ask(self, method: str, path: str, body: Any = None, **more: Any) -> Any:
        headers = {"authorization": f"Bearer {self.secret}", "accept-language": "en"}
        url = path if path.startswith("/") else f"/api/v1/{path}"
        data = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
        return Client(headers=headers).generic(method, url, **data, **more)

    def get(self, path: str, **more: Any) -> Any:
        return self.ask("GET", path, **more)

    def post(self, path: str, body: Any = None) -> Any:
        return self.ask("POST", path, {} if body is None else body)

    def patch(self, path: str, body: Any) -> Any:
        return self.ask("PATCH", path, body)

    def delete(self, path: str) -> Any:
        return self.ask("DELETE", path)


def all_scopes() -> list[str]:
    return [f"{area.key}:write" for area in list_areas()]


def caller_for(user: User, scopes: list[str] | None = None) -> Caller:
    now = timezone.now()
    new = create_token(
        owner=user,
        name="test",
        scopes=all_scopes() if scopes is None else scopes,
        expires_at=now + timedelta(days=30),
        actor=user,
        at=now,
    )
    return Caller(new.secret)


@pytest.fixture
def as_role(demo_park: object) -> Callable[[str], Caller]:
    """Return a function that gives a caller for a person of the demo: admin, operator, bureau, …"""
    return lambda username: caller_for(User.objects.get(username=username))


@pytest.fixture
def places(demo_park: Park) -> dict[str, Any]:
    """Return the number of one thing of each kind in the living park; the tenant's own where there is one."""
    operator, tenant = (User.objects.get(username=name) for name in ("operator", "tenant"))
    own = Occupancy.objects.filter(enterprise__uscc=tenant.memberships.get().subject, ends_on=None).first()
    assert own is not None
    batch = upload_batch(name="x.csv", chunks=[b"a,b\n1,2\n"], park=demo_park, actor=operator, at=AT)
    start_check(batch=batch, actor=operator, at=AT)
    hook = create_webhook(owner=operator, url="http://93.184.216.34/", events=["*"], actor=operator, at=AT)
    frozen = Rating.objects.filter(park=demo_park, state="FROZEN").first() or freeze_rating(
        park=demo_park, scheme_id="five-star-reference", cut_off_on=DEMO_ON, title="x", actor=operator, at=AT
    )
    asked = Submission.objects.filter(park=demo_park, round__state="OPEN").first()
    published = Publication.objects.filter(round__submissions__park=demo_park).first()
    assert asked is not None and published is not None
    bureau, data_round = User.objects.get(username="bureau"), asked.round
    area = make_area(branch=data_round.branch, actor=bureau, source="x", data_round=data_round)
    table = upload_table(name="x.csv", chunks=[b"a,b\n1,2\n"], area=area, actor=bureau, at=AT)
    start_check(batch=table, actor=bureau, at=AT)
    return {
        "table_id": table.pk,
        "round_id": asked.round_id,
        "publication_id": published.pk,
        "job_id": start_job(kind="test", actor=operator, at=AT, park=demo_park).pk,
        "webhook_id": hook.pk,
        "event_id": AuditEvent.objects.filter(park=demo_park).first().pk,  # type: ignore[union-attr]
        "batch_id": batch.pk,
        "branch_id": demo_park.branch_id,
        "park_id": demo_park.pk,
        "building_id": Building.objects.filter(site__park=demo_park).first().pk,  # type: ignore[union-attr]
        "premises_id": own.premises_id,
        "enterprise_id": own.enterprise_id,
        "source_id": Source.objects.get(park=demo_park).pk,
        "point_id": Point.objects.get(park=demo_park, code="E-MAIN-1").pk,
        "meter_id": Meter.objects.get(park=demo_park, code="E-MAIN-1").pk,
        "occupancy_id": own.pk,
        "lease_id": Lease.objects.filter(enterprise=own.enterprise_id, state="ACTIVE").first().pk,  # type: ignore[union-attr]
        "group_id": OperatorGroup.objects.visible_to(operator).get().pk,
        "lead_id": Lead.objects.filter(park=demo_park).first().pk,  # type: ignore[union-attr]
        "equipment_id": Equipment.objects.filter(park=demo_park, enterprise=None).first().pk,  # type: ignore[union-attr]
        "bill_id": Bill.objects.filter(park=demo_park, enterprise=own.enterprise_id).first().pk,  # type: ignore[union-attr]
        "exit_id": ExitCase.objects.filter(park=demo_park).first().pk,  # type: ignore[union-attr]
        "duty_id": Duty.objects.filter(subject__park=demo_park).first().pk,  # type: ignore[union-attr]
        "fact_key": "leased_area_m2",
        "rating_id": frozen.pk,
        "scheme_id": "five-star-reference",
        "document_id": Document.objects.filter(park=demo_park).first().pk,  # type: ignore[union-attr]
    }

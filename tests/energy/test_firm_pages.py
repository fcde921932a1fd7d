"""What one enterprise used: for itself and for who runs the park, and for nobody else."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from parkbrain.energy import queries, services
from parkbrain.enterprises.models import Enterprise
from parkbrain.kernel.models import Park
from parkbrain.kernel.roles import Role
from tests.factories import make_enterprise, make_occupancy, make_park, make_tenant_user, make_user
from tests.query_counts import pinned_queries

from .make import FIRST_ON
from .test_overview_pages import signed_in
from .test_statements import JULY, lines, world

pytestmark = pytest.mark.django_db


def page(client: Client, park: Park, firm: Enterprise, query: str = "") -> Any:
    return client.get(reverse("firm_energy", args=[park.pk, firm.pk]) + query)


def test_a_tenant_sees_its_own_months_days_and_charges_and_no_other_firm() -> None:
    park, meters, _places, firms = world()
    tenant = signed_in(make_tenant_user(firms[0], park))
    answer = page(tenant, park, firms[0], "?month=2026-06")
    assert answer.status_code == 200
    text = answer.content.decode()
    assert "2,880.00" in text and "peak 240.00 × 1.2 = 288.00" in text and "06-30" in text
    assert reverse("meter_detail", args=[meters["A"].pk]) not in text, "a tenant has no pages of meters"
    assert page(tenant, park, firms[1]).status_code == 404
    assert page(tenant, park, firms[0], "?month=1999-01").status_code == 200
    panel = tenant.get(reverse("enterprise_detail", args=[firms[0].pk])).content.decode()
    assert reverse("firm_energy", args=[park.pk, firms[0].pk]) in panel
    assert reverse("carbon_footprint", args=[park.pk, firms[0].pk]) in panel


def test_who_runs_the_park_sees_every_firm_and_opens_its_meters() -> None:
    park, meters, _places, firms = world()
    operator = signed_in(make_user(Role.OPERATOR, park.branch.parent))
    with pinned_queries("firm_energy"):
        answer = page(operator, park, firms[1])
    assert answer.status_code == 200
    assert reverse("meter_detail", args=[meters["B"].pk]) in answer.content.decode()
    assert page(signed_in(make_user(Role.OPERATOR, make_park().branch)), park, firms[1]).status_code == 404
    assert page(operator, park, make_enterprise()).status_code == 404


def test_days_of_a_meter_that_others_share_are_not_shown() -> None:
    park, meters, places, firms = world()
    newcomer = make_enterprise()
    stay = places[0].occupancies.get()
    stay.ends_on = date(2026, 6, 11)
    stay.save()
    make_occupancy(premises=places[0], enterprise=newcomer, starts_on=date(2026, 6, 16))
    services.refresh_statements(park=park, at=JULY, starts_on=FIRST_ON)
    found = lines(park)
    own = queries.get_firm_month(park=park, line=found[firms[1].pk])
    assert [m.code for m in own.meters] == ["B"] and own.by_day is not None and not own.shared
    part = queries.get_firm_month(park=park, line=found[newcomer.pk])
    assert part.by_day is None and part.shared == ["A"]
    tenant = signed_in(make_tenant_user(newcomer, park))
    assert b"Only a part of these meters counts here" in page(tenant, park, newcomer).content


def test_a_firm_without_a_meter_is_told_so() -> None:
    park, _meters, places, _firms = world()
    firm = make_enterprise()
    stay = places[1].occupancies.get()
    stay.ends_on = date(2026, 9, 1)
    stay.save()
    make_occupancy(premises=places[1], enterprise=firm, starts_on=date(2026, 9, 1))
    answer = page(signed_in(make_tenant_user(firm, park)), park, firm)
    assert answer.status_code == 200 and b"Nothing worked out" in answer.content

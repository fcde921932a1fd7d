"""Places that must be metered, tariffs and sharing rules, stated on pages."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from parkbrain.energy import services
from parkbrain.energy.models import AllocationRule, EnergyTariff, MeteringNeed
from parkbrain.kernel.models import AuditEvent
from parkbrain.kernel.roles import Role
from tests.factories import make_park, make_user

from .make import make_meter
from .test_overview_pages import signed_in
from .test_statements import lines, world

pytestmark = pytest.mark.django_db


def test_a_place_is_recorded_and_gets_its_meter_later() -> None:
    park = make_park()
    meter = make_meter(park=park, code="E-7", level=2)
    operator = signed_in(make_user(Role.OPERATOR, park.branch.parent))
    add = reverse("need_add", args=[park.pk])
    typed = {"code": "AL-1", "name_zh_hans": "总箱", "energy_kind": "ELECTRICITY", "level": "2", "rated_load": "120"}
    wrong = operator.post(add, typed | {"meter_code": "E-99", "rated_load": "-1"})
    assert wrong.status_code == 422 and not MeteringNeed.objects.exists()
    unknown = operator.post(add, typed | {"meter_code": "E-99"})
    assert unknown.status_code == 422 and b"E-99" in unknown.content and b"AL-1" in unknown.content
    assert operator.post(add, typed).status_code == 302
    assert operator.post(add, typed).status_code == 422, "the code is taken"
    need = MeteringNeed.objects.get()
    change = reverse("need_change", args=[need.pk])
    assert change in operator.get(reverse("metering_audit", args=[park.pk])).content.decode()
    assert operator.post(change, typed | {"code": "other", "meter_code": "E-7"}).status_code == 302
    need.refresh_from_db()
    assert (need.code, need.meter, need.rated_load) == ("AL-1", meter, 120.0)
    bureau = signed_in(make_user(Role.BUREAU, park.branch.parent))
    assert bureau.get(change).status_code == 403
    assert change not in bureau.get(reverse("metering_audit", args=[park.pk])).content.decode()
    codes = list(AuditEvent.objects.filter(code__startswith="energy.need").values_list("code", flat=True))
    assert sorted(codes) == ["energy.need.added", "energy.need.changed"]


def test_a_rule_by_fixed_shares_is_stated_and_the_month_follows() -> None:
    park, _meters, _places, firms = world()
    operator = signed_in(make_user(Role.OPERATOR, park.branch.parent))
    add = reverse("rule_add", args=[park.pk])
    typed = {"energy_kind": "ELECTRICITY", "starts_on": "2026-06-01", "public_by": "FIXED", "loss_by": "USE"}
    for shares, words in (("", b"State the fixed shares"), ("half each", b"half each"), ("1" * 18 + " 0", b"all zero")):
        refused = operator.post(add, typed | {"fixed_shares": shares})
        assert refused.status_code == 422 and words in refused.content
    assert AllocationRule.objects.count() == 1
    shares = f"{firms[0].uscc} 25; {firms[1].uscc}: 75"
    assert operator.post(add, typed | {"fixed_shares": shares}).status_code == 302
    assert AllocationRule.objects.count() == 2
    assert lines(park)[firms[0].pk].public_share == Decimal("360.00")
    assert b"common use by fixed shares" in operator.get(reverse("energy_bills", args=[park.pk])).content


def test_shares_are_written_as_they_are_read() -> None:
    text = "91440300000000001X 60; 91440300000000002X 40.5"
    assert services.write_shares(shares=services.read_shares(text=text)) == text
    with pytest.raises(services.CannotRecordTariff, match="twice"):
        services.read_shares(text="91440300000000001X 60; 91440300000000001X 1")


def test_a_tariff_is_stated_and_the_month_follows() -> None:
    park, _meters, _places, firms = world()
    operator = signed_in(make_user(Role.OPERATOR, park.branch.parent))
    add = reverse("tariff_add", args=[park.pk])
    typed = {"energy_kind": "ELECTRICITY", "starts_on": "2026-06-01", "price": "0.9", "tax_rate": "0.13"}
    wrong = {"bands": "peak ten to noon", "peak": "1"}, {"tiers": "22: cheap"}, {"price": ""}, {"tax_rate": "13"}
    for change in wrong:
        refused = operator.post(add, typed | change)
        assert refused.status_code == 422 and b"2026-06-01" in refused.content, change
    assert EnergyTariff.objects.count() == 1
    assert operator.post(add, typed).status_code == 302
    before, now = EnergyTariff.objects.order_by("starts_on")
    assert (before.ends_on, now.starts_on, now.rates["price"]) == (date(2026, 6, 1), date(2026, 6, 1), "0.9")
    assert next(c["price"] for c in lines(park)[firms[0].pk].charges) == "0.9"
    # Under a code it stands beside the park's own.
    assert operator.post(add, typed | {"code": "IND", "price": "0.5"}).status_code == 302
    now.refresh_from_db()
    assert now.ends_on is None and EnergyTariff.objects.count() == 3
    shown = operator.get(reverse("energy_bills", args=[park.pk])).content
    assert b"IND" in shown and add.encode() in shown
    bureau = signed_in(make_user(Role.BUREAU, park.branch.parent))
    assert bureau.get(add).status_code == 403
    stranger = signed_in(make_user(Role.OPERATOR, make_park().branch))
    assert stranger.post(add, typed).status_code in (403, 404)
    assert AuditEvent.objects.filter(code="energy.tariff.recorded", actor__isnull=False).count() == 2

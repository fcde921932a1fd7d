"""Webhooks: written with the event, signed, repeated, paused; to public addresses alone; seen by their owner alone."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from parkbrain.enterprises.services import end_occupancy
from parkbrain.integration import services
from parkbrain.integration.models import Delivery, Webhook
from parkbrain.integration.services.addresses import is_public
from parkbrain.integration.services.deliveries import ATTEMPTS, PAUSES
from parkbrain.kernel import audit
from parkbrain.kernel.models import AuditEvent, Branch, Membership, Park, User
from parkbrain.kernel.roles import Role
from tests.factories import AT, ON, make_branch, make_occupancy, make_park, make_premises, make_user

pytestmark = pytest.mark.django_db


@dataclass
class Receiver:
    """A real receiver on this machine: what it was sent, and what it answers."""

    url: str = ""
    status: int = 200
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    settings.WEBHOOK_PRIVATE = True
    kept = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            kept.got.append(({k.lower(): v for k, v in self.headers.items()}, body))
            self.send_response(kept.status)
            if kept.status == 302:
                self.send_header("Location", kept.url + "elsewhere")
            self.end_headers()

        def log_message(self, *_args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    kept.url = f"http://127.0.0.1:{server.server_port}/hook?x=1"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield kept
    server.shutdown()
    server.server_close()


def make_hook(park: Park, url: str, *, owner: User | None = None, branch: Branch | None = None, **more: Any) -> Webhook:
    owner = owner or make_user(Role.OPERATOR, park.branch)
    events = more.get("events", ["enterprises.occupancy."])
    return services.create_webhook(owner=owner, url=url, events=events, branch=branch, actor=owner, at=AT)


def move_out(park: Park, at: datetime = AT) -> None:
    stay = make_occupancy(premises=make_premises(park=park))
    end_occupancy(occupancy=stay, ends_on=ON, actor=None, at=at)


def deliver(at: datetime) -> int:
    return services.deliver_due(clock=lambda: at)


def test_event_arrives_signed_as_the_standard_says(receiver: Receiver) -> None:
    park = make_park()
    hook = make_hook(park, receiver.url)
    move_out(park)
    assert deliver(AT) == 1
    headers, body = receiver.got[0]
    message = json.loads(body)
    assert message["type"] == "enterprises.occupancy.ended"
    assert message["data"]["park_code"] == park.code
    assert message["data"]["details"] == {"ends_on": "2026-06-30"}
    # Checked by hand from the specification, not with our own function.
    key = base64.b64decode(services.signing_secret(webhook=hook).removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    one = Delivery.objects.get()
    assert (one.state, one.attempts, one.last_status) == ("DELIVERED", 1, 200)
    assert one.duration_ms is not None
    assert deliver(AT) == 0


def test_event_that_is_rolled_back_is_never_sent(receiver: Receiver) -> None:
    park = make_park()
    make_hook(park, receiver.url)
    with transaction.atomic():
        move_out(park)
        assert Delivery.objects.count() == 1
        transaction.set_rollback(True)
    assert Delivery.objects.count() == 0


def test_only_events_asked_for_of_parks_that_the_owner_sees_are_kept(receiver: Receiver) -> None:
    city = make_branch(Branch.Kind.CITY)
    operator = make_branch(parent=city)
    park, sibling, foreign = make_park(operator=operator), make_park(operator=operator), make_park()
    owner = make_user(Role.OPERATOR, operator)
    everywhere = make_hook(park, receiver.url, owner=owner)
    here = make_hook(park, receiver.url, owner=owner, branch=park.branch)
    other = make_hook(park, receiver.url, owner=owner, events=["assessment.rating.frozen"])
    for place in (park, sibling, foreign):
        move_out(place)
    assert everywhere.deliveries.count() == 2
    assert here.deliveries.count() == 1
    assert other.deliveries.count() == 0


def test_events_of_no_park_reach_only_who_looks_after_the_whole_installation(receiver: Receiver) -> None:
    root = make_branch(Branch.Kind.CITY)
    park = make_park(operator=make_branch(parent=root))
    events = ["accounts.person."]
    top = make_hook(park, receiver.url, owner=make_user(Role.ADMINISTRATOR, root), events=events)
    within = make_hook(park, receiver.url, owner=top.owner, events=events, branch=park.branch)
    others = [
        make_hook(park, receiver.url, owner=make_user(role, branch), events=events)
        for role, branch in ((Role.BUREAU, root), (Role.ADMINISTRATOR, park.branch), (Role.OPERATOR, park.branch))
    ]
    person = make_user(Role.OPERATOR, park.branch)
    code = next(c for c in sorted(audit.described_codes()) if c.startswith("accounts.person."))
    audit.record(code, target=person, actor=top.owner, at=AT)
    assert top.deliveries.count() == 1
    assert within.deliveries.count() == 0
    assert [hook.deliveries.count() for hook in others] == [0, 0, 0]


def test_what_the_owner_may_not_see_any_more_is_not_sent(receiver: Receiver) -> None:
    park = make_park()
    hook = make_hook(park, receiver.url)
    move_out(park)
    Membership.objects.filter(user=hook.owner).delete()
    deliver(AT)
    assert receiver.got == []
    assert Delivery.objects.get().state == "FAILED"


def test_failed_delivery_is_repeated_with_growing_pauses_under_the_same_id(receiver: Receiver) -> None:
    park, now = make_park(), AT
    make_hook(park, receiver.url)
    move_out(park)
    receiver.status = 500
    for tried, pause in enumerate(PAUSES, start=1):
        assert deliver(now) == 0
        one = Delivery.objects.get()
        assert (one.state, one.attempts, one.next_at) == ("WAITING", tried, now + pause)
        assert deliver(now + pause - timedelta(seconds=1)) == 0
        assert len(receiver.got) == tried
        now += pause
    assert now - AT > timedelta(hours=23)
    receiver.status = 204
    assert deliver(now) == 1
    assert Delivery.objects.get().state == "DELIVERED"
    assert len({headers["webhook-id"] for headers, _body in receiver.got}) == 1
    assert len(receiver.got) == ATTEMPTS


def test_webhook_that_fails_for_a_day_is_paused_and_resumes_on_demand(receiver: Receiver) -> None:
    park, now = make_park(), AT
    hook = make_hook(park, receiver.url)
    move_out(park)
    receiver.status = 503
    for pause in (*PAUSES, timedelta()):
        deliver(now)
        now += pause
    hook.refresh_from_db()
    assert (hook.state, Delivery.objects.get().state) == ("PAUSED", "FAILED")
    assert "503" in hook.paused_reason
    assert AuditEvent.objects.filter(code="integration.webhook.paused").count() == 1
    move_out(park)
    assert Delivery.objects.count() == 1
    services.resume_webhook(webhook=hook, actor=hook.owner, at=now)
    hook.refresh_from_db()
    services.resend_delivery(delivery=Delivery.objects.select_related("webhook").get(), actor=hook.owner, at=now)
    receiver.status = 200
    assert deliver(now) == 1


def test_others_wait_behind_one_that_fails_and_flow_when_the_address_is_back(receiver: Receiver) -> None:
    park = make_park()
    make_hook(park, receiver.url)
    for _n in range(3):
        move_out(park)
    receiver.status = 500
    assert deliver(AT) == 0
    assert deliver(AT + timedelta(seconds=59)) == 0
    assert len(receiver.got) == 1
    receiver.status = 200
    assert deliver(AT + timedelta(minutes=1)) == 3


def test_log_forgets_what_ended_long_ago_and_nothing_that_waits(receiver: Receiver) -> None:
    park = make_park()
    make_hook(park, receiver.url)
    move_out(park)
    deliver(AT)
    move_out(park)
    assert services.sweep_deliveries(at=AT + timedelta(days=59)) == 0
    assert services.sweep_deliveries(at=AT + timedelta(days=61)) == 1
    assert Delivery.objects.get().state == "WAITING"


def test_redirect_is_not_followed_and_nobody_listening_is_a_failure(receiver: Receiver) -> None:
    park = make_park()
    make_hook(park, receiver.url)
    make_hook(park, "http://127.0.0.1:9/")
    receiver.status = 302
    move_out(park)
    assert deliver(AT) == 0
    assert len(receiver.got) == 1
    assert {d.state for d in Delivery.objects.all()} == {"WAITING"}
    assert {d.last_status for d in Delivery.objects.all()} == {302, None}


def test_delivery_of_a_worker_that_died_is_sent_by_the_next(receiver: Receiver) -> None:
    park = make_park()
    make_hook(park, receiver.url)
    move_out(park)
    Delivery.objects.update(state="SENDING", next_at=AT + timedelta(minutes=2))
    assert deliver(AT + timedelta(minutes=1)) == 0
    assert deliver(AT + timedelta(minutes=2)) == 1


@pytest.mark.parametrize(
    "ip",
    [
        "127.0.0.1", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "224.0.0.1",
        "::1", "::", "fe80::1", "fc00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1",
        "2002:7f00:1::", "::7f00:1",
    ],
)  # fmt: skip
def test_address_inside_the_network_is_not_public(ip: str) -> None:
    assert not is_public(ip=ip)


@pytest.mark.parametrize("ip", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "64:ff9b::5db8:d822"])
def test_address_of_the_internet_is_public(ip: str) -> None:
    assert is_public(ip=ip)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/", "http://localhost:8000/", "https://[::1]/", "http://2130706433/", "http://0x7f.1/",
        "file:///etc/passwd", "gopher://example.org/", "http://", "http://a b/", "http://user:pw@93.184.216.34/",
        "http://nowhere.invalid/", "http://93.184.216.34:99999/", "http://[::ffff:169.254.169.254]/",
    ],
)  # fmt: skip
def test_webhook_to_an_address_that_is_not_allowed_is_refused(url: str, settings: Any) -> None:
    settings.WEBHOOK_PRIVATE = False
    with pytest.raises(services.CannotCreateWebhook):
        make_hook(make_park(), url)


def test_name_that_turns_private_later_is_not_reached(receiver: Receiver, settings: Any) -> None:
    park = make_park()
    make_hook(park, receiver.url)
    move_out(park)
    settings.WEBHOOK_PRIVATE = False
    assert deliver(AT) == 0
    assert receiver.got == []
    assert "not a public address" in Delivery.objects.get().last_error


def test_unknown_events_and_roles_without_the_trail_are_refused(receiver: Receiver) -> None:
    park = make_park()
    with pytest.raises(services.CannotCreateWebhook, match="at least one event"):
        make_hook(park, receiver.url, events=["nothing.like.it"])
    with pytest.raises(services.CannotCreateWebhook, match="may not see"):
        make_hook(park, receiver.url, owner=make_user(Role.TENANT, park.branch, subject="91440300MA5000001X"))
    stranger = make_user(Role.OPERATOR)
    with pytest.raises(services.CannotCreateWebhook, match="may not see"):
        make_hook(park, receiver.url, owner=stranger, branch=park.branch)


def browser_of(user: User) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    client.cookies["django_language"] = "en"
    return client


def test_pages_make_ping_show_and_send_again(receiver: Receiver) -> None:
    park = make_park()
    owner = make_user(Role.OPERATOR, park.branch)
    client = browser_of(owner)
    made = client.post("/profile/webhooks/", {"url": receiver.url, "events": ["*"]})
    assert made.status_code == 201
    hook = Webhook.objects.get()
    secret = services.signing_secret(webhook=hook)
    assert secret in made.content.decode().replace("&#x27;", "'")
    assert secret not in client.get("/profile/webhooks/").content.decode()
    assert client.get(f"/profile/webhooks/{hook.pk}/ping/").status_code == 405
    assert client.post(f"/profile/webhooks/{hook.pk}/ping/").status_code == 302
    assert services.deliver_due() == 1
    log = client.get(f"/profile/webhooks/{hook.pk}/").content.decode()
    assert "integration.ping" in log
    one = Delivery.objects.get()
    detail = client.get(f"/profile/deliveries/{one.pk}/").content.decode()
    assert one.message_id in detail
    client.post(f"/profile/deliveries/{one.pk}/again/")
    assert services.deliver_due() == 1
    assert len({h["webhook-id"] for h, _b in receiver.got}) == 1
    for action in ("pause", "resume", "delete"):
        assert client.post(f"/profile/webhooks/{hook.pk}/{action}/").status_code == 302
    assert not Webhook.objects.exists()
    codes = set(AuditEvent.objects.filter(actor=owner).values_list("code", flat=True))
    assert {f"integration.webhook.{w}" for w in ("created", "paused", "resumed", "deleted")} <= codes


def test_pages_of_another_persons_webhook_are_not_there(receiver: Receiver) -> None:
    park = make_park()
    hook = make_hook(park, receiver.url)
    move_out(park)
    stranger = browser_of(make_user(Role.OPERATOR, park.branch))
    assert stranger.get(f"/profile/webhooks/{hook.pk}/").status_code == 404
    assert stranger.post(f"/profile/webhooks/{hook.pk}/delete/").status_code == 404
    assert stranger.get(f"/profile/deliveries/{Delivery.objects.get().pk}/").status_code == 404
    assert hook.url not in stranger.get("/profile/webhooks/").content.decode()
    tenant = browser_of(make_user(Role.SERVICE_PROVIDER, park.branch))
    assert tenant.get("/profile/webhooks/").status_code == 403


def test_event_without_any_webhook_costs_one_question(django_assert_num_queries: Any) -> None:
    park = make_park()
    with django_assert_num_queries(1):
        services.outbox_events(events=[AuditEvent(code="enterprises.occupancy.ended", park=park, at=AT)])

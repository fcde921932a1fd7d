"""Single sign-on by OpenID Connect, against a small issuer of the test's own."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from django.test import Client

from parkbrain.config.selfcheck import permission_holes
from parkbrain.kernel.models import AuditEvent, User
from parkbrain.kernel.roles import Role
from tests.accounts.helpers import add_app, app_code, is_signed_in, make_person, visitor
from tests.factories import make_branch, make_user

pytestmark = pytest.mark.django_db
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
CLIENT = "parkbrain-test"


class Issuer(ThreadingHTTPServer):
    """Vouches for whoever `claims` names."""

    claims: dict[str, Any]
    asked: list[str]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    server: Issuer

    def answer(self, data: dict[str, Any]) -> None:
        body = json.dumps(data).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        url = self.server.url
        self.server.asked.append(self.path)
        if self.path.endswith("/openid-configuration"):
            self.answer(
                {
                    "issuer": url,
                    "authorization_endpoint": f"{url}/authorize",
                    "token_endpoint": f"{url}/token",
                    "userinfo_endpoint": f"{url}/userinfo",
                    "jwks_uri": f"{url}/keys",
                    "token_endpoint_auth_methods_supported": ["client_secret_post"],
                }
            )
        elif self.path == "/userinfo":
            self.answer(self.server.claims)
        else:
            self.answer({"keys": [{**json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key())), "kid": "1"}]})

    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        assert form["code"] == ["the-code"]
        assert form["client_secret"] == ["the-secret"]
        assert form["code_verifier"]
        now = int(time.time())
        claims = {"iss": self.server.url, "aud": CLIENT, "iat": now, "exp": now + 60, **self.server.claims}
        token = jwt.encode(claims, KEY, algorithm="RS256", headers={"kid": "1"})
        self.answer({"access_token": "the-token", "token_type": "Bearer", "id_token": token})

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def issuer(settings: Any) -> Iterator[Issuer]:
    server = Issuer(("127.0.0.1", 0), Handler)
    server.claims, server.asked = {"sub": "u-1", "email": "ada@example.org", "email_verified": True, "name": "Ada"}, []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    app = {"provider_id": "oidc", "name": "City portal", "client_id": CLIENT, "secret": "the-secret"}
    settings.SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [{**app, "settings": {"server_url": server.url}}]}
    }
    yield server
    server.shutdown()
    server.server_close()


def come_back(client: Client, **answer: str) -> Any:
    """Go to the issuer and come back with its answer."""
    start = client.get("/sign-in/oidc/start/?next=/parks/")
    assert start.status_code == 302
    query = parse_qs(urlsplit(start.url).query)
    assert query["redirect_uri"] == ["http://localhost/sign-in/oidc/back/"]
    assert query["code_challenge"]
    answer = answer or {"code": "the-code"}
    return client.get("/sign-in/oidc/back/?" + urlencode({**answer, "state": query["state"][0]}))


def test_the_sign_in_page_offers_the_issuer_only_where_one_is_set(issuer: Issuer, settings: Any) -> None:
    assert "Sign in with City portal" in visitor().get("/sign-in/").content.decode()
    settings.SOCIALACCOUNT_PROVIDERS = {}
    assert "/sign-in/oidc/start/" not in visitor().get("/sign-in/").content.decode()


def test_a_person_is_matched_by_the_verified_address_and_later_by_the_issuers_own_number(issuer: Issuer) -> None:
    person = make_person(email="ada@example.org")
    client = visitor()
    answer = come_back(client)
    assert (answer.status_code, answer.url) == (302, "/parks/")
    assert client.session["_auth_user_id"] == str(person.pk)
    issuer.claims = {**issuer.claims, "email": "ada.new@example.org"}
    again = visitor()
    come_back(again)
    assert again.session["_auth_user_id"] == str(person.pk)
    assert User.objects.count() == 1
    assert AuditEvent.objects.filter(code="accounts.session.opened", actor=person).count() == 2


def test_somebody_new_comes_in_without_any_role_and_sees_no_park(issuer: Issuer) -> None:
    issuer.claims = {**issuer.claims, "email": "new@example.org", "preferred_username": "New Person"}
    client = visitor()
    assert come_back(client).status_code == 302
    user = User.objects.get(email="new@example.org")
    assert (user.username, user.full_name, user.has_usable_password()) == ("newperson", "Ada", False)
    assert not user.memberships.exists()
    for address in ("/", "/parks/", "/profile/", "/profile/security/"):
        assert client.get(address).status_code == 200
    for address in ("/people/", "/audit/", "/city/"):
        assert client.get(address).status_code == 403
    assert permission_holes() == []
    assert AuditEvent.objects.filter(code="accounts.person.arrived").count() == 1
    admin = visitor()
    admin.force_login(make_user(Role.ADMINISTRATOR, make_branch()))
    assert "new@example.org" in admin.get("/people/").content.decode()


@pytest.mark.parametrize("claims", [{"email_verified": False}, {"email": ""}])
def test_an_address_nobody_vouches_for_matches_nobody(issuer: Issuer, claims: dict[str, Any]) -> None:
    make_person(email="ada@example.org")
    issuer.claims = {**issuer.claims, **claims}
    client = visitor()
    answer = come_back(client)
    assert answer.url == "/sign-in/"
    assert "did not vouch" in client.get("/sign-in/").content.decode()
    assert not is_signed_in(client)
    assert User.objects.count() == 1


def test_an_address_of_two_people_matches_neither(issuer: Issuer) -> None:
    make_person(email="ada@example.org")
    make_person(email="ada@example.org")
    client = visitor()
    come_back(client)
    assert not is_signed_in(client)


def test_an_inactive_person_does_not_come_in_by_the_issuer(issuer: Issuer) -> None:
    person = make_person(email="ada@example.org")
    User.objects.filter(pk=person.pk).update(is_active=False)
    client = visitor()
    assert come_back(client).url == "/sign-in/"
    assert not is_signed_in(client)


def test_the_second_factor_is_asked_for_here_too(issuer: Issuer) -> None:
    person = make_person(email="ada@example.org")
    add_app(person)
    client = visitor()
    assert come_back(client).url == "/sign-in/code/"
    assert not is_signed_in(client)
    client.post("/sign-in/code/", {"code": app_code()})
    assert is_signed_in(client)


@pytest.mark.parametrize("answer", [{"error": "access_denied"}, {"error": "server_error"}])
def test_what_goes_wrong_at_the_issuer_leads_back_with_a_reason(issuer: Issuer, answer: dict[str, str]) -> None:
    client = visitor()
    assert come_back(client, **answer).url == "/sign-in/"
    assert "did not work" in client.get("/sign-in/").content.decode()


def test_an_answer_nobody_asked_for_signs_nobody_in(issuer: Issuer) -> None:
    make_person(email="ada@example.org")
    client = visitor()
    assert client.get("/sign-in/oidc/back/?code=the-code&state=forged").url == "/sign-in/"
    assert not is_signed_in(client)
    assert "/userinfo" not in issuer.asked

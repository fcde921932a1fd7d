"""What the suites of sign-in share: a person with a password, a browser, the code an app would show."""

from __future__ import annotations

import time

from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.test import Client

from parkbrain.kernel.models import Branch, User
from parkbrain.kernel.roles import Role
from tests.factories import make_branch, make_user

PASSWORD = "korrekt-pferd-batterie"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def make_person(role: str = Role.OPERATOR, branch: Branch | None = None, *, email: str = "") -> User:
    """Return a person who can sign in with PASSWORD."""
    user = make_user(role, branch or make_branch())
    user.set_password(PASSWORD)
    user.email = email
    user.save()
    return user


def visitor(address: str = "127.0.0.1") -> Client:
    """Return a browser in which nobody is signed in."""
    client = Client(headers={"host": "localhost", "accept-language": "en"}, REMOTE_ADDR=address)
    client.cookies["django_language"] = "en"
    return client


def sign_in(client: Client, user: User | str, password: str = PASSWORD, **fields: str) -> object:
    """Send the form of sign-in."""
    name = user if isinstance(user, str) else user.username
    return client.post("/sign-in/", {"username": name, "password": password, **fields})


def add_app(user: User) -> None:
    """Give a person an authenticator app that knows SECRET."""
    TOTP.activate(user, SECRET)


def add_codes(user: User) -> list[str]:
    """Give a person recovery codes and return them."""
    return RecoveryCodes.activate(user).get_unused_codes()


def app_code(secret: str = SECRET, *, steps: int = 0) -> str:
    """Return the code the app shows now, or some steps of 30 seconds later."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


def is_signed_in(client: Client) -> bool:
    """Tell whether the browser is signed in."""
    return client.get("/profile/").status_code == 200

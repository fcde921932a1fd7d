"""Where a webhook may lead: public addresses, unless the installation says that its network is private."""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
#: IPv6 networks that carry an IPv4 address in their last bits.
_CARRIERS = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("::/96"))


class CannotReachAddress(Exception):
    """The address may not or cannot be reached."""


@dataclass(frozen=True)
class Address:
    """An address that was looked up and checked: what is connected to is `ip`, whatever the name says later."""

    scheme: str
    host: str
    port: int
    target: str
    ip: str


def resolve_address(*, url: str) -> Address:
    """Return the checked address behind a URL.

    :raises CannotReachAddress: it is no http(s) address, has no host, or any of its IP addresses is not public.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise CannotReachAddress(_("This is no address.")) from error
    if parts.scheme not in {"http", "https"} or not host:
        raise CannotReachAddress(_("The address has to begin with https:// or http://."))
    if parts.username or parts.password:
        raise CannotReachAddress(_("The address may not carry a password."))
    port = port or (443 if parts.scheme == "https" else 80)
    try:
        answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise CannotReachAddress(_("The name %(host)s is not known.") % {"host": host}) from error
    ips = [str(answer[4][0]).split("%")[0] for answer in answers]
    for ip in ips:
        # One private answer among public ones is enough to refuse: which one is used is the resolver's choice.
        if not settings.WEBHOOK_PRIVATE and not is_public(ip=ip):
            raise CannotReachAddress(_("%(host)s is not a public address.") % {"host": host})
    path = parts.path or "/"
    return Address(parts.scheme, host, port, f"{path}?{parts.query}" if parts.query else path, ips[0])


def is_public(*, ip: str) -> bool:
    """Tell whether an IP address belongs to the public internet, also one that carries another inside."""
    address: IPAddress = ipaddress.ip_address(ip)
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if inner is None and any(address in network for network in _CARRIERS):
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            address = inner
    return address.is_global and not address.is_multicast

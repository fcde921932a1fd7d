"""The links of a page, and somebody signed in who follows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html.parser import HTMLParser

from django.test import Client

from parkbrain.kernel.models import User


@dataclass
class Anchor:
    """A link as it stands on a page."""

    url: str
    text: str = ""


class AnchorReader(HTMLParser):
    """Collects the links of a page or a part of it, and how many rows it shows."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.anchors: list[Anchor] = []
        self.row_count = 0
        self._is_open = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        """Remember a link; count a row of a table or list, heads left out."""
        if tag == "a":
            self.anchors.append(Anchor(dict(attrs).get("href") or ""))
            self._is_open = True
        self.row_count += tag in {"tr", "li"}
        self.row_count -= tag == "thead"

    def handle_endtag(self, tag: str) -> None:
        """Close a link."""
        self._is_open = self._is_open and tag != "a"

    def handle_data(self, data: str) -> None:
        """Add a text to the open link."""
        if self._is_open:
            self.anchors[-1].text += data


def client_of(user: User) -> Client:
    """Return somebody signed in who reads English."""
    client = Client()
    client.cookies["django_language"] = "en"
    client.force_login(user)
    return client

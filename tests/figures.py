"""The numbers of a page by name: what a tile, the wall and the page they open call the same in `data-figures`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser

#: Elements that have no end.
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
#: Elements whose text stands apart from what is beside it.
CELLS = {"td", "th", "div", "p", "li"}
NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
DAY = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass
class Shown:
    """A number as an element shows it: its name, its text, the address it opens, what the element says."""

    name: str
    value: str
    url: str
    said: str = ""


@dataclass
class Element:
    """An element that is open while a page is read."""

    tag: str
    attributes: Mapping[str, str]
    text: list[str] = field(default_factory=list)
    url: str = ""


class FigureReader(HTMLParser):
    """Collects the named numbers of a page, and the emphasized ones that have no name."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[Shown] = []
        self.nameless: list[str] = []
        self._open: list[Element] = []

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        """Remember an element; a link is also the address of what stands beside it in its row."""
        element = Element(tag, {key: value or "" for key, value in attrs})
        if tag in CELLS:
            self.handle_data(" ")
        if tag == "a":
            element.url = element.attributes.get("href", "")
            for one in self._open:
                if one.tag in {"tr", "li", "dd"} and not one.url:
                    one.url = element.url
        if tag not in VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        """An element without content says nothing."""

    def handle_data(self, data: str) -> None:
        """Hand a text to every element around it."""
        for one in self._open:
            one.text.append(data)

    def handle_endtag(self, tag: str) -> None:
        """Take down what an element showed."""
        while self._open:
            element = self._open.pop()
            self._close(element)
            if element.tag == tag:
                return

    def _close(self, element: Element) -> None:
        said = " ".join("".join(element.text).split())
        around = [element, *reversed(self._open)]
        url = next((one.url for one in around if one.url), "")
        named = element.attributes.get("data-figures", "")
        for pair in filter(None, (part.strip() for part in named.split(";"))):
            name, value = pair.split("=", 1)
            self.found.append(Shown(name, value, url, said))
        is_named = any("data-figures" in one.attributes for one in around)
        is_number = element.tag in {"b", "strong"} or "num" in element.attributes.get("class", "").split()
        if is_number and not is_named and NUMBER.search(DAY.sub("", said)) and not self._has_named_part(said):
            self.nameless.append(said)

    def _has_named_part(self, said: str) -> bool:
        """Tell whether the numbers of an element are those of a named element inside it."""
        inside = {number for one in self.found for number in numbers(one.value)}
        return set(numbers(said)) <= inside


def read_figures(html: str) -> FigureReader:
    """Return the numbers of a page."""
    reader = FigureReader()
    reader.feed(html)
    reader.close()
    return reader


def numbers(text: str) -> list[str]:
    """Return the numbers of a text as they are written, without thousands separators."""
    return [found.replace(",", "") for found in NUMBER.findall(text)]


def is_same(a: str, b: str) -> bool:
    """Tell whether two texts show the same numbers, as far as the one with fewer decimals says; or the same yes or no."""
    left, right = numbers(a), numbers(b)
    if not left or not right:
        return bool(a) and not left and not right and a == b
    # A unit may begin with a number: 10k yuan.
    return all(_rounds(x, y) for x, y in zip(left, right, strict=False))


def _rounds(a: str, b: str) -> bool:
    places = min(len(one.partition(".")[2]) for one in (a, b))
    return abs(float(a) - float(b)) <= 0.5 * 10**-places + 1e-9


def named_on(html: str, name: str) -> list[str]:
    """Return what a page shows under a name; a name `a/b` is the share of one sum in another in percent."""
    part, _slash, whole = name.partition("/")
    found = read_figures(html).found
    shown = [one.value for one in found if one.name == part and is_within(one)]
    if not whole:
        return shown
    of = [one.value for one in found if one.name == whole]
    return [f"{100 * float(numbers(x)[0]) / float(numbers(y)[0]):.0f} %" for x, y in zip(shown, of, strict=True)]


def is_within(one: Shown) -> bool:
    """Tell whether the element really says the number it names: a mark may not stray from the text.

    That there is none may be said in words.
    """
    if one.value == "0" and one.said:
        return True
    said = set(numbers(one.said))
    return all(number in said for number in numbers(one.value))

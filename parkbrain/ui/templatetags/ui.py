"""Template filters and tags of the kit; none of them queries."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from html import escape
from typing import Any

from django import template
from django.forms import BoundField
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import json_script
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from parkbrain.ui import asof, assets, formats, sources

register = template.Library()

register.filter("num", formats.number)
register.filter("compact", formats.compact)
register.filter("unit", formats.unit)
register.filter("cited", sources.cited)
register.filter("percent", formats.percent)
register.filter("day", formats.day)
register.filter("moment", formats.moment)
register.filter("instant", formats.instant)


@register.filter
def withunit(value: float | None, code: str) -> str:
    """Return the number with its unit."""
    return formats.with_unit(value, code)


@register.simple_tag
def scripts() -> list[str]:
    """Return the addresses of the scripts of every page."""
    return assets.entry_urls()[0]


@register.simple_tag
def early_fonts() -> list[str]:
    """Return the addresses of the fonts that every page is drawn with from its first line on."""
    return assets.early_font_urls()


@register.simple_tag
def stylesheets() -> list[str]:
    """Return the addresses of the style sheets that a page waits for: a Chinese one for its characters too."""
    language = get_language() or ""
    return assets.entry_urls()[1] + (assets.han_font_urls(language=language) if language.startswith("zh") else [])


@register.simple_tag
def late_stylesheets() -> list[str]:
    """Return the addresses of the style sheets that come after a page is drawn: an English one has few Chinese names."""
    language = get_language() or ""
    return [] if language.startswith("zh") else assets.han_font_urls(language=language)


@register.filter
def as_json(value: Any) -> SafeString:
    """Return a value as a JSON data block that an island reads."""
    return json_script(value)


@register.filter
def as_options(choices: Iterable[tuple[Any, Any, bool]]) -> SafeString:
    """Return the options of a select from values, labels and which are chosen; a city's select has hundreds."""
    return SafeString(
        "".join(
            f'<option value="{escape(str(value))}"{" selected" if chosen else ""}>{escape(str(label))}</option>'
            for value, label, chosen in choices
        )
    )


@register.filter
def as_checks(field: BoundField) -> SafeString:
    """Return the check boxes of a field of many choices, each in its label; an operator's parks are thousands."""
    name, start = escape(field.html_name), escape(field.auto_id)
    chosen = {str(one) for one in field.value() or ()}
    choices: Iterable[tuple[Any, Any]] = getattr(field.field, "choices", ())
    return SafeString(
        "".join(
            f'<label class="row"><input type="checkbox" name="{name}" value="{escape(str(value))}" id="{start}_{n}"'
            f"{' checked' if str(value) in chosen else ''}> {escape(str(label))}</label>"
            for n, (value, label) in enumerate(choices)
        )
    )


@register.simple_tag(takes_context=True)
def query(context: dict[str, Any], **changes: Any) -> str:
    """Return the page's own query string with some keys changed (None removes); the page number starts again."""
    request: HttpRequest = context["request"]
    params = request.GET.copy()
    params.pop("page", None)
    for key, value in changes.items():
        params.pop(key, None)
        if value not in (None, ""):
            params[key] = str(value)
    return f"?{params.urlencode()}"


@register.simple_tag(takes_context=True)
def kept_day(context: dict[str, Any]) -> str:
    """Return the day that the page shows where it is not today, for links and the banner."""
    return asof.kept_day(context.get("request"))


@register.simple_tag(takes_context=True)
def url_on(context: dict[str, Any], name: str, *args: Any) -> str:
    """Return the address of a page with the day that this page shows."""
    return asof.dated(reverse(name, args=args), asof.kept_day(context.get("request")))


@register.simple_tag(takes_context=True)
def dated(context: dict[str, Any], url: str) -> str:
    """Return an address with the day that this page shows."""
    return asof.dated(url, asof.kept_day(context.get("request")))


@register.filter
def times(count: int) -> range:
    """Return a range to loop over."""
    return range(int(count or 0))


#: A star in a box of 24 units, from its point at the top, and how far the next one is.
_STAR = "l2.9 5.9 6.5.9-4.7 4.6 1.1 6.5-5.8-3.1-5.8 3.1 1.1-6.5-4.7-4.6 6.5-.9z"
_STAR_PITCH = 25.5


@register.simple_tag
@lru_cache(maxsize=64)
def star_paths(proven: int | None, reachable: int | None) -> SafeString:
    """Return five stars as one path for each kind: proven, reachable and the rest; a list has hundreds of them."""
    on = min(int(proven or 0), 5)
    maybe = min(max(int(reachable or 0), on), 5)
    drawn = []
    for name, start, end in (("on", 0, on), ("maybe", on, maybe), ("off", maybe, 5)):
        path = "".join(f"M{12 + _STAR_PITCH * place:g} 2.6{_STAR}" for place in range(start, end))
        drawn.append(f'<path class="{name}" d="{path}"/>' if path else "")
    return SafeString("".join(drawn))


@register.filter
def unlocal(value: float | None) -> str:
    """Return a number as SVG wants it: a point for the decimals, no separators, whatever the language."""
    return "0" if value is None else f"{value:g}"

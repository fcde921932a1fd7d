"""What is wrong with one value of a request, in the reader's language: the checker's own words are English."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

#: By the checker's kind of fault, or how several of them begin; what it was told of the rule stands in the sentence.
SENTENCES: dict[str, Promise] = {
    "missing": gettext_lazy("This value is required."),
    "extra_forbidden": gettext_lazy("No field has this name."),
    "int": gettext_lazy("This must be a whole number."),
    "float": gettext_lazy("This must be a number."),
    "decimal": gettext_lazy("This must be a decimal number."),
    "finite_number": gettext_lazy("The value must be a finite number."),
    "bool": gettext_lazy("This must be true or false."),
    "string_too_long": gettext_lazy("This may have at most %(max_length)s characters."),
    "string_too_short": gettext_lazy("This must have at least %(min_length)s characters."),
    "string_pattern_mismatch": gettext_lazy("This does not have the form that is asked for: %(pattern)s"),
    "string": gettext_lazy("This must be a text."),
    "greater_than_equal": gettext_lazy("This must be at least %(ge)s."),
    "greater_than": gettext_lazy("This must be more than %(gt)s."),
    "less_than_equal": gettext_lazy("This must be at most %(le)s."),
    "less_than": gettext_lazy("This must be less than %(lt)s."),
    "too_long": gettext_lazy("This may have at most %(max_length)s entries."),
    "too_short": gettext_lazy("This must have at least %(min_length)s entries."),
    "datetime": gettext_lazy("This must be a time such as 2026-06-30T08:00:00Z."),
    "timezone": gettext_lazy("The time must say its offset from UTC, such as 2026-06-30T08:00:00Z."),
    "date": gettext_lazy("This must be a day such as 2026-06-30."),
    "list": gettext_lazy("This must be a list."),
    "dict": gettext_lazy("This must be an object with named fields."),
    "model": gettext_lazy("This must be an object with named fields."),
    "literal_error": gettext_lazy("This must be one of %(expected)s."),
    "enum": gettext_lazy("This must be one of %(expected)s."),
    "json": gettext_lazy("This is not readable as JSON."),
}
_CHOICES = re.compile(r"^\^-?\??\(([^()]*)\)\$$")


def say_fault(entry: Mapping[str, Any]) -> str:
    """Return the sentence for one fault that the checker of requests found."""
    kind, told = str(entry.get("type", "")), dict(entry.get("ctx") or {})
    if kind in {"value_error", "assertion_error"}:
        # A rule of ours: its sentence is in the reader's language already.
        return str(told.get("error", "")) or _("This value is not as it must be.")
    if kind == "string_pattern_mismatch" and (choices := _CHOICES.match(str(told.get("pattern", "")))):
        known = ", ".join(part for part in choices[1].split("|") if part)
        return _("This must be one of %(expected)s.") % {"expected": known}
    for name in (kind, *sorted((n for n in SENTENCES if kind.startswith(f"{n}_")), key=len, reverse=True)):
        if name in SENTENCES:
            try:
                return str(SENTENCES[name]) % told
            except KeyError:
                continue
    return _("This value is not as it must be.")

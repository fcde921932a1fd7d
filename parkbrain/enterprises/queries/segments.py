"""The words for segments and for the rule that placed a firm."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from parkbrain.calc.segments import GROWTH, LEADING, STARTUP

SEGMENTS: dict[str, Promise] = {LEADING: _("Leading"), GROWTH: _("Growth"), STARTUP: _("Startup")}
REASONS: dict[str, Promise] = {
    "size": _("large by the 2017 size rule"),
    "listed": _("listed"),
    "headquarters": _("headquarters"),
    "champion": _("single-product champion"),
    "little_giant": _("national little giant"),
    "top_output": _("among the top tenth of the park's output"),
    "young_and_small": _("founded less than five years ago, small or micro"),
    "other": _("neither leading nor a young small firm"),
}


def segment_text(*, segment: str) -> str:
    """Return the name of a segment in the active language."""
    return str(SEGMENTS[segment])


def reason_text(*, reason: str) -> str:
    """Return the rule that placed a firm, in the active language."""
    return str(REASONS[reason])

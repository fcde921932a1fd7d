"""Columns of the lists of integration."""

from __future__ import annotations

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from parkbrain.ui import formats
from parkbrain.ui.table import Column

from .models import Delivery, Token
from .queries import list_areas

TONES = {"WAITING": "info", "SENDING": "info", "DELIVERED": "ok", "FAILED": "bad"}


def scope_labels(token: Token) -> list[str]:
    """Return what a token opens, in words."""
    labels = {area.key: area.label for area in list_areas()}
    said = []
    for scope in token.scopes:
        area, _colon, kind = scope.partition(":")
        values = {"area": labels.get(area, area)}
        said.append(_("%(area)s: read and change") % values if kind == "write" else _("%(area)s: read") % values)
    return said


def delivery_columns() -> list[Column]:
    """Return the columns of the log of deliveries."""
    return [
        Column("at", _("Time"), lambda d: (formats.moment(d.created_at), _url(d)), "link"),
        Column("code", _("Event"), lambda d: d.code),
        Column("state", _("State"), lambda d: (d.get_state_display(), TONES[d.state]), "badge"),
        Column("answer", _("Answer"), _answer),
        Column("ms", _("Duration (ms)"), lambda d: "" if d.duration_ms is None else str(d.duration_ms)),
        Column("attempts", _("Attempts"), lambda d: d.attempts, "integer"),
        Column("next", _("Next attempt"), lambda d: formats.moment(d.next_at) if _waits(d) else ""),
    ]


def _url(delivery: Delivery) -> str:
    return reverse("delivery_detail", args=[delivery.pk])


def _waits(delivery: Delivery) -> bool:
    return delivery.state == Delivery.State.WAITING and (delivery.next_at or timezone.now()) > timezone.now()


def _answer(delivery: Delivery) -> str:
    return str(delivery.last_status) if delivery.last_status and not delivery.last_error else delivery.last_error

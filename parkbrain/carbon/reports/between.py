"""What fits from one park to another as a file, handed out by its page and sent on a schedule."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.utils.translation import gettext as _

from parkbrain.kernel.models import User
from parkbrain.kernel.registry import ReportFile
from parkbrain.lists import make_table_report
from parkbrain.ui.formats import number, unit
from parkbrain.ui.table import Column

from .. import queries


def make_between_report(*, user: User, park: None, since: date, on: date, kind: str) -> ReportFile:
    """Return every pair of an offer and a need in two parks that the person sees, on a day."""
    return make_between_file(matches=queries.list_matches_between(user=user, on=on), on=on, kind=kind)


def make_between_file(*, matches: Sequence[queries.ExchangeMatch], on: date, kind: str) -> ReportFile:
    """Return pairs of an offer and a need as a file, a row each; what is assumed stands over them on paper."""
    reaches = " · ".join(f"{name} {number(reach, 0)} km" for name, reach in queries.name_reaches())
    return make_table_report(
        columns=_columns(),
        rows=matches,
        title=_("Exchange between parks"),
        lines=[f"{_('How far a thing is worth carrying is our assumption:')} {reaches}"],
        name="exchange-between-parks",
        kind=kind,
        on=on,
    )


def _columns() -> list[Column]:
    return [
        Column("offered_by", _("Offered by"), lambda m: m.offer.enterprise.name),
        Column("from_park", _("From park"), lambda m: m.offer.park.name),
        Column("needed_by", _("Needed by"), lambda m: m.need.enterprise.name),
        Column("to_park", _("To park"), lambda m: m.need.park.name),
        Column("kind", _("Kind"), lambda m: m.offer.get_kind_display()),
        Column("offered", _("Offered"), lambda m: m.offer.substance_name),
        Column("needed", _("Needed"), lambda m: m.need.substance_name),
        Column("per_month", _("Amount a month"), lambda m: m.offer.per_month, kind="number"),
        Column("unit", _("Unit"), lambda m: unit(m.offer.unit)),
        Column("filled", _("Fills the need"), lambda m: m.filled, kind="percent"),
        Column("distance_km", _("Distance (km)"), lambda m: m.distance_km, kind="number", decimals=1),
        Column("offer_contact", _("Contact of the offer"), lambda m: m.offer.contact),
        Column("need_contact", _("Contact of the need"), lambda m: m.need.contact),
    ]

"""What pages of leads and lettings share: the park, the tabs, offers with their verdicts in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from parkbrain.calc.fitting import FAILS, MEETS, Check
from parkbrain.kernel.models import Park
from parkbrain.kernel.roles import Permission
from parkbrain.space.models import Premises
from parkbrain.ui import formats
from parkbrain.ui.links import Link

from ..queries import Offer


def money_park(request: HttpRequest, park_id: int, permission: Permission = Permission.VIEW_MONEY) -> Park:
    """Return the park of the page, for a person who may see its money; for everybody else there is no such page."""
    parks = Park.objects.visible_to(request.user, permission)  # type: ignore[arg-type]
    park: Park = get_object_or_404(parks.select_related("branch"), pk=park_id)
    request.park = park  # type: ignore[attr-defined]
    return park


def leasing_tabs(park: Park | None, here: str, *, user: Any) -> list[Link]:
    """Return the pages of leasing that belong together."""
    pages: list[tuple[str, str, str]] = []
    if park is not None:
        of_park = f"?park={park.pk}"
        pages = [
            ("lettings_board", _("Lettings board"), reverse("lettings_board", args=[park.pk])),
            ("rent_roll", _("Rent roll"), reverse("rent_roll") + of_park),
            ("lease_list", _("Leases"), reverse("lease_list") + of_park),
            ("lettings_what_if", _("What if"), reverse("lettings_what_if", args=[park.pk])),
            ("lead_funnel", _("Funnel"), reverse("lead_funnel", args=[park.pk])),
            ("lead_list", _("Leads"), reverse("lead_list") + of_park),
        ]
    pages.append(("find_space", _("Find space"), reverse("find_space")))
    return [Link(label, url, name == here) for name, label, url in pages]


def constraint_labels() -> dict[str, tuple[str, str]]:
    """Return the constraints in words, with their units."""
    return {
        "use": (_("Use"), ""),
        "area_m2": (_("Area"), "m²"),
        "floor_load_kn_m2": (_("Floor load"), "kN/m²"),
        "clear_height_m": (_("Clear height"), "m"),
        "goods_lift_load_t": (_("Goods lift"), "t"),
        "power_kw": (_("Power"), "kW"),
        "has_water": (_("Process water"), ""),
        "has_exhaust": (_("Exhaust shaft"), ""),
        "fire_class": (_("Fire class"), ""),
        "price_yuan_per_m2_month": (_("Usual rent"), _("yuan/m²·month")),
        "free_from_on": (_("Free from"), ""),
    }


@dataclass(frozen=True)
class CheckLine:
    """A verdict as the page prints it."""

    label: str
    verdict: str
    tone: str
    needed: str
    found: str
    missing: str


@dataclass(frozen=True)
class OfferLine:
    """An offer with its verdicts in words."""

    offer: Offer
    lines: Sequence[CheckLine]
    verdict: str
    tone: str

    @property
    def first_id(self) -> int:
        """The premises that stand for the offer."""
        return self.offer.premises[0].pk

    @property
    def open_lines(self) -> list[CheckLine]:
        """The constraints that are not known to be met."""
        return [line for line in self.lines if line.tone != "ok"]


def offer_lines(offers: Iterable[Offer]) -> list[OfferLine]:
    """Return offers with their verdicts in words."""
    labels = constraint_labels()
    made = []
    for offer in offers:
        codes = {str(p.pk): p.code for p in offer.premises}
        fitting = offer.fitting
        lines = [_check_line(check, labels, codes) for check in fitting.checks]
        if fitting.fits:
            verdict, tone = _("fits"), "ok"
        elif fitting.may_fit:
            verdict, tone = _("fits as far as known"), "warn"
        elif fitting.count(FAILS, hard=True):
            verdict, tone = _("does not fit"), "bad"
        else:
            verdict, tone = _("fits but for price or date"), "warn"
        made.append(OfferLine(offer, lines, verdict, tone))
    return made


def _check_line(check: Check, labels: dict[str, tuple[str, str]], codes: dict[str, str]) -> CheckLine:
    label, unit = labels[check.constraint]
    verdicts = {MEETS: (_("meets"), "ok"), FAILS: (_("fails"), "bad")}
    verdict, tone = verdicts.get(check.verdict, (_("unknown"), ""))
    missing = ""
    if check.missing:
        places = ", ".join(codes.get(key, key) for key in check.missing)
        missing = _("%(what)s of %(premises)s is not recorded") % {"what": label, "premises": places}
        if check.constraint == "price_yuan_per_m2_month":
            missing = _("too few rents of this use are known here")
    found = "—" if check.found is None else _said(check.found, unit, check.constraint)
    return CheckLine(label, verdict, tone, _said(check.needed, unit, check.constraint), found, missing)


def _said(value: Any, unit: str, constraint: str) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, date):
        return formats.day(value)
    if constraint == "use":
        return str(Premises.Use(value).label)
    if constraint == "fire_class":
        return str(Premises.FireClass(value).label)
    return formats.with_unit(value, unit)

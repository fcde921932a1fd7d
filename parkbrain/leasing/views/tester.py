"""The clause tester: the whole schedule for two readings of a clause, side by side, before anyone signs."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from parkbrain.calc import leases as calc
from parkbrain.ui.htmx import page

from .. import charts, queries
from ..forms import SpecForm, TesterForm, clause_form
from ..models import Clause, Lease
from .common import crumbs_of, lease_crumb, lease_or_404

RATE = Decimal(5)
#: Kinds that can be read in two ways, and so can be tried without a draft.
TRIED = ("RECURRING_FREE", "RENT_FREE", "FIT_OUT", "RISE", "TAX")


def _code_words(code: str) -> str:
    return {
        "contract_or_calendar_year": _("Contract year or calendar year?"),
        "rent_or_property_fee_too": _("Rent only, or the property fee too?"),
        "property_fee_in_fit_out": _("Does the property fee run during fit-out?"),
        "compound_or_simple": _("On the last price, or on the first?"),
        "tax_included_or_added": _("Tax in the price, or on top?"),
        "over_breakpoint_or_all": _("Above the breakpoint, or of all turnover?"),
    }[code]


def _shown(found: list[tuple[calc.Reading, calc.Comparison]], chosen: str) -> list[dict[str, Any]]:
    """Return each second reading with its words and sums; the chosen one with months and chart."""
    rows = []
    for number, (reading, pair) in enumerate(found):
        mine = queries.clause_sentence(kind=reading.mine.KIND, values=calc.plain(reading.mine))
        other = queries.clause_sentence(kind=reading.other.KIND, values=calc.plain(reading.other))
        rows.append(
            {
                "key": str(number),
                "question": _code_words(reading.code),
                "label": str(Clause.Kind(reading.mine.KIND).label),
                "mine": mine,
                "other": other,
                "pair": pair,
                "difference": pair.other.gross_yuan - pair.mine.gross_yuan,
                "worth": pair.other_worth_yuan - pair.mine_worth_yuan,
                "is_open": str(number) == chosen,
                "chart": charts.readings_chart(pair=pair, mine=_("As written"), other=_("Read the other way"))
                if str(number) == chosen
                else None,
            }
        )
    return rows


def _rate(request: HttpRequest) -> Decimal:
    try:
        rate = Decimal(request.GET.get("rate", "") or RATE)
    except InvalidOperation:
        return RATE
    return rate if rate.is_finite() and -50 <= rate <= 100 else RATE


@require_safe
def lease_tester(request: HttpRequest, lease_id: int) -> HttpResponse:
    """Show every clause of a lease or its draft that can be read in two ways, and what the other reading costs."""
    lease = lease_or_404(request, lease_id)
    [lease] = queries.with_contents(leases=[lease])
    draft = lease.versions.filter(state__in=("DRAFT", "WAITING")).exclude(kind="ORIGINAL").first()
    agreement = queries.agreement_of(lease=lease, besides=draft)
    rate = _rate(request)
    found = calc.readings(
        agreement, queries.figures_of(leases=[lease])[lease.pk], on=lease.starts_on, percent_per_year=rate
    )
    path = reverse("lease_tester", args=[lease.pk])
    return _page(request, found, rate, path=path, tail=f"rate={rate}", lease=lease)


@require_safe
def tester(request: HttpRequest) -> HttpResponse:
    """Try a clause without a draft: term, area, price, one clause of a kind, and its second reading."""
    today = timezone.localdate()
    kind = request.GET.get("kind", "") if request.GET.get("kind") in TRIED else TRIED[0]
    is_asked = "area_m2" in request.GET
    begin = calc.add_months(today.replace(day=1), 1)
    initial = {
        "starts_on": begin,
        "ends_on": calc.add_months(begin, 60),
        "area_m2": "1000",
        "price": "60",
        "fee": "10",
        "rate": RATE,
    }
    form = TesterForm(request.GET if is_asked else None, initial=initial, prefix=None)
    clause = clause_form(kind)(request.GET if is_asked else None, initial=_first(kind, begin), prefix="c")
    for name in ("source", "remark"):
        del clause.fields[name]
    found: list[tuple[calc.Reading, calc.Comparison]] = []
    schedule = None
    is_fine = is_asked and form.is_valid() and clause.is_valid()
    if is_fine:
        agreement = _agreement(form.cleaned_data, kind, clause)
        schedule = queries.schedule_of(agreement=agreement, figures=calc.Figures())
        found = calc.readings(agreement, on=agreement.starts_on, percent_per_year=form.cleaned_data["rate"])
        found = [(r, p) for r, p in found if kind == r.mine.KIND]
    kept = request.GET.copy()
    kept.pop("open", None)
    return _page(
        request,
        found,
        form.cleaned_data["rate"] if is_fine else RATE,
        path=reverse("clause_tester"),
        tail=kept.urlencode(),
        status=422 if is_asked and not is_fine else 200,
        more={
            "form": form,
            "clause": clause,
            "kind": kind,
            "schedule": schedule,
            "tried": [(k, Clause.Kind(k).label, k == kind) for k in TRIED],
        },
    )


def _first(kind: str, begin: Any) -> dict[str, Any]:
    """Return what a tried clause begins with: something that can be read in two ways."""
    return {
        "RECURRING_FREE": {"meaning": "CONTRACT_YEAR_LAST_MONTHS"},
        "RENT_FREE": {"starts_on": begin.isoformat(), "ends_on": calc.add_months(begin, 3).isoformat()},
        "FIT_OUT": {"starts_on": begin.isoformat(), "ends_on": calc.add_months(begin, 3).isoformat()},
        "RISE": {"percent": "5", "every_years": 1},
        "TAX": {"rate_percent": "9"},
    }[kind]


def _agreement(values: dict[str, Any], kind: str, clause: SpecForm) -> calc.Agreement:
    begin, end = values["starts_on"], values["ends_on"]
    place = calc.Place("1", values["area_m2"], begin, end)
    clauses: list[calc.Clause] = [calc.Rent(price_yuan_per_m2=values["price"])]
    if values["fee"] is not None:
        clauses.append(calc.PropertyFee(price_yuan_per_m2=values["fee"]))
    clauses.append(calc.parse_clause(kind, clause.values()))
    return calc.Agreement(begin, end, [calc.Version(begin, calc.Terms(), [place], clauses)])


def _page(
    request: HttpRequest,
    found: list[tuple[calc.Reading, calc.Comparison]],
    rate: Decimal,
    *,
    path: str,
    tail: str,
    lease: Lease | None = None,
    status: int = 200,
    more: dict[str, Any] | None = None,
) -> HttpResponse:
    chosen = request.GET.get("open", "0" if found else "")
    context = {
        "lease": lease,
        "rate": rate,
        "rows": _shown(found, chosen),
        "path": path,
        "tail": tail,
        "crumbs": crumbs_of(lease.park, lease_crumb(lease)) if lease else [],
        **(more or {}),
    }
    return page(request, "leasing/tester.html", context, status=status)

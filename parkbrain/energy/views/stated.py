"""Places that must be metered, tariffs, and by what common use and loss are shared, as people state them."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from parkbrain.kernel.models import Park
from parkbrain.kernel.names import name_fields
from parkbrain.ui.links import Link

from .. import services
from ..forms import NeedForm, RuleForm, TariffForm
from ..models import AllocationRule, MeteringNeed
from .common import form_page, park_to_edit


@require_http_methods(["GET", "POST"])
def need_add(request: HttpRequest, park_id: int) -> HttpResponse:
    """Record a place that the standard wants metered."""
    return _need(request, park_to_edit(request, park_id), None, _("New place to be metered"))


@require_http_methods(["GET", "POST"])
def need_change(request: HttpRequest, need_id: int) -> HttpResponse:
    """Change a place that the standard wants metered."""
    visible = MeteringNeed.objects.visible_to(request.user).select_related("meter")
    need = get_object_or_404(visible, pk=need_id)
    return _need(request, park_to_edit(request, need.park_id), need, str(need))


def _need(request: HttpRequest, park: Park, need: MeteringNeed | None, title: str) -> HttpResponse:
    fields = ("code", "name_zh_hans", "name_en", "energy_kind", "level", "rated_load")
    initial = {name: getattr(need, name) for name in fields} if need else {}
    if need is not None and need.meter is not None:
        initial["meter_code"] = need.meter.code
    form = NeedForm(request.POST or None, initial=initial)
    if need is not None:
        # Its code is what imports know it by.
        form.fields["code"].disabled = True
    back = reverse("metering_audit", args=[park.pk])
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        names = name_fields(zh_hans=values.pop("name_zh_hans"), en=values.pop("name_en"))
        try:
            if need is None and park.metering_needs.filter(code=values["code"]).exists():
                raise services.CannotRecordMeter(_("There is a place with this code."))
            services.record_needs(park=park, rows=[{**values, **names}], actor=request.user, at=timezone.now())
        except services.CannotRecordMeter as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Saved."))
            return redirect(back)
    return form_page(request, park, form, home=Link(_("Metering audit"), back), title=title, back=back)


@require_http_methods(["GET", "POST"])
def rule_add(request: HttpRequest, park_id: int) -> HttpResponse:
    """State by what common use and loss are shared from a day on; the months it holds for are worked out anew."""
    park = park_to_edit(request, park_id)
    kind = request.GET.get("kind", "")
    last = AllocationRule.objects.filter(park=park, energy_kind=kind).first()
    initial = {"energy_kind": kind}
    if last is not None:
        shares = services.write_shares(shares=last.fixed_shares)
        initial |= {"public_by": last.public_by, "loss_by": last.loss_by, "fixed_shares": shares}
    form = RuleForm(request.POST or None, initial=initial)
    back = reverse("energy_bills", args=[park.pk])
    if request.method == "POST" and form.is_valid():
        try:
            services.record_rules(park=park, rows=[form.cleaned_data], actor=request.user, at=timezone.now())
        except (services.CannotRecordTariff, services.CannotRecordMeter) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Saved."))
            return redirect(f"{back}?kind={form.cleaned_data['energy_kind']}")
    home = Link(_("Months and bills"), back)
    return form_page(request, park, form, home=home, title=_("New sharing rule"), back=back)


@require_http_methods(["GET", "POST"])
def tariff_add(request: HttpRequest, park_id: int) -> HttpResponse:
    """State what energy costs from a day on; the months it holds for are worked out anew."""
    park = park_to_edit(request, park_id)
    asked = {name: request.GET.get(name, "") for name in ("kind", "code")}
    form = TariffForm(request.POST or None, initial={"energy_kind": asked["kind"], "code": asked["code"]})
    back = reverse("energy_bills", args=[park.pk])
    if request.method == "POST" and form.is_valid():
        try:
            services.record_tariffs(park=park, rows=[form.row], actor=request.user, at=timezone.now())
        except (services.CannotRecordTariff, services.CannotRecordMeter) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Saved."))
            return redirect(f"{back}?kind={form.cleaned_data['energy_kind']}")
    home = Link(_("Months and bills"), back)
    return form_page(request, park, form, home=home, title=_("New tariff"), back=back)

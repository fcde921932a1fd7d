"""Root URLs: one include per module."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt


@login_not_required
@csrf_exempt
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer 200 once the system can serve: the database answers and has every table."""
    from parkbrain.kernel.models import Branch

    Branch.objects.exists()
    return JsonResponse({"status": "ok"})


urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("", include("parkbrain.ui.urls")),
    path("", include("parkbrain.integration.urls")),
    path("", include("parkbrain.accounts.urls")),
    path("", include("parkbrain.space.urls")),
    path("", include("parkbrain.enterprises.urls")),
    path("", include("parkbrain.billing.urls")),
    path("", include("parkbrain.leasing.urls")),
    path("", include("parkbrain.lifecycle.urls")),
    path("", include("parkbrain.facilities.urls")),
    path("", include("parkbrain.carbon.urls")),
    path("", include("parkbrain.telemetry.urls")),
    path("", include("parkbrain.energy.urls")),
    path("", include("parkbrain.intake.urls")),
    path("", include("parkbrain.assessment.urls")),
    path("", include("parkbrain.portfolio.urls")),
    path("", include("parkbrain.cockpit.urls")),
]

"""Pages of tokens and webhooks."""

from __future__ import annotations

import json
from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from parkbrain.kernel.roles import Permission
from parkbrain.ui import table as tables
from parkbrain.ui.htmx import page
from parkbrain.ui.links import Link

from . import queries, services
from .forms import TokenForm, WebhookForm
from .models import Delivery, Token, Webhook
from .tables import delivery_columns, scope_labels


def _tabs(request: HttpRequest) -> list[Link]:
    pairs = [(_("Tokens"), reverse("tokens"))]
    if request.user.may(Permission.VIEW_AUDIT):
        pairs.append((_("Webhooks"), reverse("webhooks")))
    pairs.append((_("Operations of the API"), reverse("api_docs")))
    return [Link(label, url, request.path == url) for label, url in pairs]


def tokens(request: HttpRequest) -> HttpResponse:
    """List one's tokens and make one; its secret stands on the answer and nowhere else."""
    form, new, status, now = TokenForm(request.POST or None), None, 200, timezone.now()
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                new = services.create_token(
                    owner=request.user,
                    name=form.cleaned_data["name"],
                    scopes=form.scopes,
                    expires_at=form.expires_at(now),
                    actor=request.user,
                    at=now,
                )
            except services.CannotCreateToken as refusal:
                form.add_error(None, str(refusal))
            else:
                form, status = TokenForm(), 201
    context = {
        "tokens": [(token, scope_labels(token)) for token in queries.list_tokens(user=request.user)],
        "form": form,
        "new": new,
        "now": now,
        "tabs": _tabs(request),
        "root": request.build_absolute_uri(reverse("api_docs")),
    }
    response = page(request, "integration/tokens.html", context, status=status)
    response.headers["Cache-Control"] = "no-store"
    return response


@require_POST
def revoke(request: HttpRequest, token_id: int) -> HttpResponse:
    """Close a token for good."""
    token = get_object_or_404(Token.objects.visible_to(request.user), pk=token_id)
    services.revoke_token(token=token, actor=request.user, at=timezone.now())
    messages.success(request, _("The token %(name)s was revoked.") % {"name": token.name})
    return redirect("tokens")


def _require_audit(request: HttpRequest) -> None:
    if not request.user.may(Permission.VIEW_AUDIT):
        raise PermissionDenied


def webhooks(request: HttpRequest) -> HttpResponse:
    """List one's webhooks and subscribe to events; the secret stands on the answer and nowhere else."""
    _require_audit(request)
    form, new, status = WebhookForm(request.POST or None, user=request.user), None, 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                new = services.create_webhook(
                    **form.cleaned_data, owner=request.user, actor=request.user, at=timezone.now()
                )
            except services.CannotCreateWebhook as refusal:
                form.add_error(None, str(refusal))
            else:
                form, status = WebhookForm(user=request.user), 201
    context = {
        "webhooks": queries.list_webhooks(user=request.user),
        "form": form,
        "new": new,
        "secret": services.signing_secret(webhook=new) if new else "",
        "tabs": _tabs(request),
    }
    response = page(request, "integration/webhooks.html", context, status=status)
    response.headers["Cache-Control"] = "no-store"
    return response


def _webhook(request: HttpRequest, webhook_id: int) -> Webhook:
    _require_audit(request)
    found = Webhook.objects.visible_to(request.user).select_related("branch")
    return get_object_or_404(found, pk=webhook_id)


def webhook(request: HttpRequest, webhook_id: int) -> HttpResponse:
    """Show a webhook with the log of what was sent to it."""
    hook = _webhook(request, webhook_id)
    context = {
        "webhook": hook,
        "table": tables.build(
            columns=delivery_columns(),
            rows=queries.list_deliveries(webhook=hook),
            params=request.GET,
            label=_("Deliveries"),
        ),
        "crumbs": [Link(_("Webhooks"), reverse("webhooks"))],
    }
    return page(request, "integration/webhook.html", context)


@require_POST
def act(request: HttpRequest, webhook_id: int, action: str) -> HttpResponse:
    """Pause, resume, test or delete a webhook."""
    hook, now = _webhook(request, webhook_id), timezone.now()
    actions: dict[str, tuple[Callable[[], object], str, str]] = {
        "pause": (
            lambda: services.pause_webhook(webhook=hook, actor=request.user, at=now, reason=_("by its owner")),
            _("The webhook was paused."),
            "webhook_detail",
        ),
        "resume": (
            lambda: services.resume_webhook(webhook=hook, actor=request.user, at=now),
            _("The webhook was resumed."),
            "webhook_detail",
        ),
        "ping": (
            lambda: services.ping_webhook(webhook=hook, actor=request.user, at=now),
            _("A test message is on its way; its line shows what was answered."),
            "webhook_detail",
        ),
        "delete": (
            lambda: services.delete_webhook(webhook=hook, actor=request.user, at=now),
            _("The webhook was deleted."),
            "webhooks",
        ),
    }
    if action not in actions:
        raise Http404
    run, done, then = actions[action]
    return _done(request, run, done, then, *([] if then == "webhooks" else [hook.pk]))


def _done(request: HttpRequest, run: Callable[[], object], done: str, then: str, *args: int) -> HttpResponse:
    try:
        run()
    except services.CannotDeliver as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, done)
    return redirect(then, *args)


def _delivery(request: HttpRequest, delivery_id: int) -> Delivery:
    _require_audit(request)
    mine = Delivery.objects.filter(webhook__in=Webhook.objects.visible_to(request.user)).select_related("webhook")
    return get_object_or_404(mine, pk=delivery_id)


def delivery(request: HttpRequest, delivery_id: int) -> HttpResponse:
    """Show one delivery with its message."""
    one = _delivery(request, delivery_id)
    context = {
        "delivery": one,
        "body": json.dumps(json.loads(one.body), ensure_ascii=False, indent=2),
        "ended": one.state in {Delivery.State.DELIVERED, Delivery.State.FAILED},
        "crumbs": [
            Link(_("Webhooks"), reverse("webhooks")),
            Link(one.webhook.url, reverse("webhook_detail", args=[one.webhook_id])),
        ],
    }
    return page(request, "integration/delivery.html", context)


@require_POST
def send_again(request: HttpRequest, delivery_id: int) -> HttpResponse:
    """Queue a delivery again, under its own id."""
    one, now = _delivery(request, delivery_id), timezone.now()
    return _done(
        request,
        lambda: services.resend_delivery(delivery=one, actor=request.user, at=now),
        _("The delivery is on its way again."),
        "delivery_detail",
        one.pk,
    )

"""Addresses of the API, of tokens and of webhooks."""

from django.urls import path, re_path

from . import api, views

urlpatterns = [
    path("api/v1/", api.api_docs, name="api_docs"),
    path("api/v1/openapi.json", api.api_document, name="api_document"),
    # Everything below, also what holds a line break: a program is never answered with a page.
    re_path(r"^api/v1/(?P<rest>[\s\S]+)\Z", api.api_answer, name="api"),
    path("profile/tokens/", views.tokens, name="tokens"),
    path("profile/tokens/<int:token_id>/revoke/", views.revoke, name="token_revoke"),
    path("profile/webhooks/", views.webhooks, name="webhooks"),
    path("profile/webhooks/<int:webhook_id>/", views.webhook, name="webhook_detail"),
    path("profile/webhooks/<int:webhook_id>/<slug:action>/", views.act, name="webhook_act"),
    path("profile/deliveries/<int:delivery_id>/", views.delivery, name="delivery_detail"),
    path("profile/deliveries/<int:delivery_id>/again/", views.send_again, name="delivery_again"),
]

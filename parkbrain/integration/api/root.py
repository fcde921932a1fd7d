"""One door for every address of the API: whatever comes in, a problem is told as a problem, never as a page."""

from __future__ import annotations

import logging
import re
import uuid
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import DataError, IntegrityError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.http.request import UnreadablePostError
from django.http.response import HttpResponseBase
from django.urls import Resolver404, URLResolver
from django.urls.resolvers import RegexPattern
from django.utils.module_loading import import_string
from django.utils.translation import override
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.operation import Operation

from parkbrain.kernel import registry
from parkbrain.ui.rest import TITLES, FieldProblem, Problem

from .auth import TokenAuth
from .words import say_fault

logger = logging.getLogger(__name__)

ROOT = "/api/v1/"
PROBLEM_TYPE = "application/problem+json"
DESCRIPTION = """Everything of the joined record that the pages show, for programs: with the same permissions.

Send a personal token as `Authorization: Bearer …`. Lists answer in parts (`limit`, `offset`, `next`); most answers can be
asked for as of a day (`as_of`). Whatever is not a success is a problem (RFC 9457, `application/problem+json`). An empty
value is unknown, never zero. Dates are days (`2026-06-30`), times are UTC; units stand in the names of the fields;
periods include their first day and not their last; amounts of money are decimal texts.
"""
#: A zero character cannot be stored by every database; nothing that people write has one.
_NULL = re.compile(rb"\x00|\\u0000|%00")


class Api(NinjaAPI):
    """The API with operations named after their functions."""

    def get_openapi_operation_id(self, operation: Operation) -> str:
        """Return the name that a generated client gives the operation."""
        return operation.view_func.__name__

    def set_default_exception_handlers(self) -> None:
        """Register none: every failure goes up to the one door, which tells it as a problem."""


@lru_cache(maxsize=1)
def get_api() -> Api:
    """Return the API with the parts that every module registered."""
    api = Api(
        title="ParkBrain",
        version="1.0.0",
        description=DESCRIPTION,
        docs_url=None,
        openapi_url=None,
        urls_namespace="parkbrain-api",
    )
    with override("en"):
        for part in registry.api_parts:
            api.add_router("", import_string(part.router), auth=TokenAuth(part.area), tags=[str(part.label)])
    return api


@lru_cache(maxsize=1)
def _resolver() -> URLResolver:
    patterns: Sequence[Any] = get_api().urls[0]
    return URLResolver(RegexPattern(r"^"), patterns)  # type: ignore[arg-type]


def problem_response(request: HttpRequest, problem: Problem, **more: str) -> HttpResponse:
    """Return a problem as its document."""
    name, title = TITLES.get(problem.status, TITLES[400 if problem.status < 500 else 500])
    body = {
        "type": f"{ROOT}#problem-{name}",
        "title": str(title),
        "status": problem.status,
        "detail": problem.detail or str(title),
        "instance": request.path,
        "errors": [{"field": e.field, "code": e.code, "message": e.message} for e in problem.errors],
        **more,
    }
    return JsonResponse(
        body, status=problem.status, headers=dict(problem.headers), content_type=PROBLEM_TYPE,
        json_dumps_params={"ensure_ascii": False},
    )  # fmt: skip


@csrf_exempt
@login_not_required
def api_answer(request: HttpRequest, rest: str) -> HttpResponseBase:
    """Answer any request below the root; the token is asked for by the operation, so that unknown addresses are 404."""
    is_head = request.method == "HEAD"
    if is_head:
        request.method = "GET"
    try:
        response = _answer(request, rest)
    except Problem as problem:
        response = problem_response(request, problem)
    except Exception as error:
        response = _failure(request, error)
    if is_head and not response.streaming:
        response.content = b""  # type: ignore[attr-defined]
    response.headers["Cache-Control"] = "no-store"
    return response


def _answer(request: HttpRequest, rest: str) -> HttpResponseBase:
    is_file = request.headers.get("content-type", "").startswith("multipart/")
    if _NULL.search(request.META.get("QUERY_STRING", "").encode()) or "\x00" in rest:
        raise Problem(400)
    try:
        match = _resolver().resolve(rest)
    except Resolver404 as error:
        raise Problem(404) from error
    if request.method not in {"GET", "HEAD"} and not is_file and _NULL.search(request.body):
        raise Problem(400)
    try:
        response: HttpResponseBase = match.func(request, *match.args, **match.kwargs)
    except ValidationError as error:
        raise Problem(422, errors=[_field(entry) for entry in error.errors]) from error
    if response.status_code == 405:
        raise Problem(405, headers={"Allow": response.headers.get("Allow", "")})
    return response


def _field(entry: dict[str, Any]) -> FieldProblem:
    place = [str(part) for part in entry.get("loc", ()) if part not in {"part", "values"}]
    return FieldProblem(".".join(place), str(entry.get("type", "")), say_fault(entry))


def _failure(request: HttpRequest, error: Exception) -> HttpResponse:
    if isinstance(error, Http404):
        return problem_response(request, Problem(404))
    if isinstance(error, PermissionDenied):
        return problem_response(request, Problem(403))
    if isinstance(error, RequestDataTooBig):
        return problem_response(request, Problem(413))
    if isinstance(error, HttpError):
        return problem_response(request, Problem(error.status_code))
    if isinstance(error, SuspiciousOperation | MultiPartParserError | UnreadablePostError):
        return problem_response(request, Problem(400))
    if isinstance(error, IntegrityError | DataError):
        # A rule that the database itself holds: the change contradicts what is stored.
        logger.warning("refused by the database: %s", error)
        return problem_response(request, Problem(409))
    error_id = uuid.uuid4().hex[:12]
    logger.error("error %s on %s %s", error_id, request.method, request.path, exc_info=error)
    return problem_response(request, Problem(500), error_id=error_id)

"""The OpenAPI document of the API, and a page of our own that lists its operations."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse

from parkbrain.ui.htmx import page
from parkbrain.ui.rest import TITLES

from .root import PROBLEM_TYPE, ROOT, get_api

PROBLEM = {
    "title": "Problem",
    "description": "What went wrong, as RFC 9457 tells it.",
    "type": "object",
    "required": ["type", "title", "status", "detail", "instance", "errors"],
    "properties": {
        "type": {"type": "string", "description": "Which kind of problem; `/api/v1/` describes each."},
        "title": {"type": "string", "description": "The kind in words."},
        "status": {"type": "integer", "description": "The HTTP status."},
        "detail": {"type": "string", "description": "What happened here, in the language of the request."},
        "instance": {"type": "string", "description": "The address that was asked."},
        "errors": {
            "type": "array",
            "description": "The fields that are not as they must be.",
            "items": {"$ref": "#/components/schemas/FieldProblem"},
        },
        "error_id": {"type": "string", "description": "With a failure of ours: the id of its line in the log."},
    },
}
FIELD_PROBLEM = {
    "title": "FieldProblem",
    "type": "object",
    "required": ["field", "code", "message"],
    "properties": {
        "field": {"type": "string", "description": "Where it stands: `query.limit`, `body.starts_on`."},
        "code": {"type": "string", "description": "A code for programs."},
        "message": {"type": "string", "description": "The same for people."},
    },
}


@dataclass(frozen=True)
class OperationLine:
    """An operation as the page lists it."""

    method: str
    path: str
    name: str
    summary: str
    description: str
    parameters: str


@lru_cache(maxsize=1)
def get_document() -> dict[str, Any]:
    """Return the OpenAPI document."""
    document: dict[str, Any] = dict(get_api().get_openapi_schema(path_prefix=ROOT.lstrip("/")))
    document["components"]["schemas"] |= {"Problem": PROBLEM, "FieldProblem": FIELD_PROBLEM}
    problem = {
        "description": "A problem: the request was not carried out.",
        "content": {PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for operations in document["paths"].values():
        for operation in operations.values():
            operation["responses"] = {str(status): said for status, said in operation["responses"].items()}
            operation["responses"]["default"] = problem
    return document


@login_not_required
def api_document(request: HttpRequest) -> JsonResponse:
    """Hand out the OpenAPI document; it tells what there is, not what is in it, and needs no token."""
    return JsonResponse(get_document())


@login_not_required
def api_docs(request: HttpRequest) -> HttpResponse:
    """Show the operations of the API on a page of our own."""
    groups: dict[str, list[OperationLine]] = {}
    for path, operations in get_document()["paths"].items():
        for method, said in operations.items():
            groups.setdefault(said["tags"][0], []).append(_line(method, path, said))
    context = {
        "groups": groups.items(),
        "count": sum(len(lines) for lines in groups.values()),
        "problems": [(f"problem-{name}", status, title) for status, (name, title) in TITLES.items()],
    }
    return page(request, "integration/api_docs.html", context)


def _line(method: str, path: str, said: dict[str, Any]) -> OperationLine:
    names = [p["name"] for p in said["parameters"] if p["in"] == "query"]
    return OperationLine(
        method.upper(), path, said["operationId"], said["summary"], said.get("description", ""), ", ".join(names)
    )

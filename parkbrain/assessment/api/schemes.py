"""The schemes of the installation with their trees and files."""

from __future__ import annotations

from django.http import FileResponse, HttpRequest
from ninja import Query, Router
from pydantic import Field

from parkbrain.calc import rating
from parkbrain.ui.rest import Out, Page, Problem, Slice, paged

from .. import queries
from ..queries.explain import SchemeLine, TreeLine

router = Router()


class SchemeOut(Out):
    """A rating scheme."""

    id: str
    name: str
    version: str
    status: str
    notice: str
    fact_count: int


class SchemeNodeOut(Out):
    """A node of a scheme."""

    id: str
    name: str
    depth: int
    is_indicator: bool
    weight: float = Field(description="Points of the total's hundred.")
    unit: str
    formula: str
    thresholds: str
    basis: str
    confidence: str
    clause: str


class SchemeSheetOut(SchemeOut):
    """A scheme with its tree."""

    nodes: list[SchemeNodeOut]
    fact_keys: list[str]


def _line(line: SchemeLine) -> SchemeOut:
    return SchemeOut(
        id=line.id,
        name=line.name,
        version=line.version,
        status=line.status,
        notice=line.notice,
        fact_count=line.fact_count,
    )


def _node(line: TreeLine) -> SchemeNodeOut:
    return SchemeNodeOut(
        id=line.id,
        name=line.name,
        depth=line.depth,
        is_indicator=line.is_indicator,
        weight=line.weight,
        unit=line.unit,
        formula=line.formula,
        thresholds=line.thresholds,
        basis=line.basis,
        confidence=line.confidence,
        clause=line.clause,
    )


def _scheme(scheme_id: str) -> rating.Scheme:
    try:
        return queries.get_scheme(scheme_id=scheme_id)
    except queries.UnknownScheme as error:
        raise Problem(404) from error


@router.get("/schemes", response=Page[SchemeOut], summary="Schemes")
def list_schemes(request: HttpRequest, part: Query[Slice]) -> Page[SchemeOut]:
    """The rating schemes of this installation."""
    return paged(Page[SchemeOut], request, queries.list_scheme_lines(), part, _line)


@router.get("/schemes/{scheme_id}", response=SchemeSheetOut, summary="One scheme")
def get_scheme(request: HttpRequest, scheme_id: str) -> SchemeSheetOut:
    """A scheme: its tree with weights, formulas, thresholds and where they come from."""
    scheme = _scheme(scheme_id)
    return SchemeSheetOut(
        id=scheme.id,
        name=queries.describe(value=scheme.name),
        version=scheme.version,
        status=scheme.status,
        notice=queries.describe(value=scheme.notice),
        fact_count=len(scheme.facts),
        nodes=[_node(line) for line in queries.list_tree(scheme=scheme)],
        fact_keys=sorted(scheme.facts),
    )


@router.get(
    "/schemes/{scheme_id}/file",
    summary="File of a scheme",
    openapi_extra={
        "responses": {
            200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}
        }
    },
)
def get_scheme_file(request: HttpRequest, scheme_id: str) -> FileResponse:
    """The file a scheme is defined by."""
    path = queries.scheme_file(scheme_id=_scheme(scheme_id).id)
    return FileResponse(
        path.open("rb"), as_attachment=True, filename=path.name, content_type="application/octet-stream"
    )

"""Who the token acts for."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest
from ninja import Router
from pydantic import Field

from parkbrain.kernel.roles import MAY
from parkbrain.kernel.scope import memberships_of
from parkbrain.ui.rest import Out

router = Router()


class RoleOut(Out):
    """A role within a branch."""

    role: str
    branch_code: str
    branch_path: str = Field(description="Codes of the branch and of all above it.")
    permissions: list[str]
    subject: str = Field(description="For tenants: the unified social credit code they act for.")


class MeOut(Out):
    """The person a token acts for, and the token."""

    username: str
    full_name: str
    language: str
    roles: list[RoleOut]
    token_name: str
    token_prefix: str
    scopes: list[str]
    expires_at: datetime


@router.get("/me", response=MeOut, summary="Person and token")
def get_me(request: HttpRequest) -> MeOut:
    """Who the token acts for, what they may do, and what the token opens."""
    user, token = request.user, request.auth
    roles = [
        RoleOut(
            role=m.role,
            branch_code=m.branch.code,
            branch_path=m.branch.path,
            permissions=sorted(str(p) for p in MAY[m.role]),
            subject=m.subject,
        )
        for m in memberships_of(user)
    ]
    return MeOut(
        username=user.username,
        full_name=user.full_name,
        language=user.language,
        roles=roles,
        token_name=token.name,
        token_prefix=token.prefix,
        scopes=token.scopes,
        expires_at=token.expires_at,
    )

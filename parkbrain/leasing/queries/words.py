"""Words for what the audit trail keeps as a key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..models import AdmissionReview, Clause, Lead, Lease


def stage_words(*, details: Mapping[str, Any]) -> dict[str, str]:
    """Return the stage of a lead in words."""
    return {"stage": str(Lead.Stage(details["stage"]).label)}


def outcome_words(*, details: Mapping[str, Any]) -> dict[str, str]:
    """Return what a review came to in words."""
    return {"outcome": str(AdmissionReview.Outcome(details["outcome"]).label)}


def clause_words(*, details: Mapping[str, Any]) -> dict[str, str]:
    """Return the kind of a clause in words."""
    return {"kind": str(Clause.Kind(details["kind"]).label)}


def state_words(*, details: Mapping[str, Any]) -> dict[str, str]:
    """Return the state of a lease in words."""
    return {"state": str(Lease.State(details["state"]).label)}

"""The duties of the shipped template."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from parkbrain import schemes
from parkbrain.calc.intervals import months_before
from parkbrain.kernel.names import localized

from ..models import STAGES, LifeSubject

#: What a due rule counts from when it is not the stage of the duty.
COMPLETION, START, END = "COMPLETION", "START", "END"


@dataclass(frozen=True)
class TemplateDuty:
    """A duty as the template asks for it."""

    key: str
    subject: str
    stage: str
    is_gate: bool
    name: Mapping[str, str]
    parties: Mapping[str, list[str]]
    evidence: str
    due_after: str
    due_months: int
    every_months: int | None
    project_kinds: tuple[str, ...]
    building_uses: tuple[str, ...]
    proves: str
    is_build_doc: bool
    basis: Mapping[str, str]
    clause: str
    position: int

    def applies_to(self, subject: LifeSubject) -> bool:
        """Tell whether a subject has this duty."""
        if self.subject != subject.kind:
            return False
        if subject.project and self.project_kinds:
            return subject.project.kind in self.project_kinds
        if subject.building and self.building_uses:
            return subject.building.use in self.building_uses
        return True


@lru_cache(maxsize=1)
def _template() -> tuple[TemplateDuty, ...]:
    content = schemes.shipped("duties.yaml")
    return tuple(_duty(position, row, content["bases"]) for position, row in enumerate(content["duties"]))


def _duty(position: int, row: Mapping[str, Any], bases: Mapping[str, Mapping[str, str]]) -> TemplateDuty:
    return TemplateDuty(
        key=row["key"],
        subject=row["subject"],
        stage=row["stage"],
        is_gate=row["gate"],
        name=row["name"],
        parties=row["parties"],
        evidence=row["evidence"],
        due_after=row["due"]["after"],
        due_months=row["due"]["months"],
        every_months=row.get("every_months"),
        project_kinds=tuple(row.get("project_kinds", ())),
        building_uses=tuple(row.get("building_uses", ())),
        proves=row.get("proves", ""),
        is_build_doc=row.get("is_build_doc", False),
        basis=bases[row["basis"]],
        clause=row["clause"],
        # Stages far apart, so that a park's own duties stand at the end of theirs.
        position=STAGES.index(row["stage"]) * 1000 + position,
    )


def list_template(*, subject: LifeSubject) -> list[TemplateDuty]:
    """Return the duties that the template asks of a subject, in their order."""
    return [one for one in _template() if one.applies_to(subject)]


def get_template_version() -> int:
    """Return the version of the template."""
    return int(schemes.shipped("duties.yaml")["version"])


def get_template_duty(*, key: str) -> TemplateDuty | None:
    """Return a duty of the template by its key; None for a park's own, or one that no longer ships."""
    return _by_key().get(key)


@lru_cache(maxsize=1)
def _by_key() -> dict[str, TemplateDuty]:
    return {one.key: one for one in _template()}


def list_proving_keys() -> dict[str, str]:
    """Return the facts that duties prove, with the key of the duty."""
    return {one.proves: one.key for one in _template() if one.proves}


def list_build_doc_keys() -> frozenset[str]:
    """Return the keys of the duties that count among the construction and acceptance records."""
    return frozenset(one.key for one in _template() if one.is_build_doc)


def get_basis(*, key: str, stated: str) -> str:
    """Return what a duty rests on: as the park states it, or as the template does in the active language."""
    if stated:
        return stated
    duty = get_template_duty(key=key)
    if duty is None:
        return ""
    return localized(zh_hans=duty.basis["zh-Hans"], zh_hant=duty.basis["zh-Hant"], en=duty.basis["en"])


def get_due_on(*, duty: TemplateDuty, subject: LifeSubject, stage_on: Mapping[str, date]) -> date | None:
    """Return when a duty is due by the template's rule; None where the day it counts from is not known.

    `stage_on` says when the subject entered each stage; a stage that is yet to come has no day.
    """
    anchors: dict[str, date | None] = {
        COMPLETION: subject.building.completed_on if subject.building else None,
        START: subject.project.starts_on if subject.project else None,
        END: subject.project.ends_on if subject.project else None,
    }
    anchor = anchors.get(duty.due_after, stage_on.get(duty.stage))
    return None if anchor is None else months_before(anchor, -duty.due_months)

"""What another park can take over of the city: its product line."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkbrain.kernel.models import Park, User
from parkbrain.kernel.roles import Permission
from parkbrain.kernel.taking import Column, SetupPart

from ..models import LinePlace, ProductLine
from ..services import CannotRunGroup, place_parks


def _read(*, park: Park, on: date, actor: User | None) -> list[dict[str, Any]]:
    place = LinePlace.objects.filter(park=park).current_on(on).select_related("line__group").first()
    return [{"group": place.line.group.code, "line": place.line.code}] if place else []


def _write(*, park: Park, values: Mapping[str, Any], starts_on: date, actor: User | None, at: datetime) -> None:
    line = ProductLine.objects.filter(group__code=values["group"], code=values["line"]).select_related("group").first()
    if line is None or not line.group.operators.filter(operator=park.branch.parent_id).exists():
        raise CannotRunGroup(
            _("The group that runs this park has no line %(line)s of %(group)s.")
            % {"line": values["line"], "group": values["group"]}
        )
    place_parks(group=line.group, line=line, parks=[park], starts_on=starts_on, actor=actor, at=at)


SETUP = (
    SetupPart(
        key="portfolio.line",
        label=gettext_lazy("Product line"),
        order=80,
        permission=Permission.EDIT_RECORD,
        columns=(
            Column("group", gettext_lazy("Code of the group"), required=True, max_length=40),
            Column("line", gettext_lazy("Code of the line"), required=True, max_length=40),
        ),
        identity=(),
        name=lambda values: f"{values['group']} / {values['line']}",
        read=_read,
        write=_write,
        refusals=(CannotRunGroup,),
        is_dated=True,
    ),
)

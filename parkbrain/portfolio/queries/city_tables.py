"""What a bureau's own tables are taken into, and those that were."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from operator import itemgetter
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from parkbrain.intake.models import Batch
from parkbrain.intake.queries import get_unit_label
from parkbrain.kernel.models import Branch, User
from parkbrain.kernel.taking import Area
from parkbrain.ui.table import Column

from ..models import DataRound
from .rounds import list_asked_facts


def get_table_round(*, area: Area) -> DataRound | None:
    """Return the round that a table is taken into; None where its values become facts of the parks."""
    key = area.subject.get("round")
    return None if key is None else DataRound.objects.select_related("branch").get(pk=key)


def get_cut_off(*, area: Area) -> date:
    """Return the day that the values of a table look at."""
    data_round = get_table_round(area=area)
    return data_round.cut_off_on if data_round else date.fromisoformat(str(area.subject["cut_off_on"]))


def get_table_target(*, area: Area) -> tuple[str, str]:
    """Return what a table is taken into as people read it, and the page of it."""
    data_round = get_table_round(area=area)
    if data_round is not None:
        return _("Data round: %(round)s") % {"round": data_round.name}, reverse("round_table", args=[data_round.pk])
    words = {"branch": area.branch.name, "on": area.subject["cut_off_on"]}
    return _("Facts of %(branch)s as of %(on)s") % words, reverse("city_table")


def list_tables(*, user: User, data_round: DataRound | None = None) -> QuerySet[Batch]:
    """Return the tables that were uploaded into a round, or as facts, the newest first."""
    rows = Batch.objects.visible_to(user).filter(branch__isnull=False).select_related("document", "created_by", "job")
    kept = rows.filter(subject__round=data_round.pk) if data_round else rows.filter(subject__round=None)
    return kept.defer("report").order_by("-created_at", "-pk")


def blank_table(*, data_round: DataRound) -> tuple[list[Column], Sequence[Sequence[Any]]]:
    """Return the table of a round to fill in: its parks, and a column for each fact that it asks."""
    facts = list_asked_facts(data_round=data_round)
    heads = [_("Park code"), _("Park name"), _("District"), _("Address")]
    for fact in facts:
        unit = "" if fact.kind == "boolean" else get_unit_label(unit=fact.unit)
        heads.append(f"{fact.name} ({unit})" if unit else fact.name)
    parks = [one.park for one in data_round.submissions.select_related("park").order_by("park__code")]
    codes = {park.district_code for park in parks}
    names = {branch.code: branch.name for branch in Branch.objects.filter(code__in=codes)}
    empty = [None] * len(facts)
    rows = [[p.code, p.name, names.get(p.district_code, p.district_code), p.address or p.street, *empty] for p in parks]
    return [Column(str(n), head, itemgetter(n)) for n, head in enumerate(heads)], rows

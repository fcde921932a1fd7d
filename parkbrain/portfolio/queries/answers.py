"""What the parks of a round answered, as one table: who, how far, and every fact that is asked."""

from __future__ import annotations

from operator import itemgetter
from typing import Any

from django.utils.translation import gettext as _

from parkbrain.kernel.models import Branch, User
from parkbrain.ui.formats import unit
from parkbrain.ui.table import Column

from ..models import DataRound, Entry, Publication
from .rounds import list_asked_facts


def find_round(*, user: User, round_id: int) -> DataRound | None:
    """Return a round of a branch that the person oversees."""
    return DataRound.objects.run_by(user).select_related("branch").filter(pk=round_id).first()


def find_newest_publication(*, user: User, round_id: int) -> Publication | None:
    """Return the version of a round's table published last, where the person may read it."""
    rows = Publication.objects.visible_to(user).filter(round=round_id).select_related("round__branch")
    return rows.order_by("-version").first()


def answer_columns(*, data_round: DataRound) -> tuple[list[Column], list[list[Any]]]:
    """Return what stands in the answers now as columns and rows, a park each; what is not given stays empty."""
    facts = list_asked_facts(data_round=data_round)
    heads = [_("Park code"), _("Park"), _("District"), _("State"), _("Hints"), _("Handed in")]
    kinds = ["text", "text", "text", "text", "integer", "moment"]
    for fact in facts:
        heads.append(fact.name if fact.kind == "boolean" else f"{fact.name} ({unit(fact.unit)})")
    is_yes_no = {fact.key for fact in facts if fact.kind == "boolean"}
    given: dict[int, dict[str, Any]] = {}
    entries = Entry.objects.filter(submission__round=data_round).exclude(value=None).order_by()
    for pk, key, value in entries.values_list("submission_id", "fact_key", "value"):
        given.setdefault(pk, {})[key] = bool(value) if key in is_yes_no else value
    rows = []
    answers = list(data_round.submissions.select_related("park").order_by("park__code"))
    codes = {one.park.district_code for one in answers}
    names = {branch.code: branch.name for branch in Branch.objects.filter(code__in=codes)}
    for one in answers:
        park, values = one.park, given.get(one.pk, {})
        place = names.get(park.district_code, park.district_code)
        said = [park.code, park.name, place, one.get_state_display(), one.finding_count, one.submitted_at]
        rows.append([*said, *(values.get(fact.key) for fact in facts)])
    kinds += ["number"] * len(facts)
    columns = [Column(str(n), head, itemgetter(n), kinds[n]) for n, head in enumerate(heads)]
    return columns, rows

"""Briefs are kept as they were sent: once for each park or city, kind and day."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import override

from parkbrain.kernel import audit
from parkbrain.kernel.models import Park, User

from ..models import KeptBrief
from ..queries.briefs import MONTH, make_brief, makers_of, scope_of, start_of

#: A brief is kept so long: daily ones 400 days, monthly ones ten years.
KEPT_FOR = {"day": timedelta(days=400), MONTH: timedelta(days=3653)}


def keep_brief(*, user: User, park: Park | None, kind: str, on: date, at: datetime) -> KeptBrief:
    """Write the brief of a day down as the person gets it; what was written down before stays as it is.

    Whoever may see more than those before adds what they alone may read. Briefs past their time go.
    """
    scope = "" if park else scope_of(user=user)
    kept = KeptBrief.objects.filter(park=park, scope=scope, kind=kind, on=on).first()
    known = kept.makers if kept else []
    missing = [key for key in makers_of(user=user, park=park, kind=kind) if key not in known]
    if kept is not None and not missing:
        return kept
    # Composed before anything is locked: that takes a while.
    said = _sentences(user, park, kind, on, missing)
    return _write(park, scope, kind, on, at, missing, said)


@transaction.atomic
def _write(
    park: Park | None,
    scope: str,
    kind: str,
    on: date,
    at: datetime,
    makers: Sequence[str],
    said: Sequence[dict[str, Any]],
) -> KeptBrief:
    values = {"since": start_of(kind=kind, on=on), "sent_at": at}
    rows = KeptBrief.objects.select_for_update()
    kept, is_new = rows.get_or_create(park=park, scope=scope, kind=kind, on=on, defaults=values)
    # Somebody else may have written in between.
    missing = [key for key in makers if key not in kept.makers]
    kept.sentences += [one for one in said if one["maker"] in missing]
    kept.makers += missing
    kept.save(update_fields=["makers", "sentences"])
    if is_new:
        audit.record("cockpit.brief.kept", target=kept, actor=None, at=at, park=park, count=len(kept.sentences))
        _drop_old(kept)
    return kept


def _sentences(user: User, park: Park | None, kind: str, on: date, only: Collection[str]) -> list[dict[str, Any]]:
    """Return what some makers say, with their words in every language."""
    said: dict[str, dict[str, Any]] = {}
    for language, _name in settings.LANGUAGES:
        with override(language):
            brief = make_brief(user=user, park=park, kind=kind, on=on, only=only)
            for one in brief.sentences:
                entry = said.setdefault(one.key, {"maker": brief.said_by[one.key], "key": one.key, "texts": {}})
                entry |= {"url": one.url, "weight": float(one.weight), "tone": one.tone}
                entry["values"] = {name: _plain(value) for name, value in one.values.items()}
                entry["texts"][language] = str(one.text)
    return list(said.values())


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, str | int) else float(value)


def _drop_old(kept: KeptBrief) -> None:
    """Take the briefs away that are past their time, of the same park or city and kind."""
    old = KeptBrief.objects.filter(park=kept.park, scope=kept.scope, kind=kept.kind)
    old.filter(on__lt=kept.on - KEPT_FOR[kept.kind]).delete()

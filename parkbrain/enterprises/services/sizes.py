"""The size class of a firm follows from its returns and its industry."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from parkbrain.calc.size_class import CLASSES, UNKNOWN, SizeRule, rule_for, size_classes
from parkbrain.kernel import bulk

from ..models import Enterprise, EnterpriseReturn
from ..queries import get_size_rules

#: A year's figures as the rule reads them: staff, revenue and assets.
Figures = tuple[Any, Any, Any]


def keep_size_classes(*, enterprises: Sequence[Enterprise]) -> None:
    """Set the size class of the firms from the latest return that decides it; empty where none does."""
    classes = _classes(enterprises)
    changed = []
    for enterprise in enterprises:
        found = classes.get(enterprise.pk, "")
        if enterprise.size_class != found:
            changed.append((enterprise, {"size_class": enterprise.size_class}))
            enterprise.size_class = found
    bulk.update_rows(model=Enterprise, changes=changed)


def _classes(enterprises: Sequence[Enterprise]) -> dict[int, str]:
    """Return the size class of each firm whose returns decide one."""
    rules = get_size_rules()
    by_code: dict[str, SizeRule | None] = {}
    waiting: dict[int, SizeRule] = {}
    for enterprise in enterprises:
        code = enterprise.industry_code
        if code not in by_code:
            by_code[code] = rule_for(code, rules)
        if (rule := by_code[code]) is not None:
            waiting[enterprise.pk] = rule
    rows = EnterpriseReturn.objects.filter(enterprise__in=waiting).order_by("-year")
    years: dict[int, list[Figures]] = {}
    for pk, *figures in rows.values_list("enterprise_id", "staff_count", "revenue_wan", "assets_wan"):
        years.setdefault(pk, []).append((figures[0], figures[1], figures[2]))
    classes: dict[int, str] = {}
    # The latest return of all firms at once; those that it leaves undecided are asked for the one before.
    while years:
        classes.update(_decided({pk: found.pop(0) for pk, found in years.items()}, waiting))
        years = {pk: found for pk, found in years.items() if found and pk not in classes}
    return classes


def _decided(figures: Mapping[int, Figures], rules: Mapping[int, SizeRule]) -> dict[int, str]:
    groups: dict[str, list[int]] = {}
    for pk in figures:
        groups.setdefault(rules[pk].sector, []).append(pk)
    classes = {}
    for pks in groups.values():
        rule = rules[pks[0]]
        columns = {
            name: [math.nan if (v := figures[pk][place]) is None else float(v) for pk in pks]
            for place, name in enumerate(("staff_count", "revenue_wan", "assets_wan"))
            if name in rule.fields
        }
        places = size_classes(rule, columns).tolist()
        classes.update({pk: CLASSES[p] for pk, p in zip(pks, places, strict=True) if p != UNKNOWN})
    return classes

"""The size class of a firm follows from its returns and its industry."""

from __future__ import annotations

from collections.abc import Sequence

from parkbrain.calc.size_class import SizeRule, size_class
from parkbrain.kernel import bulk

from ..models import Enterprise, EnterpriseReturn
from ..queries import get_size_rules


def keep_size_classes(*, enterprises: Sequence[Enterprise]) -> None:
    """Set the size class of the firms from the latest return that decides it; empty where none does."""
    rules = get_size_rules()
    by_firm: dict[int, list[EnterpriseReturn]] = {}
    for row in EnterpriseReturn.objects.filter(enterprise__in=enterprises).order_by("-year"):
        by_firm.setdefault(row.enterprise_id, []).append(row)
    changed = []
    for enterprise in enterprises:
        found = next(filter(None, (_class_of(enterprise, row, rules) for row in by_firm.get(enterprise.pk, []))), "")
        if enterprise.size_class != found:
            changed.append((enterprise, {"size_class": enterprise.size_class}))
            enterprise.size_class = found
    bulk.update_rows(model=Enterprise, changes=changed)


def _class_of(enterprise: Enterprise, row: EnterpriseReturn, rules: Sequence[SizeRule]) -> str | None:
    return size_class(
        enterprise.industry_code,
        rules,
        staff_count=row.staff_count,
        revenue_wan=None if row.revenue_wan is None else float(row.revenue_wan),
        assets_wan=None if row.assets_wan is None else float(row.assets_wan),
    )

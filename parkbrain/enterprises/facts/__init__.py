"""The numbers that enterprises and occupancies vouch for."""

from . import area, figures, movements, tenants

__all__ = ["area", "figures", "movements", "tenants"]

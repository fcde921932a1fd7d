"""Roles and what each may do; every permission check in the product reads this one table."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What a person is to a branch of the tree."""

    ADMINISTRATOR = "ADMINISTRATOR", _("Administrator")
    BUREAU = "BUREAU", _("Bureau")
    OPERATOR = "OPERATOR", _("Operator")
    ASSESSOR = "ASSESSOR", _("Assessor")
    TENANT = "TENANT", _("Tenant")
    SERVICE_PROVIDER = "SERVICE_PROVIDER", _("Service provider")


class Permission(models.TextChoices):
    """One thing that a role may do within its branch."""

    VIEW_PARK = "view_park", _("See parks, buildings and published stars")
    VIEW_RATING = "view_rating", _("See ratings with their facts")
    VIEW_ENTERPRISE = "view_enterprise", _("See enterprises and occupancies")
    VIEW_OWN_ENTERPRISE = "view_own_enterprise", _("See one's own enterprise")
    EDIT_RECORD = "edit_record", _("Import and change the record")
    DECLARE_FACT = "declare_fact", _("Declare facts with evidence")
    VERIFY_FACT = "verify_fact", _("Verify declared facts")
    FREEZE_RATING = "freeze_rating", _("Freeze a rating")
    VIEW_CITY = "view_city", _("See the city")
    RUN_ROUNDS = "run_rounds", _("Ask parks for facts and publish tables of them")
    MANAGE_PEOPLE = "manage_people", _("Manage people and roles")
    VIEW_AUDIT = "view_audit", _("See the audit trail")
    VIEW_SENSITIVE = "view_sensitive", _("See bank accounts, ID numbers and private phones")
    VIEW_TELEMETRY = "view_telemetry", _("See points and their readings")
    VIEW_MONEY = "view_money", _("See leads, leases, bills and payments")
    MANAGE_LEASES = "manage_leases", _("Work on leads, leases and exits")
    MANAGE_MONEY = "manage_money", _("Make bills and take payments")


P = Permission
_EVERYTHING = frozenset(P)

MAY: dict[str, frozenset[Permission]] = {
    Role.ADMINISTRATOR: _EVERYTHING - {P.VERIFY_FACT, P.VIEW_OWN_ENTERPRISE},
    Role.BUREAU: frozenset(
        {
            P.VIEW_PARK,
            P.VIEW_RATING,
            P.VIEW_ENTERPRISE,
            P.VIEW_CITY,
            P.RUN_ROUNDS,
            P.VIEW_AUDIT,
            P.VIEW_TELEMETRY,
            P.VIEW_MONEY,
        }
    ),
    Role.OPERATOR: frozenset(
        {
            P.VIEW_PARK,
            P.VIEW_RATING,
            P.VIEW_ENTERPRISE,
            P.EDIT_RECORD,
            P.DECLARE_FACT,
            P.FREEZE_RATING,
            P.MANAGE_PEOPLE,
            P.VIEW_AUDIT,
            P.VIEW_SENSITIVE,
            P.VIEW_TELEMETRY,
            P.VIEW_MONEY,
            P.MANAGE_LEASES,
            P.MANAGE_MONEY,
        }
    ),
    # An assessor judges what others declared and never declares: independence is a rule of the table.
    Role.ASSESSOR: frozenset(
        {
            P.VIEW_PARK,
            P.VIEW_RATING,
            P.VIEW_ENTERPRISE,
            P.VERIFY_FACT,
            P.FREEZE_RATING,
            P.VIEW_TELEMETRY,
            P.VIEW_MONEY,
        }
    ),
    Role.TENANT: frozenset({P.VIEW_PARK, P.VIEW_OWN_ENTERPRISE}),
    Role.SERVICE_PROVIDER: frozenset({P.VIEW_PARK}),
}


def roles_with(permission: Permission) -> frozenset[str]:
    """Return the roles that hold a permission."""
    return frozenset(role for role, held in MAY.items() if permission in held)

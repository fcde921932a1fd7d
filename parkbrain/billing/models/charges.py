"""Charges: what a firm owes and why, what a person set by hand, and the run of a month that bills them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from parkbrain.enterprises.models import Enterprise
from parkbrain.kernel import scope
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.roles import Permission
from parkbrain.space.models import Premises

#: Half a cent: what the binary numbers of SQLite may be off by in a sum of cents, and never a cent.
HALF_CENT = Decimal("0.005")


def adds_up(name: str, whole: str, *parts: str) -> models.CheckConstraint:
    """Return the constraint that a column is the sum of others, to the cent on either database."""
    total: Any = sum((F(part) for part in parts[1:]), F(parts[0]))
    within = Q(**{f"{whole}__gt": total - HALF_CENT, f"{whole}__lt": total + HALF_CENT})
    return models.CheckConstraint(condition=within, name=name)


def money(label: Any, **options: Any) -> models.DecimalField[Any, Any]:
    """Return a column of yuan with cents."""
    return models.DecimalField(label, max_digits=14, decimal_places=2, **options)


def own_or_in_branch(user: User, permission: Permission | str) -> Q:
    """Return the filter of rows of a park and a firm: in the person's branches, or (to see) of the person's own firm."""
    condition = scope.branches_q(user, Permission(permission), field="park__branch__path")
    if permission == Permission.VIEW_MONEY and (own := scope.own_enterprise_codes(user)):
        condition |= Q(enterprise__uscc__in=own)
    return condition


class OfFirm(models.QuerySet[Any]):
    """Rows of a park that belong to a firm."""

    def visible_to(self, user: User, permission: Permission | str = Permission.VIEW_MONEY) -> OfFirm:
        """Keep the rows of parks where the person sees money (or may do more), and of the person's own firm."""
        return self.filter(own_or_in_branch(user, permission))


class ChargeKind(models.TextChoices):
    """What a charge is for."""

    RENT = "RENT", _("Rent")
    TURNOVER_RENT = "TURNOVER_RENT", _("Turnover rent")
    PROPERTY_FEE = "PROPERTY_FEE", _("Property fee")
    ELECTRICITY = "ELECTRICITY", _("Electricity")
    WATER = "WATER", _("Water")
    GAS = "GAS", _("Gas")
    SHARED_ELECTRICITY = "SHARED_ELECTRICITY", _("Shared electricity")
    SHARED_WATER = "SHARED_WATER", _("Shared water")
    SHARED_GAS = "SHARED_GAS", _("Shared gas")
    OTHER_ENERGY = "OTHER_ENERGY", _("Other energy")
    PARKING = "PARKING", _("Parking")
    SERVICE = "SERVICE", _("Service")
    LATE_FEE = "LATE_FEE", _("Late fee")
    PENALTY = "PENALTY", _("Penalty")
    CONCESSION = "CONCESSION", _("Concession")
    OTHER = "OTHER", _("Other")


class BillRun(models.Model):
    """The bills of a park's month, made together: looked at, approved by a second person, locked for ever.

    A further run of the same month holds what corrections changed, never the same charge again.
    """

    class State(models.TextChoices):
        """How far it is."""

        DRAFT = "DRAFT", _("Begun")
        PREVIEWED = "PREVIEWED", _("Previewed")
        APPROVED = "APPROVED", _("Approved")
        LOCKED = "LOCKED", _("Locked")

    #: States in which bills have been issued.
    ISSUED = (State.APPROVED, State.LOCKED)

    park = models.ForeignKey(Park, models.PROTECT, related_name="bill_runs")
    month_on = models.DateField(_("month"))
    sequence = models.PositiveSmallIntegerField(_("run of the month"), default=1)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.DRAFT)
    issued_on = models.DateField(_("issued on"))
    begun_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    begun_at = models.DateTimeField()
    previewed_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)
    locked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    locked_at = models.DateTimeField(null=True)
    # What sources could not propose, with their reasons; a run with one that blocks is not approved.
    gaps: Any = models.JSONField(default=list)

    class Meta:
        ordering = ["park", "-month_on", "-sequence"]
        verbose_name = _("bill run")
        constraints = [
            models.UniqueConstraint(fields=["park", "month_on", "sequence"], name="bill_run_once"),
            models.UniqueConstraint(
                fields=["park"], condition=Q(state__in=["DRAFT", "PREVIEWED"]), name="bill_run_one_open"
            ),
            models.CheckConstraint(condition=Q(month_on__day=1), name="bill_run_month_begins"),
        ]

    def __str__(self) -> str:
        return f"{self.month_on:%Y-%m}" + (f" / {self.sequence}" if self.sequence > 1 else "")

    @property
    def is_open(self) -> bool:
        """Whether no bill of it was issued yet."""
        return self.state not in self.ISSUED


class Charge(models.Model):
    """One line of what a firm owes: an amount, and in its reasons everything it was worked out from.

    It stands in the preview of its run until the run is approved; from then on it belongs to a bill and never changes:
    a correction is a further charge that `adjusts` it.
    """

    park = models.ForeignKey(Park, models.PROTECT, related_name="charges")
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="charges")
    premises = models.ForeignKey(Premises, models.PROTECT, null=True, blank=True, related_name="+")
    run = models.ForeignKey(BillRun, models.PROTECT, related_name="charges")
    bill = models.ForeignKey("Bill", models.PROTECT, null=True, blank=True, related_name="charges")
    key = models.CharField(max_length=200)
    source = models.CharField(_("source"), max_length=40)
    # The month whose proposals it came from, which is not the run's where a correction came late.
    month_on = models.DateField(_("month"))
    kind = models.CharField(_("kind"), max_length=20, choices=ChargeKind.choices)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("up to"))
    due_on = models.DateField(_("due on"))
    quantity = models.DecimalField(_("quantity"), max_digits=18, decimal_places=4, null=True, blank=True)
    unit = models.CharField(_("unit"), max_length=20, blank=True)
    unit_price_yuan = models.DecimalField(_("unit price"), max_digits=18, decimal_places=6, null=True, blank=True)
    net_yuan = money(_("net (yuan)"))
    tax_rate = models.DecimalField(_("tax rate"), max_digits=5, decimal_places=4, default=0)
    tax_yuan = money(_("tax (yuan)"), default=0)
    gross_yuan = money(_("amount (yuan)"))
    reasons: Any = models.JSONField(default=list)
    adjusts = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="adjustments")
    is_overridden = models.BooleanField(_("set by hand"), default=False)

    objects = OfFirm.as_manager()

    class Meta:
        ordering = ["enterprise", "kind", "starts_on", "id"]
        verbose_name = _("charge")
        indexes = [
            models.Index(fields=["park", "month_on", "source"], name="charge_month"),
            models.Index(fields=["enterprise", "starts_on"], name="charge_firm"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["park", "key"], name="charge_key_once"),
            models.CheckConstraint(condition=Q(ends_on__gt=F("starts_on")), name="charge_period_forward"),
            models.CheckConstraint(condition=Q(tax_rate__gte=0, tax_rate__lt=1), name="charge_tax_rate"),
            adds_up("charge_adds_up", "gross_yuan", "net_yuan", "tax_yuan"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.starts_on:%Y-%m}"


class SetByHand(models.Model):
    """What a person set and why; it is taken back by a person too, and stays to be seen."""

    reason = models.CharField(_("reason"), max_length=300)
    set_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    set_at = models.DateTimeField(_("set at"))
    undone_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    undone_at = models.DateTimeField(_("taken back at"), null=True, blank=True)
    undo_reason = models.CharField(_("reason for taking it back"), max_length=300, blank=True)

    class Meta:
        abstract = True

    @property
    def holds(self) -> bool:
        """Whether nobody took it back."""
        return self.undone_at is None


class ChargeOverride(SetByHand):
    """An amount that holds in the place of the one a rule gives, whatever is worked out anew."""

    park = models.ForeignKey(Park, models.PROTECT, related_name="charge_overrides")
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="charge_overrides")
    # The charge's key, not the charge: it holds for a line of a preview that is made anew.
    key = models.CharField(max_length=200)
    kind = models.CharField(_("kind"), max_length=20, choices=ChargeKind.choices)
    month_on = models.DateField(_("month"))
    amount_yuan = money(_("amount set (yuan)"))
    replaces_yuan = money(_("amount by the rule (yuan)"))

    objects = OfFirm.as_manager()

    class Meta:
        ordering = ["-set_at", "-id"]
        verbose_name = _("amount set by hand")
        constraints = [
            models.UniqueConstraint(
                fields=["park", "key"], condition=Q(undone_at__isnull=True), name="override_one_holds"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="override_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.month_on:%Y-%m}"


class ManualCharge(SetByHand):
    """A charge or a credit that no rule gives: a service, a repair, a concession."""

    park = models.ForeignKey(Park, models.PROTECT, related_name="manual_charges")
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="manual_charges")
    premises = models.ForeignKey(Premises, models.PROTECT, null=True, blank=True, related_name="+")
    kind = models.CharField(_("kind"), max_length=20, choices=ChargeKind.choices)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("up to"))
    due_on = models.DateField(_("due on"))
    quantity = models.DecimalField(_("quantity"), max_digits=18, decimal_places=4, null=True, blank=True)
    unit = models.CharField(_("unit"), max_length=20, blank=True)
    unit_price_yuan = models.DecimalField(_("unit price"), max_digits=18, decimal_places=6, null=True, blank=True)
    net_yuan = money(_("net (yuan)"))
    tax_rate = models.DecimalField(_("tax rate"), max_digits=5, decimal_places=4, default=0)

    objects = OfFirm.as_manager()

    class Meta:
        ordering = ["-starts_on", "-id"]
        verbose_name = _("charge entered by hand")
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gt=F("starts_on")), name="manual_charge_forward"),
            models.CheckConstraint(condition=Q(tax_rate__gte=0, tax_rate__lt=1), name="manual_charge_tax_rate"),
            models.CheckConstraint(condition=~Q(reason=""), name="manual_charge_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.starts_on:%Y-%m}"

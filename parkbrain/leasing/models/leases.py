"""Tables of leases: who rents what from when to when, version by version, and the rooms that are let by it."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from parkbrain.enterprises.models import Enterprise
from parkbrain.kernel import scope
from parkbrain.kernel.models import Approval, Document, Park, User
from parkbrain.kernel.roles import Permission
from parkbrain.space.models import Premises


class LeaseQuerySet(models.QuerySet["Lease"]):
    """Filters over leases."""

    def visible_to(self, user: User, permission: Permission | str = Permission.VIEW_MONEY) -> LeaseQuerySet:
        """Keep the leases of parks where the person sees money (or may do more), and the signed ones of their own firm."""
        condition = scope.branches_q(user, Permission(permission), field="park__branch__path")
        if permission == Permission.VIEW_MONEY and (own := scope.own_enterprise_codes(user)):
            condition |= Q(enterprise__uscc__in=own, state__in=Lease.BINDING)
        return self.filter(condition)

    def with_stop(self) -> LeaseQuerySet:
        """Add `stop_on`: the first day that the lease does not cover."""
        return self.annotate(stop_on=Coalesce("ended_on", "ends_on"))

    def running_on(self, on: date) -> LeaseQuerySet:
        """Keep the leases that bind and cover the day."""
        return self.stopping_after(on).filter(state__in=Lease.BINDING, starts_on__lte=on)

    def stopping_after(self, on: date) -> LeaseQuerySet:
        """Keep the leases that still cover days after the day before `on`."""
        return self.filter(Q(ended_on__isnull=True, ends_on__gt=on) | Q(ended_on__gt=on))

    def stopping_before(self, on: date) -> LeaseQuerySet:
        """Keep the leases that cover no day from `on` on."""
        return self.filter(Q(ended_on__isnull=True, ends_on__lte=on) | Q(ended_on__lte=on))


class Lease(models.Model):
    """A lease of an enterprise in a park. Its term is [starts_on, ends_on); `ended_on` says that it stopped earlier."""

    class State(models.TextChoices):
        """Where the lease is in its life."""

        DRAFT = "DRAFT", _("Draft")
        APPROVED = "APPROVED", _("Approved")
        SIGNED = "SIGNED", _("Signed")
        ACTIVE = "ACTIVE", _("Active")
        ENDED = "ENDED", _("Ended")

    #: States in which both sides are bound: the rooms are let, nobody else may have them.
    BINDING = (State.SIGNED, State.ACTIVE, State.ENDED)

    park = models.ForeignKey(Park, models.CASCADE, related_name="leases")
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="leases")
    number = models.CharField(_("lease number"), max_length=60)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.DRAFT, db_index=True)
    starts_on = models.DateField(_("starts on"))
    ends_on = models.DateField(_("ends on"))
    signed_on = models.DateField(_("signed on"), null=True, blank=True)
    ended_on = models.DateField(_("ended early on"), null=True, blank=True)
    end_reason = models.CharField(_("reason of the end"), max_length=300, blank=True)
    renewed_from = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="renewals")
    remark = models.CharField(_("remark"), max_length=300, blank=True)

    objects = LeaseQuerySet.as_manager()

    class Meta:
        ordering = ["park", "number"]
        verbose_name = _("lease")
        indexes = [
            models.Index(fields=["park", "state", "ends_on"], name="lease_park_state_end"),
            models.Index(fields=["enterprise", "starts_on"], name="lease_enterprise_start"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["park", "number"], name="lease_number_once_per_park"),
            models.CheckConstraint(condition=Q(ends_on__gt=F("starts_on")), name="lease_term_forward"),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(ended_on__gt=F("starts_on")), name="lease_end_after_start"
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def stops_on(self) -> date:
        """The first day that the lease does not cover."""
        return self.ended_on or self.ends_on

    @property
    def is_binding(self) -> bool:
        """Whether both sides have signed."""
        return self.state in self.BINDING


class LeaseVersion(models.Model):
    """What the lease says from a day on: terms, rooms and clauses. What governs a day is the latest version before it."""

    class Kind(models.TextChoices):
        """Why there is a version."""

        ORIGINAL = "ORIGINAL", _("As signed")
        CHANGE = "CHANGE", _("Change")
        CORRECTION = "CORRECTION", _("Correction")

    class State(models.TextChoices):
        """Whether the version holds."""

        DRAFT = "DRAFT", _("Draft")
        WAITING = "WAITING", _("Waits for approval")
        APPROVED = "APPROVED", _("Approved")
        UNDONE = "UNDONE", _("Undone")

    lease = models.ForeignKey(Lease, models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField(_("version"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.ORIGINAL)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.DRAFT)
    effective_on = models.DateField(_("in force from"))
    # The end of the term as this version has it: a change may make it longer or shorter.
    ends_on = models.DateField(_("term ends on"))
    # Billing cycle, due day, day count and rounding, as `calc.leases.Terms` reads them.
    terms: Any = models.JSONField(_("terms"), default=dict)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    made_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()
    approval = models.ForeignKey(Approval, models.SET_NULL, null=True, blank=True, related_name="+")
    approved_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    approved_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    undo_reason = models.CharField(_("reason of the undoing"), max_length=300, blank=True)

    class Meta:
        ordering = ["lease", "number"]
        verbose_name = _("version of a lease")
        constraints = [
            models.UniqueConstraint(fields=["lease", "number"], name="lease_version_once"),
            models.CheckConstraint(condition=Q(ends_on__gt=F("effective_on")), name="lease_version_forward"),
        ]

    def __str__(self) -> str:
        return f"{self.lease} v{self.number}"


class LeasePremises(models.Model):
    """Premises as a version names them, with the area that is paid for; the stay may begin later or end earlier."""

    class AreaBasis(models.TextChoices):
        """Which area the lease counts by."""

        GROSS = "GROSS", _("Gross floor area")
        NET = "NET", _("Net internal area")
        BILLING = "BILLING", _("Billing area")

    version = models.ForeignKey(LeaseVersion, models.CASCADE, related_name="premises")
    premises = models.ForeignKey(Premises, models.PROTECT, related_name="lease_premises")
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"))
    area_basis = models.CharField(_("area basis"), max_length=8, choices=AreaBasis.choices, default=AreaBasis.BILLING)
    area_m2 = models.DecimalField(_("area (m²)"), max_digits=12, decimal_places=2)

    class Meta:
        ordering = ["version", "premises__code", "starts_on"]
        verbose_name = _("premises of a lease")
        verbose_name_plural = _("premises of leases")
        constraints = [
            models.UniqueConstraint(fields=["version", "premises", "starts_on"], name="lease_premises_once"),
            models.CheckConstraint(condition=Q(ends_on__gt=F("starts_on")), name="lease_premises_forward"),
            models.CheckConstraint(condition=Q(area_m2__gt=0), name="lease_premises_area_positive"),
        ]

    def __str__(self) -> str:
        return str(self.premises)


class Let(models.Model):
    """Premises that a binding lease holds from a day up to, not including, another; worked out from its versions.

    The database itself refuses the same premises twice for the same day: an exclusion constraint on PostgreSQL,
    triggers on SQLite (see the migrations), so the rule also holds under concurrent requests.
    """

    lease = models.ForeignKey(Lease, models.CASCADE, related_name="lets")
    premises = models.ForeignKey(Premises, models.PROTECT, related_name="lets")
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"))
    area_m2 = models.DecimalField(_("area (m²)"), max_digits=12, decimal_places=2)

    class Meta:
        ordering = ["premises", "starts_on"]
        verbose_name = _("let premises")
        verbose_name_plural = _("let premises")
        indexes = [models.Index(fields=["premises", "starts_on", "ends_on"], name="let_premises_span")]
        constraints = [models.CheckConstraint(condition=Q(ends_on__gt=F("starts_on")), name="let_forward")]

    def __str__(self) -> str:
        return f"{self.lease} · {self.premises}"


class Clause(models.Model):
    """A clause of a version: its kind and values as `calc.leases` reads and checks them."""

    class Kind(models.TextChoices):
        """What a clause is about; the values of each kind are a class of `calc.leases`."""

        RENT = "RENT", _("Rent")
        RENT_STEP = "RENT_STEP", _("New price from a day")
        RISE = "RISE", _("Rise by percent")
        INDEX = "INDEX", _("Index")
        TURNOVER_RENT = "TURNOVER_RENT", _("Turnover rent")
        RENT_FREE = "RENT_FREE", _("Free period")
        RECURRING_FREE = "RECURRING_FREE", _("Free months every year")
        FIT_OUT = "FIT_OUT", _("Fit-out period")
        PROPERTY_FEE = "PROPERTY_FEE", _("Property fee")
        UTILITIES = "UTILITIES", _("Utilities")
        LATE_FEE = "LATE_FEE", _("Late fee")
        TAX = "TAX", _("Tax")
        CONCESSION = "CONCESSION", _("Concession")

    version = models.ForeignKey(LeaseVersion, models.CASCADE, related_name="clauses")
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    values: Any = models.JSONField(_("values"), default=dict)
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    # Where it stands in the paper, such as "4.2", and what a person adds to it.
    source = models.CharField(_("clause in the document"), max_length=60, blank=True)
    remark = models.CharField(_("remark"), max_length=300, blank=True)

    class Meta:
        ordering = ["version", "order", "id"]
        verbose_name = _("clause")
        indexes = [models.Index(fields=["kind", "version"], name="clause_kind")]

    def __str__(self) -> str:
        return str(self.get_kind_display())


class LeaseDocument(models.Model):
    """A document of a lease: the signed paper, an annex, a supplement; its file may still be missing here."""

    class Kind(models.TextChoices):
        """What the document is."""

        SIGNED = "SIGNED", _("Signed lease")
        SUPPLEMENT = "SUPPLEMENT", _("Supplement")
        ANNEX = "ANNEX", _("Annex")
        END = "END", _("Agreement on the end")
        OTHER = "OTHER", _("Other")

    lease = models.ForeignKey(Lease, models.CASCADE, related_name="documents")
    version = models.ForeignKey(LeaseVersion, models.SET_NULL, null=True, blank=True, related_name="documents")
    # 1, 2, 3 … within the lease: what a register names the paper by.
    number = models.PositiveSmallIntegerField(_("no."), default=1)
    # None: the paper is known, and nobody has filed it here.
    document = models.ForeignKey(Document, models.PROTECT, null=True, blank=True, related_name="+")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.SIGNED)
    name = models.CharField(_("name of the paper"), max_length=200, blank=True)
    dated_on = models.DateField(_("date of the paper"), null=True, blank=True)
    # What is printed on it or on its folder: a contract number, a file number.
    reference = models.CharField(_("reference"), max_length=120, blank=True)

    class Meta:
        ordering = ["lease", "kind", "-id"]
        verbose_name = _("document of a lease")
        constraints = [models.UniqueConstraint(fields=["lease", "number"], name="lease_document_once")]

    def __str__(self) -> str:
        return self.name or str(self.get_kind_display())

"""Tables of carbon: dated factors, activity data, refrigerants, green power, and what firms offer each other."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from parkbrain.enterprises.models import Enterprise
from parkbrain.facilities.models import Equipment
from parkbrain.kernel import scope
from parkbrain.kernel.models import Branch, Document, Park, User
from parkbrain.kernel.names import GOODS, read_in_language
from parkbrain.kernel.roles import Permission
from parkbrain.space.models import Building, Storey


def _forward(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(condition=Q(ends_on__isnull=True) | Q(ends_on__gt=F("starts_on")), name=name)


class EmissionFactorQuerySet(models.QuerySet["EmissionFactor"]):
    """Filters over factors."""

    def visible_to(self, user: User) -> EmissionFactorQuerySet:
        """Keep the shipped factors, and those of branches on the person's own paths or below them."""
        own = Q(branch__isnull=True) | scope.branches_q(user, Permission.VIEW_ENTERPRISE, field="branch__path")
        paths: set[str] = set()
        for membership in scope.memberships_of(user):
            parts = membership.branch.path.strip("/").split("/")
            paths |= {f"/{'/'.join(parts[: n + 1])}/" for n in range(len(parts))}
        return self.filter(own | Q(branch__path__in=paths))

    def in_force_on(self, on: date) -> EmissionFactorQuerySet:
        """Keep the factors that hold on a day by their own dates."""
        return self.filter(starts_on__lte=on).filter(Q(ends_on__isnull=True) | Q(ends_on__gt=on))


class EmissionFactor(models.Model):
    """What one unit of something amounts to in ``[starts_on, ends_on)``, with its source; without a branch: shipped."""

    class Of(models.TextChoices):
        """What it is turned into."""

        KGCE = "kgce", _("Standard coal (kgce)")
        KGCO2 = "kgco2", _("Carbon dioxide (kgCO₂)")
        KGCO2E = "kgco2e", _("Greenhouse gases (kgCO₂e)")

    class Basis(models.TextChoices):
        """Which of several methods."""

        EQUIVALENT = "equivalent", _("Heat value of the power itself")
        COAL_EQUIVALENT = "coal_equivalent", _("Coal burnt for the power")
        LOCATION = "location", _("Location-based")
        MARKET = "market", _("Market-based")
        AR4 = "AR4", "AR4"
        AR5 = "AR5", "AR5"

    class Certainty(models.TextChoices):
        """How sure the value is."""

        FOUND = "found", _("Read in the source")
        KNOWN = "known", _("Common in the field; check before an audit")
        DERIVED = "derived", _("Worked out from a stated change")
        OWN = "own", _("Own value")

    # The park or bureau whose own factor it is: it holds for every park below, before the shipped one.
    branch = models.ForeignKey(Branch, models.CASCADE, null=True, blank=True, related_name="+")
    carrier = models.CharField(_("carrier"), max_length=40, db_index=True)
    of = models.CharField(_("turned into"), max_length=6, choices=Of.choices)
    unit = models.CharField(_("per unit"), max_length=8)
    value = models.FloatField(_("value"))
    uncertainty = models.FloatField(_("uncertainty (share, ±)"), null=True, blank=True)
    starts_on = models.DateField(_("valid from"))
    ends_on = models.DateField(_("valid to"), null=True, blank=True)
    area = models.CharField(_("area"), max_length=16, default="CN")
    basis = models.CharField(_("basis"), max_length=16, choices=Basis.choices, blank=True)
    published_on = models.DateField(_("published on"), null=True, blank=True)
    certainty = models.CharField(_("certainty"), max_length=8, choices=Certainty.choices, default=Certainty.OWN)
    source = models.CharField(_("source"), max_length=300)

    objects = EmissionFactorQuerySet.as_manager()

    class Meta:
        ordering = ["carrier", "of", "area", "basis", "-starts_on"]
        verbose_name = _("factor")
        constraints = [
            models.UniqueConstraint(
                fields=["carrier", "of", "area", "basis", "starts_on"],
                condition=Q(branch__isnull=True),
                name="factor_shipped_once",
            ),
            models.UniqueConstraint(
                fields=["branch", "carrier", "of", "basis", "starts_on"],
                condition=Q(branch__isnull=False),
                name="factor_own_once",
            ),
            models.CheckConstraint(condition=Q(value__gte=0), name="factor_not_negative"),
            _forward("factor_period_forward"),
        ]

    def __str__(self) -> str:
        return f"{self.carrier} {self.value:g} {self.of}/{self.unit}"


class ParkOwnedQuerySet(models.QuerySet[Any]):
    """Filters over what a park knows, some of it of a firm."""

    def visible_to(self, user: User, permission: Permission | str = Permission.VIEW_ENTERPRISE) -> ParkOwnedQuerySet:
        """Keep rows of parks where the person sees firms (or may do more), and those of the person's own firm."""
        condition = scope.branches_q(user, Permission(permission), field="park__branch__path")
        if permission == Permission.VIEW_ENTERPRISE and (own := scope.own_enterprise_codes(user)):
            condition |= Q(enterprise__uscc__in=own)
        return self.filter(condition)

    def overlapping(self, starts_on: date, ends_on: date) -> ParkOwnedQuerySet:
        """Keep rows that share at least one day with [starts_on, ends_on)."""
        return self.filter(starts_on__lt=ends_on, ends_on__gt=starts_on)


class ActivityData(models.Model):
    """An amount used, bought, thrown away or travelled in ``[starts_on, ends_on)``, with the paper that says so."""

    class Source(models.TextChoices):
        """What says so, most trusted first."""

        METER = "METER", _("Meter reading")
        BILL = "BILL", _("Bill")
        LEDGER = "LEDGER", _("Ledger")
        RETURN = "RETURN", _("Return of the firm")
        ESTIMATE = "ESTIMATE", _("Estimate")

    park = models.ForeignKey(Park, models.CASCADE, related_name="activity_data")
    # The number of the bill or line of the ledger: a row is found again by it.
    reference = models.CharField(_("reference"), max_length=60)
    kind = models.CharField(_("activity"), max_length=40, db_index=True)
    # Empty where the paper is missing: unknown, never zero.
    quantity = models.FloatField(_("quantity"), null=True, blank=True)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"))
    building = models.ForeignKey(Building, models.PROTECT, null=True, blank=True, related_name="+")
    storey = models.ForeignKey(Storey, models.PROTECT, null=True, blank=True, related_name="+")
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, null=True, blank=True, related_name="+")
    equipment = models.ForeignKey(Equipment, models.PROTECT, null=True, blank=True, related_name="+")
    # Contained already in a row of the whole (a sub-meter behind the park's bill): it divides the total, not adds to it.
    is_breakdown = models.BooleanField(_("part of another row"), default=False)
    source = models.CharField(_("source"), max_length=10, choices=Source.choices, default=Source.BILL)
    document = models.ForeignKey(Document, models.PROTECT, null=True, blank=True, related_name="+")
    uncertainty = models.FloatField(_("uncertainty (share, ±)"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)

    objects = ParkOwnedQuerySet.as_manager()

    class Meta:
        ordering = ["park", "-starts_on", "reference"]
        verbose_name = _("activity data")
        verbose_name_plural = _("activity data")
        indexes = [models.Index(fields=["park", "kind", "starts_on"], name="activity_park_kind")]
        constraints = [
            models.UniqueConstraint(fields=["park", "reference"], name="activity_reference_once"),
            models.CheckConstraint(
                condition=Q(quantity__isnull=True) | Q(quantity__gte=0), name="activity_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(uncertainty__isnull=True) | Q(uncertainty__gte=0, uncertainty__lte=5),
                name="activity_uncertainty_plausible",
            ),
            _forward("activity_period_forward"),
        ]

    def __str__(self) -> str:
        return self.reference


class RefrigerantEvent(models.Model):
    """What was done with a refrigerant on a day: filled in, topped up, recovered, found to leak, retired with it."""

    class Kind(models.TextChoices):
        """What was done; top-ups and what retired machines held, less what was recovered, are the loss."""

        FIRST_FILL = "FIRST_FILL", _("First filling")
        TOP_UP = "TOP_UP", _("Topped up")
        RECOVERED = "RECOVERED", _("Recovered")
        LEAK = "LEAK", _("Leak found")
        RETIRED = "RETIRED", _("Retired with this charge")

    park = models.ForeignKey(Park, models.CASCADE, related_name="refrigerant_events")
    reference = models.CharField(_("reference"), max_length=60)
    refrigerant = models.CharField(_("refrigerant"), max_length=12)
    kind = models.CharField(_("what was done"), max_length=12, choices=Kind.choices)
    mass_kg = models.FloatField(_("mass (kg)"), null=True, blank=True)
    happened_on = models.DateField(_("on"))
    building = models.ForeignKey(Building, models.PROTECT, null=True, blank=True, related_name="+")
    equipment = models.ForeignKey(Equipment, models.PROTECT, null=True, blank=True, related_name="refrigerant_events")
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, null=True, blank=True, related_name="+")
    document = models.ForeignKey(Document, models.PROTECT, null=True, blank=True, related_name="+")
    uncertainty = models.FloatField(_("uncertainty (share, ±)"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)

    objects = ParkOwnedQuerySet.as_manager()

    class Meta:
        ordering = ["park", "-happened_on", "reference"]
        verbose_name = _("refrigerant event")
        constraints = [
            models.UniqueConstraint(fields=["park", "reference"], name="refrigerant_reference_once"),
            models.CheckConstraint(
                condition=Q(mass_kg__isnull=True) | Q(mass_kg__gte=0), name="refrigerant_mass_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return self.reference


class GreenPower(models.Model):
    """Green certificates that were retired, or green power bought by contract, for use in ``[starts_on, ends_on)``."""

    class Kind(models.TextChoices):
        """What it is."""

        CERTIFICATE = "CERTIFICATE", _("Green certificates")
        CONTRACT = "CONTRACT", _("Green power contract")

    park = models.ForeignKey(Park, models.CASCADE, related_name="green_power")
    # Whose use it covers; the whole park's where no firm is named. A number counts once in the whole installation.
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, null=True, blank=True, related_name="+")
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    number = models.CharField(_("number"), max_length=60, unique=True)
    quantity_kwh = models.FloatField(_("quantity (kWh)"))
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"))
    retired_on = models.DateField(_("retired on"), null=True, blank=True)
    issuer = models.CharField(_("issuer or seller"), max_length=160, blank=True)
    document = models.ForeignKey(Document, models.PROTECT, null=True, blank=True, related_name="+")

    objects = ParkOwnedQuerySet.as_manager()

    class Meta:
        ordering = ["park", "-starts_on", "number"]
        verbose_name = _("green power")
        verbose_name_plural = _("green power")
        constraints = [
            models.CheckConstraint(condition=Q(quantity_kwh__gt=0), name="green_power_positive"),
            _forward("green_power_period_forward"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def counts(self) -> bool:
        """Whether it covers use: a contract does, a certificate once it is retired."""
        return self.kind == self.Kind.CONTRACT or self.retired_on is not None


class ExchangeQuerySet(models.QuerySet["ExchangeOffer"]):
    """Filters over offers and needs."""

    def visible_to(self, user: User) -> ExchangeQuerySet:
        """Keep what stands in parks the person sees: offers are made to be found by neighbours."""
        return self.filter(scope.branches_q(user, Permission.VIEW_PARK, field="park__branch__path"))

    def holding_on(self, on: date) -> ExchangeQuerySet:
        """Keep what has not ended on a day."""
        return self.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=on))


class ExchangeOffer(models.Model):
    """What a firm offers its neighbours, or needs from them: so much a month, of which quality, from when until when."""

    class Direction(models.TextChoices):
        """Offer or need."""

        OFFER = "OFFER", _("Offer")
        NEED = "NEED", _("Need")

    class Kind(models.TextChoices):
        """What may be exchanged; only the same kind matches."""

        BYPRODUCT = "BYPRODUCT", _("By-product or residue")
        WASTE_HEAT = "WASTE_HEAT", _("Waste heat")
        RECLAIMED_WATER = "RECLAIMED_WATER", _("Reclaimed water")
        COMPRESSED_AIR = "COMPRESSED_AIR", _("Compressed air")
        PACKAGING = "PACKAGING", _("Packaging and pallets")
        SOLVENT = "SOLVENT", _("Spent solvent")

    #: Offers of one kind are counted in one of these units.
    UNITS: ClassVar[tuple[str, ...]] = ("t", "kg", "m3", "MJ", "kWh", "pcs")

    park = models.ForeignKey(Park, models.CASCADE, related_name="exchange_offers")
    enterprise = models.ForeignKey(Enterprise, models.CASCADE, related_name="exchange_offers")
    building = models.ForeignKey(Building, models.PROTECT, null=True, blank=True, related_name="+")
    direction = models.CharField(_("direction"), max_length=6, choices=Direction.choices)
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    substance = models.CharField(_("what exactly"), max_length=80)
    quality = models.CharField(_("quality"), max_length=200, blank=True)
    temperature_c = models.FloatField(_("temperature (°C)"), null=True, blank=True)
    per_month = models.FloatField(_("amount a month"), null=True, blank=True)
    unit = models.CharField(_("unit"), max_length=8)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"), null=True, blank=True)
    # Given to be called by neighbours: everybody who sees the park reads it.
    contact = models.CharField(_("contact"), max_length=120, blank=True)

    objects = ExchangeQuerySet.as_manager()

    class Meta:
        ordering = ["park", "kind", "direction", "enterprise"]
        verbose_name = _("exchange offer")
        constraints = [
            models.UniqueConstraint(
                fields=["park", "enterprise", "direction", "kind", "substance", "starts_on"], name="exchange_once"
            ),
            models.CheckConstraint(
                condition=Q(per_month__isnull=True) | Q(per_month__gt=0), name="exchange_amount_positive"
            ),
            _forward("exchange_period_forward"),
        ]

    def __str__(self) -> str:
        return f"{self.get_direction_display()} {self.substance}"

    @property
    def substance_name(self) -> str:
        """What it is exactly, in the language in force where the table of goods knows it."""
        return read_in_language(self.substance, GOODS)

"""Tables of enterprises: identity, yearly returns, qualifications, addresses, documents and dated occupancies."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from parkbrain.kernel import scope
from parkbrain.kernel.models import Document, Park, User
from parkbrain.kernel.names import Named, Searchable
from parkbrain.kernel.roles import Permission
from parkbrain.space.models import Premises, covers_all_premises


class EnterpriseQuerySet(models.QuerySet["Enterprise"]):
    """Filters over enterprises."""

    def visible_to(self, user: User) -> EnterpriseQuerySet:
        """Keep the enterprises that were ever in a park of the person's branches, and the person's own."""
        if covers_all_premises(user, Permission.VIEW_ENTERPRISE):
            return self.filter(Exists(Occupancy.objects.filter(enterprise=OuterRef("pk"))))
        parks = Park.objects.visible_to(user, Permission.VIEW_ENTERPRISE).order_by().values("pk")
        # The branches' firms are found once, from their parks on, and not asked for firm by firm.
        condition = Q(pk__in=Occupancy.objects.filter(premises__park__in=parks).order_by().values("enterprise"))
        if own := scope.own_enterprise_codes(user):
            condition |= Q(uscc__in=own)
        return self.filter(condition)

    def in_park(self, park: Park, on: date) -> EnterpriseQuerySet:
        """Keep the enterprises that occupy premises of the park on a day."""
        # The park's firms are found once, and not asked for firm by firm.
        return self.filter(
            pk__in=Occupancy.objects.filter(premises__park=park).current_on(on).order_by().values("enterprise")
        )


class Enterprise(Searchable, Named):
    """A firm, identified by its unified social credit code (GB 32100-2015)."""

    searched_others = ("products", "products_en")

    class SizeClass(models.TextChoices):
        """Size by the 2017 statistical rule; computed, never typed in."""

        LARGE = "LARGE", _("Large")
        MEDIUM = "MEDIUM", _("Medium")
        SMALL = "SMALL", _("Small")
        MICRO = "MICRO", _("Micro")

    uscc = models.CharField(_("unified social credit code"), max_length=18, unique=True)
    industry_code = models.CharField(_("industry (GB/T 4754-2017)"), max_length=6, blank=True, db_index=True)
    founded_on = models.DateField(_("founded on"), null=True, blank=True)
    products = models.CharField(_("main products"), max_length=300, blank=True)
    products_en = models.CharField(_("main products (English)"), max_length=300, blank=True)
    # Kept by `services.record_return` from the latest return; stored so that lists filter and sort by it.
    size_class = models.CharField(_("size class"), max_length=8, choices=SizeClass.choices, blank=True)
    is_listed = models.BooleanField(_("listed"), null=True, blank=True)
    is_headquarters = models.BooleanField(_("headquarters"), null=True, blank=True)
    is_fictional = models.BooleanField(default=False)

    objects = EnterpriseQuerySet.as_manager()

    class Meta:
        ordering = ["uscc"]
        verbose_name = _("enterprise")
        indexes = [
            models.Index(fields=["name_zh_hans", "id"], name="enterprise_name"),
            models.Index(fields=["size_class", "industry_code", "uscc"], name="enterprise_size_industry"),
            models.Index(fields=["search_text", "uscc"], name="enterprise_search"),
        ]


class EnterpriseReturn(models.Model):
    """One year of a firm's figures as reported; unknown stays empty."""

    class Source(models.TextChoices):
        """Where the figures come from, most trusted first."""

        STATISTICS = "STATISTICS", _("Statistics platform")
        TAX = "TAX", _("Tax list")
        SELF = "SELF", _("Self-report")
        ESTIMATE = "ESTIMATE", _("Estimate")

    enterprise = models.ForeignKey(Enterprise, models.CASCADE, related_name="returns")
    year = models.PositiveSmallIntegerField(_("year"))
    source = models.CharField(_("source"), max_length=10, choices=Source.choices, default=Source.SELF)
    staff_count = models.PositiveIntegerField(_("staff"), null=True, blank=True)
    revenue_wan = models.DecimalField(_("revenue (10k yuan)"), max_digits=16, decimal_places=4, null=True, blank=True)
    assets_wan = models.DecimalField(
        _("total assets (10k yuan)"), max_digits=16, decimal_places=4, null=True, blank=True
    )
    output_wan = models.DecimalField(_("output (10k yuan)"), max_digits=16, decimal_places=4, null=True, blank=True)
    value_added_wan = models.DecimalField(
        _("value added (10k yuan)"), max_digits=16, decimal_places=4, null=True, blank=True
    )
    tax_wan = models.DecimalField(_("tax (10k yuan)"), max_digits=16, decimal_places=4, null=True, blank=True)
    rd_spend_wan = models.DecimalField(
        _("R&D spend (10k yuan)"), max_digits=16, decimal_places=4, null=True, blank=True
    )

    class Meta:
        ordering = ["enterprise", "-year"]
        verbose_name = _("yearly return")
        constraints = [
            models.UniqueConstraint(fields=["enterprise", "year"], name="return_once_a_year"),
            models.CheckConstraint(condition=Q(year__gte=1980, year__lte=2100), name="return_year_plausible"),
        ]

    def __str__(self) -> str:
        return f"{self.enterprise} {self.year}"


class Qualification(models.Model):
    """A certificate of a firm with its validity."""

    class Kind(models.TextChoices):
        """Kinds of certificates that indicators and policies ask for."""

        HNTE = "HNTE", _("High and new technology enterprise")
        SRDI = "SRDI", _("Specialized and sophisticated SME (专精特新)")
        LITTLE_GIANT = "LITTLE_GIANT", _("National little giant")
        CHAMPION = "CHAMPION", _("Single-product champion")
        TECH_SME = "TECH_SME", _("Technology-based SME")
        ABOVE_SCALE = "ABOVE_SCALE", _("Above the statistics threshold (规上)")
        ISO9001 = "ISO9001", _("ISO 9001")
        ISO14001 = "ISO14001", _("ISO 14001")

    enterprise = models.ForeignKey(Enterprise, models.CASCADE, related_name="qualifications")
    kind = models.CharField(_("kind"), max_length=14, choices=Kind.choices)
    number = models.CharField(_("certificate number"), max_length=60, blank=True)
    valid_from_on = models.DateField(_("valid from"))
    valid_to_on = models.DateField(_("valid to"), null=True, blank=True)

    class Meta:
        ordering = ["enterprise", "kind", "-valid_from_on"]
        verbose_name = _("qualification")
        constraints = [
            models.UniqueConstraint(fields=["enterprise", "kind", "valid_from_on"], name="qualification_once"),
            models.CheckConstraint(
                condition=Q(valid_to_on__isnull=True) | Q(valid_to_on__gt=F("valid_from_on")),
                name="qualification_period_forward",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number}".strip()


class EnterpriseAddress(models.Model):
    """Where a firm is registered, taxed, counted in statistics, or in fact present: four facts that need not agree.

    The database itself refuses a second address of the same kind on the same day (see the migrations).
    """

    class Kind(models.TextChoices):
        """Which of the four addresses."""

        REGISTERED = "REGISTERED", _("Registered")
        TAXED = "TAXED", _("Taxed")
        STATISTICS = "STATISTICS", _("Counted in statistics")
        ACTUAL = "ACTUAL", _("In fact here")

    class Source(models.TextChoices):
        """What says so."""

        LICENCE = "LICENCE", _("Business licence")
        TAX = "TAX", _("Tax list")
        STATISTICS = "STATISTICS", _("Statistics platform")
        VISIT = "VISIT", _("Site visit")
        LEASE = "LEASE", _("Lease")
        SELF = "SELF", _("Self-report")

    enterprise = models.ForeignKey(Enterprise, models.CASCADE, related_name="addresses")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    text = models.CharField(_("address"), max_length=200, blank=True)
    park = models.ForeignKey(Park, models.SET_NULL, null=True, blank=True, related_name="+")
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=10, choices=Source.choices, blank=True)

    class Meta:
        ordering = ["enterprise", "kind", "-starts_on"]
        verbose_name = _("address")
        constraints = [
            models.UniqueConstraint(fields=["enterprise", "kind", "starts_on"], name="address_once"),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gt=F("starts_on")), name="address_period_forward"
            ),
        ]

    def __str__(self) -> str:
        return self.text


class OccupancyQuerySet(models.QuerySet["Occupancy"]):
    """Filters over who is where."""

    def visible_to(self, user: User) -> OccupancyQuerySet:
        """Keep the occupancies of parks in the person's branches and of the person's own enterprise."""
        if covers_all_premises(user, Permission.VIEW_ENTERPRISE):
            return self.all()
        condition = scope.branches_q(user, Permission.VIEW_ENTERPRISE, field="premises__park__branch__path")
        if own := scope.own_enterprise_codes(user):
            condition |= Q(enterprise__uscc__in=own)
        return self.filter(condition)

    def current_on(self, on: date) -> OccupancyQuerySet:
        """Keep the occupancies that hold on a day."""
        return self.filter(starts_on__lte=on).filter(Q(ends_on__isnull=True) | Q(ends_on__gt=on))

    def overlapping(self, starts_on: date, ends_on: date) -> OccupancyQuerySet:
        """Keep the occupancies that share at least one day with [starts_on, ends_on)."""
        return self.filter(starts_on__lt=ends_on).filter(Q(ends_on__isnull=True) | Q(ends_on__gt=starts_on))


class Occupancy(models.Model):
    """Who is where: an enterprise in premises from a day up to, not including, another.

    The database itself refuses a second occupant of the same premises on the same day: an exclusion constraint on
    PostgreSQL, triggers on SQLite (see the migrations), so the rule also holds under concurrent requests.
    """

    premises = models.ForeignKey(Premises, models.PROTECT, related_name="occupancies")
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="occupancies")
    starts_on = models.DateField(_("moved in on"))
    ends_on = models.DateField(_("moved out on"), null=True, blank=True)
    # The stay that this one carries on in other premises (split, merger): no firm moved in or out.
    continues = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="continuations")
    lease_number = models.CharField(_("lease number"), max_length=60, blank=True)
    lease_ends_on = models.DateField(_("lease ends on"), null=True, blank=True)
    rent_yuan_per_m2_month = models.DecimalField(
        _("rent (yuan/m²·month)"), max_digits=10, decimal_places=2, null=True, blank=True
    )

    objects = OccupancyQuerySet.as_manager()

    class Meta:
        ordering = ["premises", "-starts_on"]
        verbose_name = _("occupancy")
        indexes = [
            models.Index(fields=["premises", "starts_on", "ends_on"], name="occupancy_premises_span"),
            models.Index(fields=["enterprise", "starts_on"], name="occupancy_enterprise_start"),
            models.Index(fields=["rent_yuan_per_m2_month", "id"], name="occupancy_rent"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["premises", "starts_on"], name="occupancy_start_once"),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gt=F("starts_on")), name="occupancy_period_forward"
            ),
            models.CheckConstraint(
                condition=Q(rent_yuan_per_m2_month__isnull=True) | Q(rent_yuan_per_m2_month__gte=0),
                name="occupancy_rent_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.enterprise} · {self.premises}"


class EnterpriseDocumentQuerySet(models.QuerySet["EnterpriseDocument"]):
    """Filters over documents of firms."""

    def visible_to(self, user: User) -> EnterpriseDocumentQuerySet:
        """Keep the documents that were filed in the person's branches, and those of the person's own firm."""
        return self.filter(
            scope.branches_q(user, Permission.VIEW_ENTERPRISE, field="document__park__branch__path")
            | Q(enterprise__uscc__in=scope.own_enterprise_codes(user))
        )


class EnterpriseDocument(models.Model):
    """A document of a firm: licence, lease, certificate."""

    class Kind(models.TextChoices):
        """What the document is."""

        LICENCE = "LICENCE", _("Business licence")
        LEASE = "LEASE", _("Lease")
        SAFETY = "SAFETY", _("Safety agreement")
        FIRE = "FIRE", _("Fire acceptance")
        INSURANCE = "INSURANCE", _("Insurance policy")
        ENVIRONMENT = "ENVIRONMENT", _("Environmental approval")
        CERTIFICATE = "CERTIFICATE", _("Certificate")
        OTHER = "OTHER", _("Other")

    enterprise = models.ForeignKey(Enterprise, models.CASCADE, related_name="documents")
    document = models.ForeignKey(Document, models.PROTECT, related_name="+")
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    valid_from_on = models.DateField(_("valid from"), null=True, blank=True)
    valid_to_on = models.DateField(_("valid to"), null=True, blank=True)

    objects = EnterpriseDocumentQuerySet.as_manager()

    class Meta:
        ordering = ["enterprise", "kind", "-id"]
        verbose_name = _("enterprise document")
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to_on__isnull=True)
                | Q(valid_from_on__isnull=True)
                | Q(valid_to_on__gt=F("valid_from_on")),
                name="enterprise_document_period_forward",
            ),
        ]

    def __str__(self) -> str:
        return str(self.document)


class ParkOwnedQuerySet(models.QuerySet[Any]):
    """Filters over what one park knows of a firm."""

    def visible_to(self, user: User) -> ParkOwnedQuerySet:
        """Keep what parks of the person's branches know, and what is known of the person's own firm."""
        return self.filter(
            scope.branches_q(user, Permission.VIEW_ENTERPRISE, field="park__branch__path")
            | Q(enterprise__uscc__in=scope.own_enterprise_codes(user))
        )


class EnterpriseContact(Searchable):
    """A person of a firm whom a park may call; telephone and e-mail are masked by role where they are shown."""

    #: What a telephone number may be made of, on the page and in a sheet.
    PHONE_PATTERN = r"[0-9+()\-\s]{5,40}"
    searched_names = ("name",)

    enterprise = models.ForeignKey(Enterprise, models.CASCADE, related_name="contacts")
    park = models.ForeignKey(Park, models.CASCADE, related_name="+")
    name = models.CharField(_("name"), max_length=80)
    position = models.CharField(_("position"), max_length=80, blank=True)
    phone = models.CharField(_("telephone"), max_length=40, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    is_main = models.BooleanField(_("main contact"), default=False)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"), null=True, blank=True)

    objects = ParkOwnedQuerySet.as_manager()

    class Meta:
        ordering = ["enterprise", "-is_main", "name"]
        verbose_name = _("contact")
        constraints = [
            models.UniqueConstraint(fields=["enterprise", "park", "name", "starts_on"], name="contact_once"),
            models.UniqueConstraint(
                fields=["enterprise", "park"],
                condition=Q(is_main=True, ends_on__isnull=True),
                name="contact_one_main",
            ),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gt=F("starts_on")), name="contact_period_forward"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class EnterpriseConfidence(models.Model):
    """What a firm entrusts to a park: identity number and bank account; shown masked, never exported, never audited."""

    enterprise = models.ForeignKey(Enterprise, models.CASCADE, related_name="confidences")
    park = models.ForeignKey(Park, models.CASCADE, related_name="+")
    legal_representative = models.CharField(_("legal representative"), max_length=80, blank=True)
    representative_id_number = models.CharField(_("identity number of the representative"), max_length=30, blank=True)
    bank_name = models.CharField(_("bank"), max_length=120, blank=True)
    bank_account = models.CharField(_("bank account"), max_length=40, blank=True)

    objects = ParkOwnedQuerySet.as_manager()

    class Meta:
        ordering = ["enterprise", "park"]
        verbose_name = _("confidential details")
        constraints = [models.UniqueConstraint(fields=["enterprise", "park"], name="confidence_once")]

    def __str__(self) -> str:
        return self.legal_representative or str(self.enterprise)

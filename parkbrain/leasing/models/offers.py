"""What a lead is shown, offered and asked: visits, quotes in versions, and the review before a lease is drafted."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from parkbrain.kernel.models import User
from parkbrain.space.models import Premises

from .leads import Lead


class Visit(models.Model):
    """A lead looks at premises: planned, done or called off."""

    class State(models.TextChoices):
        """Whether the visit took place."""

        PLANNED = "PLANNED", _("Planned")
        DONE = "DONE", _("Done")
        CANCELLED = "CANCELLED", _("Called off")

    lead = models.ForeignKey(Lead, models.CASCADE, related_name="visits")
    visit_on = models.DateField(_("visit on"))
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.PLANNED)
    guide = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    premises = models.ManyToManyField(Premises, related_name="visits", blank=True)
    note = models.CharField(_("note"), max_length=500, blank=True)

    class Meta:
        ordering = ["lead", "-visit_on", "-id"]
        verbose_name = _("visit")
        indexes = [models.Index(fields=["state", "visit_on"], name="visit_state_day")]

    def __str__(self) -> str:
        return f"{self.lead} {self.visit_on}"


class Quote(models.Model):
    """An offer of premises at a price: a new version takes the place of the one before. Valid up to, not including, a day."""

    class State(models.TextChoices):
        """What became of the offer."""

        OFFERED = "OFFERED", _("Offered")
        ACCEPTED = "ACCEPTED", _("Accepted")
        REFUSED = "REFUSED", _("Refused")
        REPLACED = "REPLACED", _("Replaced")

    lead = models.ForeignKey(Lead, models.CASCADE, related_name="quotes")
    version = models.PositiveSmallIntegerField(_("version"))
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.OFFERED)
    offered_on = models.DateField(_("offered on"))
    valid_to_on = models.DateField(_("valid to"))
    starts_on = models.DateField(_("lease from"))
    term_months = models.PositiveSmallIntegerField(_("term (months)"))
    rent_yuan_per_m2_month = models.DecimalField(_("rent (yuan/m²·month)"), max_digits=10, decimal_places=2)
    fee_yuan_per_m2_month = models.DecimalField(
        _("property fee (yuan/m²·month)"), max_digits=10, decimal_places=2, null=True, blank=True
    )
    rent_free_months = models.PositiveSmallIntegerField(_("rent-free months"), default=0)
    deposit_months = models.PositiveSmallIntegerField(_("deposit (months of rent)"), default=2)
    made_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    note = models.CharField(_("note"), max_length=300, blank=True)

    class Meta:
        ordering = ["lead", "-version"]
        verbose_name = _("quote")
        indexes = [models.Index(fields=["state", "valid_to_on"], name="quote_state_valid")]
        constraints = [
            models.UniqueConstraint(fields=["lead", "version"], name="quote_version_once"),
            models.CheckConstraint(condition=Q(rent_yuan_per_m2_month__gte=0), name="quote_rent_not_negative"),
            models.CheckConstraint(condition=Q(term_months__gt=0), name="quote_term_positive"),
            models.CheckConstraint(condition=Q(valid_to_on__gt=models.F("offered_on")), name="quote_valid_forward"),
        ]

    def __str__(self) -> str:
        return f"{self.lead} v{self.version}"

    def holds_on(self, on: date) -> bool:
        """Whether the offer can be accepted on a day, or has been."""
        return self.state == self.State.ACCEPTED or (
            self.state == self.State.OFFERED and self.offered_on <= on < self.valid_to_on
        )


class QuotePremises(models.Model):
    """Premises of an offer with the area that is paid for."""

    quote = models.ForeignKey(Quote, models.CASCADE, related_name="premises")
    premises = models.ForeignKey(Premises, models.PROTECT, related_name="quotes")
    area_m2 = models.DecimalField(_("area (m²)"), max_digits=12, decimal_places=2)

    class Meta:
        ordering = ["quote", "premises__code"]
        verbose_name = _("premises of a quote")
        verbose_name_plural = _("premises of quotes")
        constraints = [
            models.UniqueConstraint(fields=["quote", "premises"], name="quote_premises_once"),
            models.CheckConstraint(condition=Q(area_m2__gt=0), name="quote_premises_area_positive"),
        ]

    def __str__(self) -> str:
        return str(self.premises)


class AdmissionReview(models.Model):
    """The review of a firm before a lease is drafted: dated, by whom, with a finding on every subject."""

    class Outcome(models.TextChoices):
        """What the review came to."""

        ADMITTED = "ADMITTED", _("Admitted")
        CONDITIONAL = "CONDITIONAL", _("Admitted on conditions")
        REFUSED = "REFUSED", _("Not admitted")

    lead = models.ForeignKey(Lead, models.CASCADE, related_name="reviews")
    reviewed_on = models.DateField(_("reviewed on"))
    reviewer = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    outcome = models.CharField(_("outcome"), max_length=12, choices=Outcome.choices)
    industry_code = models.CharField(_("industry (GB/T 4754-2017)"), max_length=6, blank=True)
    fire_class = models.CharField(
        _("fire-hazard class of the production"), max_length=2, choices=Premises.FireClass.choices, blank=True
    )
    power_kw = models.FloatField(_("power (kW)"), null=True, blank=True)
    floor_load_kn_m2 = models.FloatField(_("floor load (kN/m²)"), null=True, blank=True)
    output_wan_per_year = models.DecimalField(
        _("committed output (10k yuan a year)"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    tax_wan_per_year = models.DecimalField(
        _("committed tax (10k yuan a year)"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    note = models.CharField(_("conditions or reason"), max_length=500, blank=True)

    class Meta:
        ordering = ["lead", "-reviewed_on", "-id"]
        verbose_name = _("admission review")

    def __str__(self) -> str:
        return f"{self.lead} {self.reviewed_on}"


class ReviewFinding(models.Model):
    """What the review found on one subject; a subject without a row was not looked at."""

    class Subject(models.TextChoices):
        """What a full review looks at."""

        INDUSTRY = "INDUSTRY", _("Industry and positioning")
        FIRE = "FIRE", _("Fire-hazard class")
        ENVIRONMENT = "ENVIRONMENT", _("Environment")
        ENERGY_LOAD = "ENERGY_LOAD", _("Energy and floor load")
        VIBRATION = "VIBRATION", _("Vibration")
        CREDIT = "CREDIT", _("Credit")
        COMMITMENT = "COMMITMENT", _("Output and tax commitment")

    review = models.ForeignKey(AdmissionReview, models.CASCADE, related_name="findings")
    subject = models.CharField(_("subject"), max_length=12, choices=Subject.choices)
    is_met = models.BooleanField(_("in order"))
    note = models.CharField(_("finding"), max_length=300, blank=True)

    class Meta:
        ordering = ["review", "id"]
        verbose_name = _("finding of a review")
        verbose_name_plural = _("findings of reviews")
        constraints = [models.UniqueConstraint(fields=["review", "subject"], name="finding_once")]

    def __str__(self) -> str:
        return str(self.get_subject_display())

"""Tables of leads: who looks for space, what is needed, and the dated stages on the way to a lease."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from parkbrain.enterprises.models import Enterprise
from parkbrain.kernel import scope
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.names import Searchable
from parkbrain.kernel.roles import Permission
from parkbrain.kernel.scope import Masked
from parkbrain.space.models import Premises

from .leases import Lease


class LeadQuerySet(models.QuerySet["Lead"]):
    """Filters over leads."""

    def visible_to(self, user: User, permission: Permission | str = Permission.VIEW_MONEY) -> LeadQuerySet:
        """Keep the leads of parks where the person sees money, or may do more; no tenant sees any."""
        return self.filter(scope.branches_q(user, Permission(permission), field="park__branch__path"))

    def open(self) -> LeadQuerySet:
        """Keep the leads that are neither signed nor lost."""
        return self.exclude(stage__in=Lead.CLOSED)


class Lead(Searchable):
    """A firm that looks for space in a park, from the first word to the lease or the reason why there is none."""

    class Stage(models.TextChoices):
        """How far a lead has come; the order is the way."""

        NEW = "NEW", _("New")
        QUALIFIED = "QUALIFIED", _("Qualified")
        VISITED = "VISITED", _("Visited")
        QUOTED = "QUOTED", _("Quoted")
        NEGOTIATING = "NEGOTIATING", _("Negotiating")
        SIGNED = "SIGNED", _("Signed")
        LOST = "LOST", _("Lost")

    class Source(models.TextChoices):
        """Where the lead came from."""

        AGENT = "AGENT", _("Agent")
        REFERRAL = "REFERRAL", _("Referral")
        TENANT = "TENANT", _("Tenant that grows")
        GOVERNMENT = "GOVERNMENT", _("Government")
        FAIR = "FAIR", _("Fair")
        WEB = "WEB", _("Web")
        CALL = "CALL", _("Call or walk-in")
        OTHER = "OTHER", _("Other source")

    class LostReason(models.TextChoices):
        """Why a lead did not become a lease."""

        PRICE = "PRICE", _("Price")
        AREA = "AREA", _("No space of this size")
        SPECIFICATION = "SPECIFICATION", _("The space does not suit the process")
        TIME = "TIME", _("Not free in time")
        LOCATION = "LOCATION", _("Location or transport")
        REFUSED = "REFUSED", _("Not admitted")
        POSTPONED = "POSTPONED", _("The plan was given up or put off")
        COMPETITOR = "COMPETITOR", _("Went to another park")
        SILENT = "SILENT", _("No answer any more")

    #: Stages that a lead passes in this order before it is closed.
    WAY = (Stage.NEW, Stage.QUALIFIED, Stage.VISITED, Stage.QUOTED, Stage.NEGOTIATING, Stage.SIGNED)
    CLOSED = (Stage.SIGNED, Stage.LOST)
    masked_fields: ClassVar = {"contact_phone": Masked(), "contact_email": Masked()}
    searched_names = ("company_name",)
    searched_others = ("number", "contact_name")

    park = models.ForeignKey(Park, models.CASCADE, related_name="leads")
    number = models.CharField(_("lead number"), max_length=40)
    company_name = models.CharField(_("company"), max_length=200)
    uscc = models.CharField(_("unified social credit code"), max_length=18, blank=True)
    # Set where the firm is in the register: a tenant that grows, or the tenant that the lead became.
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, null=True, blank=True, related_name="leads")
    industry_code = models.CharField(_("industry (GB/T 4754-2017)"), max_length=6, blank=True)
    source = models.CharField(_("source"), max_length=12, choices=Source.choices, default=Source.OTHER)
    received_on = models.DateField(_("received on"))
    contact_name = models.CharField(_("contact"), max_length=80, blank=True)
    contact_phone = models.CharField(_("telephone"), max_length=40, blank=True)
    contact_email = models.EmailField(_("e-mail"), blank=True)
    owner = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="leads")
    stage = models.CharField(_("stage"), max_length=12, choices=Stage.choices, default=Stage.NEW)
    next_step = models.CharField(_("next step"), max_length=200, blank=True)
    next_step_on = models.DateField(_("next step on"), null=True, blank=True)
    lost_reason = models.CharField(_("reason of the loss"), max_length=14, choices=LostReason.choices, blank=True)
    lease = models.OneToOneField(Lease, models.SET_NULL, null=True, blank=True, related_name="lead")
    remark = models.CharField(_("remark"), max_length=300, blank=True)

    objects = LeadQuerySet.as_manager()

    class Meta:
        ordering = ["park", "number"]
        verbose_name = _("lead")
        indexes = [
            models.Index(fields=["park", "stage", "next_step_on"], name="lead_park_stage_step"),
            models.Index(fields=["-received_on", "id"], name="lead_received"),
            models.Index(fields=["search_text", "id"], name="lead_search"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["park", "number"], name="lead_number_once_per_park"),
            models.CheckConstraint(condition=~Q(stage="LOST") | ~Q(lost_reason=""), name="lead_lost_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.company_name}"

    @property
    def is_open(self) -> bool:
        """Whether the lead is still worked on."""
        return self.stage not in self.CLOSED


class LeadNeed(models.Model):
    """What a lead needs of its space; None and empty are no demand."""

    lead = models.OneToOneField(Lead, models.CASCADE, related_name="need")
    area_from_m2 = models.FloatField(_("area from (m²)"), null=True, blank=True)
    area_to_m2 = models.FloatField(_("area to (m²)"), null=True, blank=True)
    use = models.CharField(_("use"), max_length=12, choices=Premises.Use.choices, blank=True)
    floor_load_kn_m2 = models.FloatField(_("floor load (kN/m²)"), null=True, blank=True)
    clear_height_m = models.FloatField(_("clear height (m)"), null=True, blank=True)
    goods_lift_load_t = models.FloatField(_("goods-lift load (t)"), null=True, blank=True)
    power_kw = models.FloatField(_("power (kW)"), null=True, blank=True)
    needs_water = models.BooleanField(_("process water"), default=False)
    needs_exhaust = models.BooleanField(_("exhaust shaft"), default=False)
    fire_class = models.CharField(
        _("fire-hazard class of the production"), max_length=2, choices=Premises.FireClass.choices, blank=True
    )
    budget_yuan_per_m2_month = models.DecimalField(
        _("budget (yuan/m²·month)"), max_digits=10, decimal_places=2, null=True, blank=True
    )
    move_in_on = models.DateField(_("moves in on"), null=True, blank=True)

    class Meta:
        ordering = ["lead"]
        verbose_name = _("need of a lead")
        constraints = [
            models.CheckConstraint(
                condition=Q(area_from_m2__isnull=True)
                | Q(area_to_m2__isnull=True)
                | Q(area_to_m2__gte=F("area_from_m2")),
                name="need_area_forward",
            ),
            models.CheckConstraint(
                condition=Q(budget_yuan_per_m2_month__isnull=True) | Q(budget_yuan_per_m2_month__gt=0),
                name="need_budget_positive",
            ),
        ]

    def __str__(self) -> str:
        return str(self.lead)


class LeadMove(models.Model):
    """A lead came to a stage on a day: what the funnel, its conversion and its durations are counted from."""

    lead = models.ForeignKey(Lead, models.CASCADE, related_name="moves")
    stage = models.CharField(_("stage"), max_length=12, choices=Lead.Stage.choices)
    moved_on = models.DateField(_("since"))
    actor = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    recorded_at = models.DateTimeField()
    note = models.CharField(_("note"), max_length=300, blank=True)

    class Meta:
        ordering = ["lead", "moved_on", "id"]
        verbose_name = _("stage of a lead")
        indexes = [models.Index(fields=["stage", "moved_on"], name="lead_move_stage_day")]

    def __str__(self) -> str:
        return f"{self.lead} {self.get_stage_display()}"

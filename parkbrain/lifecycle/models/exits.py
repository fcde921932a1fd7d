"""Exit: what may lead to it and what was decided, and the steps of a firm's leaving from the notice to the deposit."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from parkbrain.enterprises.models import Enterprise, Occupancy
from parkbrain.kernel import scope
from parkbrain.kernel.models import Approval, Document, Park, User
from parkbrain.kernel.roles import Permission
from parkbrain.leasing.models import Lease
from parkbrain.space.models import Premises

from .efficiency import OfParkQuerySet


class TriggerRun(models.Model):
    """That the rules of exit were checked for a park on a day, and what they found."""

    park = models.ForeignKey(Park, models.CASCADE, related_name="trigger_runs")
    on = models.DateField(_("day"))
    checked = models.PositiveIntegerField(_("firms checked"))
    raised = models.PositiveIntegerField(_("triggers raised"))
    # What could not be checked for want of rows, by kind of trigger.
    unchecked: Any = models.JSONField(default=list, blank=True)
    made_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()

    objects = OfParkQuerySet.as_manager()

    class Meta:
        ordering = ["park", "-on"]
        verbose_name = _("check for exit triggers")
        constraints = [models.UniqueConstraint(fields=["park", "on"], name="trigger_run_once_a_day")]

    def __str__(self) -> str:
        return f"{self.park} {self.on}"


class ExitTrigger(models.Model):
    """A reason to look at whether a firm should stay, with the day until which it has to be decided."""

    class Kind(models.TextChoices):
        """What was found."""

        D_TWO_YEARS = "D_TWO_YEARS", _("Class D two years running")
        ARREARS = "ARREARS", _("Arrears over 60 days")
        COMMITMENT = "COMMITMENT", _("Below half of the commitment two years running")
        DRIFT = "DRIFT", _("Business drifted from the leading industries")
        SUBLET = "SUBLET", _("Sub-let without consent")
        HAZARD = "HAZARD", _("Major hazard")
        IDLE = "IDLE", _("Let space idle for more than 90 days")
        NEGATIVE_LIST = "NEGATIVE_LIST", _("Energy use on the negative list")

    class Decision(models.TextChoices):
        """What was decided, mildest first."""

        NO_ACTION = "NO_ACTION", _("No action")
        REMINDER = "REMINDER", _("Reminder")
        RECTIFICATION = "RECTIFICATION", _("Rectification plan")
        RELOCATION = "RELOCATION", _("Relocation or less area")
        NON_RENEWAL = "NON_RENEWAL", _("No renewal")
        TERMINATION = "TERMINATION", _("Termination")

    #: Kinds that rules find by themselves; the others are raised by a person who saw it.
    BY_RULE = (Kind.D_TWO_YEARS, Kind.ARREARS, Kind.COMMITMENT, Kind.DRIFT)

    park = models.ForeignKey(Park, models.CASCADE, related_name="exit_triggers")
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="exit_triggers")
    kind = models.CharField(_("kind"), max_length=14, choices=Kind.choices)
    run = models.ForeignKey(TriggerRun, models.PROTECT, null=True, blank=True, related_name="triggers")
    # The figures the rule found, or what the person wrote: {"note": …}.
    facts: Any = models.JSONField(default=dict, blank=True)
    raised_on = models.DateField(_("raised on"))
    raised_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    due_on = models.DateField(_("to be decided by"))
    decision = models.CharField(_("decision"), max_length=14, choices=Decision.choices, blank=True)
    decided_on = models.DateField(_("decided on"), null=True, blank=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    agreed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    decision_reason = models.CharField(_("reason of the decision"), max_length=300, blank=True)
    follow_up_on = models.DateField(_("to be looked at again on"), null=True, blank=True)
    minutes = models.ForeignKey(Document, models.PROTECT, null=True, blank=True, related_name="+")
    approval = models.ForeignKey(Approval, models.SET_NULL, null=True, blank=True, related_name="+")

    objects = OfParkQuerySet.as_manager()

    class Meta:
        ordering = ["park", "due_on", "pk"]
        verbose_name = _("exit trigger")
        indexes = [models.Index(fields=["park", "decided_on", "due_on"], name="exit_trigger_due")]
        constraints = [
            models.UniqueConstraint(
                fields=["park", "enterprise", "kind"],
                condition=Q(decided_on__isnull=True),
                name="exit_trigger_open_once",
            ),
            models.CheckConstraint(
                condition=Q(decided_on__isnull=True, decision="") | (Q(decided_on__isnull=False) & ~Q(decision="")),
                name="exit_trigger_decided_whole",
            ),
            models.CheckConstraint(condition=Q(due_on__gt=F("raised_on")), name="exit_trigger_due_later"),
        ]

    def __str__(self) -> str:
        return f"{self.enterprise} · {self.get_kind_display()}"

    @property
    def is_in_time(self) -> bool:
        """Whether it was decided by its day."""
        return self.decided_on is not None and self.decided_on <= self.due_on


class ExitCaseQuerySet(models.QuerySet["ExitCase"]):
    """Filters over exits."""

    def visible_to(self, user: User, permission: Permission | str = Permission.VIEW_MONEY) -> ExitCaseQuerySet:
        """Keep the exits of parks where the person sees money (or may do more), and their own firm's that are shared."""
        condition = scope.branches_q(user, Permission(permission), field="park__branch__path")
        if permission == Permission.VIEW_MONEY and (own := scope.own_enterprise_codes(user)):
            condition |= Q(enterprise__uscc__in=own, is_shared=True)
        return self.filter(condition)


class ExitCase(models.Model):
    """A firm's leaving of premises of a park: from the notice to the deposit."""

    class State(models.TextChoices):
        """Where it is."""

        OPEN = "OPEN", _("Running")
        CLOSED = "CLOSED", _("Finished")
        CANCELLED = "CANCELLED", _("Taken back")

    class Reason(models.TextChoices):
        """Why the firm leaves."""

        TERM_END = "TERM_END", _("End of the term")
        FIRM_NOTICE = "FIRM_NOTICE", _("Notice by the firm")
        AGREEMENT = "AGREEMENT", _("By agreement")
        NON_RENEWAL = "NON_RENEWAL", _("No renewal")
        TERMINATION = "TERMINATION", _("Termination by the operator")
        LESS_AREA = "LESS_AREA", _("Gives up area")

    park = models.ForeignKey(Park, models.CASCADE, related_name="exit_cases")
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="exit_cases")
    lease = models.ForeignKey(Lease, models.PROTECT, null=True, blank=True, related_name="exit_cases")
    trigger = models.ForeignKey(ExitTrigger, models.PROTECT, null=True, blank=True, related_name="cases")
    reason = models.CharField(_("reason"), max_length=12, choices=Reason.choices)
    note = models.CharField(_("note"), max_length=300, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.OPEN)
    opened_on = models.DateField(_("opened on"))
    opened_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    notice_on = models.DateField(_("notice of"))
    planned_on = models.DateField(_("to be vacated by"))
    vacated_on = models.DateField(_("vacated on"), null=True, blank=True)
    deposit_days = models.PositiveSmallIntegerField(_("deposit to be settled within (days)"), default=30)
    # Whether chemicals or hazardous waste were handled there, so that a transfer form is asked for.
    has_hazardous_waste = models.BooleanField(_("hazardous waste was handled"), default=False)
    cost_yuan = models.DecimalField(
        _("cost of the change to the owner (yuan)"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    is_shared = models.BooleanField(_("shown to the firm"), default=False)
    closed_on = models.DateField(_("closed on"), null=True, blank=True)

    objects = ExitCaseQuerySet.as_manager()

    class Meta:
        ordering = ["park", "-opened_on", "-pk"]
        verbose_name = _("exit")
        indexes = [models.Index(fields=["park", "state", "planned_on"], name="exit_case_state")]
        constraints = [
            models.CheckConstraint(condition=Q(planned_on__gte=F("notice_on")), name="exit_planned_after_notice"),
            models.CheckConstraint(
                condition=Q(cost_yuan__isnull=True) | Q(cost_yuan__gte=0), name="exit_cost_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.enterprise} {self.planned_on}"


class ExitSpace(models.Model):
    """A stay that an exit ends."""

    case = models.ForeignKey(ExitCase, models.CASCADE, related_name="spaces")
    occupancy = models.ForeignKey(Occupancy, models.PROTECT, related_name="exits")
    premises = models.ForeignKey(Premises, models.PROTECT, related_name="+")
    area_m2 = models.FloatField(_("area (m²)"))

    class Meta:
        ordering = ["case", "premises"]
        verbose_name = _("space of an exit")
        constraints = [models.UniqueConstraint(fields=["case", "occupancy"], name="exit_space_once")]

    def __str__(self) -> str:
        return str(self.premises)


class ExitStep(models.Model):
    """A step of an exit: by when, when it was done or said not to be needed, by whom, what shows it."""

    class Kind(models.TextChoices):
        """The steps in their order."""

        NOTICE = "NOTICE", _("Notice")
        SETTLEMENT = "SETTLEMENT", _("Settlement and final readings")
        RESTORATION = "RESTORATION", _("Restoration and joint inspection")
        HAZARDOUS_WASTE = "HAZARDOUS_WASTE", _("Hazardous waste removed")
        LICENCE_ADDRESS = "LICENCE_ADDRESS", _("Licence address moved")
        HANDOVER = "HANDOVER", _("Handover of keys")
        DEPOSIT_SETTLED = "DEPOSIT_SETTLED", _("Deposit settled")

    case = models.ForeignKey(ExitCase, models.CASCADE, related_name="steps")
    kind = models.CharField(_("step"), max_length=16, choices=Kind.choices)
    position = models.PositiveSmallIntegerField()
    due_on = models.DateField(_("due on"))
    done_on = models.DateField(_("done on"), null=True, blank=True)
    done_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    is_waived = models.BooleanField(_("not needed"), default=False)
    note = models.CharField(_("note"), max_length=300, blank=True)
    # What the step is about in figures: the final readings, the deposit paid back.
    values: Any = models.JSONField(default=dict, blank=True)
    evidence = models.ForeignKey(Document, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["case", "position"]
        verbose_name = _("step of an exit")
        indexes = [models.Index(fields=["done_on", "due_on"], name="exit_step_due")]
        constraints = [models.UniqueConstraint(fields=["case", "kind"], name="exit_step_once")]

    def __str__(self) -> str:
        return f"{self.case} · {self.get_kind_display()}"


class InspectionItem(models.Model):
    """A line of the joint inspection: what was looked at, how it was found, what it costs, the photo."""

    class Finding(models.TextChoices):
        """How it was found."""

        GOOD = "GOOD", _("in order")
        DEFECT = "DEFECT", _("defect")
        MENDED = "MENDED", _("mended")

    step = models.ForeignKey(ExitStep, models.CASCADE, related_name="items")
    what = models.CharField(_("what was looked at"), max_length=120)
    finding = models.CharField(_("found"), max_length=8, choices=Finding.choices)
    cost_yuan = models.DecimalField(
        _("to be borne by the firm (yuan)"), max_digits=12, decimal_places=2, null=True, blank=True
    )
    note = models.CharField(_("note"), max_length=300, blank=True)
    photo = models.ForeignKey(Document, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["step", "pk"]
        verbose_name = _("line of the inspection")
        constraints = [
            models.CheckConstraint(
                condition=Q(cost_yuan__isnull=True) | Q(cost_yuan__gte=0), name="inspection_cost_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return self.what

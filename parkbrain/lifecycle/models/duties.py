"""Duties of a subject, what shows that they are done, and who answers for them from when to when."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from parkbrain.enterprises.models import Enterprise
from parkbrain.kernel import scope
from parkbrain.kernel.models import Document, User
from parkbrain.kernel.names import Named
from parkbrain.kernel.roles import Permission

from .subjects import LifeSubject, Stage


class PartyKind(models.TextChoices):
    """Who may answer for a duty."""

    OWNER = "OWNER", _("Owner")
    OPERATOR = "OPERATOR", _("Operator")
    PROPERTY = "PROPERTY", _("Property company")
    ENTERPRISE = "ENTERPRISE", _("Enterprise")
    AUTHORITY = "AUTHORITY", _("Authority")


class RaciRole(models.TextChoices):
    """What somebody has to do with a duty."""

    RESPONSIBLE = "R", _("Responsible")
    ACCOUNTABLE = "A", _("Accountable")
    CONSULTED = "C", _("Consulted")
    INFORMED = "I", _("Informed")


class EvidenceKind(models.TextChoices):
    """What shows that a duty is done."""

    REPORT = "REPORT", _("Report or plan")
    PERMIT = "PERMIT", _("Permit or approval")
    FILING = "FILING", _("Filing receipt")
    CERTIFICATE = "CERTIFICATE", _("Certificate")
    CONTRACT = "CONTRACT", _("Contract or agreement")
    RECORD = "RECORD", _("Record or minutes")
    LEDGER = "LEDGER", _("Ledger or list")
    LETTER = "LETTER", _("Letter of appointment")


class DutyQuerySet(models.QuerySet["Duty"]):
    """Filters over duties."""

    def visible_to(self, user: User, permission: Permission | str = Permission.VIEW_ENTERPRISE) -> DutyQuerySet:
        """Keep the duties of parks where the person sees firms (or may do more), and those the person answers for."""
        condition = scope.branches_q(user, Permission(permission), field="subject__park__branch__path")
        if permission == Permission.VIEW_ENTERPRISE:
            own = Q(person=user) | Q(enterprise__uscc__in=scope.own_enterprise_codes(user))
            condition |= Q(pk__in=Assignment.objects.filter(own).order_by().values("duty"))
        return self.filter(condition)

    def of_person(self, user: User, on: date) -> DutyQuerySet:
        """Keep the duties that a person, or the person's firm where nobody there is named, does or answers for on a day."""
        mine = Q(person=user) | Q(person=None, enterprise__uscc__in=scope.own_enterprise_codes(user))
        named = Assignment.objects.current_on(on).filter(mine, role__in=Assignment.ANSWERING)
        return self.filter(pk__in=named.order_by().values("duty"))


class Duty(Named):
    """A duty of a subject in a stage: from the template, or the park's own."""

    class State(models.TextChoices):
        """Where it is."""

        OPEN = "OPEN", pgettext_lazy("duty", "Open")
        DONE = "DONE", _("Done")
        WAIVED = "WAIVED", _("Waived")

    subject = models.ForeignKey(LifeSubject, models.CASCADE, related_name="duties")
    code = models.CharField(_("duty code"), max_length=60)
    # The duty of the template it was taken from; empty for the park's own.
    template_key = models.CharField(max_length=60, blank=True)
    stage = models.CharField(_("stage"), max_length=8, choices=Stage.choices)
    is_gate = models.BooleanField(_("gates the next stage"), default=False)
    position = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.OPEN)
    due_on = models.DateField(_("due on"), null=True, blank=True)
    every_months = models.PositiveSmallIntegerField(_("again every (months)"), null=True, blank=True)
    evidence_kind = models.CharField(_("evidence asked for"), max_length=12, choices=EvidenceKind.choices, blank=True)
    # By role the kinds of parties that the duty usually falls to: {"R": ["PROPERTY"], "A": ["OPERATOR"]}.
    asked: Any = models.JSONField(_("who is asked"), default=dict, blank=True)
    basis = models.CharField(_("basis"), max_length=300, blank=True)

    objects = DutyQuerySet.as_manager()

    class Meta:
        ordering = ["subject", "position", "code"]
        verbose_name = _("duty")
        verbose_name_plural = _("duties")
        indexes = [models.Index(fields=["state", "due_on"], name="duty_due")]
        constraints = [
            models.UniqueConstraint(fields=["subject", "code"], name="duty_code_once_per_subject"),
            models.CheckConstraint(
                condition=Q(every_months__isnull=True) | Q(every_months__gt=0), name="duty_repeats_forward"
            ),
        ]

    @property
    def is_own(self) -> bool:
        """Whether the park added it to the template."""
        return not self.template_key


class DutyOutcome(models.Model):
    """That a duty counted as done, or was waived, from a day until it was opened again."""

    duty = models.ForeignKey(Duty, models.CASCADE, related_name="outcomes")
    state = models.CharField(_("state"), max_length=8, choices=Duty.State.choices)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    settled_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    # The second person of a waiver.
    agreed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["duty", "starts_on", "pk"]
        verbose_name = _("outcome of a duty")
        constraints = [
            models.UniqueConstraint(fields=["duty"], condition=Q(ends_on__isnull=True), name="outcome_open_once"),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")), name="outcome_forward"
            ),
            models.CheckConstraint(condition=~Q(state="OPEN"), name="outcome_is_one"),
        ]

    def __str__(self) -> str:
        return f"{self.duty} · {self.get_state_display()}"

    def covers(self, on: date) -> bool:
        """Tell whether it held on a day."""
        return self.starts_on <= on and (self.ends_on is None or self.ends_on > on)


class Evidence(models.Model):
    """A file that shows that a duty is done, with the days it is valid for."""

    duty = models.ForeignKey(Duty, models.CASCADE, related_name="evidence")
    document = models.ForeignKey(Document, models.PROTECT, related_name="+")
    number = models.CharField(_("number of the document"), max_length=80, blank=True)
    valid_from_on = models.DateField(_("valid from"))
    valid_to_on = models.DateField(_("valid to"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)

    class Meta:
        ordering = ["duty", "-valid_from_on", "-pk"]
        verbose_name = _("evidence")
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to_on__isnull=True) | Q(valid_to_on__gt=F("valid_from_on")), name="evidence_forward"
            ),
        ]

    def __str__(self) -> str:
        return str(self.document)

    def covers(self, on: date) -> bool:
        """Tell whether it is valid on a day."""
        return self.valid_from_on <= on and (self.valid_to_on is None or self.valid_to_on > on)


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    """Filters over who answers for what."""

    def visible_to(self, user: User, permission: Permission | str = Permission.VIEW_ENTERPRISE) -> AssignmentQuerySet:
        """Keep the rows of parks where the person sees firms (or may do more), and the person's own."""
        condition = scope.branches_q(user, Permission(permission), field="duty__subject__park__branch__path")
        if permission == Permission.VIEW_ENTERPRISE:
            condition |= Q(person=user) | Q(enterprise__uscc__in=scope.own_enterprise_codes(user))
        return self.filter(condition)

    def current_on(self, on: date) -> AssignmentQuerySet:
        """Keep what holds on a day."""
        return self.filter(starts_on__lte=on).filter(Q(ends_on__isnull=True) | Q(ends_on__gt=on))


class Assignment(models.Model):
    """A cell of the responsibility matrix: who has which role in a duty, from a day up to, not including, another."""

    #: Roles of which a duty has one holder at a time, and whose holders are asked when it is late.
    ANSWERING = (RaciRole.RESPONSIBLE, RaciRole.ACCOUNTABLE)

    duty = models.ForeignKey(Duty, models.CASCADE, related_name="assignments")
    role = models.CharField(_("role"), max_length=1, choices=RaciRole.choices)
    party_kind = models.CharField(_("kind of party"), max_length=10, choices=PartyKind.choices)
    # Who: a firm of the record or a body by its name, and the person there.
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, null=True, blank=True, related_name="duties")
    body = models.CharField(_("body"), max_length=160, blank=True)
    person = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="duties")
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"), null=True, blank=True)
    letter = models.ForeignKey(Document, models.PROTECT, null=True, blank=True, related_name="+")

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        ordering = ["duty", "role", "starts_on", "pk"]
        verbose_name = _("assignment")
        indexes = [models.Index(fields=["person", "role"], name="assignment_person")]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gt=F("starts_on")), name="assignment_forward"
            ),
            models.CheckConstraint(
                condition=Q(enterprise__isnull=False) | ~Q(body="") | Q(person__isnull=False),
                name="assignment_names_somebody",
            ),
            models.CheckConstraint(condition=Q(enterprise__isnull=True) | Q(body=""), name="assignment_one_body"),
        ]

    def __str__(self) -> str:
        return f"{self.duty} · {self.role} · {self.who}"

    @property
    def who(self) -> str:
        """The body, and the person where one is named."""
        body = self.enterprise.name if self.enterprise else self.body
        return " · ".join(part for part in (body, str(self.person) if self.person else "") if part)

    def covers(self, on: date) -> bool:
        """Tell whether it holds on a day."""
        return self.starts_on <= on and (self.ends_on is None or self.ends_on > on)


class DutyReminder(models.Model):
    """That a person was sent the list of what is theirs on a day: never two on one day."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    sent_on = models.DateField()

    class Meta:
        verbose_name = _("reminder")
        constraints = [models.UniqueConstraint(fields=["user", "sent_on"], name="duty_reminder_once_a_day")]

    def __str__(self) -> str:
        return f"{self.user} {self.sent_on}"

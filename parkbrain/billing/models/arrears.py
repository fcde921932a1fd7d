"""What is done about bills that are not paid: steps, acts, pauses, and what is given up."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from parkbrain.enterprises.models import Enterprise
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.names import Named

from .bills import Bill
from .charges import OfFirm, SetByHand, money


class DunningStep(Named):
    """A step of a park's ladder: what is done so many days after a bill was due."""

    park = models.ForeignKey(Park, models.CASCADE, related_name="dunning_steps")
    days_overdue = models.PositiveSmallIntegerField(_("days overdue"))
    text_zh_hans = models.TextField(_("text (Chinese)"), blank=True)
    text_en = models.TextField(_("text (English)"), blank=True)

    class Meta:
        ordering = ["park", "days_overdue"]
        verbose_name = _("dunning step")
        constraints = [
            models.UniqueConstraint(fields=["park", "days_overdue"], name="dunning_step_once"),
            models.CheckConstraint(condition=Q(days_overdue__gte=1), name="dunning_step_after_due"),
        ]

    def __str__(self) -> str:
        return self.name


class DunningAct(models.Model):
    """A step that was taken for a bill."""

    park = models.ForeignKey(Park, models.PROTECT, related_name="+")
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="dunning_acts")
    bill = models.ForeignKey(Bill, models.PROTECT, related_name="dunning_acts")
    step = models.ForeignKey(DunningStep, models.PROTECT, related_name="acts")
    done_on = models.DateField(_("done on"))
    open_yuan = money(_("open then (yuan)"))
    note = models.CharField(_("note"), max_length=300, blank=True)
    done_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField()

    objects = OfFirm.as_manager()

    class Meta:
        ordering = ["-done_on", "-id"]
        verbose_name = _("dunning act")
        constraints = [models.UniqueConstraint(fields=["bill", "step"], name="dunning_step_once_a_bill")]

    def __str__(self) -> str:
        return f"{self.bill} {self.done_on}"


class DunningPause(SetByHand):
    """A time in which a firm is not dunned, with an end and a reason."""

    park = models.ForeignKey(Park, models.PROTECT, related_name="+")
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="dunning_pauses")
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("up to"))

    objects = OfFirm.as_manager()

    class Meta:
        ordering = ["-starts_on", "-id"]
        verbose_name = _("dunning pause")
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gt=F("starts_on")), name="dunning_pause_forward"),
            models.CheckConstraint(condition=~Q(reason=""), name="dunning_pause_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.enterprise} {self.starts_on}"


class WriteOff(models.Model):
    """What of a bill was given up: one person asked, a second one agreed."""

    park = models.ForeignKey(Park, models.PROTECT, related_name="+")
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="write_offs")
    bill = models.ForeignKey(Bill, models.PROTECT, related_name="write_offs")
    amount_yuan = money(_("amount (yuan)"))
    written_off_on = models.DateField(_("day"))
    reason = models.CharField(_("reason"), max_length=300)
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    agreed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    agreed_at = models.DateTimeField()

    objects = OfFirm.as_manager()

    class Meta:
        ordering = ["-written_off_on", "-id"]
        verbose_name = _("write-off")
        constraints = [
            models.CheckConstraint(condition=Q(amount_yuan__gt=0), name="write_off_positive"),
            models.CheckConstraint(condition=~Q(asked_by=F("agreed_by")), name="write_off_by_two_persons"),
            models.CheckConstraint(condition=~Q(reason=""), name="write_off_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.bill} {self.amount_yuan}"

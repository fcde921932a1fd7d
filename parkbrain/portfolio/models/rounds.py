"""A data round: what a bureau asks its parks, what each answers, and the hints that the answers gave."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from parkbrain.kernel import scope
from parkbrain.kernel.models import Branch, Document, Job, Park, User
from parkbrain.kernel.names import Named
from parkbrain.kernel.roles import Permission


class DataRoundQuerySet(models.QuerySet["DataRound"]):
    """Filters over rounds."""

    def run_by(self, user: User) -> DataRoundQuerySet:
        """Keep the rounds of the branches that the person oversees."""
        return self.filter(scope.branches_q(user, Permission.VIEW_CITY, field="branch__path"))

    def asking(self, park: Park) -> DataRoundQuerySet:
        """Keep the rounds that ask a park."""
        return self.filter(submissions__park=park).exclude(state=DataRound.State.DRAFT)


class DataRound(Named):
    """Facts that a bureau asks of parks of its branch, as of a day, by a day."""

    class State(models.TextChoices):
        """Where the round is."""

        DRAFT = "DRAFT", _("Being prepared")
        OPEN = "OPEN", pgettext_lazy("data round", "Open")
        CLOSED = "CLOSED", _("Closed")

    branch = models.ForeignKey(Branch, models.PROTECT, related_name="data_rounds")
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.DRAFT)
    # The day the facts look at: each fact's kind says which period that is.
    cut_off_on = models.DateField(_("as of"))
    opens_on = models.DateField(_("opens on"))
    due_on = models.DateField(pgettext_lazy("data round", "due on"))
    note = models.CharField(_("note"), max_length=1000, blank=True)
    # Keys of the catalogue, in the order they are asked.
    fact_keys: Any = models.JSONField(default=list)
    # Which parks of the branch: {"kinds", "district", "operator", "area_from", "area_to"}; empty is all.
    asked: Any = models.JSONField(default=dict)
    #: A change from last year beyond this asks for a remark [percent].
    band_percent = models.PositiveSmallIntegerField(_("change that asks for a remark (%)"), default=30)
    remind_before_days = models.PositiveSmallIntegerField(_("remind so many days before"), default=7)
    remind_every_days = models.PositiveSmallIntegerField(_("then, once late, every so many days"), default=3)
    #: Cells of a published table with fewer parks, or in which one park is more than this, are kept back.
    least_parks = models.PositiveSmallIntegerField(_("parks that a published cell needs"), default=3)
    dominance_percent = models.PositiveSmallIntegerField(_("largest share of one park in a cell (%)"), default=85)
    created_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    # The last long work over its parks.
    job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="+")

    objects = DataRoundQuerySet.as_manager()

    class Meta:
        ordering = ["-cut_off_on", "-pk"]
        verbose_name = _("data round")
        constraints = [
            models.CheckConstraint(condition=Q(due_on__gte=F("opens_on")), name="round_due_after_opening"),
            models.CheckConstraint(
                condition=Q(dominance_percent__gte=50, dominance_percent__lte=100), name="round_dominance_share"
            ),
            models.CheckConstraint(condition=Q(least_parks__gte=2), name="round_least_parks"),
        ]

    def is_open_on(self, day: date) -> bool:
        """Tell whether parks may answer on a day; late answers are taken until the round is closed."""
        return self.state == self.State.OPEN and self.opens_on <= day


class SubmissionQuerySet(models.QuerySet["Submission"]):
    """Filters over submissions."""

    def run_by(self, user: User) -> SubmissionQuerySet:
        """Keep what the rounds of the person's branches asked."""
        return self.filter(scope.branches_q(user, Permission.VIEW_CITY, field="round__branch__path"))

    def of_parks_of(self, user: User, permission: Permission = Permission.VIEW_RATING) -> SubmissionQuerySet:
        """Keep the submissions of parks where the person holds the permission."""
        return self.filter(scope.branches_q(user, permission, field="park__branch__path"))

    def handed_in(self) -> SubmissionQuerySet:
        """Keep those whose values count: submitted or accepted."""
        return self.filter(state__in=(Submission.State.SUBMITTED, Submission.State.ACCEPTED))

    def waiting(self) -> SubmissionQuerySet:
        """Keep those that the park has still to hand in."""
        return self.filter(state__in=Submission.WAITING_STATES)


class Submission(models.Model):
    """What one park answers in one round."""

    class State(models.TextChoices):
        """Where the answer is."""

        ASKED = "ASKED", pgettext_lazy("data round", "Asked")
        DRAFT = "DRAFT", _("Draft")
        SUBMITTED = "SUBMITTED", _("Submitted")
        RETURNED = "RETURNED", _("Returned")
        ACCEPTED = "ACCEPTED", _("Accepted")

    WAITING_STATES = (State.ASKED, State.DRAFT, State.RETURNED)

    round = models.ForeignKey(DataRound, models.CASCADE, related_name="submissions")
    park = models.ForeignKey(Park, models.CASCADE, related_name="submissions")
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.ASKED)
    first_opened_at = models.DateTimeField(_("first opened"), null=True)
    saved_at = models.DateTimeField(_("saved"), null=True)
    submitted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    submitted_at = models.DateTimeField(_("submitted"), null=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(_("decided"), null=True)
    return_note = models.CharField(_("what is to be mended"), max_length=1000, blank=True)
    # How many findings stand: lists of thousands sort and filter by it.
    finding_count = models.PositiveSmallIntegerField(_("hints"), default=0)
    given_count = models.PositiveSmallIntegerField(_("facts given"), default=0)

    objects = SubmissionQuerySet.as_manager()

    class Meta:
        ordering = ["round", "park"]
        verbose_name = _("submission")
        indexes = [models.Index(fields=["round", "state"], name="submission_round_state")]
        constraints = [models.UniqueConstraint(fields=["round", "park"], name="submission_once_per_park")]

    def __str__(self) -> str:
        return f"{self.round} · {self.park}"

    def is_late_on(self, day: date) -> bool:
        """Tell whether the park has not handed in what was due before a day."""
        return self.state in self.WAITING_STATES and day > self.round.due_on

    @property
    def can_be_filled(self) -> bool:
        """Whether the park may write in it."""
        return self.state in self.WAITING_STATES and self.round.state == DataRound.State.OPEN


class Entry(models.Model):
    """One fact as a park gives it in a round; without a value it is not known."""

    submission = models.ForeignKey(Submission, models.CASCADE, related_name="entries")
    fact_key = models.CharField(_("fact"), max_length=60)
    value = models.FloatField(_("value"), null=True)
    remark = models.CharField(_("remark"), max_length=300, blank=True)
    evidence = models.ForeignKey(Document, models.PROTECT, null=True, blank=True, related_name="+")
    # What the bureau wrote when it returned this fact; it goes when the park hands in anew.
    objection = models.CharField(_("objection"), max_length=300, blank=True)

    class Meta:
        ordering = ["submission", "pk"]
        verbose_name = _("value of a round")
        constraints = [models.UniqueConstraint(fields=["submission", "fact_key"], name="entry_once_per_fact")]

    def __str__(self) -> str:
        return self.fact_key


class Finding(models.Model):
    """A hint about a submission: what looks odd, with the numbers that show it."""

    class Kind(models.TextChoices):
        """What was looked at."""

        MISSING = "MISSING", _("Not given")
        LATE = "LATE", _("Late")
        LIMIT = "LIMIT", _("Impossible")
        UNIT = "UNIT", _("Unit")
        CHANGE = "CHANGE", _("Change from last year")
        COMPUTED = "COMPUTED", _("Differs from the rows")
        PART = "PART", _("Part and whole")
        PEERS = "PEERS", _("Unlike its peers")
        ROUND = "ROUND", _("Round numbers")
        SAME = "SAME", _("Last year's values")
        COPY = "COPY", _("Same as another park")

    submission = models.ForeignKey(Submission, models.CASCADE, related_name="findings")
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    # Empty where it is about the submission as a whole.
    fact_key = models.CharField(_("fact"), max_length=60, blank=True)
    # The numbers of the sentence; the sentence is made in the reader's language.
    params: Any = models.JSONField(default=dict)

    class Meta:
        ordering = ["submission", "pk"]
        verbose_name = _("hint")

    def __str__(self) -> str:
        return f"{self.kind} {self.fact_key}"


class Reminder(models.Model):
    """A reminder that a park was sent; at most one a day."""

    submission = models.ForeignKey(Submission, models.CASCADE, related_name="reminders")
    sent_on = models.DateField(_("sent on"))
    # Empty where it went out by itself.
    sent_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    mail_count = models.PositiveSmallIntegerField(_("mails"), default=0)

    class Meta:
        ordering = ["-sent_on"]
        verbose_name = _("reminder")
        constraints = [models.UniqueConstraint(fields=["submission", "sent_on"], name="reminder_once_a_day")]

    def __str__(self) -> str:
        return f"{self.sent_on}"

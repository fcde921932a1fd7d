"""An operator's group: its branches, its product lines with their service sets, and which park belongs to which line."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from parkbrain.kernel import scope
from parkbrain.kernel.models import Branch, Park, User
from parkbrain.kernel.names import Named, localized
from parkbrain.kernel.roles import Permission


class OperatorGroupQuerySet(models.QuerySet["OperatorGroup"]):
    """Filters over groups."""

    def visible_to(self, user: User, permission: Permission = Permission.VIEW_RATING) -> OperatorGroupQuerySet:
        """Keep the groups of which the person oversees an operator, or a park of one."""
        reach = scope.branches_q(user, permission, field="operator__path")
        reach |= scope.branches_q(user, permission, field="operator__children__path")
        return self.filter(pk__in=GroupOperator.objects.filter(reach).values("group"))


class OperatorGroup(Named):
    """A firm that runs parks in several places: in each district an operator of its own in the tree of branches."""

    code = models.SlugField(_("code"), max_length=40, unique=True)

    objects = OperatorGroupQuerySet.as_manager()

    class Meta:
        ordering = ["code"]
        verbose_name = _("operator group")


class GroupOperator(models.Model):
    """An operator that belongs to a group; to one at most."""

    group = models.ForeignKey(OperatorGroup, models.CASCADE, related_name="operators")
    operator = models.OneToOneField(Branch, models.PROTECT, related_name="group_place")

    class Meta:
        ordering = ["operator__path"]
        verbose_name = _("operator of a group")

    def __str__(self) -> str:
        return f"{self.group} · {self.operator}"


class ProductLine(Named):
    """What a group offers under one name: a kind of park, what it promises, and its set of services."""

    group = models.ForeignKey(OperatorGroup, models.CASCADE, related_name="lines")
    code = models.SlugField(_("code"), max_length=40)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    promise_zh_hans = models.CharField(_("promise (Simplified Chinese)"), max_length=300, blank=True)
    promise_zh_hant = models.CharField(_("promise (Traditional Chinese)"), max_length=300, blank=True)
    promise_en = models.CharField(_("promise (English)"), max_length=400, blank=True)

    class Meta:
        ordering = ["group", "position", "pk"]
        verbose_name = _("product line")
        constraints = [models.UniqueConstraint(fields=["group", "code"], name="product_line_code_once")]

    @property
    def promise(self) -> str:
        """What the line promises, in the active language."""
        return localized(zh_hans=self.promise_zh_hans, zh_hant=self.promise_zh_hant, en=self.promise_en)


class LineService(Named):
    """A service that a line offers: of which kind, for which firms, and whether every park of the line has it."""

    class Kind(models.TextChoices):
        """What the service is about."""

        POLICY = "POLICY", _("Policies and funds")
        TECHNOLOGY = "TECHNOLOGY", _("Technology and pilot runs")
        FINANCE = "FINANCE", _("Finance")
        SPACE = "SPACE", _("Space and incubation")
        TALENT = "TALENT", _("Talent and staff")
        MARKET = "MARKET", _("Market and supply chain")
        LEGAL = "LEGAL", _("Law and intellectual property")
        BUSINESS = "BUSINESS", _("Registration, tax and accounts")
        DIGITAL = "DIGITAL", _("Digital services and computing")
        LIVING = "LIVING", _("Life in the park")

    #: The firm groups as `calc.segments` places firms in them, with the field that says whether the service is for them.
    SEGMENTS = (("STARTUP", "for_startup"), ("GROWTH", "for_growth"), ("LEADING", "for_leading"))
    SEGMENT_NAMES: ClassVar = {"STARTUP": _("Start-ups"), "GROWTH": _("Growing firms"), "LEADING": _("Leading firms")}

    line = models.ForeignKey(ProductLine, models.CASCADE, related_name="services")
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    for_startup = models.BooleanField(_("for start-ups"), default=False)
    for_growth = models.BooleanField(_("for growing firms"), default=False)
    for_leading = models.BooleanField(_("for leading firms"), default=False)
    is_standard = models.BooleanField(_("standard in the line"), default=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        ordering = ["line", "position", "pk"]
        verbose_name = _("service of a line")
        constraints = [
            models.CheckConstraint(
                condition=Q(for_startup=True) | Q(for_growth=True) | Q(for_leading=True),
                name="line_service_for_somebody",
            ),
        ]

    @property
    def firms(self) -> str:
        """The firm groups that it is for, in words."""
        return " · ".join(str(self.SEGMENT_NAMES[key]) for key, field in self.SEGMENTS if getattr(self, field))


class LinePlaceQuerySet(models.QuerySet["LinePlace"]):
    """Filters over places."""

    def current_on(self, on: date) -> LinePlaceQuerySet:
        """Keep the places that hold on a day."""
        return self.filter(starts_on__lte=on).filter(Q(ends_on__isnull=True) | Q(ends_on__gt=on))


class LinePlace(models.Model):
    """That a park belongs to a line from a day up to, not including, another."""

    line = models.ForeignKey(ProductLine, models.PROTECT, related_name="places")
    park = models.ForeignKey(Park, models.CASCADE, related_name="line_places")
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"), null=True)

    objects = LinePlaceQuerySet.as_manager()

    class Meta:
        ordering = ["park", "starts_on"]
        verbose_name = _("place in a line")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gt=F("starts_on")), name="line_place_not_backwards"
            ),
            models.UniqueConstraint(fields=["park", "starts_on"], name="line_place_one_start"),
            models.UniqueConstraint(fields=["park"], condition=Q(ends_on__isnull=True), name="line_place_one_open"),
        ]

    def __str__(self) -> str:
        return f"{self.park} · {self.line}"
